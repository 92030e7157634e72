//! Spark SQL, since 3.4. Its CREATE VIEW takes one path, so files of one folder are named in one pattern of exact names.

use std::collections::BTreeMap;

use s3_inventory::FileFormat;

use super::super::error::SqlError;
use super::super::table::{FilePlace, SqlLines, SqlReport, SqlTable};
use super::{EXACT_TEXTS, SqlEngine};

pub(super) struct Spark;

impl SqlEngine for Spark {
    /// Everything but plain characters is escaped: `;` ends a statement, `${…}` is replaced, and the file may be read in
    /// another encoding.
    fn text(&self, text: &str) -> String {
        let mut literal = String::with_capacity(text.len() + 2);
        literal.push('\'');
        for c in text.chars() {
            match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' => literal.push(c),
                _ if " /-_.:,=+%[]{}()^*?|<>@".contains(c) => literal.push(c),
                _ if u32::from(c) > 0xffff => literal.push_str(&format!("\\U{:08X}", u32::from(c))),
                _ => literal.push_str(&format!("\\u{:04X}", u32::from(c))),
            }
        }
        literal.push('\'');
        literal
    }

    fn text_type(&self) -> &'static str {
        "STRING"
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("({text} RLIKE {})", self.text(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("regexp_extract({text}, {}, 0)", self.text(pattern))
    }

    fn starts_with(&self, text: &str, prefix: &str) -> String {
        format!("startswith({text}, {})", self.text(prefix))
    }

    fn decoded(&self, key: &str) -> String {
        format!("url_decode({key})")
    }

    fn integer(&self, text: &str) -> String {
        format!("try_cast({text} AS BIGINT)")
    }

    fn micros_of_text(&self, text: &str) -> String {
        format!("unix_micros(try_cast({text} AS TIMESTAMP))")
    }

    fn micros(&self, timestamp: &str) -> String {
        format!("unix_micros(CAST({timestamp} AS TIMESTAMP))")
    }

    fn time(&self, micros: &str) -> String {
        let time = format!("timestampadd(MICROSECOND, {micros}, TIMESTAMP_NTZ '1970-01-01 00:00:00')");
        format!("concat(replace(CAST({time} AS STRING), ' ', 'T'), 'Z')")
    }

    /// In hexadecimal digits after `\x`, unless it has printable ASCII characters only: the program prints in the encoding of
    /// its locale.
    fn printed(&self, value: &str) -> String {
        let odd = self.matches(value, r"[^\x20-\x5B\x5D-\x7E]");
        format!("CASE WHEN {odd} THEN concat({}, hex(CAST({value} AS BINARY))) ELSE {value} END", self.text(r"\x"))
    }

    fn settings_check(&self) -> Option<String> {
        Some(format!(r"'\u0041' = 'A' AND current_timezone() = 'UTC' AND {EXACT_TEXTS}"))
    }

    fn export(&self, query: &str, folder: &FilePlace, name: &str) -> Result<SqlLines, SqlError> {
        let folder = address(folder);
        let files = self.text(&literal_pattern(&folder)?);
        let write = vec![
            format!(
                "INSERT OVERWRITE DIRECTORY {} USING text\n  OPTIONS (compression 'none')\n{query}",
                self.text(&folder)
            ),
            // What Spark writes beside the lines begins with a dot or an underscore, and is not read.
            format!("CREATE OR REPLACE TEMPORARY VIEW {name} USING text\n  OPTIONS (path {files})"),
        ];
        Ok(SqlLines { write, created: None })
    }

    fn table(&self, report: &SqlReport<'_>, _: &[&str], name: &str) -> Result<SqlTable, SqlError> {
        let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in report.files {
            let address = address(file);
            let (folder, name) = address.rsplit_once('/').unwrap_or(("", &address));
            folders.entry(literal_pattern(folder)?).or_default().push(literal_pattern(name)?);
        }
        let using = match report.manifest.format {
            FileFormat::Parquet => "parquet",
            FileFormat::Orc => "orc",
            FileFormat::Csv => "csv",
        };
        let (columns, options) = if report.is_csv() {
            let columns: Vec<String> = report.cells().iter().map(|name| format!("`{name}` STRING")).collect();
            let options = r#"header 'false', delimiter ',', quote '\u0022', escape '\u0022', mode 'FAILFAST', encoding 'UTF-8', maxColumns '1024'"#;
            (format!(" ({})", columns.join(", ")), format!(", {options}"))
        } else {
            (String::new(), String::new())
        };
        let mut before: Vec<String> = [
            ("spark.sql.session.timeZone", "UTC"),
            ("spark.sql.ansi.enabled", "true"),
            ("spark.sql.parser.escapedStringLiterals", "false"),
            // A file that is cut off or missing must be an error; clusters often tolerate it.
            ("spark.sql.files.ignoreCorruptFiles", "false"),
            ("spark.sql.files.ignoreMissingFiles", "false"),
            // Else only rows of the wrong width are found that lack a column of the query.
            ("spark.sql.csv.parser.columnPruning.enabled", "false"),
        ]
        .map(|(key, value)| format!("SET {key}={value}"))
        .to_vec();
        let mut views = Vec::new();
        for (at, (folder, names)) in folders.iter().enumerate() {
            let view = format!("{name}_{at}");
            let names = match names.as_slice() {
                [name] => name.clone(),
                names => format!("{{{}}}", names.join(",")),
            };
            let path = self.text(&format!("{folder}/{names}"));
            before.push(format!(
                "CREATE OR REPLACE TEMPORARY VIEW {view}{columns} USING {using}\n  OPTIONS (path {path}{options})"
            ));
            views.push(format!("SELECT *, input_file_name() AS replaudit_file FROM {view}"));
        }
        let from = format!("(\n    {}\n  )", views.join("\n    UNION ALL "));
        Ok(SqlTable { before, from, file: "replaudit_file".to_owned(), other_width: None, created: None })
    }
}

/// The address of a file or folder for Hadoop.
fn address(place: &FilePlace) -> String {
    match place {
        FilePlace::S3 { bucket, key } => format!("s3a://{bucket}/{key}"),
        FilePlace::Local(path) => format!("file://{path}"),
    }
}

/// A pattern of Hadoop that this text alone matches.
fn literal_pattern(text: &str) -> Result<String, SqlError> {
    if text.chars().any(|c| c.is_control() || c == '\\') {
        return Err(SqlError::FileName(text.to_owned()));
    }
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | ',' | '^') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    Ok(pattern)
}
