//! Every delete that the program sent, held against what the server had answered before it: was it proven replicated,
//! and was the delete bound to what was checked?

use replaudit_sandbox::{Effect, Request, Versioning};

use super::Broken;
use super::fresh::{at, named};
use super::told::was_undone;
use crate::arguments::{Order, Proof};
use crate::carried::{Carried, Done, Ran};
use crate::history::History;
use crate::report::{Entry, Report};
use crate::world::Snapshot;

/// One delete of one key.
pub(crate) struct Delete<'a> {
    pub(crate) request: &'a Request,
    pub(crate) bucket: &'a str,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    /// The condition, without quotes.
    pub(crate) etag: Option<String>,
    pub(crate) effect: Option<&'a Effect>,
}

/// Every delete of a run, in the order in which they arrived.
pub(crate) fn deletes(ran: &Ran) -> Result<Vec<Delete<'_>>, Broken> {
    let mut found = Vec::new();
    for request in ran.requests.iter().filter(|request| request.is_write()) {
        let bucket = request.bucket.as_deref().unwrap_or("");
        match request.operation.as_str() {
            "DeleteObject" => found.push(Delete {
                request,
                bucket,
                key: request.key.clone().unwrap_or_default(),
                version: request.version_id.clone(),
                etag: request.headers.get("if-match").map(|etag| etag.trim_matches('"').to_owned()),
                effect: request.effects.first(),
            }),
            "DeleteObjects" => found.extend(entries(request, bucket)?),
            other => return Err(Broken::new("only deletes are sent", format!("{other} was sent"))),
        }
    }
    Ok(found)
}

fn entries<'a>(request: &'a Request, bucket: &'a str) -> Result<Vec<Delete<'a>>, Broken> {
    // Closed before the body was read: nothing was done.
    let Some(body) = &request.body else { return Ok(Vec::new()) };
    let document = roxmltree::Document::parse(body)
        .map_err(|error| Broken::new("a batch is well-formed", format!("{error}: {body}")))?;
    let objects = document.descendants().filter(|node| node.tag_name().name() == "Object");
    let each = |object: roxmltree::Node<'_, '_>| {
        let text = |name: &str| {
            let child = object.children().find(|child| child.tag_name().name() == name);
            child.map(|child| child.text().unwrap_or("").to_owned())
        };
        let (key, version) = (text("Key").unwrap_or_default(), text("VersionId"));
        let effect = request.effects.iter().find(|effect| {
            effect.key == key && version.as_ref().is_none_or(|version| effect.removed.contains(version))
        });
        Delete {
            request,
            bucket,
            key,
            version,
            etag: text("ETag").map(|etag| etag.trim_matches('"').to_owned()),
            effect,
        }
    };
    Ok(objects.map(each).collect())
}

/// What HEAD answered about one key.
pub(crate) struct Head<'a>(pub(crate) &'a Request);

impl Head<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.answer.get(name).map(String::as_str)
    }

    fn etag(&self) -> Option<&str> {
        self.header("etag").map(|etag| etag.trim_matches('"'))
    }

    fn is_proof(&self) -> bool {
        self.0.status == Some(200) && matches!(self.header("x-amz-replication-status"), Some("COMPLETED" | "COMPLETE"))
    }

    fn is_locked(&self) -> bool {
        let until =
            self.header("x-amz-object-lock-retain-until-date").and_then(|date| date.parse::<jiff::Timestamp>().ok());
        self.header("x-amz-object-lock-legal-hold") == Some("ON")
            || until.is_some_and(|until| std::time::SystemTime::from(until) > crate::wall::now())
    }
}

/// HEADs of the same question as the delete that were answered before it arrived, oldest first.
pub(crate) fn heads<'a>(ran: &'a Ran, delete: &Delete<'_>) -> Vec<Head<'a>> {
    let mut found: Vec<Head<'_>> = ran
        .requests
        .iter()
        .filter(|request| {
            request.operation == "HeadObject"
                && request.bucket.as_deref() == Some(delete.bucket)
                && request.key.as_deref() == Some(&delete.key)
                && request.version_id == delete.version
                && request.answered.is_some_and(|answered| answered < delete.request.arrived)
        })
        .map(Head)
        .collect();
    found.sort_by_key(|head| head.0.answered);
    found
}

/// Judges every delete of a run.
pub(super) fn judge(history: &History, carried: &Carried, run: usize) -> Result<(), Broken> {
    let ran = &carried.ran[run];
    let deletes = deletes(ran)?;
    if history.arguments.dry_run && !deletes.is_empty() {
        return Err(Broken::new("a dry run only reads", format!("{} deletes were sent", deletes.len())));
    }
    for delete in &deletes {
        let shown = || {
            format!(
                "run {run}: {} of {}/{:?} version {:?} if {:?}, arrived {}, effect {:?}",
                delete.request.operation,
                delete.bucket,
                delete.key,
                delete.version,
                delete.etag,
                delete.request.arrived,
                delete.effect
            )
        };
        let broken = |rule: &'static str| Err(Broken::new(rule, shown()));
        if history.arguments.permanent != delete.version.is_some() {
            return broken("hiding names no version, and removing names one");
        }
        let asked = |order: &Order| {
            order.bucket == delete.bucket
                && order.key == delete.key
                && (order.version == delete.version || !history.arguments.permanent)
        };
        let listed = history.arguments.lists(&history.world, delete.bucket, &delete.key);
        if !listed && !carried.orders.iter().any(asked) {
            return broken("only what was asked for is deleted");
        }
        if delete.request.headers.contains_key("x-amz-bypass-governance-retention") {
            return broken("no lock is bypassed");
        }
        if history.arguments.proof != Proof::Status && !replica_was_seen(history, carried, ran, delete) {
            return broken("the replica was seen at its last check");
        }
        if history.arguments.permanent {
            permanent(ran, delete).or_else(broken)?;
        } else {
            hide(history, carried, run, delete).or_else(broken)?;
        }
    }
    Ok(())
}

fn permanent(ran: &Ran, delete: &Delete<'_>) -> Result<(), &'static str> {
    let heads = heads(ran, delete);
    let Some(last) = heads.last() else { return Err("what is deleted was checked") };
    if !last.is_proof() {
        return Err("what is deleted was proven replicated at its last check");
    }
    if last.is_locked() {
        return Err("what is locked is not deleted");
    }
    // One for the plan, one just before.
    if heads.len() < 2 {
        return Err("what is removed permanently is checked again just before");
    }
    if let Some(effect) = delete.effect
        && (effect.marker.is_some() || effect.removed.iter().any(|id| Some(id) != delete.version.as_ref()))
    {
        return Err("exactly the named version is removed");
    }
    Ok(())
}

/// At every destination that the rules or the caller name, the last HEAD of the version answered with a replica of the
/// same size.
fn replica_was_seen(history: &History, carried: &Carried, ran: &Ran, delete: &Delete<'_>) -> bool {
    let arguments = &history.arguments;
    // Another order of the key asked about the same replica, if both were asked for the current version.
    let may_be_of_another = !arguments.permanent && (arguments.is_listed() || orders_of_key(carried, delete) > 1);
    let was_seen = |proof: &Head<'_>| {
        let version = delete.version.clone().or_else(|| proof.header("x-amz-version-id").map(str::to_owned));
        let checked = Delete { version, ..at(delete, delete.bucket) };
        let named = named(history, carried, ran, &checked);
        !named.is_empty()
            && named.iter().all(|bucket| {
                let is_replica = |head: &Head<'_>| {
                    head.0.status == Some(200)
                        && head.header("x-amz-replication-status") == Some("REPLICA")
                        && head.header("content-length") == proof.header("content-length")
                };
                let heads = heads(ran, &at(&checked, bucket));
                if may_be_of_another { heads.iter().any(is_replica) } else { heads.last().is_some_and(is_replica) }
            })
    };
    // A question names no version: of the HEADs of one key, which may have seen different versions, it rests on any.
    if asks_only(delete) {
        return heads(ran, delete).iter().any(|head| head.is_proof() && was_seen(head));
    }
    checked(history, carried, ran, delete).is_some_and(|proof| was_seen(&proof))
}

/// A condition that nothing fulfils: how the program finds out whether the server heeds conditions at all.
fn asks_only(delete: &Delete<'_>) -> bool {
    delete.etag.as_deref().is_some_and(|etag| etag.contains("replaudit"))
}

fn orders_of_key(carried: &Carried, delete: &Delete<'_>) -> usize {
    carried.orders.iter().filter(|order| order.bucket == delete.bucket && order.key == delete.key).count()
}

/// The HEAD that a delete rests on: the last one that fits its condition.
fn checked<'a>(history: &History, carried: &Carried, ran: &'a Ran, delete: &Delete<'_>) -> Option<Head<'a>> {
    let mut heads = heads(ran, delete);
    let etag = delete.etag.as_deref().filter(|_| !asks_only(delete));
    // Where several orders name the key each has its own HEAD, and they look the same: one proof is enough.
    let named = orders_of_key(carried, delete);
    let own = history.arguments.permanent || named == 1 || (history.arguments.is_listed() && heads.len() == 1);
    let fits = |head: &Head<'_>| etag.is_none_or(|etag| head.etag() == Some(etag)) && (own || head.is_proof());
    let last = heads.iter().rposition(fits)?;
    Some(heads.swap_remove(last))
}

fn hide(history: &History, carried: &Carried, run: usize, delete: &Delete<'_>) -> Result<(), &'static str> {
    let ran = &carried.ran[run];
    if delete.etag.is_none() && !history.arguments.allow_unconditional {
        return Err("hiding is bound to what was checked");
    }
    let Some(checked) = checked(history, carried, ran, delete) else { return Err("what is hidden was checked") };
    if !checked.is_proof() {
        return Err("what is hidden was proven replicated at its last check");
    }
    let Some(effect) = delete.effect else { return Ok(()) };
    if effect.removed.iter().any(|id| !was_there_as_marker(carried, delete, id))
        && !suspended_since(history, carried, ran, delete)
    {
        return Err("hiding destroys nothing");
    }
    let hidden = effect.hidden.as_deref();
    let same = hidden == checked.header("x-amz-version-id")
        || (hidden == Some("null") && checked.header("x-amz-version-id").is_none());
    // If-Match can't tell apart what has the same content.
    let alike = || hidden.and_then(|id| etag_of(carried, delete, id)).as_deref() == checked.etag();
    if same || alike() {
        return Ok(());
    }
    let unbound = history.world.dialect.if_match_ignored || history.world.dialect.if_match_501;
    if !unbound || !(history.arguments.allow_unconditional || asks_only(delete)) {
        return Err("exactly what was checked is hidden");
    }
    // Where nothing can be bound, the report must say what went wrong: that of this run, or if it was killed, of the next one.
    // If nothing was there, nothing was hidden.
    let report = |ran: &Ran| Report::of(&ran.stdout, history.arguments.ndjson).ok().flatten();
    let told = carried.ran.iter().enumerate().skip(run).filter(|(_, ran)| ran.code.is_some());
    let told = told.filter_map(|(at, ran)| Some((at, report(ran)?))).next();
    let Some((later, report)) = told.filter(|_| hidden.is_some()) else { return Ok(()) };
    if later > run && was_undone(carried, delete) {
        return Ok(());
    }
    let told = |entry: &&Entry| entry.bucket == delete.bucket && entry.key == delete.key;
    let admits = |entry: &Entry| entry.admits_another() || !entry.is_done();
    if report.entries.iter().filter(told).any(admits) {
        Ok(())
    } else {
        Err("the report says that another version was hidden")
    }
}

fn snapshots(carried: &Carried) -> impl Iterator<Item = &Snapshot> {
    std::iter::once(&carried.before).chain(carried.ran.iter().map(|ran| &ran.after))
}

pub(super) fn etag_of(carried: &Carried, delete: &Delete<'_>, id: &str) -> Option<String> {
    let place = (delete.bucket.to_owned(), delete.key.clone());
    let mut held = snapshots(carried).filter_map(|snapshot| snapshot.get(&place)).flatten();
    held.find(|version| version.version_id == id && !version.delete_marker).map(|version| version.etag.clone())
}

/// A `null` marker that replaces a `null` marker takes nothing away.
fn was_there_as_marker(carried: &Carried, delete: &Delete<'_>, id: &str) -> bool {
    let place = (delete.bucket.to_owned(), delete.key.clone());
    let mut held = snapshots(carried).filter_map(|snapshot| snapshot.get(&place)).flatten();
    !held.any(|version| version.version_id == id && !version.delete_marker)
}

/// S3 said Enabled, and somebody suspended versioning before the delete: no client can exclude that.
fn suspended_since(history: &History, carried: &Carried, ran: &Ran, delete: &Delete<'_>) -> bool {
    let answered = ran
        .requests
        .iter()
        .filter(|request| {
            request.operation == "GetBucketVersioning" && request.bucket.as_deref() == Some(delete.bucket)
        })
        .filter(|request| request.status == Some(200) && request.answered.is_some_and(|at| at < delete.request.arrived))
        .max_by_key(|request| request.answered);
    let Some(asked) = answered else { return false };
    let mut now = history.world.source(delete.bucket).map_or(Versioning::Never, |source| source.versioning);
    let mut then = vec![now];
    for done in &carried.others {
        if let Done::Versioning { at, bucket, versioning } = done
            && bucket == delete.bucket
        {
            now = *versioning;
            if *at <= asked.arrived {
                then = vec![now];
            } else if Some(*at) < asked.answered {
                then.push(now);
            }
        }
    }
    then.contains(&Versioning::Enabled)
}
