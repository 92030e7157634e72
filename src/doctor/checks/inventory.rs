//! Inventory configurations and their newest reports, of the source bucket and of its destinations.

use jiff::SignedDuration;
use s3_answers::InventoryConfiguration;

use super::destinations::each;
use crate::doctor::best_inventory::{COLUMNS, best_inventories, is_usable, lacks};
use crate::doctor::check::Check;
use crate::doctor::facts::{DeliveredReport, InventoryFacts, NewestDelivery, OpenedReport, SetUpFacts};
use crate::doctor::findings::Findings;
use crate::doctor::location::BucketLocation;
use crate::doctor::needs::{INVENTORY, LIST, OBJECT, PolicyTarget, REPLICATION};
use crate::doctor::state::CheckState;

pub(in crate::doctor) static CHECKS: [Check; 8] = [
    Check {
        id: "inventory.configured",
        title: "An inventory configuration of the source bucket is enabled.",
        otherwise: Some(CheckState::Fail),
        meaning: "`replaudit inventory` audits a bucket from its S3 Inventory report. A HEAD request for each object is too slow for a large bucket. Some servers other than AWS have no inventories: that is a warning.",
        repair: "Create a daily inventory of all versions, with the fields Size, LastModifiedDate and ReplicationStatus. The first report arrives within 48 hours.",
        needs: &[(INVENTORY, PolicyTarget::Source)],
        find: |facts, found| configured(&facts.location, &facts.source.inventory, found),
    },
    Check {
        id: "inventory.columns",
        title: "The reports have the columns ReplicationStatus, Size and LastModifiedDate.",
        otherwise: None,
        meaning: "Without ReplicationStatus, a report cannot be audited: the check fails. Without Size there are no bytes, without LastModifiedDate no overdue objects and no ages: that is a warning. The check also fails if no configuration is enabled. The newest report is looked at too, because it may be older than the configuration. All checks of the source's inventory are about one configuration: the best enabled one, preferably with ReplicationStatus, then with all keys, then with all versions.",
        repair: "Add the fields to the configuration. The next report has the columns.",
        needs: &[(INVENTORY, PolicyTarget::Source)],
        find: |facts, found| of_source(facts, found, |best, found| columns(best, &facts.source.inventory, found)),
    },
    Check {
        id: "inventory.versions",
        title: "The reports have all versions.",
        otherwise: None,
        meaning: "A report of current versions only does not show older versions that are not replicated, and has no version IDs. Its exports cannot be used for `safe-delete --permanent`. This is a warning. The check fails if no configuration is enabled.",
        repair: "Set IncludedObjectVersions to All.",
        needs: &[(INVENTORY, PolicyTarget::Source)],
        find: |facts, found| of_source(facts, found, |best, found| versions(best, &facts.source.inventory, found)),
    },
    Check {
        id: "inventory.prefix",
        title: "The reports have all keys.",
        otherwise: None,
        meaning: "A configuration with a prefix says nothing about the keys that do not begin with it: that is a warning. The check fails if no configuration is enabled.",
        repair: "Remove the filter, or create another configuration without one.",
        needs: &[(INVENTORY, PolicyTarget::Source)],
        find: |facts, found| of_source(facts, found, prefix),
    },
    Check {
        id: "inventory.age",
        title: "The newest complete report is not older than its schedule allows.",
        otherwise: Some(CheckState::Fail),
        meaning: "A daily report can be 48 hours old before its successor arrives, so 72 hours are allowed; 240 hours for a weekly one. An older report means that S3 cannot deliver any more: the policy of the bucket for reports, its KMS key, or the configuration has changed. If several configurations are equally good, one report that is new enough is sufficient. doctor looks at the first 8 of them: if those are too old and there are more, the check is unknown. A report about another bucket is unknown too.",
        repair: "Allow s3.amazonaws.com to put objects into the bucket for reports, and to use its KMS key. A configuration that is less than 48 hours old may have no report yet.",
        needs: &[(INVENTORY, PolicyTarget::Source), (LIST, PolicyTarget::Reports), (OBJECT, PolicyTarget::Reports)],
        find: |facts, found| age(&facts.location, &facts.source.inventory, facts, CheckState::Fail, found),
    },
    Check {
        id: "inventory.destination.configured",
        title: "Every destination bucket has an enabled inventory configuration.",
        otherwise: Some(CheckState::Warn),
        meaning: "COMPLETED is about the past: it does not say that the replica still exists. The inventory of the destination says it, for all objects.",
        repair: "Create an inventory for the destination bucket too, with the same fields. It must be delivered to a bucket in the Region of the destination.",
        needs: &[(REPLICATION, PolicyTarget::Source), (INVENTORY, PolicyTarget::Destination)],
        find: |facts, found| each(facts, found, |to, found| configured_there(&to.location, &to.inventory, found)),
    },
    Check {
        id: "inventory.destination.columns",
        title: "The reports of the destination buckets have ReplicationStatus, Size, LastModifiedDate, all versions and all keys.",
        otherwise: Some(CheckState::Warn),
        meaning: "A replica is recognized by its version ID, its status REPLICA and its size. A configuration with a prefix says nothing about the replicas of other keys.",
        repair: "Add the fields to the configuration, set IncludedObjectVersions to All, and remove the filter.",
        needs: &[(REPLICATION, PolicyTarget::Source), (INVENTORY, PolicyTarget::Destination)],
        find: |facts, found| each(facts, found, |to, found| columns_there(&to.location, &to.inventory, found)),
    },
    Check {
        id: "inventory.destination.age",
        title: "The newest complete report of every destination bucket is not older than its schedule allows.",
        otherwise: Some(CheckState::Warn),
        meaning: "As for the source bucket.",
        repair: "As for the source bucket.",
        needs: &[
            (REPLICATION, PolicyTarget::Source),
            (INVENTORY, PolicyTarget::Destination),
            (LIST, PolicyTarget::Reports),
            (OBJECT, PolicyTarget::Reports),
        ],
        find: |facts, found| {
            each(facts, found, |to, found| age(&to.location, &to.inventory, facts, CheckState::Warn, found));
        },
    },
];

const FEATURE: &str = "inventories";
const DAILY: &str = r#"{"Id":"daily","IsEnabled":true,"IncludedObjectVersions":"All","Schedule":{"Frequency":"Daily"},"OptionalFields":["Size","LastModifiedDate","ETag","ReplicationStatus"],"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::REPORTS","Format":"Parquet","Prefix":"inventory"}}}"#;
const NONE: &str = "no inventory configuration is enabled";

fn create(location: &BucketLocation) -> String {
    let id = ["--id", "daily", "--inventory-configuration", DAILY];
    format!("replace REPORTS: {}", location.aws("put-bucket-inventory-configuration", &id))
}

fn named(one: &InventoryConfiguration) -> String {
    format!("configuration {:?}", one.id)
}

fn configured(location: &BucketLocation, inventory: &InventoryFacts, found: &mut Findings) {
    match &inventory.configurations {
        Err(failure) => found.unread_feature(failure, INVENTORY, location, FEATURE),
        Ok(all) => {
            let enabled: Vec<String> = all.iter().filter(|one| one.enabled).map(named).collect();
            match (enabled.is_empty(), all.is_empty()) {
                (false, _) => found.ok(enabled.into_iter().take(8).collect::<Vec<_>>().join(", ")),
                (true, true) => found.fail("the bucket has no inventory configuration", create(location)),
                (true, false) => found.fail(
                    format!("{} is disabled", all.iter().take(8).map(named).collect::<Vec<_>>().join(", ")),
                    "enable it",
                ),
            }
        }
    }
}

fn configured_there(location: &BucketLocation, inventory: &InventoryFacts, found: &mut Findings) {
    let bucket = &location.bucket;
    match &inventory.configurations {
        Err(failure) => found.unread_feature(failure, INVENTORY, location, FEATURE),
        Ok(all) => match all.iter().find(|one| one.enabled) {
            Some(one) => found.ok(format!("bucket {bucket}: {}", named(one))),
            None => found.warn(format!("bucket {bucket} has no enabled inventory configuration"), create(location)),
        },
    }
}

/// Passes the best configurations of the source to `look`.
fn of_source(facts: &SetUpFacts, found: &mut Findings, look: impl Fn(&[&InventoryConfiguration], &mut Findings)) {
    match facts.source.inventory.configurations.as_deref().map(best_inventories) {
        Err(failure) => found.unread_feature(failure, INVENTORY, &facts.location, FEATURE),
        Ok(best) if best.is_empty() => found.fail(NONE, "see inventory.configured"),
        Ok(best) => look(&best, found),
    }
}

/// The state of a report or configuration without these columns.
fn weight(lacks: &[&str]) -> CheckState {
    if lacks.contains(&COLUMNS[0]) { CheckState::Fail } else { CheckState::Warn }
}

fn columns(best: &[&InventoryConfiguration], facts: &InventoryFacts, found: &mut Findings) {
    let missing = lacks(best[0]);
    if !missing.is_empty() {
        let add = format!("add to OptionalFields: {}", missing.join(", "));
        return found.add(weight(&missing), format!("{} lacks {}", named(best[0]), missing.join(", ")), Some(add));
    }
    let names: Vec<String> = best.iter().take(8).map(|one| named(one)).collect();
    found.ok(format!("{} has Size, LastModifiedDate and ReplicationStatus", names.join(", ")));
    for (report, opened) in opened(facts) {
        if !opened.lacks.is_empty() {
            found.add(
                weight(&opened.lacks),
                format!("{} lacks {}", report.manifest, opened.lacks.join(", ")),
                Some("wait for the next report of the configuration".to_owned()),
            );
        }
    }
}

/// The newest reports, as far as they could be opened.
fn opened(facts: &InventoryFacts) -> impl Iterator<Item = (&DeliveredReport, &OpenedReport)> {
    let newest = facts.newest.iter().filter_map(|newest| newest.found.as_ref().ok()?.as_ref());
    newest.filter_map(|report| Some((report, report.opened.as_ref().ok()?)))
}

fn versions(best: &[&InventoryConfiguration], facts: &InventoryFacts, found: &mut Findings) {
    match best[0].versions == "All" {
        true => found.ok(format!("{} has all versions", named(best[0]))),
        false => {
            found.warn(format!("{} has current versions only", named(best[0])), "set IncludedObjectVersions to All");
        }
    }
    for (report, _) in opened(facts).filter(|(_, opened)| !opened.has_versions && best[0].versions == "All") {
        found.warn(
            format!("{} has current versions only", report.manifest),
            "wait for the next report of the configuration",
        );
    }
}

fn prefix(best: &[&InventoryConfiguration], found: &mut Findings) {
    for one in best {
        match &one.prefix {
            None => found.ok(format!("{} has all keys", named(one))),
            Some(prefix) => found.warn(format!("{} has only keys under {prefix:?}", named(one)), "remove the filter"),
        }
    }
}

fn columns_there(location: &BucketLocation, inventory: &InventoryFacts, found: &mut Findings) {
    let bucket = &location.bucket;
    let all = match &inventory.configurations {
        Err(failure) => return found.unread_feature(failure, INVENTORY, location, FEATURE),
        Ok(all) => all,
    };
    let missing = |one: &InventoryConfiguration| {
        let mut missing: Vec<String> = lacks(one).into_iter().map(str::to_owned).collect();
        missing.extend((one.versions != "All").then(|| "all versions".to_owned()));
        missing.extend(one.prefix.as_ref().map(|prefix| format!("the keys that do not begin with {prefix:?}")));
        missing
    };
    let best = best_inventories(all).into_iter().next();
    match best.map(|one| (one, missing(one))) {
        None => found.warn(
            format!("bucket {bucket} has no enabled inventory configuration"),
            "see inventory.destination.configured",
        ),
        Some((one, missing)) if missing.is_empty() => {
            found.ok(format!("bucket {bucket}: {} has all of them", named(one)));
            for (report, opened) in opened(inventory) {
                let versions = (!opened.has_versions).then_some("all versions");
                let missing: Vec<&str> = opened.lacks.iter().copied().chain(versions).collect();
                if !missing.is_empty() {
                    found.warn(
                        format!("bucket {bucket}: {} lacks {}", report.manifest, missing.join(", ")),
                        "wait for the next report of the configuration",
                    );
                }
            }
        }
        Some((one, missing)) => found
            .warn(format!("bucket {bucket}: {} lacks {}", named(one), missing.join(", ")), "change the configuration"),
    }
}

/// `late` is the state if the newest report is too old, or there is none.
fn age(
    location: &BucketLocation,
    inventory: &InventoryFacts,
    facts: &SetUpFacts,
    late: CheckState,
    found: &mut Findings,
) {
    match &inventory.configurations {
        Err(failure) => return found.unread_feature(failure, INVENTORY, location, FEATURE),
        Ok(all) if inventory.newest.is_empty() => {
            let bucket = &location.bucket;
            let (text, check) = match all.iter().any(|one| one.enabled) {
                true => (format!("bucket {bucket}: no enabled configuration selects ReplicationStatus"), "columns"),
                false if all.is_empty() => (format!("bucket {bucket} has no inventory configuration"), "configured"),
                false => (format!("bucket {bucket} has no enabled inventory configuration"), "configured"),
            };
            let side = match late {
                CheckState::Fail => "inventory",
                CheckState::Ok | CheckState::Warn | CheckState::Unknown => "inventory.destination",
            };
            return found.add(late, text, Some(format!("see {side}.{check}")));
        }
        Ok(_) => {}
    }
    let mut parts: Vec<(CheckState, String)> = Vec::new();
    for newest in &inventory.newest {
        if let Some(part) = age_of(newest, facts, late, found) {
            parts.push(part);
        }
    }
    // One report that is new enough can be audited.
    let fresh = parts.iter().any(|(state, _)| *state == CheckState::Ok);
    let others = inventory.configurations.as_ref().map_or(0, |all| all.iter().filter(|one| is_usable(one)).count());
    let others = others.saturating_sub(inventory.newest.len());
    let not_looked_at = match others {
        1 => "1 other configuration was not looked at".to_owned(),
        others => format!("{others} other configurations were not looked at"),
    };
    if !fresh && inventory.not_looked_at > 0 {
        // One of these may have a report that is new enough.
        found.unknown(not_looked_at, "disable configurations that are not needed");
    } else if let Some((_, text)) = parts.first_mut().filter(|_| others > 0) {
        *text = format!("{text} ({not_looked_at})");
    }
    for (state, text) in parts {
        let state = if fresh { state.min(CheckState::Warn) } else { state };
        let next = "find out why S3 does not deliver: the policy of the bucket for reports, its KMS key";
        found.add(state, text, (state != CheckState::Ok).then(|| next.to_owned()));
    }
}

/// If a report from later than this in the future, one of the clocks is wrong.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

fn age_of(
    newest: &NewestDelivery,
    facts: &SetUpFacts,
    late: CheckState,
    found: &mut Findings,
) -> Option<(CheckState, String)> {
    let report = match &newest.found {
        Err(failure) => {
            found.unread(failure, LIST, &newest.location);
            return None;
        }
        Ok(None) => {
            let text = format!("configuration {:?} has delivered no complete report", newest.id);
            return Some((late, text));
        }
        Ok(Some(report)) => report,
    };
    let scanned_at = match &report.opened {
        Err(failure) => {
            found.unread(failure, OBJECT, &newest.location);
            return None;
        }
        Ok(opened) => opened.scanned_at,
    };
    let age = facts.now.duration_since(scanned_at);
    let hours = if newest.weekly { 240 } else { 72 };
    let shown = match age.as_hours() {
        hours if hours >= 48 => format!("{}d", hours / 24),
        hours => format!("{hours}h"),
    };
    let text = format!("{}: S3 scanned the bucket at {scanned_at}", report.manifest);
    Some(match age {
        age if age < -CLOCK_SKEW => (late, format!("{text}, which is in the future")),
        age if age > SignedDuration::from_hours(hours) => {
            (late, format!("{text}, {shown} ago; its schedule allows {hours} hours"))
        }
        _ => (CheckState::Ok, format!("{text}, {shown} ago")),
    })
}
