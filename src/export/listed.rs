//! Rows as values: the columns needed to request the same object from S3, and to recognize another one.

use jiff::Timestamp;
use s3_inventory::{Columns, InventoryRow, RowError, Value};

use crate::audit::AuditedObject;
use crate::model::StatusClass;

/// The needed columns, besides those that select rows.
pub(crate) const NEEDED: [&str; 5] = ["key", "version_id", "size", "last_modified_date", "e_tag"];

/// The object of a row; pending and written before `overdue_before` is overdue, as the sums count it.
pub(crate) fn listed(
    columns: &Columns,
    row: &impl InventoryRow,
    key: Vec<u8>,
    overdue_before: Timestamp,
    has_rule: bool,
) -> Result<AuditedObject, RowError> {
    let cell = |name: &str| {
        let at = columns.known.iter().position(|(field, _)| field.name == name);
        at.map(|at| row.value(at)).transpose()
    };
    let text = |value: Option<Value<'_>>| match value {
        Some(Value::Text(text)) => Some(text.to_owned()),
        Some(Value::Empty | Value::Flag(_) | Value::Number(_) | Value::Time(_)) | None => None,
    };
    let size = match cell("size")? {
        Some(Value::Number(number)) => u64::try_from(number).ok(),
        Some(Value::Empty | Value::Text(_) | Value::Flag(_) | Value::Time(_)) | None => None,
    };
    let (version, last_modified) = (cell("version_id")?, row.last_modified()?);
    let status = StatusClass::of_report(row.status());
    Ok(AuditedObject {
        key,
        // The null version has no id in a report, and S3 accepts no other name for it.
        version_id: version.map(|value| text(Some(value)).unwrap_or_else(|| "null".to_owned())),
        status,
        is_overdue: status == StatusClass::Pending && last_modified.is_some_and(|modified| modified < overdue_before),
        has_rule,
        etag: text(cell("e_tag")?).map(|etag| etag.trim_matches('"').to_owned()),
        size,
        last_modified,
    })
}

#[cfg(test)]
mod tests {
    use s3_inventory::{CsvRow, FileFormat, scan_text};

    use super::*;

    fn of(schema: &str, text: &str) -> AuditedObject {
        let columns = Columns::of(FileFormat::Csv, schema).unwrap();
        let mut found = None;
        scan_text(text.as_bytes(), "f", &columns, "b", |record, cells| {
            let row = CsvRow { record, cells, columns: &columns };
            found = Some(listed(&columns, &row, b"k".to_vec(), Timestamp::from_second(100).unwrap(), false).unwrap());
            Ok::<_, RowError>(())
        })
        .unwrap();
        found.unwrap()
    }

    #[test]
    fn null_versions_are_named_and_reports_of_current_versions_have_none() {
        let all = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, ReplicationStatus";
        let null = of(all, "b,k,,true,false,7,1970-01-01T00:01:39.000Z,\"\"\"e\"\"\",PENDING\n");
        let expected = AuditedObject {
            key: b"k".to_vec(),
            version_id: Some("null".to_owned()),
            status: StatusClass::Pending,
            is_overdue: true,
            has_rule: false,
            etag: Some("e".to_owned()),
            size: Some(7),
            last_modified: Some(Timestamp::from_second(99).unwrap()),
        };
        assert_eq!(null, expected);
        let named = of(all, "b,k,v1,true,false,0,1970-01-01T00:01:40.000Z,,PENDING\n");
        let expected = AuditedObject {
            version_id: Some("v1".to_owned()),
            is_overdue: false,
            etag: None,
            size: Some(0),
            last_modified: Some(Timestamp::from_second(100).unwrap()),
            ..expected
        };
        assert_eq!(named, expected);
        let current = of("Bucket, Key, ReplicationStatus", "b,k,FAILED\n");
        assert_eq!((current.version_id, current.last_modified, current.status), (None, None, StatusClass::Failed));
    }
}
