//! Which column is which: by name, never by place; names that are not known are left alone.

use std::collections::HashSet;

use super::damage::{Damage, shown};

/// S3 has some twenty.
const MOST_COLUMNS: usize = 1000;

/// Places of the columns that questions are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Cells of every row.
    pub width: usize,
    /// Bucket.
    pub bucket: usize,
    /// Key.
    pub key: usize,
    /// VersionId.
    pub version_id: Option<usize>,
    /// IsLatest.
    pub is_latest: Option<usize>,
    /// IsDeleteMarker.
    pub is_delete_marker: Option<usize>,
    /// Size.
    pub size: Option<usize>,
    /// LastModifiedDate.
    pub last_modified: Option<usize>,
    /// ReplicationStatus.
    pub replication_status: Option<usize>,
}

impl Columns {
    /// Reads the fileSchema of a CSV report: names joined by commas.
    ///
    /// # Errors
    /// A name that stands twice, no Bucket, no Key.
    pub fn of_csv(schema: &str) -> Result<Self, Damage> {
        let names: Vec<&str> = schema.split(',').map(str::trim).take(MOST_COLUMNS + 1).collect();
        if names.len() > MOST_COLUMNS {
            return Err(Damage::of_manifest(format!("fileSchema names more than {MOST_COLUMNS} columns")));
        }
        let mut seen = HashSet::new();
        if let Some(name) = names.iter().find(|name| !seen.insert(**name)) {
            let what = format!("fileSchema names the column {} twice", shown(name.as_bytes()));
            return Err(Damage::of_manifest(what));
        }
        let place = |name: &str| names.iter().position(|found| *found == name);
        let required =
            |name: &str| place(name).ok_or_else(|| Damage::of_manifest(format!("the report has no {name} column")));
        Ok(Self {
            width: names.len(),
            bucket: required("Bucket")?,
            key: required("Key")?,
            version_id: place("VersionId"),
            is_latest: place("IsLatest"),
            is_delete_marker: place("IsDeleteMarker"),
            size: place("Size"),
            last_modified: place("LastModifiedDate"),
            replication_status: place("ReplicationStatus"),
        })
    }

    /// The places of all columns that records are made from, ascending.
    #[must_use]
    pub fn looked_at(&self) -> Vec<usize> {
        let optional = [self.is_latest, self.is_delete_marker, self.size, self.last_modified, self.replication_status];
        let mut places: Vec<usize> =
            [self.bucket, self.key].into_iter().chain(optional.into_iter().flatten()).collect();
        places.sort_unstable();
        places
    }

    /// Whether every version is listed; else only current ones, without delete markers.
    #[must_use]
    pub fn has_versions(&self) -> bool {
        self.version_id.is_some() || self.is_latest.is_some()
    }

    /// Makes sure that the report can answer at all; `current` asks for latest versions only.
    ///
    /// # Errors
    /// A column without which sums would look whole and be wrong.
    pub fn can_answer(&self, current: bool) -> Result<(), Damage> {
        if self.replication_status.is_none() {
            return Err(Damage::of_manifest(
                "the report has no ReplicationStatus column: select Replication status in the inventory configuration; the next report will have it",
            ));
        }
        if self.has_versions() && self.is_delete_marker.is_none() {
            return Err(Damage::of_manifest(
                "the report lists versions and has no IsDeleteMarker column: delete markers can't be told from objects",
            ));
        }
        if current && self.has_versions() && self.is_latest.is_none() {
            return Err(Damage::of_manifest(
                "the report lists versions and has no IsLatest column: --current can't be answered",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_by_name() {
        let columns = Columns::of_csv("Key,Bucket ,  Size, LifecycleExpirationDate, ReplicationStatus").unwrap();
        assert_eq!((columns.width, columns.key, columns.bucket, columns.size), (5, 0, 1, Some(2)));
        assert_eq!((columns.replication_status, columns.version_id), (Some(4), None));
        assert!(!columns.has_versions());
    }

    #[test]
    fn what_can_t_be_answered_is_said() {
        let table = [
            ("Key", "no Bucket column"),
            ("Bucket", "no Key column"),
            ("", "no Bucket column"),
            ("Bucket, Key, Size, Size", "\"Size\" twice"),
        ];
        for (schema, text) in table {
            assert!(Columns::of_csv(schema).unwrap_err().what.contains(text), "{schema}");
        }
        let table = [
            ("Bucket, Key", false, Some("no ReplicationStatus")),
            ("Bucket, Key, ReplicationStatus", true, None),
            ("Bucket, Key, VersionId, ReplicationStatus", false, Some("no IsDeleteMarker")),
            ("Bucket, Key, IsLatest, ReplicationStatus", false, Some("no IsDeleteMarker")),
            ("Bucket, Key, VersionId, IsDeleteMarker, ReplicationStatus", false, None),
            ("Bucket, Key, VersionId, IsDeleteMarker, ReplicationStatus", true, Some("no IsLatest")),
            ("Bucket, Key, VersionId, IsLatest, IsDeleteMarker, ReplicationStatus", true, None),
        ];
        for (schema, current, text) in table {
            let answer = Columns::of_csv(schema).unwrap().can_answer(current);
            match text {
                None => assert_eq!(answer, Ok(()), "{schema}"),
                Some(text) => assert!(answer.unwrap_err().what.contains(text), "{schema}"),
            }
        }
    }
}
