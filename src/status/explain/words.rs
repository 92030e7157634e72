//! What each status of S3 proves, and what it does not.

use super::claim::Claim;
use super::facts::{ExplanationFacts, RulesToday};
use super::rules::name;
use crate::model::Failure;
use crate::status::object::ObjectStatus;

pub(super) fn completed(destinations_asked: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::info(
        "history",
        "COMPLETED describes the past: every destination that applied at that time received this version. It says nothing about rules added or changed later. S3 keeps no date of the configuration, so replaudit cannot find such rules",
    ));
    claims.push(Claim::info(
        "proof",
        match destinations_asked {
            true => "COMPLETED does not prove that the replica still exists: see the answers of the destinations",
            false => {
                "COMPLETED does not prove that the replica still exists: only the destinations can show that (--verify-replica asks them)"
            }
        },
    ));
}

pub(super) fn pending(
    status: &ObjectStatus,
    today: &Result<RulesToday<'_>, &Failure>,
    known: &ExplanationFacts<'_>,
    claims: &mut Vec<Claim>,
) {
    if status.replication_status.is_foreign() {
        claims.push(Claim::info(
            "word",
            "PROCESSING is a status of servers other than AWS: some of the destinations have the object",
        ));
    }
    let since = status.last_modified.map(|written| (written, known.now.duration_since(written).as_secs()));
    claims.push(match since {
        None => Claim::unknown("waiting", "it is not known how long it has been pending: S3 gave no Last-Modified"),
        Some((written, seconds)) if seconds < 0 => {
            Claim::unknown("waiting", format!("it is not known how long it has been pending: it was written at {written}, which is in the future by this computer's clock"))
        }
        Some((written, seconds)) => Claim::info(
            "waiting",
            format!("pending for at most {}: it was written at {written}, and a later change of its metadata can also make it pending", span(seconds)),
        ),
    });
    let Ok(today) = today else { return };
    let rules = &today.applying.rules;
    let timed = rules.iter().find_map(|rule| rule.time_control_minutes.map(|minutes| (rule, minutes)));
    claims.push(match (timed, since) {
        (Some((rule, minutes)), Some((_, seconds))) if seconds > i64::from(minutes) * 60 => Claim::unknown(
            "late",
            format!("it is late unless its metadata was changed since: S3 Replication Time Control of {} replicates 99.9 % of objects within {minutes} minutes", name(rule)),
        ),
        (Some((rule, minutes)), Some((_, seconds))) if seconds >= 0 => Claim::ruled_out(
            "late",
            format!("it is not late: S3 Replication Time Control of {} allows {minutes} minutes", name(rule)),
        ),
        (Some(_), _) => Claim::unknown("late", "it is not known whether it is later than Replication Time Control allows"),
        (None, _) if known.custom_endpoint => {
            Claim::unknown("late", "this is not AWS: it is not known how long the server may take")
        }
        (None, _) => Claim::unknown(
            "late",
            "without Replication Time Control S3 has no time limit: most objects take less than 15 minutes, large ones hours",
        ),
    });
    if today.none_may_apply() {
        claims.push(Claim::holds(
            "no-rule",
            "no enabled rule applies to it any more, so it may stay pending: a rule was removed, disabled or changed",
        ));
    }
    if let Some(rule) = rules.iter().find(|rule| rule.replica_modifications) {
        claims.push(Claim::unknown(
            "role",
            format!("{} also replicates changes to replicas, so this may be a replica whose changed metadata is being replicated back", name(rule)),
        ));
    }
    claims.push(Claim::info(
        "next",
        match known.custom_endpoint {
            true => known.waited.for_pending().to_owned(),
            false => format!("S3 continues to replicate it; {}", known.waited.for_pending()),
        },
    ));
}

pub(super) fn failed(today: &Result<RulesToday<'_>, &Failure>, known: &ExplanationFacts<'_>, claims: &mut Vec<Claim>) {
    claims.push(Claim::unknown(
        "cause",
        "HEAD does not name the cause. The causes on AWS: the replication role was removed or lacks a permission (on the source, the destination or a KMS key), the destination's bucket policy denies it, versioning or Object Lock is off there, or the destination bucket does not exist",
    ));
    if !known.custom_endpoint {
        claims.push(Claim::info(
            "where-to-look",
            "the event s3:Replication:OperationFailedReplication names the rule, the destination and the failureReason; CloudWatch counts failures in the metric OperationsFailedReplication",
        ));
    }
    if let Ok(today) = today
        && today.applying.rules.len() > 1
    {
        claims.push(Claim::unknown(
            "destination",
            format!(
                "the status does not say which of the {} destinations failed{}",
                today.applying.rules.len(),
                if known.destinations_asked { "" } else { " (--verify-replica asks each)" }
            ),
        ));
    }
    claims.push(Claim::info(
        "next",
        match known.custom_endpoint {
            true => format!(
                "repair the cause, then upload the object again; some servers retry without help ({})",
                known.waited.for_failed()
            ),
            false => {
                "S3 does not retry: repair the cause, then upload the object again or run S3 Batch Replication with the filter ObjectReplicationStatuses FAILED".to_owned()
            }
        },
    ));
}

pub(super) fn replica(custom_endpoint: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::holds(
        "copy",
        "this is the copy that S3 made, not the source. S3 does not say whether the source still exists, so this may be the last copy",
    ));
    claims.push(match custom_endpoint {
        true => Claim::unknown("chain", "it is not known whether this server replicates a replica to other buckets"),
        false => {
            Claim::info("chain", "S3 does not replicate a replica further: the rules of this bucket do not apply to it")
        }
    });
}

pub(super) fn unknown(status: &ObjectStatus, claims: &mut Vec<Claim>) {
    let word = status.replication_status.raw().unwrap_or_default();
    claims.push(Claim::unknown("word", format!("S3 does not document the status \"{word}\", so it proves nothing")));
}

pub(super) fn delete_marker(custom_endpoint: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::unknown(
        "marker",
        match custom_endpoint {
            true => "it is not known whether this delete marker was replicated: HEAD gives no status of markers",
            false => {
                "it is not known whether this delete marker was replicated: HEAD gives no status of markers. S3 never replicates markers made by lifecycle rules"
            }
        },
    ));
}

/// `45 s`, `3 min`, `2 h 5 min`, `3 d 4 h`.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        86_400.. => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_read_well() {
        let table = [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3599, "59 min"),
            (3600, "1 h 0 min"),
            (7505, "2 h 5 min"),
            (86_399, "23 h 59 min"),
            (90_000, "1 d 1 h"),
            (8_640_000, "100 d 0 h"),
        ];
        for (seconds, text) in table {
            assert_eq!(span(seconds), text);
        }
    }
}
