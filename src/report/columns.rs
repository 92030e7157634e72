//! The columns that a question needs.

use s3_inventory::Columns;
use thiserror::Error;

use crate::audit::{Dimension, Tally};
use crate::export::ExportLines;

/// Why a report can't answer a question. Sums without this column would look complete and be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum CannotAnswer {
    #[error(
        "the report has no ReplicationStatus column: select Replication status in the inventory configuration; the next report will have it"
    )]
    ReplicationStatus,
    #[error(
        "the report lists versions and has no IsDeleteMarker column: delete markers can't be distinguished from objects"
    )]
    IsDeleteMarker,
    #[error("the report lists versions and has no IsLatest column, which --current needs")]
    IsLatest,
    #[error(
        "the report has no {column} column, which --by {by} needs: add the field to the inventory configuration; the next report will have it"
    )]
    Grouping { column: &'static str, by: Dimension },
    #[error(
        "delete markers have a replication status ({0}), and the report has neither Size nor ETag, which would distinguish them from objects"
    )]
    MarkersWithStatus(String),
}

/// Checks that the report has the required columns. `current` asks for latest versions only.
pub(super) fn check_columns(columns: &Columns, current: bool) -> Result<(), CannotAnswer> {
    if columns.replication_status.is_none() {
        return Err(CannotAnswer::ReplicationStatus);
    }
    if columns.has_versions() && columns.is_delete_marker.is_none() {
        return Err(CannotAnswer::IsDeleteMarker);
    }
    if current && columns.has_versions() && columns.is_latest.is_none() {
        return Err(CannotAnswer::IsLatest);
    }
    Ok(())
}

/// The columns that the question and an export need, by their names in columnar formats.
pub(super) fn wanted<'a>(all: &'a Columns, tally: &Tally, lines: Option<&ExportLines>) -> Vec<&'a str> {
    let has = |name, place: Option<usize>| place.map(|_| name);
    let columns = tally.columns(all);
    let mut wanted: Vec<&str> = [
        Some("bucket"),
        // Keys are most of the bytes.
        tally.needs_keys().then_some("key"),
        tally.filter().current.then(|| has("is_latest", columns.is_latest)).flatten(),
        has("is_delete_marker", columns.is_delete_marker),
        has("size", columns.size),
        // Tells delete markers from objects if there are no sizes.
        columns.size.is_none().then(|| has("e_tag", columns.e_tag)).flatten(),
        has("last_modified_date", columns.last_modified),
        has("replication_status", columns.replication_status),
        has("storage_class", columns.storage_class),
        has("encryption_status", columns.encryption_status),
    ]
    .into_iter()
    .flatten()
    .collect();
    for name in lines.into_iter().flat_map(|lines| lines.needs(all)) {
        if !wanted.contains(&name) {
            wanted.push(name);
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use s3_inventory::FileFormat;

    use super::*;

    #[test]
    fn missing_columns_are_named() {
        let table = [
            ("Bucket, Key", false, Err(CannotAnswer::ReplicationStatus)),
            ("Bucket, Key, ReplicationStatus", true, Ok(())),
            ("Bucket, Key, VersionId, ReplicationStatus", false, Err(CannotAnswer::IsDeleteMarker)),
            ("Bucket, Key, IsLatest, ReplicationStatus", false, Err(CannotAnswer::IsDeleteMarker)),
            ("Bucket, Key, VersionId, IsDeleteMarker, ReplicationStatus", false, Ok(())),
            ("Bucket, Key, VersionId, IsDeleteMarker, ReplicationStatus", true, Err(CannotAnswer::IsLatest)),
            ("Bucket, Key, VersionId, IsLatest, IsDeleteMarker, ReplicationStatus", true, Ok(())),
        ];
        for (schema, current, answer) in table {
            let columns = Columns::of(FileFormat::Csv, schema).unwrap();
            assert_eq!(check_columns(&columns, current), answer, "{schema}");
        }
    }
}
