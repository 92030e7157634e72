//! Reads reports of every format through the public API.

use std::convert::Infallible;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use s3_inventory::codec::Md5;
use s3_inventory::{
    BatchCells, BatchReader, BatchRow, ByteSource, Columns, ContentError, CsvReader, CsvRow, Damage, DamageKind,
    FileFormat, InventoryRow, LocalFile, Manifest, Pieces, ReadError, ReadMemory, ScanError, SourceError, Value,
    WantedColumns, check_checksum, decode_key,
};

/// A report whose manifest was read and checked.
struct Opened {
    folder: PathBuf,
    manifest: Manifest,
    columns: Columns,
}

impl Opened {
    fn new(folder: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let json = fs::read(folder.join("manifest.json")).expect("the manifest is read");
        let checksum = fs::read(folder.join("manifest.checksum")).expect("its checksum is read");
        check_checksum(&checksum, Md5::of(&json)).expect("it is the manifest that was delivered");
        let manifest = Manifest::parse(&json).expect("it is a manifest");
        let columns = Columns::of(manifest.format, &manifest.schema).expect("it names columns");
        Self { folder, manifest, columns }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key.rsplit('/').next().unwrap_or(key))
    }
}

/// Rows, delete markers, and the sizes of objects with status COMPLETED.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    rows: u64,
    markers: u64,
    completed: u64,
    bytes: u64,
}

impl Sums {
    fn count(&mut self, row: &impl InventoryRow, size: u64) {
        self.rows += 1;
        self.markers += u64::from(row.is_delete_marker());
        if row.status() == "COMPLETED" {
            self.completed += 1;
            self.bytes += size;
        }
    }
}

fn columnar(
    report: &Opened,
    source: impl Fn(&Path) -> Box<dyn ByteSource>,
    memory: &ReadMemory,
) -> Result<Sums, ReadError> {
    let mut sums = Sums::default();
    let open = if report.manifest.format == FileFormat::Orc { BatchReader::orc } else { BatchReader::parquet };
    let wanted = ["bucket", "key", "is_latest", "is_delete_marker", "size", "last_modified_date", "replication_status"];
    for file in &report.manifest.files {
        let path = report.path(&file.key);
        assert_eq!(file.md5, Some(Md5::of(&fs::read(&path).expect("the file is read"))), "{}", file.key);
        let mut batches =
            open(&file.key, source(&path), WantedColumns::named(&wanted), &report.manifest.source_bucket, memory)?;
        while let Some(batch) = batches.next_batch()? {
            let cells = BatchCells::of(&batch, &report.columns).expect("the columns have their types");
            for row in 0..batch.rows {
                let cell = BatchRow { batch: &batch, cells: &cells, row };
                assert!(cell.key().is_ok() && cell.last_modified().is_ok());
                sums.count(&cell, batch.size(row));
            }
        }
    }
    Ok(sums)
}

fn local(path: &Path) -> Box<dyn ByteSource> {
    Box::new(LocalFile::new(File::open(path).expect("it is opened")).expect("it has a size"))
}

/// A source in pieces, like a body from a server.
struct Arriving(Bytes);

impl ByteSource for Arriving {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], from: u64) -> Result<(), SourceError> {
        self.0.read_exact_at(buffer, from)
    }

    fn pieces(&self, range: Range<u64>) -> Option<Box<dyn Pieces>> {
        struct Rest(Bytes);
        impl Pieces for Rest {
            fn next_piece(&mut self) -> Result<Bytes, SourceError> {
                Ok(self.0.split_to(self.0.len().min(1000)))
            }
        }
        let (from, to) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
        Some(Box::new(Rest(self.0.slice(from..to))))
    }
}

#[test]
fn columnar_reports_are_read_from_memory_files_and_pieces() {
    let expected = Sums { rows: 498, markers: 36, completed: 177, bytes: 126_556_581_875_479 };
    for folder in ["../../tests/fixtures/orc", "../../tests/fixtures/parquet"] {
        let report = Opened::new(folder);
        let read = |path: &Path| Bytes::from(fs::read(path).expect("it is read"));
        let memory = ReadMemory::new(64 << 20);
        for sums in [
            columnar(&report, |path| Box::new(read(path)), &memory),
            columnar(&report, local, &memory),
            columnar(&report, |path| Box::new(Arriving(read(path))), &memory),
        ] {
            assert_eq!(sums.expect("the report is sound"), expected, "{folder}");
        }
    }
}

#[test]
fn errors_have_a_kind() {
    for folder in ["../../tests/fixtures/orc", "../../tests/fixtures/parquet"] {
        let report = Opened::new(folder);
        let scarce = columnar(&report, local, &ReadMemory::new(4 << 10)).expect_err("it needs more memory");
        assert!(matches!(scarce, ReadError::NoRoom(_)), "{scarce}");
        let cut = |path: &Path| {
            let bytes = Bytes::from(fs::read(path).expect("it is read"));
            Box::new(bytes.slice(..bytes.len() - 1)) as Box<dyn ByteSource>
        };
        let damaged = columnar(&report, cut, &ReadMemory::new(64 << 20)).expect_err("it is cut off");
        assert!(matches!(damaged, ReadError::Damaged(_)), "{damaged}");
        // The source's own error comes back as it was.
        let source = |_: &Path| Box::new(Unreachable) as Box<dyn ByteSource>;
        match columnar(&report, source, &ReadMemory::new(64 << 20)) {
            Err(ReadError::Source(error)) => assert!(error.downcast_ref::<io::Error>().is_some()),
            other => panic!("{other:?}"),
        }
    }
}

struct Unreachable;

impl ByteSource for Unreachable {
    fn size(&self) -> u64 {
        1000
    }

    fn read_exact_at(&self, _: &mut [u8], _: u64) -> Result<(), SourceError> {
        Err(io::Error::from(io::ErrorKind::ConnectionReset).into())
    }
}

#[test]
fn a_csv_report_is_hashed_and_read_piece_by_piece() {
    let report = Opened::new("tests/csv");
    let file = &report.manifest.files[0];
    let bytes = fs::read(report.path(&file.key)).expect("it is read");
    let (mut reader, mut md5) = (CsvReader::new(&report.columns, &report.manifest.source_bucket), Md5::new());
    let (mut sums, mut keys) = (Sums::default(), Vec::new());
    reader.begin(&file.key, true);
    for piece in bytes.chunks(7).chain([&[][..]]) {
        md5.update(piece);
        let taken = reader.take(piece, piece.is_empty(), |record, cells| {
            let row = CsvRow { record, cells, columns: &report.columns };
            sums.count(&row, record.size.unwrap_or(0));
            keys.push(decode_key(record.key).expect("it is encoded").into_owned());
            assert_eq!(row.value(0), Ok(Value::Text("src")));
            Ok::<_, Infallible>(())
        });
        taken.expect("the rows are sound");
    }
    assert_eq!(Some(md5.digest()), file.md5);
    assert_eq!(sums, Sums { rows: 4, markers: 1, completed: 2, bytes: 12 });
    assert_eq!(keys, ["logs/a b+c.txt".as_bytes(), b"logs/a b+c.txt", "ü/\n".as_bytes(), b"logs/gone"]);
    // A file that ends too soon is damaged, and a refusal is the caller's own error.
    reader.begin(&file.key, true);
    let half = reader.take(&bytes[..bytes.len() / 2], true, |_, _| Ok::<_, Infallible>(()));
    assert!(matches!(&half, Err(ScanError::Damaged(damage)) if matches!(*damage.kind, DamageKind::Csv(_))), "{half:?}");
    reader.begin(&file.key, true);
    let refused = reader.take(&bytes, true, |record, _| if record.is_latest { Ok(()) } else { Err("an old version") });
    assert!(matches!(refused, Err(ScanError::Refused { row: 2, error: "an old version" })), "{refused:?}");
    let other = Damage::of_file(&file.key, None, ContentError::Md5).to_string();
    assert_eq!(other, "inventory/src/daily/data/data.csv.gz: the MD5 of the file differs from the manifest");
}
