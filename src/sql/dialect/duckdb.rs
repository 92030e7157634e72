//! DuckDB. It takes a list of exact files and fails if one is missing.

use s3_inventory::FileFormat;

use super::super::error::SqlError;
use super::super::table::{FilePlace, SqlReport, SqlTable};
use super::{EXACT_TEXTS, SqlEngine, doubled};

pub(super) struct DuckDb;

impl SqlEngine for DuckDb {
    fn text(&self, text: &str) -> String {
        if !text.chars().any(|c| c.is_control()) {
            return doubled(text);
        }
        // The shell reads a line that begins with a dot as a command of its own.
        let (mut parts, mut plain) = (Vec::new(), String::new());
        for c in text.chars() {
            if !c.is_control() {
                plain.push(c);
                continue;
            }
            if !plain.is_empty() {
                parts.push(doubled(&std::mem::take(&mut plain)));
            }
            parts.push(format!("chr({})", u32::from(c)));
        }
        if !plain.is_empty() {
            parts.push(doubled(&plain));
        }
        format!("({})", parts.join(" || "))
    }

    fn text_type(&self) -> &'static str {
        "VARCHAR"
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("regexp_matches({text}, {})", self.text(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("regexp_extract({text}, {})", self.text(pattern))
    }

    fn replaced(&self, text: &str, pattern: &str, with: &str) -> String {
        format!("regexp_replace({text}, {}, {}, 'g')", self.text(pattern), self.text(with))
    }

    fn starts_with(&self, text: &str, prefix: &str) -> String {
        format!("starts_with({text}, {})", self.text(prefix))
    }

    fn decoded(&self, key: &str) -> String {
        format!("url_decode(replace({key}, '+', ' '))")
    }

    fn integer(&self, text: &str) -> String {
        format!("TRY_CAST({text} AS BIGINT)")
    }

    fn micros_of_text(&self, text: &str) -> String {
        format!("epoch_us(TRY_CAST({text} AS TIMESTAMP))")
    }

    fn micros(&self, timestamp: &str) -> String {
        format!("epoch_us({timestamp})")
    }

    fn time(&self, micros: &str) -> String {
        let text = format!("strftime(make_timestamp({micros}), '%Y-%m-%dT%H:%M:%S.%f')");
        format!("regexp_replace({text}, '[.]?0+$', '') || 'Z'")
    }

    fn settings_check(&self) -> Option<String> {
        Some(format!("current_setting('default_collation') = '' AND {EXACT_TEXTS}"))
    }

    fn table(&self, report: &SqlReport<'_>, _: &[&str], _: &str) -> Result<SqlTable, SqlError> {
        let files: Vec<String> = report.files.iter().map(|file| self.file(file)).collect::<Result<_, _>>()?;
        let files = files.join(",\n    ");
        let from = match report.manifest.format {
            FileFormat::Orc => return Err(SqlError::DuckDbOrc),
            FileFormat::Parquet => {
                // Without an annotation, a text would be bytes, and not equal to the same text of a CSV report.
                const OPTIONS: &str = "filename = true, hive_partitioning = false, binary_as_string = true";
                format!("read_parquet([\n    {files}\n  ], {OPTIONS})")
            }
            FileFormat::Csv => {
                let columns: Vec<String> = report.cells().iter().map(|name| format!("'{name}': 'VARCHAR'")).collect();
                let columns = columns.join(", ");
                format!(
                    "read_csv([\n    {files}\n  ], columns = {{{columns}}},\n    \
                     auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', \
                     strict_mode = true, null_padding = false, ignore_errors = false,\n    \
                     filename = true, hive_partitioning = false)"
                )
            }
        };
        Ok(SqlTable { before: Vec::new(), from, file: "filename".to_owned(), other_width: None, created: None })
    }
}

impl DuckDb {
    /// A file, with the characters of patterns taken literally.
    fn file(&self, file: &FilePlace) -> Result<String, SqlError> {
        let address = match file {
            FilePlace::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
            FilePlace::Local(path) => path.clone(),
        };
        if address.chars().any(|c| c.is_control() || matches!(c, '*' | '?' | '[' | ']' | '\\')) {
            return Err(SqlError::FileName(address));
        }
        Ok(self.text(&address))
    }
}
