//! A second reading of the source's report: what class each object has, for groups, an export and confirmation.
//!
//! Records have no keys, so the report is read once more. The classes found are only returned if both readings found the same
//! objects. If there are more problems than memory for them, the report is read in several rounds.

use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use s3_inventory::{
    Batch, BatchCells, BatchRow, Columns, CsvPiece, CsvReader, CsvRow, Damage, DamageKind, InventoryRow, Record,
    RowCells, quoted,
};

use super::error::ReportError;
use super::memory::WIDE_COLUMNS;
use super::pair::{PairComparison, PairError, Problems, ReportPair};
use super::records::RecordMaker;
use super::run::{BatchRefusal, Progress, RowRefusal, RowTaker, TextTaken, lock};
use crate::audit::{AuditedObject, Dimension, GroupMember, Groups, NamedDimension, TallyError};
use crate::export::{ExportRowError, ExportSink, LineWriter, NEEDED, listed};
use crate::reconcile::{ClassSum, ClassTable, Identity, ObjectRecord, PairClass, PairSide};

/// Takes objects of some classes, from several threads. It may block.
pub(crate) type ObjectClassSink = Arc<dyn Fn(PairClass, AuditedObject) -> io::Result<()> + Send + Sync>;

/// What a second reading is for.
#[derive(Clone, Default)]
pub(crate) struct SecondLook {
    /// Group judged objects by these prefixes.
    pub(crate) by: Vec<Dimension>,
    /// Export the objects of these classes.
    pub(crate) export: Option<(Vec<PairClass>, ExportSink)>,
    /// Pass on the objects of these classes.
    pub(crate) objects: Option<(Vec<PairClass>, ObjectClassSink)>,
}

/// What a second reading found.
#[derive(Debug, Default)]
pub(crate) struct SecondLookFound {
    /// Per dimension, in the order of [`SecondLook::by`]; sums by the places of classes.
    pub(crate) groups: Vec<NamedDimension>,
    pub(crate) exported: u64,
}

/// The same object version in two rows.
#[derive(Debug, thiserror::Error)]
#[error("it lists key {key}{version} twice")]
struct ListedTwice {
    key: String,
    version: String,
}

impl ReportPair {
    /// Reads the source's report once more.
    pub(crate) async fn look_again(
        self: &Arc<Self>,
        look: &SecondLook,
        found: &PairComparison,
        stop: &Arc<AtomicBool>,
        progress: &Progress,
    ) -> Result<SecondLookFound, PairError> {
        let (grouping, of_groups) = self.source.group_memory(&look.by, false);
        let scanned_at = self.source.manifest.scanned_at;
        let groups = Arc::new(Mutex::new(Groups::new(&grouping, scanned_at, true)));
        let (mut sums, mut exported) = ([ClassSum::default(); PairClass::ALL.len()], 0);
        for (first, after, table) in self.rounds(found) {
            let table = match table {
                Some(table) => table,
                None => Arc::new(self.problems_of((first..after).collect(), stop).await?),
            };
            let report = &self.source;
            let taker = || {
                let export = look.export.clone().map(|(classes, to)| {
                    let bucket = &report.manifest.source_bucket;
                    (classes, LineWriter::new(to, bucket, &report.columns, Timestamp::MIN))
                });
                RowClassifier {
                    maker: RecordMaker::new(&self.rules, &report.columns),
                    columns: Arc::new(report.columns.clone()),
                    table: Arc::clone(&table),
                    partitions: (first, after, self.partitions()),
                    sums: Default::default(),
                    own: Groups::new(&grouping, scanned_at, true),
                    groups: Arc::clone(&groups),
                    export,
                    objects: look.objects.clone(),
                    exported: 0,
                }
            };
            let read = report.scan(self.held() + of_groups, taker, Arc::clone(stop), Arc::clone(progress)).await;
            let takers = read.map_err(|error| PairError::Report { side: PairSide::Source, error })?;
            for taker in takers {
                sums.iter_mut().zip(&taker.sums).try_for_each(|(sum, more)| sum.merge(more))?;
                exported += taker.exported;
            }
        }
        if PairClass::JUDGED.iter().any(|class| sums[class.place()] != *found.sums.of(*class)) {
            return Err(PairError::Report { side: PairSide::Source, error: ReportError::Replaced });
        }
        let groups = lock(&groups).named()?;
        Ok(SecondLookFound { groups, exported })
    }

    /// Ranges of partitions whose problems fit in memory, with their problems where these are known.
    fn rounds(&self, found: &PairComparison) -> Vec<(u32, u32, Option<Arc<ClassTable>>)> {
        let counts = match &found.problems {
            Problems::All(table) => return vec![(0, self.partitions(), Some(Arc::clone(table)))],
            Problems::PerPartition(counts) => counts.as_slice(),
            Problems::NotAsked => &[],
        };
        let (mut rounds, mut first, mut held) = (Vec::new(), 0, 0u64);
        for (partition, count) in (0u32..).zip(counts) {
            if held + count > self.most_problems() && partition > first {
                rounds.push((first, partition, None));
                (first, held) = (partition, 0);
            }
            held += count;
        }
        rounds.push((first, self.partitions(), None));
        rounds
    }

    /// Names the object that a report lists twice.
    pub(crate) async fn name_twice(
        &self,
        side: PairSide,
        identity: Identity,
        stop: &Arc<AtomicBool>,
    ) -> Result<Damage, PairError> {
        let report = match side {
            PairSide::Source => &self.source,
            PairSide::Destination => &self.destination,
        };
        let taker = || {
            let maker = RecordMaker::new(&self.rules, &report.columns);
            KeyFinder { maker, identity, version_id: report.columns.version_id, found: None }
        };
        let read = report.scan(self.held(), taker, Arc::clone(stop), Arc::new(|_| {})).await;
        let takers = read.map_err(|error| PairError::Report { side, error })?;
        let found = takers.into_iter().find_map(|taker| taker.found);
        let (key, version) = found.ok_or(PairError::Report { side, error: ReportError::Replaced })?;
        Ok(Damage::of_manifest(DamageKind::other(ListedTwice { key, version })))
    }
}

/// Decides the classes of rows of one worker.
struct RowClassifier {
    maker: RecordMaker,
    columns: Arc<Columns>,
    table: Arc<ClassTable>,
    /// The first partition of the round, the one after its last, and the number of all.
    partitions: (u32, u32, u32),
    sums: [ClassSum; PairClass::ALL.len()],
    own: Groups,
    groups: Arc<Mutex<Groups>>,
    export: Option<(Vec<PairClass>, LineWriter)>,
    objects: Option<(Vec<PairClass>, ObjectClassSink)>,
    exported: u64,
}

/// The places of classes in groups are the same everywhere.
const PLACES: [usize; PairClass::ALL.len()] = [0, 1, 2, 3, 4, 5, 6];

/// The class of a record that belongs to this round and was judged.
fn class_of(table: &ClassTable, partitions: (u32, u32, u32), record: &ObjectRecord) -> Option<PairClass> {
    let (first, after, all) = partitions;
    let is_of_round = (first..after).contains(&record.identity.partition(all));
    if is_of_round { table.class(record) } else { None }
}

impl RowClassifier {
    /// Counts a judged row. `raw` is its key as the report writes it.
    fn count(&mut self, class: PairClass, record: &ObjectRecord, raw: &[u8]) -> Result<(), RowRefusal> {
        let counted = self.sums[class.place()].count(record.identity, record.size);
        counted.map_err(|error| RowRefusal::Tally(error.into()))?;
        let member =
            GroupMember { key: raw, storage_class: b"", encryption: b"", size: Some(record.size), modified: None };
        self.own.count(&member, class.place(), false)?;
        if self.own.are_many() { Ok(self.merge()?) } else { Ok(()) }
    }

    fn merge(&mut self) -> Result<(), TallyError> {
        lock(&self.groups).merge(&self.own, &PLACES)?;
        self.own.clear();
        Ok(())
    }

    /// Exports and passes on a judged row.
    fn pass_on(&mut self, class: PairClass, row: &impl InventoryRow) -> Result<(), RowRefusal> {
        if let Some((classes, writer)) = &mut self.export
            && classes.contains(&class)
        {
            writer.put(row, row.key()?, false)?;
            self.exported += 1;
        }
        if let Some((classes, sink)) = &self.objects
            && classes.contains(&class)
        {
            let object = listed(&self.columns, row, row.key()?.into_owned(), Timestamp::MIN, false)?;
            sink(class, object).map_err(ExportRowError::from)?;
        }
        Ok(())
    }

    fn is_passed_on(&self, class: PairClass) -> bool {
        let export = self.export.as_ref().is_some_and(|(classes, _)| classes.contains(&class));
        export || self.objects.as_ref().is_some_and(|(classes, _)| classes.contains(&class))
    }

    fn take_row(&mut self, record: &Record<'_>, cells: RowCells<'_>) -> Result<(), RowRefusal> {
        let Some(made) = self.maker.of_text(record, cells)? else { return Ok(()) };
        let Some(class) = class_of(&self.table, self.partitions, &made) else { return Ok(()) };
        self.count(class, &made, record.key)?;
        if self.is_passed_on(class) {
            let columns = Arc::clone(&self.columns);
            self.pass_on(class, &CsvRow { record, cells, columns: &columns })?;
        }
        Ok(())
    }
}

impl RowTaker for RowClassifier {
    const COLUMNS: u64 = WIDE_COLUMNS;

    fn wanted<'a>(&self, all: &'a Columns) -> Vec<&'a str> {
        let mut wanted: Vec<&str> = self.maker.wanted(all);
        let lines = self.export.iter().flat_map(|(_, writer)| writer.needs(all));
        let objects = self.objects.iter().flat_map(|_| {
            let known = all.known.iter().map(|(field, _)| field.name);
            known.filter(|name| NEEDED.contains(name))
        });
        for name in lines.chain(objects) {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
        wanted
    }

    fn take_text(&mut self, rows: &mut CsvReader<'_>, piece: CsvPiece<'_>, last: bool) -> TextTaken {
        rows.take_piece(piece, last, |record, cells| self.take_row(record, cells))
    }

    fn take_batch(&mut self, batch: &Batch<'_>) -> Result<(), BatchRefusal> {
        let mut judged = Vec::new();
        let Self { maker, table, partitions, .. } = self;
        maker.of_batch(batch, |row, record| {
            judged.extend(class_of(table, *partitions, &record).map(|class| (row, class, record)));
            Ok(())
        })?;
        let cells = BatchCells::of(batch, &self.columns).map_err(BatchRefusal::of_batch)?;
        for (row, class, record) in judged {
            let key = batch.key(row).unwrap_or_default();
            let of_row = |why| BatchRefusal { row: Some(row), why };
            self.count(class, &record, key).map_err(of_row)?;
            if self.is_passed_on(class) {
                self.pass_on(class, &BatchRow { batch, cells: &cells, row }).map_err(of_row)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        if let Some((_, writer)) = &mut self.export {
            writer.finish().map_err(ReportError::Export)?;
        }
        self.merge().map_err(|error| RowRefusal::Tally(error).explain(Damage::of_manifest))
    }
}

/// Looks for the key and version of one identity.
struct KeyFinder {
    maker: RecordMaker,
    identity: Identity,
    version_id: Option<usize>,
    found: Option<(String, String)>,
}

impl KeyFinder {
    fn name(&mut self, key: &[u8], version_id: Option<&[u8]>) {
        let version = version_id.map(|id| if id.is_empty() { &b"null"[..] } else { id });
        let version = version.map(|id| format!(" (version {})", quoted(id))).unwrap_or_default();
        self.found = Some((quoted(key), version));
    }
}

impl RowTaker for KeyFinder {
    const COLUMNS: u64 = WIDE_COLUMNS;

    fn wanted<'a>(&self, all: &'a Columns) -> Vec<&'a str> {
        self.maker.wanted(all)
    }

    fn take_text(&mut self, rows: &mut CsvReader<'_>, piece: CsvPiece<'_>, last: bool) -> TextTaken {
        rows.take_piece(piece, last, |record, cells| {
            let made = self.maker.of_text(record, cells)?;
            if made.is_some_and(|made| made.identity == self.identity) {
                self.name(record.key, self.version_id.map(|at| cells.get(at)));
            }
            Ok(())
        })
    }

    fn take_batch(&mut self, batch: &Batch<'_>) -> Result<(), BatchRefusal> {
        let (identity, mut found) = (self.identity, None);
        self.maker.of_batch(batch, |row, made| {
            found = found.or((made.identity == identity).then_some(row));
            Ok(())
        })?;
        if let Some(row) = found {
            let version = self.version_id.map(|_| batch.version_id(row));
            self.name(batch.key(row).unwrap_or_default(), version);
        }
        Ok(())
    }
}
