//! What `undo` may remove: delete markers that its file names and a run of the history made, each shown to be one just before.

use std::collections::BTreeSet;
use std::time::Duration;

use replaudit_sandbox::Request;
use serde_json::Value;

use super::source::{Marker, markers};
use super::{FIRST_UNDO, Undone};
use crate::ages::is_young;
use crate::carried::{Done, Ran};
use crate::carry_out::Outcome;
use crate::history::Action;
use crate::oracle::Broken;
use crate::oracle::sent::{Delete, deletes};
use crate::plan::Plan;
use crate::world::versions_of;

/// How old the check of a marker may be when its removal leaves.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);

/// The first rule that does not hold.
pub(crate) fn judge(plan: &Plan, outcome: &Outcome) -> Result<(), Broken> {
    let (Some(undo), Some(undone)) = (&plan.undo, &outcome.undone) else { return Ok(()) };
    let named = markers(&undone.source);
    let made = made_by_the_program(outcome)?;
    for (run, ran) in undone.ran.iter().enumerate() {
        let broken = |rule: &'static str, what: String| Broken::new(rule, format!("undo {run}: {what}"));
        if !ran.in_time {
            return Err(broken("it ends", String::new()));
        }
        if ran.stderr.contains("panicked") {
            return Err(broken("it does not panic", ran.stderr.clone()));
        }
        for delete in &deletes(ran)? {
            let shown = format!("{}/{:?} {:?}", delete.bucket, delete.key, delete.version);
            if undo.dry_run {
                return Err(broken("a dry run only reads", shown));
            }
            let is_named = |of: &BTreeSet<Marker>| marker_of(delete).is_some_and(|marker| of.contains(&marker));
            if !is_named(&named) {
                return Err(broken("only a marker that the file names is removed", shown));
            }
            if !is_named(&made) {
                return Err(broken("only a marker that the program made is removed", shown));
            }
            if delete.version.as_deref() == Some("null") {
                return Err(broken("a null marker is not removed", shown));
            }
            if !ran.requests.iter().any(|check| {
                shows_marker(check, delete) && is_young(&undone.sent[run], check, delete.request, LEAVES_WITHIN)
            }) {
                return Err(broken("a marker is removed on a recent check that shows it", shown));
            }
            let removed = delete.effect.map_or(&[][..], |effect| effect.removed.as_slice());
            if removed.iter().any(|id| !is_marker(undone, delete, id)) {
                return Err(broken("undo removes nothing with content", shown));
            }
            let intent = ran.intents.get(&delete.request.arrived).map_or("", String::as_str);
            if undo.journal && !intends(intent, delete) {
                return Err(broken("an intent is written before its removal is sent", shown));
            }
        }
        told(plan, undone, run, &named).map_err(|(rule, what)| broken(rule, what))?;
    }
    nothing_else_is_gone(undone)
}

fn marker_of(delete: &Delete<'_>) -> Option<Marker> {
    Some((delete.bucket.to_owned(), delete.key.clone(), delete.version.clone()?))
}

/// Markers that the server made for the runs of the history.
fn made_by_the_program(outcome: &Outcome) -> Result<BTreeSet<Marker>, Broken> {
    let mut made = BTreeSet::new();
    for ran in &outcome.carried.ran {
        for delete in deletes(ran)? {
            let marker = delete.effect.and_then(|effect| effect.marker.clone());
            made.extend(marker.map(|marker| (delete.bucket.to_owned(), delete.key, marker)));
        }
    }
    Ok(made)
}

/// HEAD of the id that shows a marker, or a list of the versions of the key: what is in it, the server's own log does not say.
fn shows_marker(check: &Request, delete: &Delete<'_>) -> bool {
    let same_bucket = check.bucket.as_deref() == Some(delete.bucket);
    let header = |name: &str| check.answer.get(name).map(String::as_str);
    match check.operation.as_str() {
        "HeadObject" => {
            same_bucket
                && check.key.as_deref() == Some(&delete.key)
                && check.version_id == delete.version
                && check.status == Some(405)
                && header("x-amz-delete-marker") == Some("true")
        }
        "ListObjectVersions" => same_bucket && check.status == Some(200),
        _ => false,
    }
}

/// No version with content ever had this id.
fn is_marker(undone: &Undone, delete: &Delete<'_>, id: &str) -> bool {
    let place = (delete.bucket.to_owned(), delete.key.clone());
    let snapshots = std::iter::once(&undone.before).chain(undone.ran.iter().map(|ran| &ran.after));
    let mut held = snapshots.filter_map(|snapshot| snapshot.get(&place)).flatten();
    !held.any(|version| version.version_id == id && !version.delete_marker)
}

fn intends(journal: &str, delete: &Delete<'_>) -> bool {
    let lines = journal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().any(|line| {
        let intent = &line["intent"];
        intent["bucket"] == delete.bucket
            && intent["key"] == delete.key.as_str()
            && intent["marker_version_id"].as_str() == delete.version.as_deref()
    })
}

/// Holds the report of one run against what the server holds.
fn told(plan: &Plan, undone: &Undone, run: usize, named: &BTreeSet<Marker>) -> Result<(), (&'static str, String)> {
    let ran = &undone.ran[run];
    let Some(code) = ran.code else { return Ok(()) };
    let removed = |ran: &Ran| -> BTreeSet<Marker> {
        let each = ran.requests.iter().flat_map(|request| request.effects.iter().map(move |effect| (request, effect)));
        let bucket = |request: &Request| request.bucket.clone().unwrap_or_default();
        each.flat_map(|(request, effect)| {
            effect.removed.iter().map(move |id| (bucket(request), effect.key.clone(), id.clone()))
        })
        .collect()
    };
    let signalled = |action: Action| {
        plan.history.events.iter().any(|(at, event)| *at == FIRST_UNDO + run && event.action == action)
    };
    let by_signal = (code == 130 && signalled(Action::Interrupt)) || (code == 143 && signalled(Action::Terminate));
    if ran.stdout.is_empty() {
        let is_quiet = removed(ran).is_empty() && !ran.requests.iter().any(Request::is_write);
        return match by_signal || (is_quiet && code == 2) {
            true => Ok(()),
            false => Err(("every sent removal is reported", format!("exit code {code}, no report"))),
        };
    }
    let report: Value =
        serde_json::from_str(&ran.stdout).map_err(|error| ("the report can be read", error.to_string()))?;
    let entries = report["objects"].as_array().cloned().unwrap_or_default();
    let marker = |entry: &Value| -> Option<Marker> {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        Some((text("bucket")?, text("key")?, text("marker_version_id")?))
    };
    let outcome = |entry: &Value| entry["outcome"].as_str().unwrap_or_default().to_owned();
    let told: Vec<Marker> = entries.iter().filter_map(marker).collect();
    if named.iter().any(|marker| told.iter().filter(|told| *told == marker).count() != 1) {
        return Err(("every marker of the file has one entry", format!("{named:?} and {told:?}")));
    }
    let held = versions_of(&ran.after);
    let now = removed(ran);
    for entry in &entries {
        let Some(marker) = marker(entry) else { continue };
        match outcome(entry).as_str() {
            "marker-removed" | "already-absent" if held.contains(&marker) => {
                return Err(("what is reported as removed is removed", entry.to_string()));
            }
            "kept" | "lost" | "denied" | "failed" | "not-attempted" | "would-remove" if now.contains(&marker) => {
                return Err(("what is reported as untouched is untouched", entry.to_string()));
            }
            _ => {}
        }
    }
    let any = |words: &[&str]| entries.iter().any(|entry| words.contains(&outcome(entry).as_str()));
    let settled = ["marker-removed", "already-absent", "would-remove"];
    let is_whole = !entries.is_empty() && entries.iter().all(|entry| settled.contains(&outcome(entry).as_str()));
    if code == 0 && !is_whole {
        return Err(("0 only if every marker is removed", ran.stdout.clone()));
    }
    if code == 2 && (!now.is_empty() || any(&["marker-removed", "unknown"])) {
        return Err(("2 only if nothing was changed", ran.stdout.clone()));
    }
    if any(&["unknown"]) && code != 3 && !by_signal {
        return Err(("an unknown outcome exits 3", format!("exit code {code}: {}", ran.stdout)));
    }
    Ok(())
}

/// Everything is still there but what the markers' removals and others took.
fn nothing_else_is_gone(undone: &Undone) -> Result<(), Broken> {
    let Some(last) = undone.ran.last() else { return Ok(()) };
    let held = versions_of(&last.after);
    let mut gone = BTreeSet::new();
    for ran in &undone.ran {
        gone.extend(deletes(ran)?.iter().filter_map(marker_of));
    }
    for done in &undone.others {
        if let Done::Took { bucket, key, version } = done {
            gone.insert((bucket.clone(), key.clone(), version.clone()));
        }
    }
    let is_lost = |(bucket, key, _): &Marker| {
        undone
            .others
            .iter()
            .any(|done| matches!(done, Done::LostReplica { bucket: b, key: k } if b == bucket && k == key))
    };
    match versions_of(&undone.before)
        .into_iter()
        .find(|held_before| !held.contains(held_before) && !gone.contains(held_before) && !is_lost(held_before))
    {
        Some(version) => Err(Broken::new("undo takes nothing else away", format!("{version:?} is gone"))),
        None => Ok(()),
    }
}
