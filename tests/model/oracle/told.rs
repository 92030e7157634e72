//! What the program told, held against what happened.

use super::sent::{Delete, deletes, etag_of};
use super::{Broken, kept};
use std::collections::BTreeSet;

use replaudit_sandbox::Request;

use crate::arguments::{Input, Order};
use crate::carried::{Carried, Done, Ran};
use crate::history::{Action, History};
use crate::report::{Entry, Report};

/// Judges the report of a run that was not killed.
pub(super) fn judge(history: &History, carried: &Carried, run: usize) -> Result<(), Broken> {
    let ran = &carried.ran[run];
    let Some(code) = ran.code else { return Ok(()) };
    let report = Report::of(&ran.stdout, history.arguments.ndjson)
        .map_err(|text| Broken::new("the report can be read", text))?;
    let Some(report) = report else { return without_report(history, ran, run, code) };
    if history.arguments.is_listed() {
        listed(history, carried, &report, run)?;
    } else {
        one_entry_each(&carried.orders, &report, run)?;
    }
    exit_code(history, &report, run, code)?;
    if let Some(summary) = &report.summary {
        let (objects, exit) = (summary["objects"].as_u64(), summary["exit"].as_i64());
        if objects != Some(report.entries.len() as u64) || exit != Some(code.into()) {
            return Err(Broken::new("the summary agrees", format!("run {run}: {summary}, exit code {code}")));
        }
    }
    for entry in &report.entries {
        entry_is_true(history, carried, run, &report, entry)?;
        agrees_with_lookups(history, ran, run, &report, entry)?;
    }
    effects_are_told(carried, run, &report)
}

/// Nothing told means nothing done; but a second signal ends at once, as a kill does.
fn without_report(history: &History, ran: &Ran, run: usize, code: i32) -> Result<(), Broken> {
    let sent = deletes(ran)?.len();
    let is_signal = |action: Action| matches!(action, Action::Interrupt | Action::Terminate);
    let signals = history.events.iter().filter(|(at, event)| *at == run && is_signal(event.action)).count();
    let at_once = signals > 1 && matches!(code, 130 | 143);
    if (sent > 0 && !at_once) || !matches!(code, 2 | 130 | 143) {
        let text = format!("run {run}: exit code {code}, {sent} deletes sent, no report");
        return Err(Broken::new("every sent delete is reported", text));
    }
    Ok(())
}

fn one_entry_each(orders: &[Order], report: &Report, run: usize) -> Result<(), Broken> {
    let fits = |(order, entry): (&Order, &Entry)| {
        order.bucket == entry.bucket
            && order.key == entry.key
            && order.version.as_ref().is_none_or(|version| Some(version) == entry.version.as_ref())
    };
    if orders.len() != report.entries.len() || !orders.iter().zip(&report.entries).all(fits) {
        let told: Vec<_> = report.entries.iter().map(|entry| (&entry.bucket, &entry.key, &entry.version)).collect();
        return Err(Broken::new("every address has exactly one entry", format!("run {run}: {orders:?} and {told:?}")));
    }
    Ok(())
}

/// What was listed has at the most one entry; and where nothing stirred, everything there was has one.
fn listed(history: &History, carried: &Carried, report: &Report, run: usize) -> Result<(), Broken> {
    let Input::Under { versions: all, .. } = history.arguments.input else { return Ok(()) };
    let mut told = BTreeSet::new();
    for entry in &report.entries {
        let foreign = !history.arguments.lists(&history.world, &entry.bucket, &entry.key);
        let place = (entry.bucket.as_str(), entry.key.as_str(), entry.version.as_deref().filter(|_| all));
        // The version that was null when the run before this one hid it, and the marker that took its id.
        let is_another = entry.version.as_deref() == Some("null") && null_marker_is_told(report, entry);
        if foreign || !(told.insert(place) || is_another) {
            return Err(Broken::new("what is listed has one entry", format!("run {run}: {entry:?}")));
        }
    }
    let quiet = run == 0 && history.events.is_empty() && history.faults.is_empty() && history.world.denied.is_empty();
    if quiet {
        let held =
            carried.before.iter().filter(|((bucket, key), _)| history.arguments.lists(&history.world, bucket, key));
        let each = held.flat_map(|((bucket, key), versions)| {
            versions
                .iter()
                .filter(|version| all || (version.is_latest && !version.delete_marker))
                .map(|version| (bucket.as_str(), key.as_str(), Some(version.version_id.as_str()).filter(|_| all)))
        });
        let expected: BTreeSet<_> = each.collect();
        if expected != told {
            let text = format!("run {run}: there was {expected:?}, told was {told:?}");
            return Err(Broken::new("everything listed has an entry", text));
        }
    }
    Ok(())
}

fn exit_code(history: &History, report: &Report, run: usize, code: i32) -> Result<(), Broken> {
    let signalled = |action: Action| history.events.iter().any(|(at, event)| *at == run && event.action == action);
    let by_signal = (code == 130 && signalled(Action::Interrupt)) || (code == 143 && signalled(Action::Terminate));
    let by_table = report.code(history.arguments.is_listed());
    // Only json says that a lookup after a delete failed.
    let may_be_a_lookup = code == 3 && report.summary.is_none() && report.entries.iter().any(Entry::is_done);
    if !by_signal && !may_be_a_lookup && code != by_table {
        let text = format!("run {run}: exit code {code}, by the table {by_table}");
        return Err(Broken::new("the exit code follows from the report", text));
    }
    let aside = |entry: &Entry| history.arguments.is_listed() && entry.is_aside();
    let all = |is: fn(&Entry) -> bool| report.entries.iter().all(|entry| aside(entry) || is(entry));
    let success =
        if history.arguments.dry_run { all(|entry| entry.outcome == "would-delete") } else { all(Entry::is_done) };
    if code == 0 && (!success || report.entries.is_empty()) {
        return Err(Broken::new("0 only if all of it is deleted", format!("run {run}: {:?}", report.entries)));
    }
    let not_attempted = |entry: &Entry| entry.outcome == "not-attempted";
    if !by_signal && report.entries.iter().any(not_attempted) {
        return Err(Broken::new("everything is attempted unless a signal came", format!("run {run}")));
    }
    Ok(())
}

fn is_about(delete: &Delete<'_>, entry: &Entry) -> bool {
    let effect = |version: &String| {
        delete.effect.is_some_and(|effect| effect.removed.contains(version) || effect.hidden.as_ref() == Some(version))
    };
    let version = entry.version.as_ref();
    delete.bucket == entry.bucket && delete.key == entry.key && version.is_none_or(effect) && delete.effect.is_some()
}

fn entry_is_true(
    history: &History,
    carried: &Carried,
    run: usize,
    report: &Report,
    entry: &Entry,
) -> Result<(), Broken> {
    let ran = &carried.ran[run];
    let broken = |rule: &'static str| Err(Broken::new(rule, format!("run {run}: {entry:?}")));
    let held = ran.after.get(&(entry.bucket.clone(), entry.key.clone())).map_or(&[][..], Vec::as_slice);
    let at = |id: &Option<String>| held.iter().position(|version| Some(&version.version_id) == id.as_ref());
    let others = |is: fn(&Done) -> Option<(&str, &str)>| {
        carried.others.iter().filter_map(is).any(|(bucket, key)| bucket == entry.bucket && key == entry.key)
    };
    match entry.outcome.as_str() {
        "version-deleted" | "already-absent" if history.arguments.permanent => {
            // The id `null` may have been taken over by somebody's upload or marker since.
            let taken_over = |done: &Done| match done {
                Done::Wrote { bucket, key, version } | Done::Hid { bucket, key, marker: version } => {
                    version == "null" && *bucket == entry.bucket && *key == entry.key
                }
                Done::Took { .. } | Done::LostReplica { .. } | Done::Versioning { .. } => false,
            };
            let another = entry.version.as_deref() == Some("null") && carried.others.iter().any(taken_over);
            if at(&entry.version).is_some() && !another {
                return broken("what is reported as gone is gone");
            }
        }
        "marker-created" if !history.arguments.permanent => {
            let others_took = others(|done| match done {
                Done::Took { bucket, key, .. } => Some((bucket, key)),
                _ => None,
            });
            let replaces_null = others(|done| match done {
                Done::Wrote { bucket, key, version } | Done::Hid { bucket, key, marker: version } => {
                    (version == "null").then_some((bucket, key))
                }
                _ => None,
            });
            let is_another = entry.version.as_deref() == Some("null") && replaces_null;
            let hidden =
                at(&entry.version).is_some_and(|place| held[..place].iter().any(|version| version.delete_marker));
            let marker_is_there =
                entry.marker.is_none() || at(&entry.marker).is_some_and(|place| held[place].delete_marker);
            if !(others_took || is_another || hidden && marker_is_there) {
                return broken("what is reported as hidden is hidden");
            }
        }
        // Its twin tells of it.
        "kept" if entry.reason == "duplicate" || (entry.version.is_none() && has_twin(report, entry)) => {}
        // A null version that was kept, until a marker of the same key took its place: that marker's entry says so.
        "kept" if entry.version.as_deref() == Some("null") && null_marker_is_told(report, entry) => {}
        // A marker that was bound to nothing hid this newer version: that marker's entry says so.
        "kept" if unbound_marker_is_told(report, entry) => {}
        // The server says that it is still there.
        "failed" if history.world.dialect.delete_204_but_readable => {}
        "kept" | "denied" | "failed" | "not-attempted" | "would-delete" => {
            let is_told = |delete: &Delete<'_>| has_twin(report, entry) && hides_alike(carried, delete, entry);
            let touches =
                |delete: &Delete<'_>| is_about(delete, entry) && !was_undone(carried, delete) && !is_told(delete);
            for earlier in &carried.ran[..=run] {
                if deletes(earlier)?.iter().any(touches) {
                    return broken("what is reported as untouched is untouched");
                }
            }
        }
        "unknown" => {
            for earlier in &carried.ran[..=run] {
                if deletes(earlier)?.iter().any(|delete| delete.bucket == entry.bucket && delete.key == entry.key) {
                    return Ok(());
                }
            }
            // Killed before it could send, the run before this one still meant to.
            if !kept::intended(&ran.journals[0], &entry.bucket, &entry.key) {
                return broken("only what was sent can be unknown");
            }
        }
        _ => return broken("the outcome is one of the mode's"),
    }
    let keeps = entry.outcome == "kept";
    if keeps != (entry.decision == "keep") || (entry.decision == "delete") != (entry.reason == "completed") {
        return broken("decision, reason and outcome agree");
    }
    Ok(())
}

/// If the only answers about the key after its last delete, or without one, show the version as it was before, it is not reported
/// as deleted: the effect of a delete of an earlier run may be gone again.
fn agrees_with_lookups(history: &History, ran: &Ran, run: usize, report: &Report, entry: &Entry) -> Result<(), Broken> {
    if !matches!(entry.outcome.as_str(), "marker-created" | "version-deleted") {
        return Ok(());
    }
    // What is to be hidden is asked about by its key, so the question may have been about another version of it.
    let is_same_key = |other: &&Entry| (&other.bucket, &other.key) == (&entry.bucket, &entry.key);
    let looks_up_none = ran.line.windows(2).any(|words| words == ["--verify-deleted", "none"]);
    if !history.arguments.permanent && looks_up_none && report.entries.iter().filter(is_same_key).count() > 1 {
        return Ok(());
    }
    let deletes = deletes(ran)?;
    let of_key = deletes.iter().filter(|delete| delete.bucket == entry.bucket && delete.key == entry.key);
    let last = of_key.map(|delete| delete.request.answered.unwrap_or(delete.request.arrived)).max().unwrap_or(0);
    let asked = entry.version.as_ref().filter(|_| history.arguments.permanent);
    let is_lookup = |request: &&Request| {
        request.operation == "HeadObject"
            && (request.bucket.as_ref(), request.key.as_ref()) == (Some(&entry.bucket), Some(&entry.key))
            && request.version_id.as_ref() == asked
            && request.arrived > last
            && request.answered.is_some()
    };
    let shows_it = |request: &Request| {
        let id = request.answer.get("x-amz-version-id").map_or("null", String::as_str);
        (request.status, request.altered) == (Some(200), false) && id == entry.version.as_deref().unwrap_or("null")
    };
    let lookups: Vec<&Request> = ran.requests.iter().filter(is_lookup).collect();
    if lookups.is_empty() || !lookups.iter().all(|request| shows_it(request)) {
        return Ok(());
    }
    let text = format!("run {run}: {entry:?}, asked {}", lookups[0].arrived);
    Err(Broken::new("what each lookup showed is not reported as deleted", text))
}

/// If-Match can't tell apart what has the same content: the entry of the version that was checked tells of the marker.
fn hides_alike(carried: &Carried, delete: &Delete<'_>, entry: &Entry) -> bool {
    let etag = entry.version.as_ref().and_then(|version| etag_of(carried, delete, version));
    etag.is_some() && etag == delete.etag
}

/// Another entry of the same key tells of a delete.
fn has_twin(report: &Report, entry: &Entry) -> bool {
    let is_twin = |other: &&Entry| other.bucket == entry.bucket && other.key == entry.key;
    report.entries.iter().filter(is_twin).any(Entry::admits_an_effect)
}

fn unbound_marker_is_told(report: &Report, kept: &Entry) -> bool {
    let codes = ["NewerVersionHidden", "HiddenVersionUnknown"];
    report.entries.iter().any(|entry| {
        entry.outcome == "marker-created"
            && (&entry.bucket, &entry.key) == (&kept.bucket, &kept.key)
            && entry.error.as_deref().is_some_and(|code| codes.contains(&code))
    })
}

/// Another entry of the same key tells of a marker with the id null, and of what that destroys.
fn null_marker_is_told(report: &Report, entry: &Entry) -> bool {
    let is_sibling = |other: &&Entry| other.bucket == entry.bucket && other.key == entry.key;
    let null = Some("null");
    // An earlier run was killed before it could read that its marker has this ID.
    let is_of_journal = |other: &Entry| other.version.as_deref() == null && other.error.as_deref() == Some("Resumed");
    let tells = |other: &Entry| other.outcome == "unknown" && (other.marker.as_deref() == null || is_of_journal(other));
    report.entries.iter().filter(is_sibling).any(tells)
}

/// Somebody took the marker away again.
pub(super) fn was_undone(carried: &Carried, delete: &Delete<'_>) -> bool {
    let marker = delete.effect.and_then(|effect| effect.marker.as_ref());
    carried.others.iter().any(|done| matches!(done, Done::Took { version, .. } if Some(version) == marker))
}

/// Every effect of a delete is in the report, under its own version unless the condition could not tell.
fn effects_are_told(carried: &Carried, run: usize, report: &Report) -> Result<(), Broken> {
    for ran in &carried.ran[..=run] {
        for delete in deletes(ran)? {
            let Some(effect) = delete.effect else { continue };
            // Nothing is left of it, also not of a null version under a null marker: the run was killed before it could write that
            // down, or its answer was lost, and the lookup came later.
            let is_null = |version: &String| version == "null";
            if effect.removed.iter().all(is_null) && was_undone(carried, &delete) {
                continue;
            }
            let told =
                |entry: &Entry| entry.bucket == delete.bucket && entry.key == delete.key && entry.admits_an_effect();
            let changed = !effect.removed.is_empty() || effect.marker.is_some();
            if changed && !report.entries.iter().any(told) {
                return Err(Broken::new(
                    "every effect is reported",
                    format!("run {run}: {}/{:?} {effect:?}", delete.bucket, delete.key),
                ));
            }
            // A `null` marker may have destroyed something: that is never plain success.
            // After the last answer, nothing could show it: somebody else's marker may have looked like ours.
            let last = ran.requests.iter().filter_map(|request| request.answered).max();
            let destroyed = effect.marker.as_deref() == Some("null") && last.is_some_and(|last| effect.at < last);
            if destroyed && report.entries.iter().any(|entry| told(entry) && entry.is_done()) {
                return Err(Broken::new("a null marker is not a success", format!("run {run}: {effect:?}")));
            }
        }
    }
    Ok(())
}
