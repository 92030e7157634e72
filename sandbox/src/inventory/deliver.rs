//! Takes the snapshot and writes the report's objects.

use bytes::Bytes;

use super::manifest::{DataFile, Manifest};
use super::row::ReportRow;
use super::{Inventory, InventoryFormat, columns, csv};
use crate::store::{Etag, ObjectDraft, Store, current};

/// Where a report was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The destination bucket.
    pub bucket: String,
    /// `…/YYYY-MM-DDTHH-MMZ/manifest.json`
    pub manifest_key: String,
    /// `…/YYYY-MM-DDTHH-MMZ/manifest.checksum`
    pub checksum_key: String,
    /// `…/hive/dt=YYYY-MM-DD-HH-MM/symlink.txt`
    pub symlink_key: String,
    /// `…/data/UUID.csv.gz`, or as the format is named, in the order of the manifest.
    pub data_keys: Vec<String>,
    /// Rows in all data files.
    pub rows: usize,
}

/// Takes the snapshot and writes every object of the report.
pub(crate) fn deliver(store: &mut Store, inventory: &Inventory, now: i64) -> Delivered {
    assert!(store.buckets.contains_key(&inventory.to), "the sandbox has no bucket {:?}", inventory.to);
    let scanned = inventory.scanned.unwrap_or(now);
    let (files, rows) = data_files(store, inventory);
    let time = crate::text::time(scanned);
    let root = match inventory.prefix.as_str() {
        "" => format!("{}/{}", inventory.source, inventory.id),
        prefix => format!("{prefix}/{}/{}", inventory.source, inventory.id),
    };
    let folder = format!("{root}/{}", time.strftime("%Y-%m-%dT%H-%MZ"));
    let mut listed = Vec::new();
    for body in files {
        let key = format!("{root}/data/{}.{}", uuid(store), inventory.format.extension());
        listed.push(DataFile { size: body.len(), md5: Etag::of(&body).to_string(), key: key.clone() });
        put(store, &inventory.to, &key, body, now);
    }
    let links: Vec<String> = listed.iter().map(|file| format!("s3://{}/{}", inventory.to, file.key)).collect();
    let symlink_key = format!("{root}/hive/dt={}/symlink.txt", time.strftime("%Y-%m-%d-%H-%M"));
    put(store, &inventory.to, &symlink_key, links.join("\n"), now);
    let manifest = Manifest {
        source: &inventory.source,
        destination: &inventory.to,
        scanned,
        format: inventory.format.word(),
        schema: &schema(inventory),
        files: &listed,
    }
    .to_json();
    let manifest_key = format!("{folder}/manifest.json");
    let checksum = format!("{}\n", Etag::of(manifest.as_bytes()));
    put(store, &inventory.to, &manifest_key, manifest, now);
    let checksum_key = format!("{folder}/manifest.checksum");
    put(store, &inventory.to, &checksum_key, checksum, now);
    Delivered {
        bucket: inventory.to.clone(),
        manifest_key,
        checksum_key,
        symlink_key,
        data_keys: listed.into_iter().map(|file| file.key).collect(),
        rows,
    }
}

fn put(store: &mut Store, bucket: &str, key: &str, body: impl Into<Bytes>, now: i64) {
    let draft = ObjectDraft::plain(body.into(), now);
    store.write(bucket, key, draft).unwrap_or_else(|error| panic!("delivering {bucket}/{key}: {error}"));
}

/// The data files, and the number of rows in them.
fn data_files(store: &Store, inventory: &Inventory) -> (Vec<Vec<u8>>, usize) {
    let state = store
        .buckets
        .get(&inventory.source)
        .unwrap_or_else(|| panic!("the sandbox has no bucket {:?}", inventory.source));
    let mut files: Vec<Vec<ReportRow<'_>>> = (0..inventory.files).map(|_| Vec::new()).collect();
    let mut rows = 0;
    for (key, versions) in &state.objects {
        if !key.starts_with(inventory.key_prefix.as_str()) {
            continue;
        }
        let newest = current(versions).map(|version| version.id);
        for version in versions.iter().rev().filter(|version| !version.hidden) {
            let latest = Some(version.id) == newest;
            if !inventory.all_versions && (!latest || version.marker) {
                continue;
            }
            // Rows go round the files: nothing promises that a key's versions stay together.
            files[rows % inventory.files].push(ReportRow { key, version, latest });
            rows += 1;
        }
    }
    let write = |rows: &Vec<ReportRow<'_>>| match inventory.format {
        InventoryFormat::Csv => csv::file(inventory, &state.settings.owner, rows),
        InventoryFormat::Parquet => columns::parquet(inventory, &state.settings.owner, rows),
        InventoryFormat::Orc => columns::orc(inventory, &state.settings.owner, rows),
    };
    (files.iter().map(write).collect(), rows)
}

fn schema(inventory: &Inventory) -> String {
    match inventory.format {
        InventoryFormat::Csv => csv::schema(inventory),
        InventoryFormat::Parquet => columns::parquet_schema(inventory),
        InventoryFormat::Orc => columns::orc_schema(inventory),
    }
}

/// A name for a data file, from the store's counter so that runs repeat.
fn uuid(store: &mut Store) -> String {
    let hex = Etag::of(store.mint().as_str().as_bytes()).to_string();
    let part = |from, to| &hex[from..to];
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
