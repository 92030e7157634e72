//! Checks whether two reports can be compared.
//!
//! A report does not say what its inventory configuration leaves out, so a changed configuration is not detected here.

use jiff::Timestamp;

use s3_inventory::{Columns, Manifest};

/// Why a report can't be compared with an older one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Incomparable {
    #[error("it is about bucket {older}, not about {now}")]
    Bucket { now: String, older: String },
    #[error(
        "it is of inventory configuration {older:?}, and the report is of {now:?}, so other objects may be in it: name an older report of {now:?}"
    )]
    Configuration { now: String, older: String },
    #[error("it was scanned at {older}, which is not before {now}: name an older report")]
    NotOlder { now: Timestamp, older: Timestamp },
    #[error("it lists {}, and the report lists {}", kind(*.older), kind(!*.older))]
    Kind {
        /// Whether the one to compare with lists all versions.
        older: bool,
    },
}

fn kind(has_versions: bool) -> &'static str {
    if has_versions { "all versions" } else { "current versions only" }
}

/// Makes sure that `older` is an older report of the same bucket and kind, and, if both are known, of the same configuration.
pub(crate) fn check_comparable(now: (&Manifest, &Columns), older: (&Manifest, &Columns)) -> Result<(), Incomparable> {
    let ((now, now_columns), (older, older_columns)) = (now, older);
    if now.source_bucket != older.source_bucket {
        let (now, older) = (now.source_bucket.clone(), older.source_bucket.clone());
        return Err(Incomparable::Bucket { now, older });
    }
    if older.scanned_at >= now.scanned_at {
        return Err(Incomparable::NotOlder { now: now.scanned_at, older: older.scanned_at });
    }
    let has_versions = older_columns.has_versions();
    if has_versions != now_columns.has_versions() {
        return Err(Incomparable::Kind { older: has_versions });
    }
    match (now.configuration(), older.configuration()) {
        (Some(now), Some(older)) if now != older => {
            Err(Incomparable::Configuration { now: now.to_owned(), older: older.to_owned() })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use s3_inventory::{DataFile, FileFormat};

    use super::*;

    #[test]
    fn only_an_older_report_of_the_same_bucket_and_kind_is_comparable() {
        let report = |bucket: &str, second: i64, format, schema: &str| {
            let manifest = Manifest {
                source_bucket: bucket.to_owned(),
                destination_bucket: "reports".to_owned(),
                scanned_at: Timestamp::from_second(second).unwrap(),
                format,
                schema: schema.to_owned(),
                files: Vec::new(),
                unknown_version: None,
                remarks: Vec::new(),
            };
            let columns = Columns::of(format, schema).unwrap();
            (manifest, columns)
        };
        const ALL: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, ReplicationStatus";
        const CURRENT: &str = "Bucket, Key, ReplicationStatus";
        let now = report("src", 100, FileFormat::Csv, ALL);
        let table = [
            (report("src", 99, FileFormat::Csv, ALL), None),
            // The order of the columns does not matter.
            (report("src", 99, FileFormat::Orc, "struct<bucket:string,key:string,is_latest:boolean>"), None),
            (report("other", 99, FileFormat::Csv, ALL), Some("about bucket other, not about src")),
            (report("src", 100, FileFormat::Csv, ALL), Some("1970-01-01T00:01:40Z, which is not before")),
            (report("src", 101, FileFormat::Csv, ALL), Some("not before")),
            (
                report("src", 99, FileFormat::Csv, CURRENT),
                Some("lists current versions only, and the report lists all"),
            ),
        ];
        for (older, why) in table {
            let found = check_comparable((&now.0, &now.1), (&older.0, &older.1)).err().map(|error| error.to_string());
            match (found, why) {
                (None, None) => {}
                (Some(found), Some(why)) if found.contains(why) => {}
                other => panic!("{other:?}"),
            }
        }
        let mut older = report("src", 99, FileFormat::Csv, ALL);
        let mut now = report("src", 100, FileFormat::Csv, ALL);
        let key = |configuration: &str| format!("inv/src/{configuration}/data/1.csv.gz");
        for (configuration, older_configuration, is_same) in
            [("daily", "daily", true), ("daily", "", true), ("", "daily", true), ("daily", "weekly", false)]
        {
            for (report, configuration) in [(&mut now, configuration), (&mut older, older_configuration)] {
                report.0.files = vec![DataFile { key: key(configuration), size: 1, md5: None }];
            }
            let found = check_comparable((&now.0, &now.1), (&older.0, &older.1));
            assert_eq!(found.is_ok(), is_same, "{configuration:?} {older_configuration:?}");
        }
        let now = report("src", 100, FileFormat::Csv, CURRENT);
        let why = check_comparable((&now.0, &now.1), (&older.0, &older.1)).unwrap_err().to_string();
        assert_eq!(why, "it lists all versions, and the report lists current versions only");
    }
}
