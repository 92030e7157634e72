//! How old the answers are on which a delete rests, on both clocks of the client, when its request leaves.

use std::time::Duration;

use jiff::SignedDuration;
use replaudit_sandbox::Request;

use crate::arguments::Proof;
use crate::carried::{Carried, Ran};
use crate::network::{NUMBER, Sent};
use crate::oracle::fresh::{at, named};
use crate::oracle::sent::{Delete, heads};
use crate::plan::Plan;

/// How old a check may be when its request is given to the HTTP client.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);
/// The same for the check of an object to hide, and of its replicas.
const HIDE_LEAVES_WITHIN: Duration = Duration::from_secs(63);
/// How long the HTTP client may take until it writes the request.
const WRITES_WITHIN: Duration = Duration::from_secs(2);

/// A clock that is set back in the middle of a check is noticed only if it shows a time before the check began, and a check
/// counts from so long before its first question.
const COUNTS_FROM: Duration = Duration::from_millis(500);

/// One run, and what its client sent.
pub(crate) struct Ages<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) carried: &'a Carried,
    pub(crate) ran: &'a Ran,
    pub(crate) sent: &'a [Sent],
}

/// What the client noted of a request.
pub(crate) fn sent_of<'a>(sent: &'a [Sent], request: &Request) -> Option<&'a Sent> {
    request.headers.get(NUMBER).and_then(|number| number.parse::<usize>().ok()).and_then(|number| sent.get(number))
}

/// Whether `check` was whole and answered before `delete`, and is at most this old on either clock when `delete` leaves. A
/// clock that was set back makes every check old.
pub(crate) fn is_young(sent: &[Sent], check: &Request, delete: &Request, most: Duration) -> bool {
    let (Some(asked), Some(left)) = (sent_of(sent, check), sent_of(sent, delete)) else { return false };
    let wall = left.clock.wall.duration_since(asked.clock.wall);
    let signed = |age: Duration| SignedDuration::try_from(age).unwrap_or(SignedDuration::ZERO);
    let wall = wall >= -signed(most + COUNTS_FROM) && wall <= signed(most);
    let written = left.written_at.unwrap_or(left.at).saturating_duration_since(asked.at + left.stood_still);
    check.answered.is_some_and(|answered| answered < delete.arrived)
        && !check.altered
        && wall
        && left.at.saturating_duration_since(asked.at) <= most
        && written <= most + WRITES_WITHIN
}

impl Ages<'_> {
    fn has(&self, operation: &str, delete: &Request, most: Duration, fits: impl Fn(&Request) -> bool) -> bool {
        self.ran.requests.iter().any(|request| {
            request.operation == operation
                && request.bucket == delete.bucket
                && is_young(self.sent, request, delete, most)
                && fits(request)
        })
    }

    /// What every delete rests on that is sent in this request.
    pub(crate) fn of_bucket(&self, delete: &Request) -> Result<(), &'static str> {
        let arguments = &self.plan.history.arguments;
        if !self.has("GetBucketVersioning", delete, LEAVES_WITHIN, is_answered) {
            return Err("a delete leaves on a recent check of the bucket");
        }
        let rules = |request: &Request| matches!(request.status, Some(200 | 404)) || is_refused(request);
        let needs_rules = match arguments.permanent {
            // AWS replicates no removal of a version: no rule changes that.
            true => !self.plan.is_aws && !arguments.allow_replicated_delete,
            false => !arguments.allow_marker_replication,
        };
        if needs_rules && !self.has("GetBucketReplication", delete, LEAVES_WITHIN, rules) {
            return Err("a delete leaves on a recent check of the rules");
        }
        Ok(())
    }

    /// What one delete rests on: the object, and its replicas if they are asked for.
    pub(crate) fn of_object(&self, delete: &Delete<'_>) -> Result<(), &'static str> {
        let most = if self.plan.history.arguments.permanent { LEAVES_WITHIN } else { HIDE_LEAVES_WITHIN };
        let is_young = |request: &Request| is_young(self.sent, request, delete.request, most);
        let heads = heads(self.ran, delete);
        let young = heads.iter().map(|head| head.0).filter(|head| is_answered(head) && is_young(head));
        let mut whole = young.filter(|head| self.asks_for_checksums(head, delete.request)).peekable();
        if whole.peek().is_none() {
            return Err("a delete leaves on a recent and whole check of the object");
        }
        if self.plan.history.arguments.proof == Proof::Status {
            return Ok(());
        }
        // A question names no version: each check of the key counts with the replicas of the version that it saw.
        let replicas_are_young = |head: &Request| {
            let version = delete.version.clone().or_else(|| head.answer.get("x-amz-version-id").cloned());
            let checked = Delete { version, ..at(delete, delete.bucket) };
            named(&self.plan.history, self.carried, self.ran, &checked).iter().all(|bucket| {
                let there = at(&checked, bucket);
                self::heads(self.ran, &there).iter().any(|head| is_answered(head.0) && is_young(head.0))
            })
        };
        match whole.any(replicas_are_young) {
            true => Ok(()),
            false => Err("a delete leaves on a recent check of every replica"),
        }
    }

    /// A replica is compared by its checksum too, unless the rules can't be read and nothing is compared, or S3 refuses the
    /// question with checksums: they may need another permission.
    fn asks_for_checksums(&self, head: &Request, delete: &Request) -> bool {
        self.plan.history.arguments.proof == Proof::Status
            || head.headers.contains_key("x-amz-checksum-mode")
            || self.ran.requests.iter().any(|other| {
                let is_rules = other.operation == "GetBucketReplication";
                let is_same = other.operation == "HeadObject" && other.key == head.key;
                is_refused(other)
                    && (is_rules || (is_same && other.headers.contains_key("x-amz-checksum-mode")))
                    && other.bucket == delete.bucket
                    && other.arrived < delete.arrived
            })
    }
}

fn is_answered(request: &Request) -> bool {
    request.status == Some(200)
}

fn is_refused(request: &Request) -> bool {
    matches!(request.status, Some(403 | 501))
}
