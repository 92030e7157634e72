//! A plan's own file: one sealed record for each object, so that a plan of a million needs no memory.
//!
//! Every seal is made with a key that only this process has, over the record and the seal before it. A record is accepted
//! only with its own seal: only what was decided and shown is carried out, in that order.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use serde::{Deserialize, Serialize};

use crate::deletion::decide::{DeleteMode, DeleteOrder, OrderRecord};
use crate::deletion::report::{DeleteEntry, DeleteEvent};
use crate::model::{Bucket, ObjectId, VersionId};

/// One object of a plan.
#[derive(Debug)]
pub(crate) struct PlanItem {
    pub(crate) entry: DeleteEntry,
    /// `None` if it is kept, or was settled before.
    pub(crate) order: Option<DeleteOrder>,
    pub(crate) marks: PlanMarks,
    pub(crate) position: PlanPosition,
}

/// The position of an object in a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PlanPosition {
    /// Among all objects, from 0.
    pub(crate) at: u64,
    /// Among the orders, from 0.
    pub(crate) nth: u64,
}

#[derive(Serialize)]
struct WrittenRecord<'a>(&'a DeleteEntry, Option<OrderRecord>, PlanMarks);

#[derive(Deserialize)]
struct ReadRecord(DeleteEntry, Option<OrderRecord>, PlanMarks);

/// What an item has besides its entry and order.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct PlanMarks {
    /// It does not decide the exit code.
    pub(crate) aside: bool,
    /// An earlier run may have sent it, and that request may still take effect.
    pub(crate) resumed: bool,
}

#[derive(Debug, Clone, Default)]
struct PlanSeal {
    key: RandomState,
    last: u64,
}

impl PlanSeal {
    fn over(&mut self, record: &[u8]) -> u64 {
        self.last = self.key.hash_one((self.last, record));
        self.last
    }
}

/// Takes records.
#[derive(Debug)]
pub(crate) struct PlanWriter<F: Write> {
    out: BufWriter<F>,
    record: Vec<u8>,
    seal: PlanSeal,
    first: PlanSeal,
}

impl<F: Write> PlanWriter<F> {
    pub(crate) fn new(file: F) -> Self {
        let seal = PlanSeal::default();
        Self { out: BufWriter::with_capacity(64 << 10, file), record: Vec::new(), first: seal.clone(), seal }
    }

    pub(crate) fn push(
        &mut self,
        entry: &DeleteEntry,
        order: Option<&DeleteOrder>,
        marks: PlanMarks,
    ) -> io::Result<()> {
        self.record.clear();
        serde_json::to_writer(&mut self.record, &WrittenRecord(entry, order.map(DeleteOrder::order_record), marks))?;
        let length = u32::try_from(self.record.len()).map_err(|_| io::Error::other("a record is larger than 4 GiB"))?;
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(&self.seal.over(&self.record).to_le_bytes())?;
        self.out.write_all(&self.record)
    }

    pub(crate) fn finish(self, mode: DeleteMode) -> io::Result<PlanFile<F>> {
        let end = self.seal.last;
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok(PlanFile { file, first: self.first, end, mode })
    }
}

/// All records, to be read from the beginning.
#[derive(Debug)]
pub(crate) struct PlanFile<F> {
    file: F,
    first: PlanSeal,
    end: u64,
    mode: DeleteMode,
}

impl<F> PlanFile<F> {
    /// The last seal. It depends on all seals before it and on their order.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.end
    }
}

impl<F: Read + Seek> PlanFile<F> {
    pub(crate) fn items(self) -> io::Result<PlanReader<F>> {
        let mut items = PlanReader {
            seal: self.first.clone(),
            first: self.first,
            end: self.end,
            mode: self.mode,
            file: BufReader::with_capacity(64 << 10, self.file),
            record: Vec::new(),
            position: PlanPosition::default(),
        };
        items.rewind()?;
        Ok(items)
    }
}

/// Reads records back.
#[derive(Debug)]
pub(crate) struct PlanReader<F> {
    file: BufReader<F>,
    record: Vec<u8>,
    first: PlanSeal,
    seal: PlanSeal,
    end: u64,
    mode: DeleteMode,
    position: PlanPosition,
}

impl PlanMarks {
    /// The event of an entry that has its last outcome.
    pub(crate) fn event(self, entry: DeleteEntry) -> DeleteEvent {
        if self.aside { DeleteEvent::Aside(entry) } else { DeleteEvent::Ended(entry) }
    }
}

impl<F: Read + Seek> PlanReader<F> {
    pub(crate) fn rewind(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        (self.seal, self.position) = (self.first.clone(), PlanPosition::default());
        Ok(())
    }
}

impl<F: Read> PlanReader<F> {
    fn read(&mut self) -> io::Result<Option<PlanItem>> {
        let mut head = [0; 12];
        match self.file.read(&mut head)? {
            0 if self.seal.last == self.end => return Ok(None),
            0 => return Err(damaged()),
            read => self.file.read_exact(&mut head[read..])?,
        }
        let [a, b, c, d, seal @ ..] = head;
        self.record.clear();
        let length = u32::from_le_bytes([a, b, c, d]).into();
        if (&mut self.file).take(length).read_to_end(&mut self.record)? as u64 != length
            || self.seal.over(&self.record) != u64::from_le_bytes(seal)
        {
            return Err(damaged());
        }
        let ReadRecord(entry, order_record, marks) = serde_json::from_slice(&self.record)?;
        let order = match order_record {
            Some(order_record) => Some(order(&entry, self.mode, order_record).ok_or_else(damaged)?),
            None => None,
        };
        let item = PlanItem { entry, order, marks, position: self.position };
        self.position.at += 1;
        self.position.nth += u64::from(item.order.is_some());
        Ok(Some(item))
    }
}

impl<F: Read> Iterator for PlanReader<F> {
    type Item = io::Result<PlanItem>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn order(entry: &DeleteEntry, mode: DeleteMode, order_record: OrderRecord) -> Option<DeleteOrder> {
    let object = ObjectId {
        bucket: Bucket::new(&entry.bucket).ok()?,
        key: entry.key.clone(),
        version_id: Some(VersionId::new(entry.version_id.clone()?).ok()?),
    };
    Some(DeleteOrder::recall(object, entry.etag.clone()?, entry.size?, mode, order_record))
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the temporary file of the plan was changed by another program")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::deletion::fixtures::{checked_entry, object, order};

    fn plan() -> PlanFile<Cursor<Vec<u8>>> {
        let mut records = PlanWriter::new(Cursor::new(Vec::new()));
        for version in [Some("v1"), None] {
            let order = order(&object(version), DeleteMode::Hide);
            let entry = checked_entry(order.object());
            records
                .push(&entry, Some(&order), PlanMarks { resumed: version.is_none(), ..PlanMarks::default() })
                .unwrap();
        }
        records.push(&DeleteEntry::of(&object(None)), None, PlanMarks { aside: true, ..PlanMarks::default() }).unwrap();
        records.finish(DeleteMode::Hide).unwrap()
    }

    #[test]
    fn orders_come_back_as_they_were_made() {
        let mut items = plan().items().unwrap();
        for _ in 0..2 {
            let read: Vec<PlanItem> = items.by_ref().collect::<Result<_, _>>().unwrap();
            assert!(read.iter().zip(0..).all(|(item, n)| item.position == PlanPosition { at: n, nth: n }));
            assert_eq!(read.iter().map(|item| item.marks.aside).collect::<Vec<_>>(), [false, false, true]);
            assert_eq!(read.iter().map(|item| item.marks.resumed).collect::<Vec<_>>(), [false, true, false]);
            let orders: Vec<_> = read.iter().filter_map(|item| item.order.as_ref()).collect();
            assert_eq!(orders.len(), 2);
            assert!(orders.iter().all(|order| order.object() == &object(Some("v1")) && order.etag() == "e1"));
            assert_eq!([orders[0].given(), orders[1].given()], [object(Some("v1")), object(None)]);
            items.rewind().unwrap();
        }
    }

    #[test]
    fn nothing_comes_back_of_a_record_that_was_touched() {
        let whole = plan().file.into_inner();
        for at in 0..whole.len() {
            let mut plan = plan();
            plan.file.get_mut()[at] ^= 1;
            let read: Vec<_> = plan.items().unwrap().take(4).collect();
            assert!(read.iter().any(Result::is_err), "byte {at}");
        }
        for length in 0..whole.len() {
            let mut plan = plan();
            plan.file.get_mut().truncate(length);
            assert!(plan.items().unwrap().any(|item| item.is_err()), "cut at {length}");
        }
        // The records in another order.
        let mut plan = plan();
        let first = 12 + u32::from_le_bytes(whole[..4].try_into().unwrap()) as usize;
        plan.file.get_mut().rotate_left(first);
        assert!(plan.items().unwrap().next().unwrap().is_err());
    }
}
