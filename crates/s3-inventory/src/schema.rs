//! Finds the columns of a report by name. Unknown columns only matter to exports.

use std::collections::HashSet;

use crate::damage::SchemaError;
use crate::field::{FIELDS, Field};
use crate::manifest::FileFormat;
use crate::text::quoted;

/// S3 has some twenty.
const MOST_COLUMNS: usize = 1000;

/// Indexes of the columns of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns have S3's names")]
pub struct Columns {
    /// Number of columns.
    pub width: usize,
    pub bucket: usize,
    pub key: usize,
    pub version_id: Option<usize>,
    pub is_latest: Option<usize>,
    pub is_delete_marker: Option<usize>,
    pub size: Option<usize>,
    pub last_modified: Option<usize>,
    pub e_tag: Option<usize>,
    pub replication_status: Option<usize>,
    pub storage_class: Option<usize>,
    pub encryption_status: Option<usize>,
    /// All columns of the report that S3 documents, in S3's order, with their indexes.
    pub known: Vec<(&'static Field, usize)>,
    /// All other columns that are not nested, in the report's order.
    pub others: Vec<OtherColumn>,
}

/// A column that S3 does not document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherColumn {
    /// Its name in the report.
    pub column: String,
    /// Its name in exports: in snake case, as in ORC and Parquet reports.
    pub name: String,
    /// Its index.
    pub place: usize,
}

impl Columns {
    /// Parses the fileSchema of a report: names joined by commas for CSV, `message … { … }` for Parquet, `struct<…>` for ORC.
    ///
    /// # Errors
    /// Another syntax, a duplicate name, no Bucket, no Key.
    pub fn of(format: FileFormat, schema: &str) -> Result<Self, SchemaError> {
        let columns = match format {
            FileFormat::Csv => Some(schema.split(',').map(|name| (name.trim(), true)).take(MOST_COLUMNS + 1).collect()),
            FileFormat::Parquet => parquet_names(schema),
            FileFormat::Orc => orc_names(schema),
        };
        let columns: Vec<(&str, bool)> =
            columns.ok_or_else(|| SchemaError::Form { format: format.word(), schema: quoted(schema.as_bytes()) })?;
        if columns.len() > MOST_COLUMNS {
            return Err(SchemaError::TooManyColumns(MOST_COLUMNS));
        }
        let twice = |name: &str| SchemaError::ColumnTwice(quoted(name.as_bytes()));
        let mut seen = HashSet::new();
        if let Some((name, _)) = columns.iter().find(|(name, _)| !seen.insert(*name)) {
            return Err(twice(name));
        }
        let of = |field: &Field| if format == FileFormat::Csv { field.csv } else { field.name };
        let place = |csv: &str, columnar: &str| {
            let name = if format == FileFormat::Csv { csv } else { columnar };
            columns.iter().position(|(found, _)| *found == name)
        };
        let known: Vec<_> = FIELDS.iter().filter_map(|field| Some((field, place(field.csv, field.name)?))).collect();
        let is_known = |name: &str| known.iter().any(|(field, _)| of(field) == name);
        let others = columns.iter().enumerate().filter(|(_, (name, is_flat))| *is_flat && !is_known(name));
        let others: Vec<OtherColumn> = others
            .map(|(place, (column, _))| {
                let name = if format == FileFormat::Csv { snake(column) } else { (*column).to_owned() };
                OtherColumn { column: (*column).to_owned(), name, place }
            })
            .collect();
        // Two names in a report may become the same name in an export.
        let mut written: HashSet<&str> = known.iter().map(|(field, _)| field.name).collect();
        if let Some(other) = others.iter().find(|other| !written.insert(&other.name)) {
            return Err(twice(&other.column));
        }
        Ok(Self {
            width: columns.len(),
            bucket: place("Bucket", "bucket").ok_or(SchemaError::NoColumn("Bucket"))?,
            key: place("Key", "key").ok_or(SchemaError::NoColumn("Key"))?,
            version_id: place("VersionId", "version_id"),
            is_latest: place("IsLatest", "is_latest"),
            is_delete_marker: place("IsDeleteMarker", "is_delete_marker"),
            size: place("Size", "size"),
            last_modified: place("LastModifiedDate", "last_modified_date"),
            e_tag: place("ETag", "e_tag"),
            replication_status: place("ReplicationStatus", "replication_status"),
            storage_class: place("StorageClass", "storage_class"),
            encryption_status: place("EncryptionStatus", "encryption_status"),
            known,
            others,
        })
    }

    /// Whether the report lists all versions. If not, it lists current versions without delete markers.
    pub fn has_versions(&self) -> bool {
        self.version_id.is_some() || self.is_latest.is_some()
    }
}

/// The name that ORC and Parquet reports have for a column of a CSV report: `ETag` is `e_tag`.
fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Names in `message NAME { required binary bucket (STRING); optional int64 size; … }`, and whether each is a column of
/// values. Names inside nested columns are skipped.
fn parquet_names(schema: &str) -> Option<Vec<(&str, bool)>> {
    let (_, columns) = schema.trim().strip_prefix("message")?.split_once('{')?;
    let (mut names, mut depth, mut start) = (Vec::new(), 0u32, 0);
    for (at, mark) in columns.match_indices([';', '{', '}']) {
        if depth == 0 && mark != "}" {
            // Repetition, type, name, and perhaps the logical type.
            names.push((columns[start..at].split('(').next()?.split_whitespace().nth(2)?, mark == ";"));
        }
        match mark {
            "{" => depth += 1,
            "}" if depth == 0 => return columns[at + 1..].trim().is_empty().then_some(names),
            "}" => depth -= 1,
            _ => {}
        }
        start = at + 1;
    }
    None
}

/// Names in `struct<bucket:string,…>`, and whether each is a column of values. Names inside nested types are skipped.
fn orc_names(schema: &str) -> Option<Vec<(&str, bool)>> {
    let columns = schema.trim().strip_prefix("struct<")?.strip_suffix('>')?;
    let (mut names, mut depth, mut start) = (Vec::new(), 0u32, 0);
    for (at, mark) in columns.match_indices([',', '<', '>', '(', ')']).chain([(columns.len(), ",")]) {
        match mark {
            "<" | "(" => depth += 1,
            ">" | ")" => depth = depth.checked_sub(1)?,
            _ if depth == 0 => {
                let (name, kind) = columns[start..at].split_once(':')?;
                names.push((name.trim(), !kind.contains('<')));
                start = at + 1;
            }
            _ => {}
        }
    }
    (depth == 0).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_parquet_in_both_spellings() {
        let new = "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);  optional int64 size;  optional int64 last_modified_date (TIMESTAMP(MILLIS,true));  optional binary replication_status (STRING);}";
        let old = "message s3.inventory { required binary bucket (UTF8); required binary key(UTF8); optional int64 size; optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary replication_status (UTF8); }\n";
        for schema in [new, old] {
            let columns = Columns::of(FileFormat::Parquet, schema).unwrap();
            assert_eq!((columns.width, columns.size, columns.last_modified), (5, Some(2), Some(3)), "{schema}");
            assert!(!columns.has_versions());
        }
        let nested = new.replace("optional int64 size;", "optional group tags (MAP) { repeated group pair { required binary key (STRING); optional binary size; } } optional int64 size;");
        let columns = Columns::of(FileFormat::Parquet, &nested).unwrap();
        assert_eq!((columns.width, columns.key, columns.size), (6, 1, Some(3)));
        assert!(columns.others.is_empty(), "nested columns are skipped");
        for schema in ["", "message", "message m {", "message m { required binary; }", "bucket, key", "message m { } x"]
        {
            assert!(Columns::of(FileFormat::Parquet, schema).is_err(), "{schema}");
        }
    }

    #[test]
    fn columns_of_orc() {
        let schema = "struct<bucket:string,key:string,tags:map<string,struct<key:int>>,price:decimal(10,2),size:bigint,replication_status:string>";
        let columns = Columns::of(FileFormat::Orc, schema).unwrap();
        assert_eq!((columns.width, columns.key, columns.size, columns.replication_status), (6, 1, Some(4), Some(5)));
        let others: Vec<&str> = columns.others.iter().map(|other| other.name.as_str()).collect();
        assert_eq!(others, ["price"]);
        for schema in [
            "",
            "struct<",
            "struct<bucket>",
            "struct<bucket:string,key:string,>",
            "struct<bucket:map<a,b>>>",
            "bucket, key",
        ] {
            assert!(Columns::of(FileFormat::Orc, schema).is_err(), "{schema}");
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        let columns =
            Columns::of(FileFormat::Csv, "Key,Bucket ,  Size, LifecycleExpirationDate, ReplicationStatus").unwrap();
        assert_eq!((columns.width, columns.key, columns.bucket, columns.size), (5, 0, 1, Some(2)));
        assert_eq!((columns.replication_status, columns.version_id), (Some(4), None));
        assert!(!columns.has_versions());
        let columns = Columns::of(FileFormat::Csv, "Bucket, Key, NewETag, odd name, Size").unwrap();
        let others = columns.others.iter().map(|other| (other.column.as_str(), other.name.as_str(), other.place));
        assert_eq!(others.collect::<Vec<_>>(), [("NewETag", "new_e_tag", 2), ("odd name", "odd name", 3)]);
    }

    #[test]
    fn a_schema_without_a_column_or_with_one_twice_is_refused() {
        let table = [
            ("Key", "no Bucket column"),
            ("Bucket", "no Key column"),
            ("", "no Bucket column"),
            ("Bucket, Key, Size, Size", "\"Size\" twice"),
            ("Bucket, Key, Size, size", "\"size\" twice"),
            ("Bucket, Key, NewOne, new_one", "\"new_one\" twice"),
        ];
        for (schema, text) in table {
            assert!(Columns::of(FileFormat::Csv, schema).unwrap_err().to_string().contains(text), "{schema}");
        }
    }
}
