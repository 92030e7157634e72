//! Compares the journal with what was sent and reported, and resumed runs with the runs before them.

use std::collections::{BTreeMap, BTreeSet};

use replaudit_sandbox::StoredVersion;
use serde_json::Value;

use super::Broken;
use super::sent::{Delete, deletes};
use super::told::was_undone;
use crate::arguments::Input;
use crate::carried::{Carried, Done};
use crate::history::{History, How};
use crate::report::Report;

/// Lines of a kind: `intent` or `outcome`.
fn lines(journal: &str, kind: &str) -> Vec<Value> {
    journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|mut line| line.get_mut(kind).map(Value::take))
        .collect()
}

/// Whether a journal holds an intent for the key.
pub(super) fn intended(journal: &str, bucket: &str, key: &str) -> bool {
    lines(journal, "intent").iter().any(|line| line["bucket"] == bucket && line["key"] == key)
}

fn is_about(line: &Value, delete: &Delete<'_>) -> bool {
    line["bucket"] == delete.bucket
        && line["key"] == delete.key.as_str()
        && delete.version.as_ref().is_none_or(|version| line["version_id"] == version.as_str())
}

/// Judges the journal of one run.
pub(super) fn judge(history: &History, carried: &Carried, run: usize) -> Result<(), Broken> {
    if !history.arguments.journal {
        return Ok(());
    }
    let ran = &carried.ran[run];
    for delete in deletes(ran)? {
        let known =
            ran.intents.get(&delete.request.arrived).map(|journal| lines(journal, "intent")).unwrap_or_default();
        if !known.iter().any(|intent| is_about(intent, &delete)) {
            let text = format!("run {run}: {}/{:?} {:?}", delete.bucket, delete.key, delete.version);
            return Err(Broken::new("an intent is written before its delete is sent", text));
        }
    }
    let [before, after] = &ran.journals;
    if !after.starts_with(before.as_str()) {
        return Err(Broken::new("a journal only grows", format!("run {run}: {before:?} became {after:?}")));
    }
    if history.arguments.dry_run && before != after {
        return Err(Broken::new("a dry run writes no journal", format!("run {run}: {after}")));
    }
    let report = Report::of(&ran.stdout, history.arguments.ndjson).ok().flatten();
    let Some(report) = report.filter(|_| ran.code.is_some()) else { return Ok(()) };
    let outcomes = lines(after, "outcome");
    for entry in report.entries.iter().filter(|entry| entry.admits_an_effect() && entry.outcome != "already-absent") {
        let about = |line: &&Value| {
            line["bucket"] == entry.bucket.as_str()
                && line["key"] == entry.key.as_str()
                && line["version_id"].as_str() == entry.version.as_deref()
        };
        let last = outcomes.iter().rfind(about).map(|line| line["outcome"].as_str().unwrap_or("").to_owned());
        // An intent without an outcome says as much as unknown does.
        let open =
            || entry.outcome == "unknown" && last.is_none() && lines(after, "intent").iter().any(|line| about(&line));
        if last.as_deref() != Some(entry.outcome.as_str()) && !open() {
            return Err(Broken::new(
                "everything gone is in the journal",
                format!("run {run}: {entry:?}, the journal says {last:?}"),
            ));
        }
    }
    Ok(())
}

/// How often a key may be hidden: once for each version that was named. If all versions are listed, a later run also
/// names what others wrote meanwhile, and the version below one that others removed was current too; only a server
/// without If-Match creates a second marker then.
fn may_be_hidden(history: &History, carried: &Carried, bucket: &str, key: &str) -> usize {
    let named = carried.orders.iter().filter(|order| order.bucket == bucket && order.key == key).count().max(1);
    if !matches!(history.arguments.input, Input::Under { versions: true, .. }) {
        return named;
    }
    let wrote = |done: &&Done| matches!(done, Done::Wrote { bucket: b, key: k, .. } if (b.as_str(), k.as_str()) == (bucket, key));
    let written = if carried.ran.len() > 1 { carried.others.iter().filter(wrote).count() } else { 0 };
    let held = carried.before.get(&(bucket.to_owned(), key.to_owned()));
    let was_taken = |id: &str| {
        let is_it = |done: &Done| matches!(done, Done::Took { bucket: b, key: k, version } if (b.as_str(), k.as_str(), version.as_str()) == (bucket, key, id));
        carried.others.iter().any(is_it)
    };
    let below = |version: &&StoredVersion| {
        history.arguments.allow_unconditional && !version.delete_marker && was_taken(&version.version_id)
    };
    named + written + held.into_iter().flatten().filter(below).count()
}

/// Judges all runs together: what was deleted is not deleted again, and no newer version in its place.
pub(super) fn together(history: &History, carried: &Carried) -> Result<(), Broken> {
    let late = history.faults.iter().any(|(_, wrong)| matches!(wrong.how, How::Late(_)));
    let mut gone: BTreeSet<(String, String, String)> = BTreeSet::new();
    let mut markers: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (run, ran) in carried.ran.iter().enumerate() {
        let (mut now, mut sent) = (Vec::new(), BTreeSet::new());
        for delete in deletes(ran)? {
            let place = |id: &String| (delete.bucket.to_owned(), delete.key.clone(), id.clone());
            if let Some(version) = &delete.version
                && gone.contains(&place(version))
                && !late
            {
                return Err(Broken::new("nothing is deleted twice", format!("run {run}: {:?}", place(version))));
            }
            let Some(effect) = delete.effect else { continue };
            now.extend(effect.removed.iter().map(place));
            // The network may double a request, and a server that ignores If-Match carries out both.
            if effect.marker.is_some() && sent.insert((delete.request.arrived, delete.key.clone())) {
                let made = markers.entry((delete.bucket.to_owned(), delete.key.clone())).or_default();
                *made += 1;
                // What somebody brought back by taking the marker away may be hidden again.
                if was_undone(carried, &delete) {
                    *made -= 1;
                    continue;
                }
                if *made > may_be_hidden(history, carried, delete.bucket, &delete.key) {
                    let text = format!("run {run}: {}/{:?}, {made} markers", delete.bucket, delete.key);
                    return Err(Broken::new("an object is hidden once", text));
                }
            }
        }
        gone.extend(now);
    }
    Ok(())
}
