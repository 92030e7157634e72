//! Whole reports: any bytes as the one data file of a report, through the public reader.
//!
//! The first byte chooses the format, and whether keys are asked for and whether memory is scarce. An answer or an error is
//! good; a panic, a hang, or much memory is not (the limits are arguments of the run, see README.md).
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use replaudit_fuzz::audit::{Dimension, Filter, Limits, Question};
use replaudit_fuzz::report::{ReadOptions, Report};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const CSV: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus";
const PARQUET: &str = "message s3.inventory { required binary bucket (STRING); required binary key (STRING); optional \
    binary version_id (STRING); optional boolean is_latest; optional boolean is_delete_marker; optional int64 size; \
    optional int64 last_modified_date (TIMESTAMP(MILLIS,true)); optional binary replication_status (STRING); }";
const ORC: &str = "struct<bucket:string,key:string,version_id:string,is_latest:boolean,is_delete_marker:boolean,\
    size:bigint,last_modified_date:timestamp,replication_status:string>";

/// Where the report lies: in memory, where the system has such a folder.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(root).expect("a folder is made")
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    // What is wrong inside of the library that reads Parquet is caught where it is called, and is an error to us.
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let foreign = |file: &str| ["/parquet-", "/arrow-", "/bytes-"].iter().any(|name| file.contains(name));
        if !panic.location().is_some_and(|place| foreign(place.file())) {
            abort(panic);
        }
    }));
    tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().expect("it starts")
});

fuzz_target!(|data: &[u8]| {
    let Some((choice, bytes)) = data.split_first() else { return };
    let (format, schema) = [("CSV", CSV), ("Parquet", PARQUET), ("ORC", ORC)][usize::from(choice & 3) % 3];
    let manifest = manifest(format, schema, bytes);
    let memory = if choice & 8 == 0 { 512 << 20 } else { 0 };
    let options = ReadOptions { verify: false, whole: false, data_dir: None, workers: 1, downloads: 1, memory };
    let prefix = (choice & 4 != 0).then(|| "logs/".to_owned());
    let filter = Filter { prefix, ..Filter::default() };
    let by = if choice & 16 == 0 { Vec::new() } else { vec![Dimension::Prefix(2), Dimension::Age] };
    let limits = Limits::with(&[]);
    let question = Question { filter, overdue_seconds: 86_400, limits, by, top: 20, compared: false };
    let report = Arc::new(Report::open_local(&manifest, options).expect("the manifest is good"));
    let _ = RUNTIME.block_on(report.tally(&question, Arc::default(), Arc::new(|_| {})));
});

fn manifest(format: &str, schema: &str, bytes: &[u8]) -> PathBuf {
    let path = FOLDER.path().join("manifest.json");
    let json = serde_json::json!({
        "sourceBucket": "src", "destinationBucket": "arn:aws:s3:::reports", "creationTimestamp": "1715043600000",
        "fileFormat": format, "fileSchema": schema, "files": [{"key": "data", "size": bytes.len()}]
    });
    fs::write(FOLDER.path().join("data"), bytes).expect("the data file is written");
    fs::write(&path, json.to_string()).expect("the manifest is written");
    path
}
