//! `decide` on its whole domain, against the truth table.
//!
//! The ordinary run takes every combination of the good and the usual bad value of each field; and for each field every
//! value of it with all these combinations of the other fields. With `REPLAUDIT_DECIDE_PAIRS=1` it takes every value of any
//! two fields at the same time, which takes minutes in a debug build.

use std::ops::Range;

use super::domain::{COLUMNS, Field, fields};
use super::truth_table::{DELETE, REPLICA_TOO, TruthTable};
use super::*;

/// A case that changes one field at a time.
struct Walk {
    fields: Vec<Field>,
    case: EvidenceCase,
    letters: [u8; COLUMNS.len()],
}

impl Walk {
    fn new() -> Self {
        Self { fields: fields(), case: good(DeleteMode::Hide), letters: [b'.'; COLUMNS.len()] }
    }

    fn set(&mut self, field: usize, value: usize) {
        let Field { column, values, .. } = &self.fields[field];
        let value = &values[value];
        (value.set)(&mut self.case);
        self.letters[*column..*column + value.letters.len()].copy_from_slice(&value.letters);
    }

    /// Visits every combination of the values in these ranges, one for each field. Without an object there is no head to
    /// vary.
    fn visit(&mut self, ranges: &[Range<usize>], from: usize, visit: &mut impl FnMut(&mut Self)) {
        let Some(range) = ranges.get(from) else { return visit(self) };
        let column = self.fields[from].column;
        let is_of_head = ["status", "bind", "lock"].contains(&COLUMNS[column]);
        if is_of_head && self.letters[2] != b'O' {
            self.letters[column] = b'.';
            return self.visit(ranges, from + 1, visit);
        }
        for value in range.clone() {
            self.set(from, value);
            self.visit(ranges, from + 1, visit);
        }
    }

    /// Every value of the fields in `group`, two of each other field.
    fn ranges(&self, group: &[usize]) -> Vec<Range<usize>> {
        let range = |(at, field): (usize, &Field)| 0..if group.contains(&at) { field.values.len() } else { 2 };
        self.fields.iter().enumerate().map(range).collect()
    }

    fn field(&self, name: &str) -> usize {
        self.fields.iter().position(|field| field.name == name).unwrap()
    }

    /// The fields that are taken with all their values at the same time.
    fn groups(&self) -> Vec<Vec<usize>> {
        let all = 0..self.fields.len();
        let is_long = |field: &usize| self.fields[*field].values.len() > 2;
        let long: Vec<usize> = all.filter(is_long).collect();
        if std::env::var_os("REPLAUDIT_DECIDE_PAIRS").is_none() {
            // Which version answered, which is meant, and whether its id can be taken over belong together.
            let [answer, named, versioning] = ["answer", "named", "versioning"].map(|name| self.field(name));
            return long.into_iter().map(|field| vec![field]).chain([vec![answer, named, versioning]]).collect();
        }
        let others = |one: usize| long.iter().filter(move |other| one < **other).map(move |other| vec![one, *other]);
        long.iter().flat_map(|one| others(*one)).collect()
    }

    fn answer(&self) -> &'static str {
        match self.case.verdict() {
            DeleteVerdict::Keep(reason, _) => reason.word(),
            DeleteVerdict::Delete(order) => {
                self.check(&order);
                if order.reach() == DeleteReach::ReplicaToo { REPLICA_TOO } else { DELETE }
            }
        }
    }

    /// The order is for the version that answered, and for nothing else.
    fn check(&self, order: &DeleteOrder) {
        let Ok(HeadAnswer::Object(head)) = &self.case.evidence.head else { panic!("{}: no object", self.story()) };
        let version = head.version_id.as_deref().unwrap_or("null");
        assert_eq!(order.object(), &object(Some(version)), "{}", self.story());
        assert_eq!(order.given(), self.case.object, "{}", self.story());
        assert_eq!((Some(order.etag()), Some(order.size())), (head.etag.as_deref(), head.size), "{}", self.story());
        assert_eq!((order.mode(), order.checked_at()), (self.case.policy.mode, moment(100)), "{}", self.story());
    }

    fn story(&self) -> String {
        let columns = COLUMNS.iter().zip(self.letters);
        columns.map(|(name, letter)| format!("{name}:{} ", char::from(letter))).collect()
    }
}

#[test]
fn decide_answers_as_the_truth_table_on_its_whole_domain() {
    let table = TruthTable::new();
    let (mut walk, mut fitted, mut cases) = (Walk::new(), vec![0_u64; table.rows() + 1], 0_u64);
    for group in walk.groups() {
        let ranges = walk.ranges(&group);
        walk.visit(&ranges, 0, &mut |walk| {
            let (row, expected) = table.expected(&walk.letters);
            assert_eq!(walk.answer(), expected, "{}", walk.story());
            fitted[row] += 1;
            cases += 1;
        });
    }
    let unused: Vec<usize> = (0..fitted.len()).filter(|row| fitted[*row] == 0).collect();
    assert_eq!(unused, Vec::<usize>::new(), "rows that fit no case");
    assert!(cases > 1_000_000, "{cases} cases");
}

/// "Not known" is a value of its own in these fields: versioning, rules, annotations and replicas that could not be read,
/// no status, no ETag or size, no answer. What a lock, MFA delete or the version ID says by its absence is a claim of S3:
/// S3 itself refuses to remove a locked version, and an absent version ID is the version `null`.
#[test]
fn removing_evidence_never_turns_keep_into_delete() {
    let mut walk = Walk::new();
    let ranges = walk.ranges(&[]);
    let (mut kept, mut deleted) = (0_u64, 0_u64);
    for field in 0..walk.fields.len() {
        let values = walk.fields[field].values.len();
        let is_unknown = |walk: &Walk, value: usize| {
            let Field { unknown, values, .. } = &walk.fields[field];
            unknown.bytes().any(|letter| letter == values[value].letters[0])
        };
        let unknown: Vec<usize> = (0..values).filter(|value| is_unknown(&walk, *value)).collect();
        for removed in unknown {
            let mut ranges = ranges.clone();
            ranges[field] = removed..removed + 1;
            walk.visit(&ranges, 0, &mut |walk| {
                if walk.case.reason().is_some() {
                    kept += 1;
                    return;
                }
                deleted += 1;
                // Deleted although it is not known: then no knowledge of it may be a reason to keep.
                for value in 0..values {
                    walk.set(field, value);
                    assert_eq!(
                        walk.case.reason(),
                        None,
                        "without {}, but not with {}",
                        walk.fields[field].name,
                        walk.story()
                    );
                }
                walk.set(field, removed);
            });
        }
    }
    assert!(kept > 100_000 && deleted > 1_000, "{kept} kept, {deleted} deleted");
}

/// No answer is no evidence: everything is kept, even if all other evidence is good.
#[test]
fn without_an_object_that_answered_everything_is_kept() {
    let mut walk = Walk::new();
    let ranges = walk.ranges(&[walk.field("answer"), walk.field("named")]);
    walk.visit(&ranges, 0, &mut |walk| {
        if walk.letters[2] != b'O' {
            assert!(walk.case.reason().is_some(), "{}", walk.story());
        }
    });
}
