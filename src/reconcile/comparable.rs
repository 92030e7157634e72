//! Whether two reports can be compared at all.

use s3_inventory::Columns;

use super::compare::PairSide;
use super::result::IdentityKind;

/// Why two reports can't be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotComparable {
    #[error(
        "the {side} report has no {column} column: select {label} in the inventory configuration; the next report will have it",
        side = .side.word()
    )]
    Column { side: PairSide, column: &'static str, label: &'static str },
    #[error("the {side} report lists versions and has no {column} column", side = .side.word())]
    Version { side: PairSide, column: &'static str },
    #[error("the source report lists {source_kind}, and the destination report lists {destination_kind}")]
    Kinds { source_kind: &'static str, destination_kind: &'static str },
    #[error("both reports are about bucket {0}: name the report of the source and that of its destination")]
    SameBucket(String),
    #[error(
        "the source report covers {source_scope}, and the destination report covers {destination_scope}: give --prefix with a prefix that both cover"
    )]
    Scopes { source_scope: String, destination_scope: String },
}

fn kind(identity: IdentityKind) -> &'static str {
    match identity {
        IdentityKind::Version => "all versions",
        IdentityKind::Key => "current versions only",
    }
}

/// What identifies an object of one report, which has every column that a comparison needs.
fn identity(side: PairSide, columns: &Columns) -> Result<IdentityKind, NotComparable> {
    let needed = [
        (columns.replication_status, "ReplicationStatus", "Replication status"),
        (columns.size, "Size", "Size"),
        (columns.last_modified, "LastModifiedDate", "Last modified date"),
    ];
    if let Some((_, column, label)) = needed.into_iter().find(|(place, ..)| place.is_none()) {
        return Err(NotComparable::Column { side, column, label });
    }
    if !columns.has_versions() {
        return Ok(IdentityKind::Key);
    }
    match (columns.version_id, columns.is_delete_marker) {
        (None, _) => Err(NotComparable::Version { side, column: "VersionId" }),
        (_, None) => Err(NotComparable::Version { side, column: "IsDeleteMarker" }),
        (Some(_), Some(_)) => Ok(IdentityKind::Version),
    }
}

/// What identifies an object in both reports.
pub(crate) fn common_identity(source: &Columns, destination: &Columns) -> Result<IdentityKind, NotComparable> {
    let (one, other) = (identity(PairSide::Source, source)?, identity(PairSide::Destination, destination)?);
    match one == other {
        true => Ok(one),
        false => Err(NotComparable::Kinds { source_kind: kind(one), destination_kind: kind(other) }),
    }
}

/// Refuses reports that are known to cover other prefixes, unless `prefix` lies within both. `None` is a whole bucket.
pub(crate) fn check_scopes(
    source: Option<&str>,
    destination: Option<&str>,
    prefix: Option<&str>,
) -> Result<(), NotComparable> {
    let (one, other, prefix) =
        (source.unwrap_or_default(), destination.unwrap_or_default(), prefix.unwrap_or_default());
    let are_whole = match prefix {
        "" => one == other,
        prefix => prefix.starts_with(one) && prefix.starts_with(other),
    };
    if are_whole {
        return Ok(());
    }
    let scope = |prefix: &str| match prefix {
        "" => "all keys".to_owned(),
        prefix => format!("prefix {prefix:?}"),
    };
    Err(NotComparable::Scopes { source_scope: scope(one), destination_scope: scope(other) })
}

#[cfg(test)]
mod tests {
    use s3_inventory::FileFormat;

    use super::*;

    #[test]
    fn reports_of_one_kind_with_their_columns_are_compared() {
        let all = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";
        let current = "Bucket, Key, Size, LastModifiedDate, ETag, ReplicationStatus";
        let table = [
            (all, all, "Ok(Version)"),
            (current, current, "Ok(Key)"),
            (all, current, "lists all versions, and the destination report lists current versions only"),
            ("Bucket, Key, VersionId, IsDeleteMarker", all, "source report has no ReplicationStatus column"),
            (all, "Bucket, Key, ReplicationStatus, LastModifiedDate", "destination report has no Size column"),
            (all, "Bucket, Key, ReplicationStatus, Size", "destination report has no LastModifiedDate column"),
            (
                "Bucket, Key, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus",
                all,
                "has no VersionId column",
            ),
            (
                all,
                "Bucket, Key, VersionId, IsLatest, Size, LastModifiedDate, ReplicationStatus",
                "has no IsDeleteMarker column",
            ),
        ];
        for (source, destination, answer) in table {
            let columns = |schema| Columns::of(FileFormat::Csv, schema).unwrap();
            let found = common_identity(&columns(source), &columns(destination));
            let text = found.clone().map_or_else(|error| error.to_string(), |_| format!("{found:?}"));
            assert!(text.contains(answer), "{text}");
        }
    }

    #[test]
    fn scopes_must_be_equal_or_hold_the_prefix() {
        let table = [
            (None, None, None, true),
            (Some("a/"), Some("a/"), None, true),
            (Some("a/"), None, None, false),
            (Some("a/"), None, Some("a/b"), true),
            (Some("a/"), Some("a/b/"), Some("a/"), false),
            (Some("a/"), Some("b/"), Some("a/"), false),
        ];
        for (source, destination, prefix, fits) in table {
            assert_eq!(
                check_scopes(source, destination, prefix).is_ok(),
                fits,
                "{source:?} {destination:?} {prefix:?}"
            );
        }
    }
}
