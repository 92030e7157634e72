//! `status` may say yes only of what was so at some moment of its run, and only on answers that were whole.

use replaudit_sandbox::{Request, StoredVersion};
use serde_json::Value;

use super::{Asked, StatusPlan};
use crate::arguments::{Input, Order, Proof};
use crate::carry_out::Outcome;
use crate::history::Action;
use crate::oracle::Broken;
use crate::plan::Plan;

/// One object of the report.
struct Row {
    bucket: String,
    key: String,
    version: Option<String>,
    verdict: String,
    error: bool,
    /// Buckets of destinations, with their verdicts.
    destinations: Vec<(String, String)>,
}

/// The first rule that does not hold.
pub(crate) fn judge(plan: &Plan, outcome: &Outcome) -> Result<(), Broken> {
    let (Some(status), Some(asked)) = (&plan.status, &outcome.asked) else { return Ok(()) };
    let ran = &asked.ran;
    let broken = |rule: &'static str, what: String| Err(Broken::new(rule, format!("status: {what}")));
    if !ran.in_time {
        return broken("it ends", String::new());
    }
    if ran.stderr.contains("panicked") {
        return broken("it does not panic", ran.stderr.clone());
    }
    if let Some(write) = ran.requests.iter().find(|request| request.is_write()) {
        return broken("status only reads", write.operation.clone());
    }
    let Some(code) = ran.code else { return Ok(()) };
    if ran.stdout.is_empty() {
        let is_signal = |action: Action| plan.history.events.iter().any(|(_, event)| event.action == action);
        let by_signal = (code == 130 && is_signal(Action::Interrupt)) || (code == 143 && is_signal(Action::Terminate));
        return match code == 2 || by_signal {
            true => Ok(()),
            false => broken("an answer has a report", format!("exit code {code}")),
        };
    }
    let rows = rows(&ran.stdout).map_err(|what| Broken::new("the report can be read", what))?;
    for row in &rows {
        let shown = || format!("{}/{:?} {:?} {}", row.bucket, row.key, row.version, row.verdict);
        if row.verdict == "replicated" {
            if !was_so(asked, &row.bucket, row, is_completed) {
                return broken("what is reported as replicated was so at some moment", shown());
            }
            if !was_answered(asked, &row.bucket, row, "COMPLETE") {
                return broken("no answer counts that was cut", shown());
            }
        }
        for (bucket, verdict) in row.destinations.iter().filter(|(_, verdict)| verdict == "in-sync") {
            let is_replica = |version: &StoredVersion| !version.delete_marker;
            if !was_so(asked, bucket, row, is_replica) || !was_answered(asked, bucket, row, "REPLICA") {
                return broken("a replica in sync was seen", format!("{} {bucket} {verdict}", shown()));
            }
        }
    }
    if code == 0 { yes(plan, status, outcome, asked, &rows) } else { Ok(()) }
}

fn rows(report: &str) -> Result<Vec<Row>, String> {
    let report: Value = serde_json::from_str(report).map_err(|error| error.to_string())?;
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let objects = report["objects"].as_array().ok_or("no objects")?;
    let row = |object: &Value| {
        let to = object["destinations"].as_array().map(Vec::as_slice).unwrap_or_default();
        Some(Row {
            bucket: text(object, "bucket")?,
            key: text(object, "key")?,
            version: text(object, "version_id"),
            verdict: text(object, "verdict")?,
            error: !object["error"].is_null(),
            destinations: to.iter().filter_map(|to| Some((text(to, "bucket")?, text(to, "verdict")?))).collect(),
        })
    };
    objects.iter().map(|object| row(object).ok_or_else(|| object.to_string())).collect()
}

fn is_completed(version: &StoredVersion) -> bool {
    matches!(version.replication_status.as_deref(), Some("COMPLETED" | "COMPLETE"))
}

/// Whether the bucket held this version, and it was so, at some moment of the run.
fn was_so(asked: &Asked, bucket: &str, row: &Row, is_so: impl Fn(&StoredVersion) -> bool) -> bool {
    let place = (bucket.to_owned(), row.key.clone());
    let mut held = asked.moments.iter().filter_map(|moment| moment.get(&place)).flatten();
    held.any(|version| version.version_id == *row.version.as_deref().unwrap_or("null") && is_so(version))
}

/// Whether a whole answer about this version gave a status that begins with `word`.
fn was_answered(asked: &Asked, bucket: &str, row: &Row, word: &str) -> bool {
    let says_so = |request: &Request| {
        let header = |name: &str| request.answer.get(name).map(String::as_str);
        request.operation == "HeadObject"
            && request.bucket.as_deref() == Some(bucket)
            && request.key.as_ref() == Some(&row.key)
            && request.status == Some(200)
            && request.answered.is_some()
            && !request.altered
            && header("x-amz-version-id").unwrap_or("null") == row.version.as_deref().unwrap_or("null")
            && header("x-amz-replication-status").is_some_and(|status| status.starts_with(word))
    };
    asked.ran.requests.iter().any(says_so)
}

/// Exit code 0: every object that was asked about, and each is replicated; with `--verify-replica` everywhere.
fn yes(plan: &Plan, status: &StatusPlan, outcome: &Outcome, asked: &Asked, rows: &[Row]) -> Result<(), Broken> {
    let broken = |rule: &'static str, what: String| Err(Broken::new(rule, format!("status: {what}")));
    let (arguments, world) = (&plan.history.arguments, &plan.history.world);
    let is_listed = arguments.is_listed();
    let is_aside = |row: &Row| is_listed && matches!(row.verdict.as_str(), "delete-marker" | "not-found");
    let decide: Vec<&Row> = rows.iter().filter(|row| !is_aside(row)).collect();
    let is_yes = |row: &Row| row.verdict == "replicated" || (status.accept_replica && row.verdict == "replica");
    if decide.is_empty() || !decide.iter().all(|row| is_yes(row) && !row.error) {
        return broken("0 only if every object is replicated", asked.ran.stdout.clone());
    }
    let orders = &outcome.carried.orders;
    let is_about = |order: &Order, row: &Row| {
        order.bucket == row.bucket && order.key == row.key && (order.version.is_none() || order.version == row.version)
    };
    if let Some(missing) = orders.iter().find(|order| !rows.iter().any(|row| is_about(order, row))) {
        return broken("every object that was asked about has an answer", format!("{missing:?}"));
    }
    if let Input::Under { versions: all, .. } = arguments.input {
        let always = |place: &(String, String), version: &StoredVersion| {
            // A new version `null` takes the place of the old one, above a page that was read.
            let is_same = |now: &StoredVersion| if all { now.etag == version.etag } else { now.is_latest };
            let is_there = |now: &StoredVersion| now.version_id == version.version_id && is_same(now);
            asked.moments.iter().all(|moment| moment.get(place).is_some_and(|held| held.iter().any(is_there)))
        };
        let first = asked.moments.first().into_iter().flatten();
        for (place, held) in first.filter(|((bucket, key), _)| arguments.lists(world, bucket, key)) {
            let mut held = held.iter().filter(|version| !version.delete_marker && always(place, version));
            let is_told = |version: &StoredVersion| {
                rows.iter().any(|row| {
                    (&row.bucket, &row.key) == (&place.0, &place.1)
                        && (!all || row.version.as_deref() == Some(&version.version_id))
                })
            };
            if let Some(version) = held.find(|version| !is_told(version)) {
                return broken("everything that was listed has an answer", format!("{place:?} {}", version.version_id));
            }
        }
    }
    if arguments.proof == Proof::Status {
        return Ok(());
    }
    for row in decide.iter().filter(|row| row.verdict == "replicated") {
        let Some(source) = world.source(&row.bucket) else { continue };
        let place = (row.bucket.clone(), row.key.clone(), row.version.clone().unwrap_or_else(|| "null".to_owned()));
        let is_refused = |request: &Request| {
            request.operation == "GetBucketReplication" && matches!(request.status, Some(403 | 501))
        };
        let mut wanted = match asked.ran.requests.iter().any(is_refused) {
            true => Vec::new(),
            false => source.destinations(&row.key, outcome.carried.tagged.contains(&place)),
        };
        // From some moment on, the rules name the first destination only.
        if plan.history.events.iter().any(|(_, event)| event.action == Action::FewerDestinations) {
            wanted.truncate(1);
        }
        if arguments.proof == Proof::Destination {
            wanted.extend(world.sources.iter().map(|source| source.destination));
        }
        let is_in_sync =
            |bucket: &&str| row.destinations.iter().any(|(to, verdict)| to == bucket && verdict == "in-sync");
        if row.destinations.is_empty() || !wanted.iter().all(is_in_sync) {
            return broken("0 only if every replica is in sync", format!("{wanted:?}: {}", asked.ran.stdout));
        }
    }
    Ok(())
}
