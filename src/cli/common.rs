//! Options of every command.

use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use super::error::{UsageError, ValueError};
use crate::commands::OutputOptions;
use crate::model::without_userinfo;
use crate::output::{FORMATS, Format, ProgressChoice, WriteOption};
use crate::report::LEAST_MEMORY;
use crate::s3::{AddressingStyle, ClientSettings};

#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    /// Profile in the AWS configuration files
    #[arg(long, global = true, value_name = "NAME", value_hint = ValueHint::Other, help_heading = CONNECTION)]
    profile: Option<String>,
    /// Region for the first request; the Region of each bucket is then looked up
    #[arg(long, global = true, value_name = "NAME", value_hint = ValueHint::Other, help_heading = CONNECTION)]
    region: Option<String>,
    /// URL of the server. It counts as a server other than AWS, even if it is a VPC endpoint of AWS. A user and password in the
    /// URL are not sent
    #[arg(long, global = true, value_name = "URL", value_hint = ValueHint::Url, help_heading = CONNECTION)]
    endpoint_url: Option<String>,
    /// PEM file with the CA certificates to trust
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = CONNECTION)]
    ca_bundle: Option<PathBuf>,
    /// Send unsigned requests, without credentials
    #[arg(long, global = true, help_heading = CONNECTION)]
    no_sign_request: bool,
    /// S3 URL style; auto: path style for a custom endpoint, virtual-hosted style otherwise
    #[arg(long, global = true, value_name = "STYLE", default_value = "auto", value_parser = one_of(STYLES), help_heading = CONNECTION)]
    addressing_style: AddressingStyle,
    /// Confirm that the requester pays for the requests
    #[arg(long, global = true, value_name = "WHO", value_parser = ["requester"], help_heading = CONNECTION)]
    request_payer: Option<String>,
    /// Account ID of the expected bucket owner; S3 refuses buckets of other accounts
    #[arg(long, global = true, value_name = "ID", value_parser = account, help_heading = CONNECTION)]
    expected_bucket_owner: Option<String>,
    /// Maximum number of requests in flight
    #[arg(long, global = true, value_name = "N", default_value = "64", value_parser = number::<NonZeroUsize>(1..=4096), help_heading = CONNECTION)]
    concurrency: NonZeroUsize,
    /// Maximum number of attempts for each read request, including the first
    #[arg(long, global = true, value_name = "N", default_value_t = 5, value_parser = number::<u32>(1..=100), help_heading = CONNECTION)]
    max_attempts: u32,
    /// Timeout for making a connection
    #[arg(long, global = true, value_name = "D", default_value = "5s", value_parser = duration, help_heading = CONNECTION)]
    connect_timeout: Duration,
    /// Maximum time to wait for a response, or for the first byte of the data of an object
    #[arg(long, global = true, value_name = "D", default_value = "30s", value_parser = duration, help_heading = CONNECTION)]
    read_timeout: Duration,
    /// Format of standard output
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = FORMATS[0].word, value_parser = formats(), help_heading = OUTPUT)]
    output: &'static Format,
    /// Also write the result to PATH in FORMAT, atomically; repeatable
    #[arg(long, global = true, value_name = "FORMAT=PATH", value_parser = write_option, help_heading = OUTPUT)]
    write: Vec<WriteOption>,
    /// When to use colors; auto: never with NO_COLOR, otherwise always with CLICOLOR_FORCE, otherwise on a terminal
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = one_of(WHEN), help_heading = OUTPUT)]
    color: ProgressChoice,
    /// When to show progress on stderr; auto: on a terminal; elsewhere, one line each minute with --wait, and nothing
    /// without it
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", value_parser = one_of(WHEN), help_heading = OUTPUT)]
    progress: ProgressChoice,
    /// Exit 0 instead of 2 if there is nothing to check; undo always refuses an empty file
    #[arg(long, global = true, help_heading = OUTPUT)]
    allow_empty: bool,
    /// Print only errors; the exit code is the answer. Exceptions: --export - still prints the objects, and --export FOLDER/
    /// still prints the name of the new folder
    #[arg(short, long, global = true, help_heading = OUTPUT)]
    quiet: bool,
    /// Print each request to S3 and its reason on stderr; -vv: also the response and its request ID
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = OUTPUT)]
    verbose: u8,
}

const CONNECTION: &str = "Connection options";
const OUTPUT: &str = "Output options";

const STYLES: [(&str, AddressingStyle); 3] =
    [("auto", AddressingStyle::Auto), ("path", AddressingStyle::Path), ("virtual", AddressingStyle::Virtual)];
const WHEN: [(&str, ProgressChoice); 3] =
    [("auto", ProgressChoice::Auto), ("always", ProgressChoice::Always), ("never", ProgressChoice::Never)];

/// Options of every command, understood.
#[derive(Debug)]
pub(crate) struct SharedOptions {
    pub(crate) output: OutputOptions,
    pub(crate) client: ClientSettings,
    pub(crate) concurrency: NonZeroUsize,
    pub(crate) allow_empty: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: u8,
    /// `None`: let the terminal decide.
    pub(crate) color: Option<bool>,
}

impl CommonArgs {
    pub(super) fn resolve(self) -> Result<SharedOptions, UsageError> {
        for (at, write) in self.write.iter().enumerate() {
            if self.write[..at].iter().any(|other| other.path == write.path) {
                return Err(UsageError::WriteTwice(write.path.clone()));
            }
        }
        let client = ClientSettings {
            profile: self.profile,
            region: self.region,
            endpoint_url: self.endpoint_url.as_deref().map(without_userinfo),
            ca_bundle: self.ca_bundle,
            no_sign_request: self.no_sign_request,
            addressing_style: self.addressing_style,
            request_payer: self.request_payer.is_some(),
            expected_bucket_owner: self.expected_bucket_owner,
            max_attempts: self.max_attempts,
            connect_timeout: self.connect_timeout,
            read_timeout: self.read_timeout,
        };
        let color = match self.color {
            ProgressChoice::Auto => None,
            ProgressChoice::Always => Some(true),
            ProgressChoice::Never => Some(false),
        };
        Ok(SharedOptions {
            output: OutputOptions { format: self.output, writes: self.write, progress: self.progress },
            client,
            concurrency: self.concurrency,
            allow_empty: self.allow_empty,
            quiet: self.quiet,
            verbose: self.verbose,
            color,
        })
    }
}

fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let values = FORMATS.map(|format| PossibleValue::new(format.word).help(format.about));
    PossibleValuesParser::new(values).try_map(|word| Format::named(&word))
}

/// Takes one of these words.
pub(super) fn one_of<T: Copy + Send + Sync + 'static>(
    table: impl IntoIterator<Item = (&'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let table: Vec<_> = table.into_iter().collect();
    let words: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
    PossibleValuesParser::new(words).try_map(move |typed| {
        let found = table.iter().find(|(word, _)| *word == typed);
        found.map(|(_, value)| *value).ok_or(ValueError::Unknown)
    })
}

/// Takes one of these words; each is listed once.
pub(super) fn word_of(words: impl IntoIterator<Item = &'static str>) -> impl TypedValueParser<Value = &'static str> {
    let mut listed = Vec::new();
    words.into_iter().for_each(|word| {
        if !listed.contains(&word) {
            listed.push(word)
        }
    });
    one_of(listed.into_iter().map(|word| (word, word)))
}

/// The formats that a command writes. Without a command (`""`) that is every format.
pub(super) fn formats_of(command: &str) -> fn(&Format) -> bool {
    match command {
        "status" | "safe-delete" | "undo" => Format::holds_rows,
        "doctor" => Format::holds_checks,
        "reasons" => Format::holds_reasons,
        "schema" => Format::holds_schema,
        "sql" | "completions" => |format| format.word == FORMATS[0].word,
        _ => |_| true,
    }
}

fn write_option(text: &str) -> Result<WriteOption, ValueError> {
    match text.split_once('=').ok_or(ValueError::WriteForm)? {
        (_, "") => Err(ValueError::EmptyPath),
        (_, "-") => Err(ValueError::WriteToStdout),
        (format, path) => Ok(WriteOption { format: Format::named(format)?, path: PathBuf::from(path) }),
    }
}

/// A century: no moment that is added to the clock overflows it.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// `90s`, `15m`, `24h`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, ValueError> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err(ValueError::ZeroDuration),
        Ok(duration) if duration > LONGEST => Err(ValueError::LongDuration),
        Ok(duration) => Ok(duration),
        Err(_) => Err(ValueError::Duration),
    }
}

/// `512MiB`.
pub(super) fn size(text: &str) -> Result<u64, ValueError> {
    text.parse().map(|size: ByteSize| size.as_u64()).map_err(|_| ValueError::Size)
}

/// `512MiB`, and no less than a report needs.
pub(super) fn memory(text: &str) -> Result<u64, ValueError> {
    let size = size(text)?;
    if size >= LEAST_MEMORY { Ok(size) } else { Err(ValueError::LittleMemory) }
}

/// A whole number in this range; each of them fits in a `T`.
pub(super) fn number<T: FromStr>(range: RangeInclusive<u64>) -> impl Fn(&str) -> Result<T, ValueError> + Clone {
    move |text| {
        let in_range = text.parse().is_ok_and(|number| range.contains(&number));
        in_range.then(|| text.parse().ok()).flatten().ok_or_else(|| match range.end() {
            0..=4096 => ValueError::NumberInRange(range.clone()),
            _ => ValueError::NumberFrom(*range.start()),
        })
    }
}

fn account(text: &str) -> Result<String, ValueError> {
    let is_id = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    is_id.then(|| text.to_owned()).ok_or(ValueError::AccountId)
}
