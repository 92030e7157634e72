//! The result of `reasons`: what failed, why, and what to do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use s3_failures::Actor;
use schemars::JsonSchema;
use serde::Serialize;

use super::join::JoinedLine;
use super::tally::{ReasonSums, ReasonTally};
use crate::exit::ExitStatus;
use crate::model::{Overflow, add};

/// Objects that failed for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReasonGroup {
    /// S3's code; `unspecified` where there is none.
    pub reason: String,
    /// In CloudTrail, the request that was refused.
    pub operation: Option<String>,
    /// Failed tasks.
    pub objects: u64,
    /// Their size; `None` unless the size of each is known.
    pub bytes: Option<u64>,
    /// What the code means; `None` if AWS does not document it.
    pub meaning: Option<&'static str>,
    /// Who or what has to be changed; empty where nothing has, or where it is not known.
    pub actors: Vec<Actor>,
    /// The permission or setting that is needed.
    pub permission: Option<&'static str>,
    /// What to do.
    pub next: Option<&'static str>,
    /// The destinations that are named, most objects first.
    pub destinations: Vec<DestinationCount>,
    /// The first failure, where times are known.
    pub first: Option<Timestamp>,
    /// The last failure.
    pub last: Option<Timestamp>,
}

/// How many failures name a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DestinationCount {
    /// The destination bucket.
    pub bucket: String,
    /// Failed tasks.
    pub objects: u64,
}

/// How many failed objects are under a prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PrefixCount {
    /// The prefix; empty for keys without a slash.
    pub value: String,
    /// Failed tasks.
    pub objects: u64,
}

/// A file that could not be read whole. Nothing of it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct UnreadFile {
    /// Its path or address.
    pub file: String,
    /// The line, where one is at fault.
    pub line: Option<u64>,
    /// What is wrong.
    pub error: String,
}

/// What a joined export has in common with the failures.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct JoinSums {
    /// The export.
    pub file: String,
    /// Its objects.
    pub objects: u64,
    /// Those with a reason.
    pub with_reason: u64,
    /// Objects and bytes of the export per reason; bytes are `None` unless each of its rows has a size.
    pub reasons: BTreeMap<String, JoinedReason>,
}

impl JoinSums {
    /// Counts a line of the export.
    pub(crate) fn count(&mut self, line: &JoinedLine) -> Result<(), Overflow> {
        add(&mut self.objects, 1)?;
        let Some(reason) = &line.reason else { return Ok(()) };
        add(&mut self.with_reason, 1)?;
        let empty = JoinedReason { objects: 0, bytes: Some(0) };
        let found = self.reasons.entry(reason.to_string()).or_insert(empty);
        add(&mut found.objects, 1)?;
        found.bytes = match (found.bytes, line.size) {
            (Some(sum), Some(size)) => Some(sum.checked_add(size).ok_or(Overflow)?),
            (_, None) | (None, _) => None,
        };
        Ok(())
    }
}

/// Rows of the export with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct JoinedReason {
    /// Rows.
    pub objects: u64,
    /// The sum of their sizes.
    pub bytes: Option<u64>,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReasonsReport {
    /// What this document is: `replaudit.reasons/1`.
    #[schemars(extend("const" = "replaudit.reasons/1"))]
    pub schema: &'static str,
    /// Whether every file was read whole.
    pub complete: bool,
    /// Files with tasks or events that were read whole. The manifest of a job is not counted, its results files are.
    pub files: u64,
    /// Tasks that succeeded or failed.
    pub tasks: u64,
    /// Tasks that succeeded.
    pub succeeded: u64,
    /// Tasks that failed.
    pub failed: u64,
    /// Events that say that replication is late or is not tracked, per word of S3.
    pub late: BTreeMap<&'static str, u64>,
    /// Records that say nothing of a replication.
    pub unrelated: u64,
    /// Every reason, most objects first.
    pub reasons: Vec<ReasonGroup>,
    /// Prefixes with failed objects.
    pub prefixes_in_all: u64,
    /// Failed objects whose prefixes are not among `prefixes_in_all`, because there are too many.
    pub further_prefixes: u64,
    /// The prefixes with most failed objects.
    pub prefixes: Vec<PrefixCount>,
    /// Files that could not be read whole, the first hundred.
    pub unread: Vec<UnreadFile>,
    /// Without `--join`: `None`.
    pub join: Option<JoinSums>,
}

impl ReasonsReport {
    /// Makes the result, with the `top` worst prefixes.
    pub(crate) fn new(
        tally: ReasonTally,
        files: u64,
        top: usize,
        unread: Vec<UnreadFile>,
        join: Option<JoinSums>,
    ) -> Self {
        let failed = tally.failed();
        let mut reasons: Vec<ReasonGroup> =
            tally.reasons.into_iter().map(|((code, operation), sums)| group(&code, operation, sums)).collect();
        reasons.sort_by(|one, other| {
            (other.objects, &one.reason, &one.operation).cmp(&(one.objects, &other.reason, &other.operation))
        });
        let prefixes_in_all = tally.prefixes.len() as u64;
        let mut prefixes: Vec<PrefixCount> =
            tally.prefixes.into_iter().map(|(value, objects)| PrefixCount { value: value.into(), objects }).collect();
        prefixes.sort_by(|one, other| (other.objects, &one.value).cmp(&(one.objects, &other.value)));
        prefixes.truncate(top);
        Self {
            schema: "replaudit.reasons/1",
            complete: unread.is_empty(),
            files,
            tasks: tally.tasks,
            succeeded: tally.succeeded,
            failed,
            late: tally.late.into_iter().map(|(late, count)| (late.word(), count)).collect(),
            unrelated: tally.unrelated,
            reasons,
            prefixes_in_all,
            further_prefixes: tally.further_prefixes,
            prefixes,
            unread,
            join,
        }
    }

    pub(crate) fn exit(&self) -> ExitStatus {
        match (self.complete, self.failed) {
            (false, _) => ExitStatus::Unknown,
            (true, 0) => ExitStatus::Yes,
            (true, _) => ExitStatus::No,
        }
    }
}

fn group(code: &str, operation: Option<Box<str>>, sums: ReasonSums) -> ReasonGroup {
    let found = s3_failures::meaning(code);
    let request = operation.as_deref().and_then(s3_failures::operation);
    let mut destinations: Vec<DestinationCount> = sums
        .destinations
        .into_iter()
        .map(|(bucket, objects)| DestinationCount { bucket: bucket.into(), objects })
        .collect();
    destinations.sort_by(|one, other| (other.objects, &one.bucket).cmp(&(one.objects, &other.bucket)));
    ReasonGroup {
        reason: code.to_owned(),
        operation: operation.map(String::from),
        objects: sums.objects,
        bytes: (sums.unsized_objects == 0).then_some(sums.bytes),
        meaning: found.map(|found| found.meaning),
        actors: match request {
            // Only a refused request says which side is concerned.
            Some((side, _)) if code == "AccessDenied" => side.actors().to_vec(),
            Some(_) | None => found.map_or_else(Vec::new, |found| found.actors.to_vec()),
        },
        permission: request.map(|(_, permission)| permission).or(found.and_then(|found| found.permission)),
        next: found.map(|found| found.next),
        destinations,
        first: sums.first,
        last: sums.last,
    }
}

#[cfg(test)]
mod tests {
    use s3_failures::{FailedObject, Task, TaskSource};

    use super::super::tally::tests::failed;
    use super::*;

    fn report(objects: Vec<FailedObject>, unread: Vec<UnreadFile>) -> ReasonsReport {
        let mut tally = ReasonTally::default();
        objects.into_iter().for_each(|object| tally.count(&Task::Failed(Box::new(object))).unwrap());
        ReasonsReport::new(tally, 1, 2, unread, None)
    }

    #[test]
    fn reasons_and_prefixes_are_sorted_by_objects_then_name() {
        let objects = [("b/1", "DstBucketNotFound"), ("b/2", "Odd"), ("a/1", "Odd"), ("c/1", "AssumeRoleNotPermitted")];
        let found = report(objects.map(|(key, code)| failed(key, code)).to_vec(), vec![]);
        let order: Vec<&str> = found.reasons.iter().map(|group| group.reason.as_str()).collect();
        assert_eq!(order, ["Odd", "AssumeRoleNotPermitted", "DstBucketNotFound"]);
        let prefixes: Vec<&str> = found.prefixes.iter().map(|prefix| prefix.value.as_str()).collect();
        assert_eq!((prefixes, found.prefixes_in_all), (vec!["b/", "a/"], 3));
        let odd = &found.reasons[0];
        assert_eq!((odd.objects, odd.meaning, odd.next, odd.actors.len()), (2, None, None, 0), "shown as it is");
        assert_eq!((odd.bytes, odd.destinations[0].objects), (Some(6), 2));
        let none = report(vec![FailedObject { size: None, ..failed("k", "Odd") }, failed("l", "Odd")], vec![]);
        assert_eq!(none.reasons[0].bytes, None);
    }

    #[test]
    fn a_refused_request_names_its_permission_and_side() {
        let trail = |operation: &str| FailedObject {
            source: TaskSource::Cloudtrail,
            operation: Some(operation.into()),
            ..failed("k", "AccessDenied")
        };
        let found = report(vec![trail("PutObject"), trail("GetObjectAcl")], vec![]);
        let of = |operation: &str| {
            let group = found.reasons.iter().find(|group| group.operation.as_deref() == Some(operation)).unwrap();
            (group.permission.unwrap(), group.actors.clone())
        };
        assert_eq!(of("PutObject"), ("s3:ReplicateObject", vec![Actor::ReplicationRole, Actor::DestinationPolicy]));
        assert_eq!(of("GetObjectAcl"), ("s3:GetObjectVersionAcl", vec![Actor::ReplicationRole, Actor::SourceBucket]));
    }

    #[test]
    fn the_exit_code_is_of_what_was_read() {
        let unread = || vec![UnreadFile { file: "f".into(), line: None, error: "e".into() }];
        assert_eq!(report(vec![], vec![]).exit(), ExitStatus::Yes);
        assert_eq!(report(vec![failed("k", "Odd")], vec![]).exit(), ExitStatus::No);
        assert_eq!(report(vec![], unread()).exit(), ExitStatus::Unknown);
        assert_eq!(report(vec![failed("k", "Odd")], unread()).exit(), ExitStatus::Unknown);
    }
}
