//! Whether failures are noticed: metrics, Replication Time Control, event notifications.

use s3_answers::ReplicationRules;

use super::rules::{enabled_rules, of_rules};
use crate::doctor::check::Check;
use crate::doctor::facts::SetUpFacts;
use crate::doctor::findings::Findings;
use crate::doctor::needs::{NOTIFICATION, PolicyTarget, REPLICATION};
use crate::doctor::scope::name;
use crate::doctor::state::CheckState;

pub(in crate::doctor) static CHECKS: [Check; 3] = [
    Check {
        id: "metrics.enabled",
        title: "Every enabled rule has replication metrics.",
        otherwise: Some(CheckState::Warn),
        meaning: "Without them, CloudWatch has no figures of the rule, and S3 sends no events when an object fails to replicate.",
        repair: "Set Metrics to Enabled in the destination of the rule.",
        needs: &[(REPLICATION, PolicyTarget::Source)],
        find: metrics,
    },
    Check {
        id: "rule.rtc",
        title: "Replication Time Control is set up completely.",
        otherwise: None,
        meaning: "Replication Time Control needs metrics: without them, nothing shows that an object is late. The only valid time is 15 minutes. A warning means that a rule has no metrics. The check fails if a rule has another time.",
        repair: "Set Metrics to Enabled with an EventThreshold of 15 minutes, and ReplicationTime to 15 minutes.",
        needs: &[(REPLICATION, PolicyTarget::Source)],
        find: time_control,
    },
    Check {
        id: "events.failure",
        title: "A queue, topic or function receives an event when an object fails to replicate.",
        otherwise: Some(CheckState::Warn),
        meaning: "The event s3:Replication:OperationFailedReplication has the reason of a failure. No other source gives this reason immediately for each object and destination. EventBridge receives no replication events. A warning also means that no enabled rule has metrics: S3 then sends no such event.",
        repair: "Add a notification for s3:Replication:OperationFailedReplication. It needs metrics in the rule.",
        needs: &[(NOTIFICATION, PolicyTarget::Source)],
        find: failure_events,
    },
];

const ADD_METRICS: &str = "add to the Destination of the rule: \"Metrics\":{\"Status\":\"Enabled\"}";

fn metrics(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no rule is enabled", |rules, found| {
        for rule in enabled_rules(rules) {
            match rule.destination.metrics {
                true => found.ok(format!("{} has metrics", name(rule))),
                false => found.warn(format!("{} has no metrics", name(rule)), ADD_METRICS),
            }
        }
    })
}

fn time_control(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no rule has Replication Time Control", |rules, found| {
        for rule in enabled_rules(rules) {
            match (rule.time_control_minutes, rule.destination.metrics) {
                (None, _) => {}
                (Some(15), true) => found.ok(format!("{} has Replication Time Control and metrics", name(rule))),
                (Some(15), false) => {
                    found.warn(format!("{} has Replication Time Control and no metrics", name(rule)), ADD_METRICS);
                }
                (Some(minutes), _) => found.fail(
                    format!("{} has a Replication Time Control of {minutes} minutes", name(rule)),
                    "set ReplicationTime to 15 minutes",
                ),
            }
        }
    })
}

fn has_metrics(rules: &ReplicationRules) -> bool {
    enabled_rules(rules).any(|rule| rule.destination.metrics)
}

const FAILED: &str = "s3:Replication:OperationFailedReplication";

fn failure_events(facts: &SetUpFacts, found: &mut Findings) {
    let notifications = match &facts.source.notifications {
        Ok(notifications) => notifications,
        Err(failure) => {
            return found.unread_feature(failure, NOTIFICATION, &facts.location, "event notifications");
        }
    };
    let receive: Vec<_> = notifications.targets.iter().filter(|target| target.receives(FAILED)).collect();
    let all = receive.iter().find(|target| !target.filtered);
    let add = || match notifications.targets.is_empty() && !notifications.event_bridge {
        true => {
            let queue = format!(r#"{{"QueueConfigurations":[{{"QueueArn":"QUEUE_ARN","Events":["{FAILED}"]}}]}}"#);
            let command = ["--notification-configuration", &queue];
            let command = facts.location.aws("put-bucket-notification-configuration", &command);
            format!("replace QUEUE_ARN: {command}")
        }
        // It replaces the whole configuration.
        false => format!("add a queue, topic or function for {FAILED} to the notifications that the bucket has"),
    };
    match (all, receive.first()) {
        // S3 sends them only for rules with metrics.
        (Some(target), _) if facts.source.rules.as_ref().is_ok_and(|rules| !has_metrics(rules)) => {
            found.warn(format!("{} would receive them, and no enabled rule has metrics", target.arn), ADD_METRICS);
        }
        (Some(target), _) => found.ok(format!("{} receives them", target.arn)),
        (None, Some(target)) => {
            found.warn(format!("{} receives only those of some keys", target.arn), "remove the filter");
        }
        (None, None) if notifications.event_bridge => {
            found.warn(format!("nothing receives {FAILED}: EventBridge has no replication events"), add());
        }
        (None, None) => found.warn(format!("nothing receives {FAILED}"), add()),
    }
}
