//! Inventory reports by columns, read back with the formats' own readers.

use std::time::{Duration, SystemTime};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMillisecondType};
use arrow::util::display::array_value_to_string;
use bytes::Bytes;
use orc_rust::ArrowReaderBuilder;
use orc_rust::compression::CompressionType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, LogicalType, Type};
use parquet::file::reader::{FileReader, SerializedFileReader};
use replaudit_sandbox::{
    Bucket, Delivered, HoldDuration, Inventory, InventoryField, InventoryFormat, LockMode, Put, Rule, Sandbox,
    Versioning,
};

use crate::support::{block, client};

/// What AWS wrote for a bucket of its own, up to the columns that came later.
const SCHEMA: &str = "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);  \
    optional binary version_id (STRING);  optional boolean is_latest;  optional boolean is_delete_marker;  \
    optional int64 size;  optional int64 last_modified_date (TIMESTAMP(MILLIS,true));  \
    optional binary e_tag (STRING);  optional binary storage_class (STRING);  \
    optional boolean is_multipart_uploaded;  optional binary replication_status (STRING);  \
    optional binary encryption_status (STRING);  \
    optional int64 object_lock_retain_until_date (TIMESTAMP(MILLIS,true));  \
    optional binary object_lock_mode (STRING);  optional binary object_lock_legal_hold_status (STRING);  \
    optional binary intelligent_tiering_access_tier (STRING);  optional binary bucket_key_status (STRING);  \
    optional binary checksum_algorithm (STRING);";

const ODD: &str = "a/b c+d%/\u{1f600}\n.txt";

/// Seconds since 1970 of every object that is backdated.
const MODIFIED: u64 = 1_715_035_462;

/// A `null` version under an odd key, a marker over a replicated version, one that is locked.
fn filled() -> Sandbox {
    let enabled = Versioning::Enabled;
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src"));
    s3.create_bucket(Bucket::new("dst").versioning(enabled));
    s3.create_bucket(Bucket::new("locked").object_lock(true));
    s3.create_bucket(Bucket::new("reports"));
    let at = || Put::default().last_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(MODIFIED));
    s3.put_with("src", ODD, "12345", at());
    s3.set_versioning("src", enabled);
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.put_with("src", "b", "x", at().parts(3));
    s3.delete("src", "b");
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    s3.put_with("locked", "k", "x", at().retain_until(LockMode::Governance, until).legal_hold(true));
    s3
}

/// Fetches the files of a report as a client does, and its manifest.
fn fetched(s3: &Sandbox, made: &Delivered) -> (serde_json::Value, Vec<Bytes>) {
    let client = client(s3);
    let get = |key: &str| {
        let get = client.get_object().bucket(&made.bucket).key(key).send();
        block(async { get.await.unwrap().body.collect().await.unwrap().into_bytes() })
    };
    let manifest = serde_json::from_slice(&get(&made.manifest_key)).unwrap();
    (manifest, made.data_keys.iter().map(|key| get(key)).collect())
}

fn parquet(file: &Bytes) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.clone()).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn orc(file: &Bytes) -> Vec<RecordBatch> {
    let reader = ArrowReaderBuilder::try_new(file.clone()).unwrap().build();
    reader.map(Result::unwrap).collect()
}

/// Every cell of a column as text; None is null.
fn texts(batch: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let array = batch.column_by_name(column).unwrap_or_else(|| panic!("no column {column}"));
    (0..array.len()).map(|row| array.is_valid(row).then(|| array_value_to_string(array, row).unwrap())).collect()
}

/// Looks at the rows of `filled`, the same in both formats.
fn check_rows(s3: &Sandbox, batch: &RecordBatch) {
    assert_eq!((batch.num_rows(), batch.num_columns()), (3, 21));
    let some = |texts: [&str; 3]| texts.map(|text| Some(text).filter(|text| !text.is_empty()).map(str::to_owned));
    let column = |name: &str| texts(batch, name);
    let ids: Vec<String> = s3.versions("src", "b").into_iter().map(|version| version.version_id).collect();
    assert_eq!(column("bucket"), some(["src", "src", "src"]));
    assert_eq!(column("key"), some([ODD, "b", "b"]), "as they are, not encoded");
    assert_eq!(column("version_id"), some(["", &ids[0], &ids[1]]), "the null version is null");
    assert_eq!(column("is_latest"), some(["true", "true", "false"]));
    assert_eq!(column("is_delete_marker"), some(["false", "true", "false"]));
    assert_eq!(column("e_tag")[0].as_deref(), Some("827ccb0eea8a706c4c34a16891f84e7b"));
    assert_eq!(column("storage_class"), some(["STANDARD", "", "STANDARD"]));
    assert_eq!(column("is_multipart_uploaded"), some(["false", "", "true"]));
    assert_eq!(column("replication_status"), some(["", "", "COMPLETED"]));
    assert_eq!(column("encryption_status"), some(["SSE-S3", "", "SSE-S3"]));
    assert_eq!(column("bucket_key_status"), some(["DISABLED"; 3]));
    assert_eq!(column("object_owner")[1].as_ref().map(String::len), Some(64));
    for name in ["object_lock_mode", "object_access_control_list", "lifecycle_expiration_date"] {
        assert_eq!(column(name), [None, None, None], "{name}");
    }
    let sizes = batch.column_by_name("size").unwrap().as_primitive::<Int64Type>();
    assert_eq!(sizes.iter().collect::<Vec<_>>(), [Some(5), None, Some(1)]);
}

#[test]
fn parquet_has_the_layout_of_aws() {
    let s3 = filled();
    let report = Inventory::of("src").to("reports").id("daily").prefix("inv").scanned_at_ms(1_748_826_000_000);
    let made = s3.deliver_inventory(report.format(InventoryFormat::Parquet));
    assert_eq!(made.manifest_key, "inv/src/daily/2025-06-02T01-00Z/manifest.json");
    assert!(made.data_keys[0].starts_with("inv/src/daily/data/") && made.data_keys[0].ends_with(".parquet"));
    let (manifest, files) = fetched(&s3, &made);
    assert_eq!(manifest["fileFormat"], "Parquet");
    let rest = "  optional binary object_access_control_list (STRING);  optional binary object_owner (STRING);  \
        optional int64 lifecycle_expiration_date (TIMESTAMP(MILLIS,true));}";
    assert_eq!(manifest["fileSchema"], format!("{SCHEMA}{rest}"));
    assert_eq!(manifest["files"][0]["size"], files[0].len());

    let batches = parquet(&files[0]);
    check_rows(&s3, &batches[0]);
    let modified = batches[0].column_by_name("last_modified_date").unwrap();
    assert_eq!(modified.as_primitive::<TimestampMillisecondType>().value(0), MODIFIED as i64 * 1000);

    let file = SerializedFileReader::new(files[0].clone()).unwrap();
    let schema = file.metadata().file_metadata().schema_descr();
    assert_eq!(schema.root_schema().name(), "s3.inventory");
    let modified = schema.column(6);
    assert_eq!((modified.name(), modified.physical_type()), ("last_modified_date", Type::INT64));
    let Some(LogicalType::Timestamp(stamp)) = modified.logical_type_ref() else { panic!("{modified:?}") };
    assert!(stamp.is_adjusted_to_u_t_c);
    assert_eq!(file.metadata().file_metadata().key_value_metadata(), None, "nothing of Arrow");
    let columns = file.metadata().row_group(0).columns();
    assert!(columns.iter().all(|column| column.compression() == Compression::SNAPPY));
    assert!(columns[0].dictionary_page_offset().is_some());
    assert!(!schema.column(1).self_type().is_optional() && schema.column(2).self_type().is_optional());
}

#[test]
fn orc_has_the_layout_of_aws() {
    let s3 = filled();
    let report = Inventory::of("src").to("reports").id("daily").scanned_at_ms(1_748_826_000_000);
    let made = s3.deliver_inventory(report.format(InventoryFormat::Orc));
    assert!(made.data_keys[0].ends_with(".orc"));
    let (manifest, files) = fetched(&s3, &made);
    assert_eq!(manifest["fileFormat"], "ORC");
    let schema = "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,\
        size:bigint,last_modified_date:timestamp,e_tag:string,storage_class:string,is_multipart_uploaded:boolean,\
        replication_status:string,encryption_status:string,object_lock_retain_until_date:timestamp,\
        object_lock_mode:string,object_lock_legal_hold_status:string,intelligent_tiering_access_tier:string,\
        bucket_key_status:string,checksum_algorithm:string,object_access_control_list:string,object_owner:string,\
        lifecycle_expiration_date:timestamp>";
    assert_eq!(manifest["fileSchema"], schema);
    let batches = orc(&files[0]);
    check_rows(&s3, &batches[0]);
    assert_eq!(texts(&batches[0], "last_modified_date")[0].as_deref(), Some("2024-05-06T22:44:22"));
    let reader = ArrowReaderBuilder::try_new(files[0].clone()).unwrap();
    let compression = reader.file_metadata().compression().unwrap();
    assert!(matches!(compression.compression_type(), CompressionType::Zlib));
}

#[test]
fn choices_shape_the_columns() {
    let s3 = filled();
    for n in 0..10 {
        s3.put("src", &format!("in/{n}"), "x");
    }
    let made = s3.deliver_inventory(
        Inventory::of("src")
            .to("reports")
            .current_only()
            .keys_under("in/")
            .fields([InventoryField::ReplicationStatus, InventoryField::ETag])
            .files(3)
            .group_rows(2)
            .format(InventoryFormat::Parquet),
    );
    assert_eq!((made.rows, made.data_keys.len()), (10, 3));
    let (manifest, files) = fetched(&s3, &made);
    let schema = "message s3.inventory {  required binary bucket (STRING);  required binary key (STRING);  \
        optional binary e_tag (STRING);  optional binary replication_status (STRING);}";
    assert_eq!(manifest["fileSchema"], schema);
    let groups = |file: &Bytes| SerializedFileReader::new(file.clone()).unwrap().metadata().num_row_groups();
    assert_eq!(files.iter().map(groups).collect::<Vec<_>>(), [2, 2, 2]);
    let keys: Vec<_> = files.iter().flat_map(parquet).flat_map(|batch| texts(&batch, "key")).collect();
    assert_eq!(keys.len(), 10);
}

#[test]
fn stripes_have_as_many_rows_as_asked_for() {
    let s3 = filled();
    s3.put_many("dst", (0..25).map(|n| format!("k{n:02}")), "x");
    let report = Inventory::of("dst").to("reports").keys_under("k").group_rows(10).format(InventoryFormat::Orc);
    let (_, files) = fetched(&s3, &s3.deliver_inventory(report));
    let reader = ArrowReaderBuilder::try_new(files[0].clone()).unwrap();
    let rows = |stripe: &orc_rust::stripe::StripeMetadata| stripe.number_of_rows();
    assert_eq!(reader.file_metadata().stripe_metadatas().iter().map(rows).collect::<Vec<_>>(), [10, 10, 5]);
    let keys: Vec<_> = orc(&files[0]).iter().flat_map(|batch| texts(batch, "key")).flatten().collect();
    assert_eq!((keys.len(), keys[24].as_str()), (25, "k24"));
}

#[test]
fn an_empty_report_has_a_file_all_the_same() {
    let s3 = filled();
    let empty = Inventory::of("dst").to("reports").keys_under("none");
    let (_, files) = fetched(&s3, &s3.deliver_inventory(empty.clone().format(InventoryFormat::Parquet)));
    assert!(parquet(&files[0]).is_empty());
    let (_, files) = fetched(&s3, &s3.deliver_inventory(empty.format(InventoryFormat::Orc)));
    assert!(orc(&files[0]).is_empty());
}

#[test]
fn locks_have_dates() {
    let s3 = filled();
    let made = s3.deliver_inventory(Inventory::of("locked").to("reports").format(InventoryFormat::Parquet));
    let batch = &parquet(&fetched(&s3, &made).1[0])[0];
    let until = batch.column_by_name("object_lock_retain_until_date").unwrap();
    assert_eq!(until.as_primitive::<TimestampMillisecondType>().value(0), 4_000_000_000_000);
    assert_eq!(texts(batch, "object_lock_mode"), [Some("GOVERNANCE".to_owned())]);
    assert_eq!(texts(batch, "object_lock_legal_hold_status"), [Some("On".to_owned())]);
}

#[test]
fn event_holds_have_three_columns() {
    let s3 = filled();
    s3.put_with("locked", "held", "x", Put::default().event_hold(true, HoldDuration::Years(2)));
    let fields = [
        InventoryField::ObjectLockEventHoldStatus,
        InventoryField::ObjectLockEventHoldDuration,
        InventoryField::IntelligentTieringReferenceDate,
    ];
    let report = Inventory::of("locked").to("reports").current_only().fields(fields);
    let made = s3.deliver_inventory(report.clone().format(InventoryFormat::Parquet));
    let (manifest, files) = fetched(&s3, &made);
    let schema = manifest["fileSchema"].as_str().unwrap();
    let expected = "  optional binary object_lock_event_hold_status (STRING);  \
        optional int32 object_lock_event_hold_duration;  optional binary object_lock_event_hold_duration_unit (STRING);  \
        optional int64 intelligent_tiering_reference_date (TIMESTAMP(MILLIS,true));}";
    assert!(schema.ends_with(expected), "{schema}");
    let batch = &parquet(&files[0])[0];
    let held = |name: &str| texts(batch, name)[0].clone();
    assert_eq!(texts(batch, "key")[0].as_deref(), Some("held"));
    assert_eq!(held("object_lock_event_hold_status").as_deref(), Some("ON"));
    assert_eq!(held("object_lock_event_hold_duration").as_deref(), Some("2"));
    assert_eq!(held("object_lock_event_hold_duration_unit").as_deref(), Some("YEARS"));
    let (manifest, _) = fetched(&s3, &s3.deliver_inventory(report));
    let schema = "Bucket, Key, ObjectLockEventHoldStatus, ObjectLockEventHoldDuration, ObjectLockEventHoldDurationUnit, \
        IntelligentTieringReferenceDate";
    assert_eq!(manifest["fileSchema"], schema);
}
