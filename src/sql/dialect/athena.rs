//! Athena (Trino). Its tables name folders, so the table reads `hive/dt=…/symlink.txt`, in which S3 lists the data files.

use s3_inventory::{FileFormat, folder_of_manifest};

use super::super::error::SqlError;
use super::super::table::{FilePlace, SqlLines, SqlReport, SqlTable, TableStatements};
use super::{SqlEngine, doubled, is_printable};

pub(super) struct Athena;

impl SqlEngine for Athena {
    fn text(&self, text: &str) -> String {
        if is_printable(text) {
            return doubled(text);
        }
        let hex: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        format!("from_utf8(from_hex('{hex}'))")
    }

    fn text_type(&self) -> &'static str {
        "VARCHAR"
    }

    fn matches(&self, text: &str, pattern: &str) -> String {
        format!("regexp_like({text}, {})", self.text(pattern))
    }

    fn extract(&self, text: &str, pattern: &str) -> String {
        format!("coalesce(regexp_extract({text}, {}), '')", self.text(pattern))
    }

    fn starts_with(&self, text: &str, prefix: &str) -> String {
        format!("starts_with({text}, {})", self.text(prefix))
    }

    fn decoded(&self, key: &str) -> String {
        format!("url_decode({key})")
    }

    fn integer(&self, text: &str) -> String {
        format!("try_cast({text} AS BIGINT)")
    }

    fn micros_of_text(&self, text: &str) -> String {
        self.micros_of(&format!("try(from_iso8601_timestamp({text}))"))
    }

    fn micros(&self, timestamp: &str) -> String {
        self.micros_of(&format!("with_timezone(CAST({timestamp} AS TIMESTAMP), 'UTC')"))
    }

    fn time(&self, micros: &str) -> String {
        let time = format!("from_unixtime(CAST({micros} AS DOUBLE) / 1000000, 'UTC')");
        format!("regexp_replace(to_iso8601({time}), '[.]0+Z$', 'Z')")
    }

    fn export(&self, query: &str, folder: &FilePlace, name: &str) -> Result<SqlLines, SqlError> {
        let FilePlace::S3 { .. } = folder else { return Err(SqlError::AthenaExport) };
        let location = plain(format!("{folder}/"))?;
        // Athena compresses text files, and knows that by the ends of their names.
        let write =
            format!("UNLOAD (SELECT line FROM (\n{query}\n) AS lines)\nTO '{location}'\nWITH (format = 'TEXTFILE')");
        let created = TableStatements {
            name: name.to_owned(),
            create: format!("CREATE EXTERNAL TABLE {name} (\n  `line` string\n)\nLOCATION '{location}'"),
            drop: format!("DROP TABLE IF EXISTS {name}"),
        };
        Ok(SqlLines { write: vec![write], created: Some(created) })
    }

    fn table(&self, report: &SqlReport<'_>, columns: &[&str], name: &str) -> Result<SqlTable, SqlError> {
        let location = symlink_folder(report)?;
        let serde = match report.manifest.format {
            FileFormat::Parquet => "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            FileFormat::Orc => "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
            FileFormat::Csv => "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        };
        let properties = match report.manifest.format {
            // S3 writes CSV as the serializer expects it.
            FileFormat::Parquet | FileFormat::Csv => "",
            // Otherwise columns are found by their place.
            FileFormat::Orc => "\nWITH SERDEPROPERTIES ('orc.column.index.access' = 'false')",
        };
        let mut other_width = None;
        let columns: Vec<String> = if report.is_csv() {
            let cells = report.cells();
            // Missing cells are NULL there, and others end up in the last column.
            other_width = cells.last().map(|last| format!("{last} IS NULL OR replaudit_rest IS NOT NULL"));
            cells.iter().map(String::as_str).chain(["replaudit_rest"]).map(|name| format!("`{name}` string")).collect()
        } else {
            columns.iter().map(|name| format!("`{name}` {}", hive_type(name))).collect()
        };
        let create = format!(
            "CREATE EXTERNAL TABLE {name} (\n  {}\n)\nROW FORMAT SERDE '{serde}'{properties}\n\
             STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'\n\
             OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'\nLOCATION '{location}'",
            columns.join(",\n  ")
        );
        Ok(SqlTable {
            before: Vec::new(),
            from: name.to_owned(),
            file: "\"$path\"".to_owned(),
            other_width,
            created: Some(TableStatements {
                name: name.to_owned(),
                create,
                drop: format!("DROP TABLE IF EXISTS {name}"),
            }),
        })
    }
}

impl Athena {
    fn micros_of(&self, time: &str) -> String {
        // A double holds the microseconds of every year up to 2255.
        format!("CAST(round(to_unixtime({time}) * 1000000) AS BIGINT)")
    }
}

/// The type of a column as Hive names it ("Querying Amazon S3 Inventory with Amazon Athena" in the S3 User Guide).
fn hive_type(name: &str) -> &'static str {
    match name {
        "is_latest" | "is_delete_marker" => "boolean",
        "size" => "bigint",
        "last_modified_date" => "timestamp",
        _ => "string",
    }
}

/// The folder of the report's symlink.txt: `hive/dt=YYYY-MM-DD-HH-MM/` beside the folder of the manifest.
pub(crate) fn symlink_folder(report: &SqlReport<'_>) -> Result<String, SqlError> {
    if report.files.iter().any(|file| matches!(file, FilePlace::Local(_))) || !report.name.starts_with("s3://") {
        return Err(SqlError::AthenaLocal);
    }
    let no_symlink = || SqlError::NoSymlink(report.name.to_owned());
    let time = folder_of_manifest(report.name).ok_or_else(no_symlink)?;
    let configuration = report.name.strip_suffix(&format!("{time}/manifest.json")).ok_or_else(no_symlink)?;
    let location = format!("{configuration}hive/dt={}/", time.replace('T', "-").trim_end_matches('Z'));
    plain(location)
}

/// A location that needs no escapes. Hive's literals and Athena's own replacements differ: only plain names are certain.
fn plain(location: String) -> Result<String, SqlError> {
    match location.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.:=+!()@ ".contains(c)) {
        true => Ok(location),
        false => Err(SqlError::FileName(location)),
    }
}
