//! Why a text could not be read whole.

use std::error::Error;

use s3_inventory::quoted;

/// Why the caller refused a task.
pub type TakeError = Box<dyn Error + Send + Sync>;

/// What is wrong with a text, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct ReadFault {
    /// The first line is 1.
    pub line: u64,
    /// What is wrong there.
    pub why: InputFault,
}

/// What is wrong, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum InputFault {
    /// Reading the text failed.
    #[error("{0}")]
    Unreadable(#[from] std::io::Error),
    /// Not JSON.
    #[error("as JSON: {0}")]
    Json(serde_json::Error),
    /// A row or a record is longer than this number of bytes.
    #[error("it is longer than {0} bytes")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A row has this number of columns.
    #[error(
        "the row has {0} of the 7 columns of a results file of S3 Batch Operations: it is another file, or it was cut"
    )]
    Columns(usize),
    /// The first row names the columns.
    #[error("it is a header row, which results files of S3 Batch Operations do not have")]
    HeaderRow,
    /// The text ends in the middle of a row or record.
    #[error("the file ends in the middle of a row: it was cut")]
    Cut,
    /// Neither succeeded nor failed.
    #[error("the task's status is {}, and should be succeeded or failed", quoted(.0.as_bytes()))]
    TaskStatus(String),
    /// Neither of two columns is an HTTP status.
    #[error("one of the columns 5 and 6 is the HTTP status, and neither {} nor {} has three digits", quoted(.0.as_bytes()), quoted(.1.as_bytes()))]
    HttpStatus(String, String),
    /// A key with an invalid escape.
    #[error("in the key {}, a % is not followed by two hex digits", quoted(.0.as_bytes()))]
    KeyEscape(String),
    /// A key that is empty or not UTF-8.
    #[error("the key {} is empty or not UTF-8 once it is decoded", quoted(.0.as_bytes()))]
    Key(String),
    /// An invalid bucket name.
    #[error("{} can't be a bucket", quoted(.0.as_bytes()))]
    Bucket(String),
    /// The keys can't have come from one encoder: give the [`KeyEncoding`](crate::KeyEncoding).
    #[error("this key has %20 and another one +, or the same has both: it is not known whether + is a space")]
    KeyStyles,
    /// A field is missing or of another type.
    #[error("{0} is missing, or of another type")]
    Field(&'static str),
    /// An invalid time in a field.
    #[error("{0} is not a time: {text}", text = quoted(.1.as_bytes()))]
    Time(&'static str, String),
    /// An event of replication that is not known.
    #[error("replaudit does not know the event {}, which may be a failure: update replaudit", quoted(.0.as_bytes()))]
    Event(String),
    /// A carriage return inside a row.
    #[error(
        "the row has a carriage return (CR) without a line feed (LF), so it may hold several rows: end each row with LF"
    )]
    LineEnd,
    /// JSON of another kind.
    #[error("this JSON is not a completion report, an event notification or a CloudTrail record")]
    UnknownJson,
    /// More messages inside messages than S3 and AWS services write.
    #[error("messages are nested more than {0} deep")]
    Nested(usize),
    /// Another format of completion reports.
    #[error("the Format is {}, and should be Report_CSV_20180820", quoted(.0.as_bytes()))]
    ReportFormat(String),
    /// An invalid MD5.
    #[error("{} is not an MD5", quoted(.0.as_bytes()))]
    Md5(String),
    /// A results file that the manifest names twice.
    #[error("{} is named twice", quoted(.0.as_bytes()))]
    FileTwice(String),
    /// The caller refused a task.
    #[error("{0}")]
    Refused(TakeError),
    /// A manifest of a completion report beside other documents.
    #[error("a completion report is a file of its own")]
    ManifestAmongOthers,
}

impl InputFault {
    pub(crate) fn at(self, line: u64) -> ReadFault {
        ReadFault { line, why: self }
    }
}
