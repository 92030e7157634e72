//! Why a text could not be read whole.

use s3_inventory::quoted;

/// What is wrong with a text, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub(crate) struct ReadFault {
    /// The first line is 1.
    pub(crate) line: u64,
    pub(crate) why: InputFault,
}

/// What is wrong, and what would be right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputFault {
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    #[error("as JSON: {0}")]
    Json(serde_json::Error),
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error(
        "the row has {0} of the 7 columns of a results file of S3 Batch Operations: it is another file, or it was cut"
    )]
    Columns(usize),
    #[error("it is a header row, which results files of S3 Batch Operations do not have")]
    HeaderRow,
    #[error("the file ends in the middle of a row: it was cut")]
    Cut,
    #[error("the task's status is {}, and should be succeeded or failed", quoted(.0.as_bytes()))]
    TaskStatus(String),
    #[error("one of the columns 5 and 6 is the HTTP status, and neither {} nor {} has three digits", quoted(.0.as_bytes()), quoted(.1.as_bytes()))]
    HttpStatus(String, String),
    #[error("in the key {}, a % is not followed by two hex digits", quoted(.0.as_bytes()))]
    KeyEscape(String),
    #[error("the key {} is empty or not UTF-8 once it is decoded", quoted(.0.as_bytes()))]
    Key(String),
    #[error("{} can't be a bucket", quoted(.0.as_bytes()))]
    Bucket(String),
    #[error(
        "this key has %20 and another one +, or the same has both: give --job-manifest csv if + is a plus sign in the job's \
         manifest, or --job-manifest inventory if it is a space"
    )]
    KeyStyles,
    #[error("{0} is missing, or of another type")]
    Field(&'static str),
    #[error("{0} is not a time: {text}", text = quoted(.1.as_bytes()))]
    Time(&'static str, String),
    #[error("this JSON is not a completion report, an event notification or a CloudTrail record")]
    UnknownJson,
    #[error("messages are nested more than {0} deep")]
    Nested(usize),
    #[error("the Format is {}, and should be Report_CSV_20180820", quoted(.0.as_bytes()))]
    ReportFormat(String),
    #[error("{} is not an MD5", quoted(.0.as_bytes()))]
    Md5(String),
    #[error("{} is named twice", quoted(.0.as_bytes()))]
    FileTwice(String),
    #[error("it has more than {0} different codes or destinations: it is not S3's")]
    TooManyCodes(usize),
    #[error("a code, bucket or rule has more than {0} bytes: it is not S3's")]
    LongName(usize),
    #[error("a sum is larger than 2^64")]
    Overflow,
    #[error("{0}")]
    Output(std::io::Error),
    #[error("a completion report is a file of its own")]
    ManifestAmongOthers,
}

impl InputFault {
    pub(crate) fn at(self, line: u64) -> ReadFault {
        ReadFault { line, why: self }
    }
}
