//! What the table says of an export, and the commands that make S3 replicate what is in it.
//!
//! See "Replicating existing objects with Batch Replication" and "Creating an S3 Batch Operations job" in the S3 User
//! Guide. A value is filled in only where it is known and could be nothing else than what it should be: a report's manifest
//! can say anything.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::super::terminal::Style;
use super::text::plural;
use crate::export::{ExportCounts, ExportForm};
use crate::model::{Bucket, escape, sh_quote};

/// An export that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportReport {
    /// Where it went; `None` for stdout.
    pub(crate) path: Option<PathBuf>,
    pub(crate) form: ExportForm,
    pub(crate) exported: ExportCounts,
    /// Whether lines have version IDs.
    pub(crate) has_versions: bool,
    pub(crate) source_bucket: String,
    /// The Region of the source bucket, where known.
    pub(crate) region: Option<String>,
}

impl ExportReport {
    /// Says how much was exported where, and what to do with it.
    pub(in crate::output) fn write(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        write_exported(self.exported.objects, self.path.as_deref(), out)?;
        match (self.form, &self.path) {
            _ if self.exported.replicable == 0 => Ok(()),
            (ExportForm::Manifest, Some(path)) => batch_job(self, path, out, style),
            (ExportForm::Ndjson, _) | (ExportForm::Manifest, None) => {
                writeln!(out, "S3 Batch Replication needs a .csv file: use --export FILE.csv")
            }
        }
    }
}

pub(super) fn write_exported(objects: u64, path: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    let place = path.map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
    writeln!(out, "\nexported {} to {}", plural(objects, "object"), escape(&place))
}

fn batch_job(report: &ExportReport, path: &Path, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let source = known(&report.source_bucket, is_bucket, "SOURCE");
    let region = known(report.region.as_deref().unwrap_or_default(), is_region, "REGION");
    let file = local_file(path).unwrap_or_else(|| "FILE".to_owned());
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| is_plain(name)).unwrap_or("manifest.csv");
    writeln!(out, "{}", style.strong("To replicate them with S3 Batch Replication, replace the words in capitals:"))?;
    let upload = sh_quote(&format!("s3://BUCKET/{name}"));
    writeln!(out, "  aws s3 cp {} {upload}", sh_quote(&file))?;
    let name_quoted = sh_quote(name);
    writeln!(out, "  aws s3api head-object --bucket BUCKET --key {name_quoted} --query ETag --output text")?;
    let fields: &[&str] = if report.has_versions { &["Bucket", "Key", "VersionId"] } else { &["Bucket", "Key"] };
    let manifest = json!({
        "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": fields},
        "Location": {"ObjectArn": format!("arn:aws:s3:::BUCKET/{name}"), "ETag": "ETAG"},
    });
    let job_report = json!({
        "Bucket": "arn:aws:s3:::BUCKET", "Prefix": "batch-replication", "Format": "Report_CSV_20180820",
        "Enabled": true, "ReportScope": "AllTasks",
    });
    let options = [
        ("--account-id", "ACCOUNT".to_owned()),
        ("--region", region.to_owned()),
        ("--description", format!("replicate objects of {source}")),
        ("--operation", json!({"S3ReplicateObject": {}}).to_string()),
        ("--manifest", manifest.to_string()),
        ("--report", job_report.to_string()),
        ("--priority", "1".to_owned()),
        ("--role-arn", "arn:aws:iam::ACCOUNT:role/ROLE".to_owned()),
    ];
    write!(out, "  aws s3control create-job")?;
    for (option, value) in options {
        write!(out, " \\\n    {option} {}", sh_quote(&value))?;
    }
    // Without it a job begins at once.
    writeln!(out, " \\\n    --confirmation-required")?;
    let its_region = match region {
        "REGION" => format!(" REGION is the Region of bucket {source}."),
        _ => String::new(),
    };
    writeln!(
        out,
        "BUCKET receives the manifest and the report of the job. ETAG is what head-object prints, without its quotes. ACCOUNT is your account ID.{its_region} ROLE is an IAM role that lets Batch Operations replicate the objects. The job waits until you confirm it. JOB is the ID that create-job prints:\n\n  aws s3control update-job-status --account-id ACCOUNT --region {region} --job-id JOB --requested-job-status Ready"
    )
}

pub(super) fn known<'a>(value: &'a str, is_sound: fn(&str) -> bool, placeholder: &'a str) -> &'a str {
    if is_sound(value) { value } else { placeholder }
}

/// A valid bucket name that no program takes for an option.
pub(super) fn is_bucket(name: &str) -> bool {
    Bucket::new(name).is_ok() && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn is_region(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(plain)
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.bytes().all(plain)
}

/// The file as an argument to paste; `None` where a terminal would not show the name exactly.
pub(super) fn local_file(path: &Path) -> Option<String> {
    let text = path.to_str().filter(|text| escape(text) == *text)?;
    Some(if text.starts_with('-') { format!("./{text}") } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(report: &ExportReport) -> String {
        let mut out = Vec::new();
        report.write(&mut out, Style::PLAIN).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn report(path: &str, source: &str) -> ExportReport {
        ExportReport {
            path: Some(path.into()),
            form: ExportForm::Manifest,
            exported: ExportCounts { objects: 1234, replicable: 1000 },
            has_versions: true,
            source_bucket: source.to_owned(),
            region: Some("eu-west-1".to_owned()),
        }
    }

    /// The command as the shell sees it: joined lines, split into words.
    fn words(text: &str, command: &str) -> Vec<String> {
        let joined = text.replace(" \\\n   ", "");
        let line = joined.lines().find(|line| line.trim_start().starts_with(command)).expect("the command is there");
        let script = format!("for word in {}; do printf '%s\\0' \"$word\"; done", line.trim_start());
        let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn the_command_is_what_batch_operations_takes() {
        let text = written(&report("out/failed.csv", "photos"));
        assert!(text.contains("exported 1,234 objects to out/failed.csv\n"), "{text}");
        assert_eq!(words(&text, "aws s3 cp")[3..], ["out/failed.csv", "s3://BUCKET/failed.csv"]);
        let words = words(&text, "aws s3control create-job");
        let value = |option: &str| {
            let at = words.iter().position(|word| word == option).unwrap_or_else(|| panic!("{option}: {words:?}"));
            words[at + 1].as_str()
        };
        let parsed = |option: &str| serde_json::from_str::<serde_json::Value>(value(option)).expect("JSON");
        assert_eq!((value("--account-id"), value("--region"), value("--priority")), ("ACCOUNT", "eu-west-1", "1"));
        assert_eq!(value("--description"), "replicate objects of photos");
        assert_eq!(value("--operation"), r#"{"S3ReplicateObject":{}}"#);
        assert_eq!(value("--role-arn"), "arn:aws:iam::ACCOUNT:role/ROLE");
        let manifest = parsed("--manifest");
        assert_eq!(
            manifest["Spec"],
            json!({"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]})
        );
        assert_eq!(manifest["Location"], json!({"ObjectArn": "arn:aws:s3:::BUCKET/failed.csv", "ETag": "ETAG"}));
        assert_eq!(parsed("--report")["Format"], "Report_CSV_20180820");
        assert!(words.iter().any(|word| word == "--confirmation-required"));

        let current = ExportReport { has_versions: false, region: None, ..report("x.csv", "photos") };
        assert!(written(&current).contains(r#""Fields":["Bucket","Key"]"#));
        assert!(written(&current).contains("--region REGION"));
        // Only a word that is in the command is explained.
        assert!(written(&current).contains("REGION is the Region of bucket photos."));
        assert!(!text.contains("REGION"), "{text}");
    }

    #[test]
    fn hostile_values_are_left_out_or_quoted() {
        for source in ["x'; rm -rf ~;'", "", "-rf", "a\u{1b}[2Jb", "$(id)", "a b", "`id`", "..", "x\ny", "\u{202e}abc"]
        {
            let text = written(&report("failed.csv", source));
            assert!(text.contains("'replicate objects of SOURCE'"), "{source:?}: {text}");
            assert!(source.is_empty() || source == ".." || !text.contains(source), "{source:?}: {text}");
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{source:?}");
        }
        let text = written(&report("it's; rm -rf ~ $(id)/a b.csv", "photos"));
        assert_eq!(words(&text, "aws s3 cp")[3..], ["it's; rm -rf ~ $(id)/a b.csv", "s3://BUCKET/manifest.csv"]);
        assert_eq!(
            words(&written(&report("-x.csv", "photos")), "aws s3 cp")[3..],
            ["./-x.csv", "s3://BUCKET/manifest.csv"]
        );
        assert_eq!(words(&written(&report("a\u{1b}b.csv", "photos")), "aws s3 cp")[3], "FILE");
        let odd = ExportReport { region: Some("eu;id".to_owned()), ..report("x.csv", "photos") };
        assert!(written(&odd).contains("--region REGION"));
    }

    #[test]
    fn only_what_batch_replication_is_for_has_a_command() {
        let none = ExportReport { exported: ExportCounts { objects: 1, replicable: 0 }, ..report("x.csv", "photos") };
        assert_eq!(written(&none), "\nexported 1 object to x.csv\n");
        let ndjson = ExportReport { form: ExportForm::Ndjson, ..report("x.ndjson", "photos") };
        assert!(!written(&ndjson).contains("create-job") && written(&ndjson).contains("--export FILE.csv"));
    }
}
