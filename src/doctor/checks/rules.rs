//! The replication rules: which objects they apply to.

use s3_answers::{Exclusion, ReplicationRule, ReplicationRules};

use crate::doctor::check::Check;
use crate::doctor::facts::SetUpFacts;
use crate::doctor::findings::Findings;
use crate::doctor::needs::{LIST, OBJECT, PolicyTarget, REPLICATION};
use crate::doctor::scope::{
    applies_to, contains, covers_prefix, excludes_everything, exclusion, is_for_every_key, name, overlap, text,
};
use crate::doctor::state::CheckState;
use crate::model::StatusClass;
use crate::status::HeadAnswer;

const RULES: &[(&str, PolicyTarget)] = &[(REPLICATION, PolicyTarget::Source)];

pub(in crate::doctor) static CHECKS: [Check; 8] = [
    Check {
        id: "replication.configured",
        title: "The bucket has replication rules.",
        otherwise: Some(CheckState::Fail),
        meaning: "Without a rule, S3 replicates nothing, and no object has a replication status.",
        repair: "Create a replication configuration. Objects that are in the bucket already are not replicated by it: use S3 Batch Replication for them.",
        needs: RULES,
        find: configured,
    },
    Check {
        id: "replication.role",
        title: "The replication role is the ARN of an IAM role, and the first objects show that it works.",
        otherwise: None,
        meaning: "S3 assumes this role to replicate. Its policies are in IAM, which replaudit does not read: it only looks at the form of the ARN and at the status of the first objects. The check fails if there is no ARN of a role. A warning means that none of the first objects is COMPLETED, or that one is FAILED.",
        repair: "Simulate the policies of the role with the printed command, once for each destination. Look at a failed object with `replaudit status --explain`.",
        needs: &[(REPLICATION, PolicyTarget::Source), (LIST, PolicyTarget::Source), (OBJECT, PolicyTarget::Source)],
        find: role,
    },
    Check {
        id: "rule.enabled",
        title: "Every rule is enabled.",
        otherwise: None,
        meaning: "A disabled rule replicates nothing. Objects that are written meanwhile are not replicated when the rule is enabled again. A warning means that some rules are disabled. The check fails if no rule is enabled.",
        repair: "Enable the rule, or remove it. Use S3 Batch Replication for the objects that were written meanwhile.",
        needs: RULES,
        find: enabled,
    },
    Check {
        id: "rule.elements",
        title: "replaudit knows every element of the rules that can restrict them.",
        otherwise: Some(CheckState::Unknown),
        meaning: "An element that replaudit does not know may exclude objects. Whether the rule applies to an object is then unknown, here and in every other command.",
        repair: "Update replaudit.",
        needs: RULES,
        find: elements,
    },
    Check {
        id: "rule.coverage",
        title: "A rule applies to every key of the bucket.",
        otherwise: None,
        meaning: "A warning means that no rule applies to every key: each rule applies only to one prefix, only to objects with some tags, or excludes some objects. The check fails if no rule is enabled. An object to which no rule applies is not replicated, and has no status.",
        repair: "Nothing, if such objects need no replica. Otherwise add a rule with an empty filter.",
        needs: RULES,
        find: coverage,
    },
    Check {
        id: "rule.exclusions",
        title: "What a rule excludes (the element `Not` of its filter) is replicated by another rule.",
        otherwise: None,
        meaning: "The check fails if a rule excludes every object that its filter matches. A warning means that no other rule applies to what a rule excludes.",
        repair: "Remove the exclusion, or add a rule for what it excludes.",
        needs: RULES,
        find: exclusions,
    },
    Check {
        id: "rule.priority",
        title: "No rule is overridden completely by another rule with the same destination and a higher priority.",
        otherwise: Some(CheckState::Warn),
        meaning: "If several rules with the same destination match an object, only the rule with the highest priority applies to it. If a rule with a higher priority matches all objects of a rule, that rule never applies. Then its storage class, encryption and other settings have no effect. It is also a warning if two rules with the same destination and overlapping prefixes have the same priority.",
        repair: "Give the rule for fewer objects the higher priority, or remove it.",
        needs: RULES,
        find: priority,
    },
    Check {
        id: "rule.deletes",
        title: "No rule replicates deletes.",
        otherwise: Some(CheckState::Warn),
        meaning: "A warning means that a rule replicates delete markers: if you hide an object, its replica is hidden too, so safe-delete keeps the object as `marker-replicates`. On servers other than AWS, a rule can also delete the replica of a version that you delete (`delete-replicates`).",
        repair: "Nothing, if that is what you want: `--allow-marker-replication` and `--allow-replicated-delete` allow it.",
        needs: RULES,
        find: deletes,
    },
];

const RULES_TO_WRITE: &str = r#"{"Role":"arn:aws:iam::ACCOUNT:role/ROLE","Rules":[{"ID":"all","Priority":1,"Status":"Enabled","Filter":{},"DeleteMarkerReplication":{"Status":"Disabled"},"Destination":{"Bucket":"arn:aws:s3:::DESTINATION","Metrics":{"Status":"Enabled"}}}]}"#;

/// AWS allows a configuration this many rules. Rules are compared with each other, so more are refused.
const MOST_RULES: usize = 1000;
pub(super) const NO_RULES: &str = "does not apply: the bucket has no replication rules";

/// Passes the rules to `look`, and finds otherwise why there are none. `nothing` is what was found if `look` adds nothing.
pub(super) fn of_rules(
    facts: &SetUpFacts,
    found: &mut Findings,
    nothing: &'static str,
    look: impl FnOnce(&ReplicationRules, &mut Findings),
) {
    found.if_nothing(nothing);
    match &facts.source.rules {
        Err(failure) => found.unread(failure, REPLICATION, &facts.location),
        Ok(rules) if rules.rules.len() > MOST_RULES => found.unknown(
            format!("the bucket has {} rules, more than S3 allows", rules.rules.len()),
            "is that an S3 endpoint?",
        ),
        Ok(rules) if rules.rules.is_empty() => found.ok(NO_RULES),
        Ok(rules) => look(rules, found),
    }
}

pub(super) fn enabled_rules(rules: &ReplicationRules) -> impl Iterator<Item = &ReplicationRule> {
    rules.rules.iter().filter(|rule| rule.enabled)
}

fn configured(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.source.rules {
        Ok(rules) if rules.rules.is_empty() => {
            let rules = ["--replication-configuration", RULES_TO_WRITE];
            let next =
                format!("replace the words in capitals: {}", facts.location.aws("put-bucket-replication", &rules));
            found.fail("the bucket has no replication configuration", next);
        }
        Ok(rules) => found.ok(match rules.rules.len() {
            1 => "1 rule".to_owned(),
            count => format!("{count} rules"),
        }),
        Err(failure) => found.unread(failure, REPLICATION, &facts.location),
    }
}

fn enabled(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "", |rules, found| {
        let any = rules.rules.iter().any(|rule| rule.enabled);
        for rule in &rules.rules {
            match (rule.enabled, any) {
                (true, _) => found.ok(format!("{} is enabled", name(rule))),
                (false, true) => found.warn(
                    format!("{} is disabled", name(rule)),
                    "enable it or remove it; what was written meanwhile needs S3 Batch Replication",
                ),
                (false, false) => found.fail(
                    format!("{} is disabled, and no other rule is enabled", name(rule)),
                    "enable it; what was written meanwhile needs S3 Batch Replication",
                ),
            }
        }
    })
}

fn elements(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "every element is known", |rules, found| {
        for rule in rules.rules.iter().filter(|rule| !rule.unknown.is_empty()) {
            let elements = rule.unknown.join(" and ");
            found.unknown(format!("{} has {elements}, which replaudit does not know", name(rule)), "update replaudit");
        }
    })
}

fn coverage(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "", |rules, found| {
        if let Some(rule) = enabled_rules(rules).find(|rule| is_for_every_key(rule)) {
            return found.ok(format!("{} applies to every key", name(rule)));
        }
        let scopes: Vec<String> = enabled_rules(rules).take(8).map(applies_to).collect();
        let next =
            format!("to see what is not replicated: replaudit inventory --bucket {} --by prefix", facts.bucket());
        match scopes.is_empty() {
            true => found.fail("no rule is enabled, so nothing is replicated", "enable a rule"),
            false => found.warn(format!("no rule applies to every key: {}", scopes.join("; ")), next),
        }
    })
}

fn exclusions(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no rule excludes anything", |rules, found| {
        for rule in enabled_rules(rules).filter(|rule| !rule.scope.except.is_empty()) {
            if excludes_everything(&rule.scope) {
                found.fail(
                    format!("{} applies to no object: it selects {}", name(rule), text(&rule.scope)),
                    "remove the exclusion",
                );
                continue;
            }
            for one in &rule.scope.except {
                let is_covered = |prefix: &str| enabled_rules(rules).any(|other| covers_prefix(other, prefix));
                let covered = match one {
                    Exclusion::Prefix(prefix) => is_covered(prefix),
                    Exclusion::Tag(..) => is_covered(&rule.scope.prefix),
                };
                match covered {
                    true => found.ok(format!(
                        "{} excludes {}, and another rule applies to them",
                        name(rule),
                        exclusion(one)
                    )),
                    false => found.warn(
                        format!("{} excludes {}, and no other rule applies to all of them", name(rule), exclusion(one)),
                        "add a rule for them, if they need a replica",
                    ),
                }
            }
        }
    })
}

fn priority(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no rule is overridden by another rule", |rules, found| {
        for rule in enabled_rules(rules) {
            let same = enabled_rules(rules)
                .filter(|other| !std::ptr::eq(*other, rule) && other.destination.is_same_place(&rule.destination));
            for other in same {
                if other.priority > rule.priority && contains(other, rule) {
                    let (one, by) = (name(rule), name(other));
                    found.warn(
                        format!("{one} never applies: {by} applies to all of its objects, with the same destination and a higher priority"),
                        format!("raise the priority of {one}, or remove it"),
                    );
                    break;
                }
                // Each pair once.
                let first = std::ptr::from_ref(other) < std::ptr::from_ref(rule);
                if first && other.priority == rule.priority && overlap(&other.scope.prefix, &rule.scope.prefix) {
                    found.warn(
                        format!("{} and {} have the same destination and the same priority", name(other), name(rule)),
                        "give them different priorities",
                    );
                }
            }
        }
    })
}

fn deletes(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "no delete is replicated", |rules, found| {
        for rule in enabled_rules(rules).filter(|rule| !rule.scope.has_filter || rule.delete_marker_replication) {
            found.warn(
                format!("{} replicates delete markers to bucket {}", name(rule), rule.destination.bucket),
                "safe-delete keeps its objects, unless --allow-marker-replication is given",
            );
        }
        let unknown = || enabled_rules(rules).filter(|rule| rule.unknown_delete_switch);
        for rule in unknown().filter(|rule| rule.scope.has_filter && !rule.delete_marker_replication) {
            found.warn(
                format!("{} has an unknown element about deletes: it may replicate delete markers", name(rule)),
                "safe-delete keeps its objects, unless --allow-marker-replication is given",
            );
        }
        if rules.version_deletes_replicate {
            let may = if unknown().next().is_some() { "may also delete" } else { "also deletes" };
            found.warn(
                format!("deleting a version {may} its replica"),
                "safe-delete --permanent keeps every version, unless --allow-replicated-delete is given",
            );
        }
    })
}

fn role(facts: &SetUpFacts, found: &mut Findings) {
    of_rules(facts, found, "", |rules, found| {
        let role = match rules.role.as_deref() {
            None => return found.fail("the configuration names no role", "set Role to the ARN of an IAM role"),
            Some(role) if !is_role(role) && facts.is_elsewhere() => {
                return found.ok(format!("the server has its own kind of role: {role}"));
            }
            Some(role) if !is_role(role) => {
                return found.fail(
                    format!("{role:?} is not the ARN of a role"),
                    "set Role to an ARN such as arn:aws:iam::111122223333:role/replication",
                );
            }
            Some(role) => role,
        };
        let samples = facts.source.samples.as_ref().map(|samples| samples.heads.as_slice());
        let heads = || {
            let objects = samples.iter().flat_map(|heads| heads.iter());
            objects.filter_map(|(object, head)| match head {
                Ok(HeadAnswer::Object(head)) => Some((object, head)),
                Ok(HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. }) | Err(_) => None,
            })
        };
        let of = |class: StatusClass| heads().find(|(_, head)| head.replication_status.class() == class);
        let simulate = simulate(role, facts, rules);
        if let Some((object, _)) = of(StatusClass::Failed) {
            found.warn(
                format!("doctor does not read IAM, so {role} was not checked; S3 reports FAILED for {object}"),
                simulate,
            );
        } else if let Some((object, head)) = of(StatusClass::Replicated) {
            let at = head.last_modified.map(|at| format!(" of {at}")).unwrap_or_default();
            found.ok(format!("{role}: S3 reports COMPLETED for {object}{at}"));
        } else if let Err(failure) = &samples {
            found.unread(failure, LIST, &facts.location);
        } else {
            found
                .warn(format!("doctor does not read IAM, so {role} was not checked; no sample is COMPLETED"), simulate);
        }
    })
}

fn is_role(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
    let (region, account, name) = (parts.next(), parts.next(), parts.next());
    arn == Some("arn")
        && partition.is_some_and(|partition| partition.starts_with("aws"))
        && service == Some("iam")
        && region == Some("")
        && account.is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        && name.and_then(|name| name.strip_prefix("role/")).is_some_and(|name| !name.is_empty())
}

fn simulate(role: &str, facts: &SetUpFacts, rules: &ReplicationRules) -> String {
    let to = enabled_rules(rules).next().map_or("DESTINATION", |rule| rule.destination.bucket.as_str());
    let resource = format!("arn:{}:s3:::{to}/*", facts.location.partition());
    let words = ["aws", "iam", "simulate-principal-policy", "--policy-source-arn", role, "--action-names"];
    let words = words.into_iter().chain(["s3:ReplicateObject", "--resource-arns", &resource]);
    words.map(crate::model::sh_quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::is_role;

    #[test]
    fn a_role_has_its_form() {
        for (text, fits) in [
            ("arn:aws:iam::111122223333:role/replication", true),
            ("arn:aws-cn:iam::111122223333:role/service-role/a", true),
            ("arn:aws:iam::111122223333:user/a", false),
            ("arn:aws:iam::1:role/a", false),
            ("arn:aws:iam::111122223333:role/", false),
            ("arn:minio:replication::id:dst", false),
            ("replication", false),
        ] {
            assert_eq!(is_role(text), fits, "{text}");
        }
    }
}
