//! What each of S3's words says here, and what it does not.

use super::claim::Claim;
use super::facts::{ExplanationFacts, RulesToday};
use super::rules::name;
use crate::model::Failure;
use crate::status::object::ObjectStatus;

pub(super) fn completed(destinations_asked: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::info(
        "history",
        "COMPLETED is history: every destination that applied then has had this version. It says nothing about rules added or changed later, because S3 keeps no date of the configuration",
    ));
    claims.push(Claim::info(
        "proof",
        match destinations_asked {
            true => "it does not prove that the replica is still there: what each destination holds now, it told itself",
            false => "it does not prove that the replica is still there: only a look at the destinations does (--verify-replica)",
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
        claims.push(Claim::info("word", "PROCESSING is another server's word: some of the destinations have it"));
    }
    let since = status.last_modified.map(|written| (written, known.now.duration_since(written).as_secs()));
    claims.push(match since {
        None => Claim::unknown("waiting", "how long it has been pending is not known: S3 gave no Last-Modified"),
        Some((written, seconds)) if seconds < 0 => {
            Claim::unknown("waiting", format!("how long it has been pending is not known: it was written at {written}, which is in the future here"))
        }
        Some((written, seconds)) => Claim::info(
            "waiting",
            format!("pending for at most {}: written at {written}, and a later change of its metadata makes it pending again", span(seconds)),
        ),
    });
    let Ok(today) = today else { return };
    let rules = &today.applying.rules;
    let timed = rules.iter().find_map(|rule| rule.time_control_minutes.map(|minutes| (rule, minutes)));
    claims.push(match (timed, since) {
        (Some((rule, minutes)), Some((_, seconds))) if seconds > i64::from(minutes) * 60 => Claim::holds(
            "late",
            format!("later than the {minutes} minutes within which S3 Replication Time Control of {} has 99.9 % of objects", name(rule)),
        ),
        (Some((rule, minutes)), Some((_, seconds))) if seconds >= 0 => Claim::ruled_out(
            "late",
            format!("S3 Replication Time Control of {} gives it {minutes} minutes", name(rule)),
        ),
        (Some(_), _) => Claim::unknown("late", "whether Replication Time Control is late is not known"),
        (None, _) if known.custom_endpoint => {
            Claim::unknown("late", "this is not AWS: when the server has to be done is not known")
        }
        (None, _) => Claim::unknown(
            "late",
            "without Replication Time Control there is no time by which S3 has to be done: most objects take less than 15 minutes, large ones hours",
        ),
    });
    if today.none_may_apply() {
        claims.push(Claim::holds(
            "no-rule",
            "no enabled rule is for it any more, so it may stay pending: a rule was removed, disabled or changed since",
        ));
    }
    if let Some(rule) = rules.iter().find(|rule| rule.replica_modifications) {
        claims.push(Claim::unknown(
            "role",
            format!("{} replicates changes of replicas too, so this may be a copy whose changed metadata is on its way back", name(rule)),
        ));
    }
    claims.push(Claim::info(
        "next",
        match known.custom_endpoint {
            true => "--wait waits for it",
            false => "S3 continues without your help; --wait waits for it",
        },
    ));
}

pub(super) fn failed(today: &Result<RulesToday<'_>, &Failure>, known: &ExplanationFacts<'_>, claims: &mut Vec<Claim>) {
    claims.push(Claim::unknown(
        "cause",
        "HEAD does not name the cause. The causes on AWS: the replication role was removed or lacks a permission (on the source, the destination or a KMS key), the destination's bucket policy refuses it, its versioning or Object Lock is off, or the bucket is gone",
    ));
    if !known.custom_endpoint {
        claims.push(Claim::info(
            "where-to-look",
            "the event s3:Replication:OperationFailedReplication names rule, destination and failureReason; CloudWatch counts them as OperationsFailedReplication",
        ));
    }
    if let Ok(today) = today
        && today.applying.rules.len() > 1
    {
        claims.push(Claim::unknown(
            "destination",
            format!(
                "which of the {} destinations refused it the status does not say{}",
                today.applying.rules.len(),
                if known.destinations_asked { "" } else { " (--verify-replica asks each)" }
            ),
        ));
    }
    claims.push(Claim::info(
        "next",
        match known.custom_endpoint {
            true => {
                "repair the cause, then upload the object again; some servers retry by themselves (--wait --wait-through-failed waits for that)"
            }
            false => {
                "S3 does not try again: repair the cause, then upload the object again or run S3 Batch Replication with the filter ObjectReplicationStatuses FAILED"
            }
        },
    ));
}

pub(super) fn replica(custom_endpoint: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::holds(
        "copy",
        "this is the copy that S3 made, not the source; whether the source is still there is not said, so this may be the last one",
    ));
    claims.push(match custom_endpoint {
        true => Claim::unknown("chain", "whether this server copies a replica any further is not known"),
        false => Claim::info("chain", "a replica does not travel on: rules of this bucket do not copy it any further"),
    });
}

pub(super) fn unknown(status: &ObjectStatus, claims: &mut Vec<Claim>) {
    let word = status.replication_status.raw().unwrap_or_default();
    claims.push(Claim::unknown("word", format!("S3 does not document the word \"{word}\", so it proves nothing")));
}

pub(super) fn delete_marker(custom_endpoint: bool, claims: &mut Vec<Claim>) {
    claims.push(Claim::unknown(
        "marker",
        match custom_endpoint {
            true => "whether this delete marker was replicated: HEAD gives no status of markers",
            false => {
                "whether this delete marker was replicated: HEAD gives no status of markers, and those made by lifecycle rules never are"
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
