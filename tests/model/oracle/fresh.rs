//! How old the last check of a permanent delete was when the delete arrived, and whether an answer was relied upon that had
//! been cut or changed on its way.

use std::time::Duration;

use replaudit_sandbox::Request;

use super::Broken;
use super::sent::{Delete, deletes, heads};
use crate::arguments::Proof;
use crate::carried::{Carried, Ran};
use crate::history::{Action, History};

/// How old a check may be when a permanent delete is sent.
const HOLDS: Duration = Duration::from_secs(5);
const SLACK: Duration = crate::wall::SLACK;

/// How much older than its HEAD an answer about the bucket may be that a check shares with others.
const SHARED: Duration = Duration::from_secs(1);

/// Judges the deletes of one run.
pub(super) fn judge(history: &History, carried: &Carried, run: usize) -> Result<(), Broken> {
    let ran = &carried.ran[run];
    for delete in &deletes(ran)? {
        let broken = |rule: &'static str, what: &str| {
            let version = delete.version.as_deref().unwrap_or("current");
            let place = format!("{}/{:?} {version}", delete.bucket, delete.key);
            Err(Broken::new(rule, format!("run {run}: {place}, arrived {}: {what}", delete.request.arrived)))
        };
        for operation in deciding(history) {
            let mut answers = about_bucket(ran, delete, operation);
            answers.retain(|answer| answer.key.is_none() || answer.key.as_ref() == Some(&delete.key));
            // Another order's check may have asked the bucket since: this one rests on what was asked with its own HEAD.
            if let Some(head) = heads(ran, delete).last().filter(|_| operation.starts_with("GetBucket")) {
                answers.retain(|answer| answer.arrived_at + SHARED >= head.0.arrived_at);
            }
            if let Some(last) = answers.last()
                && last.altered
                && (last.key.is_some() || answers.iter().all(|answer| answer.altered))
            {
                return broken("no answer counts that was cut", &format!("{operation} at {}", last.arrived));
            }
        }
        if let Some(tags) = cut_tags(history, ran, delete) {
            return broken("no answer counts that was cut", &format!("GetObjectTagging at {}", tags.arrived));
        }
        if !history.arguments.permanent {
            continue;
        }
        if delete.version.as_deref() == Some("null") && delete.request.operation == "DeleteObjects" {
            return broken("a null version never travels in a batch", "");
        }
        for (what, last) in parts(history, carried, ran, delete) {
            let Some(last) = last else { return broken("every part of the check was asked for", &what) };
            let age = delete.request.arrived_at.saturating_duration_since(last.arrived_at);
            if age > HOLDS + SLACK {
                let text = format!("{what} at {} was {:.1} s old", last.arrived, age.as_secs_f64());
                return broken("a permanent delete leaves only on a fresh check", &text);
            }
        }
    }
    cut_listing(history, carried, run)
}

/// Small answers without which nothing may be deleted.
fn deciding(history: &History) -> Vec<&'static str> {
    let arguments = &history.arguments;
    let proven = arguments.proof != Proof::Status;
    let allowed =
        if arguments.permanent { arguments.allow_replicated_delete } else { arguments.allow_marker_replication };
    let mut found = vec!["GetBucketVersioning"];
    found.extend((proven || !allowed).then_some("GetBucketReplication"));
    found
}

/// The tags of the object, if the last answer about them was cut and a destination of a rule that goes by tags was not asked.
/// A rule that may apply for all that is known counts as one that applies.
fn cut_tags<'a>(history: &History, ran: &'a Ran, delete: &Delete<'_>) -> Option<&'a Request> {
    if history.arguments.proof == Proof::Status {
        return None;
    }
    let about = about_bucket(ran, delete, "GetObjectTagging");
    // Another version of the key has tags of its own.
    let is_other =
        |answer: &Request| matches!((&answer.version_id, &delete.version), (Some(one), Some(other)) if one != other);
    let of_object = |answer: &&Request| answer.key.as_ref() == Some(&delete.key) && !is_other(answer);
    let last = about.into_iter().rfind(of_object).filter(|last| last.altered)?;
    let source = history.world.source(delete.bucket)?;
    let mut wanted = source.destinations(&delete.key, true).into_iter().chain(source.destinations(&delete.key, false));
    wanted.any(|bucket| heads(ran, &checked_at(ran, delete, bucket)).is_empty()).then_some(last)
}

/// The version that was checked, at a destination: a delete of what is current names none itself.
fn checked_at<'a>(ran: &Ran, delete: &Delete<'a>, bucket: &'a str) -> Delete<'a> {
    let version = delete
        .version
        .clone()
        .or_else(|| heads(ran, delete).last().and_then(|head| head.0.answer.get("x-amz-version-id").cloned()));
    Delete { version, ..at(delete, bucket) }
}

/// Each question that the delete rests on, with the last one of its kind that was answered before.
fn parts<'a>(
    history: &History,
    carried: &Carried,
    ran: &'a Ran,
    delete: &Delete<'_>,
) -> Vec<(String, Option<&'a Request>)> {
    let mut found = vec![("HeadObject at the source".to_owned(), heads(ran, delete).last().map(|head| head.0))];
    for operation in deciding(history).into_iter().filter(|operation| operation.starts_with("GetBucket")) {
        found.push((operation.to_owned(), about_bucket(ran, delete, operation).pop()));
    }
    if history.arguments.proof != Proof::Status {
        for bucket in named(history, carried, ran, delete) {
            let there = at(delete, bucket);
            found.push((format!("HeadObject at {bucket}"), heads(ran, &there).last().map(|head| head.0)));
        }
    }
    found
}

/// The destinations that the rules and the caller name for what is deleted. Rules that the server refuses to show may be
/// replaced by what the caller names.
pub(crate) fn named(history: &History, carried: &Carried, ran: &Ran, delete: &Delete<'_>) -> Vec<&'static str> {
    let Some(source) = history.world.source(delete.bucket) else { return Vec::new() };
    let given = history.arguments.proof == Proof::Destination;
    let refused = || {
        let last = about_bucket(ran, delete, "GetBucketReplication").pop();
        last.is_some_and(|last| matches!(last.status, Some(403 | 501)))
    };
    let mut named = Vec::new();
    if !(given && refused()) {
        let version = delete.version.clone().unwrap_or_default();
        let tagged = carried.tagged.contains(&(delete.bucket.to_owned(), delete.key.clone(), version));
        named = source.destinations(&delete.key, tagged);
        // From some moment on, the rules name the first destination only.
        if history.events.iter().any(|(_, event)| event.action == Action::FewerDestinations) {
            named.truncate(1);
        }
    }
    if given {
        named.extend(history.world.sources.iter().map(|source| source.destination));
    }
    named
}

/// The same object at a destination.
pub(crate) fn at<'a>(delete: &Delete<'a>, bucket: &'a str) -> Delete<'a> {
    Delete {
        request: delete.request,
        bucket,
        key: delete.key.clone(),
        version: delete.version.clone(),
        etag: None,
        effect: None,
    }
}

/// Answers about the bucket before the delete arrived, oldest first.
fn about_bucket<'a>(ran: &'a Ran, delete: &Delete<'_>, operation: &str) -> Vec<&'a Request> {
    let mut found: Vec<&Request> = ran
        .requests
        .iter()
        .filter(|request| request.operation == operation && request.bucket.as_deref() == Some(delete.bucket))
        .filter(|request| request.answered.is_some_and(|answered| answered < delete.request.arrived))
        .collect();
    found.sort_by_key(|request| request.answered);
    found
}

/// A page of a listing that was cut, and not asked for again: nothing is deleted, and the exit code says so.
fn cut_listing(history: &History, carried: &Carried, run: usize) -> Result<(), Broken> {
    let ran = &carried.ran[run];
    if !history.arguments.is_listed() {
        return Ok(());
    }
    let writes = ran.requests.iter().filter(|request| request.is_write());
    let first = writes.map(|request| request.arrived).min().unwrap_or(u64::MAX);
    // The whole list is read before any object is asked about. What is listed later is whether one key is still there: that
    // answer is about this key alone.
    let heads = ran.requests.iter().filter(|request| request.operation == "HeadObject");
    let asked = heads.map(|request| request.arrived).min().unwrap_or(u64::MAX);
    let is_list = |request: &&Request| {
        matches!(request.operation.as_str(), "ListObjectsV2" | "ListObjectVersions")
            && request.arrived < first.min(asked)
    };
    let lists: Vec<&Request> = ran.requests.iter().filter(is_list).collect();
    let again = |cut: &Request| {
        lists.iter().any(|other| {
            other.arrived > cut.arrived && other.query == cut.query && other.status == Some(200) && !other.altered
        })
    };
    if let Some(cut) = lists.iter().find(|request| request.altered && !again(request))
        && (first != u64::MAX || ran.code == Some(0))
    {
        let text = format!("run {run}: {} at {}, exit code {:?}", cut.operation, cut.arrived, ran.code);
        return Err(Broken::new("nothing is deleted after a listing that was cut", text));
    }
    Ok(())
}
