//! Why what was typed is refused.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use crate::audit::Dimension;
use crate::model::{AddressError, Bucket, EndpointFault, human_bytes};
use crate::output::{Format, UnknownFormat, format_words};
use crate::report::LEAST_MEMORY;

/// Why the value of an option is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ValueError {
    #[error("an account ID has twelve digits")]
    AccountId,
    #[error("write a whole number from {} to {}", .0.start(), .0.end())]
    NumberInRange(RangeInclusive<u64>),
    #[error("write a whole number of at least {0}, with digits only")]
    NumberFrom(u64),
    #[error("write a duration of more than zero, such as 5s")]
    ZeroDuration,
    #[error("write a duration of at most 100 years")]
    LongDuration,
    #[error("write a duration such as 90s, 15m, 24h or 7d")]
    Duration,
    #[error("{0}, or none")]
    MaxAge(Box<Self>),
    #[error("it is less than {}: write a larger size, such as 512MiB", human_bytes(LEAST_MEMORY))]
    LittleMemory,
    #[error("write a size such as 512MiB or 2GiB")]
    Size,
    #[error(
        "name a FILE.csv or a FILE.ndjson, or - for stdout; or with --engine spark or athena, a folder that ends with a slash"
    )]
    ExportFile,
    #[error("engines change a folder with an empty part, . or ..: name it without them")]
    ExportFolder,
    #[error("write FORMAT=PATH, such as json=result.json")]
    WriteForm,
    #[error("the path is empty")]
    EmptyPath,
    #[error("for stdout use --output")]
    WriteToStdout,
    /// clap refuses such a value before.
    #[error("it is not known")]
    Unknown,
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    #[error(transparent)]
    Bucket(#[from] AddressError),
    #[error("name a bucket, without a key")]
    NotABucket,
    #[error("{0:?} is not known: write region=, endpoint= or profile=")]
    DestinationKey(String),
    #[error("{0} has no value: write {0}=VALUE")]
    DestinationValue(String),
    #[error("{0} is given twice")]
    DestinationKeyTwice(String),
    #[error("write prefix, or prefix:DEPTH with a depth from 1 to 1024")]
    PrefixOnly,
    #[error("a name for Athena has letters, digits, _ and -; that of a workgroup also dots")]
    AthenaName,
    #[error("endpoint={url}: {fault}")]
    Endpoint { url: String, fault: EndpointFault },
    #[error("it names no bucket: write BUCKET[,region=R][,endpoint=URL][,profile=P]")]
    NoBucket,
}

/// Why options that are sound by themselves do not fit together.
#[derive(Debug, thiserror::Error)]
pub(super) enum UsageError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("{0:?} is an access point: only `status` accepts one; use the name of the bucket")]
    AccessPoint(String),
    #[error("{0:?} names a bucket and no key: write s3://bucket/key, or add --recursive for all objects of the bucket")]
    AddressWithoutKey(String),
    #[error("--version-id can't be used with --recursive or --all-versions")]
    VersionOfMany,
    #[error("--version-id needs exactly one address, and {0} were given")]
    VersionWithoutAddress(usize),
    #[error("--key is empty")]
    EmptyKey,
    #[error("--bucket needs --key, or --recursive (then --key is the prefix)")]
    BucketWithoutKey,
    #[error("--write names {} twice", .0.display())]
    WriteTwice(PathBuf),
    #[error("{command} does not write {format}; it writes {}", format_words(fits))]
    Format { command: &'static str, format: &'static Format, fits: fn(&Format) -> bool },
    #[error("--only can't be used with {0}: the metrics of the checks that are not shown would be missing")]
    PartialMetrics(&'static Format),
    #[error("--destination needs --verify-replica: otherwise no request is sent to a destination")]
    DestinationWithoutVerify,
    #[error("--destination names bucket {0} twice on one server")]
    DestinationTwice(Bucket),
    #[error("give REPORT, or --bucket SOURCE")]
    NoReport,
    #[error("name a bucket, or give --all-buckets")]
    NoBucket,
    #[error("--data-dir is only for local reports: the data files of a report in S3 are read from its bucket")]
    DataDirInS3,
    #[error("give both reports, SOURCE and DESTINATION, or --bucket SOURCE")]
    NoReports,
    #[error("--fail-on {class}:+N limits the growth since an older {older}: add --since")]
    GrowthWithoutSince { class: &'static str, older: &'static str },
    #[error("--by names {0} twice")]
    DimensionTwice(Dimension),
    #[error("the class uncovered and --replication need --by rule")]
    RulesWithoutByRule,
    #[error(
        "{option} needs the rows of the report, and with --engine {engine} only that engine reads them: use --engine local"
    )]
    WithEngine { option: &'static str, engine: &'static str },
    #[error("{0} needs the rows of the report, and --figures has only their sums")]
    WithFigures(&'static str),
    #[error(
        "--export to a folder needs --engine spark or --engine athena: without an engine, name a FILE.csv or a FILE.ndjson, or - for stdout"
    )]
    FolderWithoutEngine,
    #[error("with --engine {0}, --export names a folder that ends with a slash, such as s3://bucket/exports/")]
    FileWithEngine(&'static str),
    #[error("Athena exports to S3 only: name a folder there, such as --export s3://bucket/exports/")]
    LocalWithAthena,
    #[error("--export-class {0} needs the rows of the report: use --engine local")]
    ClassWithEngine(&'static str),
    #[error("{option} needs --engine {engine}")]
    WithoutEngine { option: &'static str, engine: &'static str },
    #[error("--permanent needs --version-id, a list with versions, or --all-versions")]
    PermanentWithoutVersion,
    #[error("--permanent removes versions: with --recursive it needs --all-versions")]
    PermanentWithoutAllVersions,
    #[error("an empty prefix means every object of bucket {0}: to confirm that, add --whole-bucket")]
    WholeBucket(Bucket),
    #[error("with --recursive or --all-versions, --yes needs --max-delete N")]
    UnboundedConsent,
}
