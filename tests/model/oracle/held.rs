//! What the buckets hold in the end: everything that ever was, except what may be gone.

use std::collections::BTreeSet;

use super::Broken;
use super::sent::deletes;
use crate::carried::{Carried, Done};
use crate::history::History;
use crate::world::{Snapshot, versions_of};

/// Judges the state after all runs.
pub(super) fn judge(history: &History, carried: &Carried) -> Result<(), Broken> {
    let Some(last) = carried.ran.last() else { return Ok(()) };
    let mut expected = versions_of(&carried.before);
    let mut gone: BTreeSet<(String, String, String)> = BTreeSet::new();
    for done in &carried.others {
        match done {
            Done::Wrote { bucket, key, version } | Done::Hid { bucket, key, marker: version } => {
                expected.insert((bucket.clone(), key.clone(), version.clone()));
            }
            Done::Took { bucket, key, version } => {
                gone.insert((bucket.clone(), key.clone(), version.clone()));
            }
            Done::LostReplica { .. } | Done::Versioning { .. } => {}
        }
    }
    for ran in &carried.ran {
        for delete in deletes(ran)? {
            let removed = delete.effect.map_or(&[][..], |effect| effect.removed.as_slice());
            gone.extend(removed.iter().map(|id| (delete.bucket.to_owned(), delete.key.clone(), id.clone())));
        }
    }
    let held = versions_of(&last.after);
    for version in &expected {
        if !held.contains(version) && !gone.contains(version) && !replica_may_be_gone(history, carried, version) {
            return Err(Broken::new("nothing else is gone", format!("{version:?} is gone")));
        }
    }
    replicas_are_visible(history, carried, &last.after)
}

fn is_destination(history: &History, bucket: &str) -> bool {
    history.world.sources.iter().any(|source| source.destination == bucket || source.second == bucket)
}

fn replica_may_be_gone(history: &History, carried: &Carried, (bucket, key, _): &(String, String, String)) -> bool {
    let lost = |done: &Done| matches!(done, Done::LostReplica { bucket: b, key: k } if b == bucket && k == key);
    let allowed = history.arguments.allow_replicated_delete && history.world.dialect.version_deletes_replicate;
    is_destination(history, bucket) && (allowed || carried.others.iter().any(lost))
}

/// No marker of the program's came to a destination, unless that was allowed.
fn replicas_are_visible(history: &History, carried: &Carried, after: &Snapshot) -> Result<(), Broken> {
    if history.arguments.allow_marker_replication {
        return Ok(());
    }
    let others: BTreeSet<&str> = carried
        .others
        .iter()
        .filter_map(|done| match done {
            Done::Hid { marker, .. } => Some(marker.as_str()),
            _ => None,
        })
        .collect();
    let before = versions_of(&carried.before);
    for ((bucket, key), versions) in after.iter().filter(|((bucket, _), _)| is_destination(history, bucket)) {
        for version in versions.iter().filter(|version| version.delete_marker) {
            let place = (bucket.clone(), key.clone(), version.version_id.clone());
            if !before.contains(&place) && !others.contains(version.version_id.as_str()) {
                return Err(Broken::new("no marker travels unasked", format!("{place:?}")));
            }
        }
    }
    Ok(())
}
