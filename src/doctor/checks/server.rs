//! What a server other than AWS does not do, as far as reads show it.

use crate::doctor::check::Check;
use crate::doctor::checks::samples::{no_sample, unanswered};
use crate::doctor::facts::SetUpFacts;
use crate::doctor::findings::Findings;
use crate::doctor::needs::{LIST, OBJECT, PolicyTarget};
use crate::doctor::state::CheckState;
use crate::status::HeadAnswer;

pub(in crate::doctor) static CHECKS: [Check; 2] = [
    Check {
        id: "server.status-header",
        title: "The server sends the replication status of objects.",
        otherwise: Some(CheckState::Warn),
        meaning: "AWS sends it. To a server other than AWS, doctor sends a HEAD request for each of the first objects of the bucket. The check warns if none of them has a status. Then either no rule applied to them, or the server has no such header, and status and inventory cannot find anything replicated.",
        repair: "Run `replaudit status` on an object that was certainly replicated. If it has no status, this server cannot be audited with replaudit.",
        needs: &[(LIST, PolicyTarget::Source), (OBJECT, PolicyTarget::Source)],
        find: status_header,
    },
    Check {
        id: "server.if-match",
        title: "The server supports If-Match, as far as a read shows it.",
        otherwise: Some(CheckState::Warn),
        meaning: "safe-delete hides an object on the condition that it is still the one that was checked. AWS supports the condition. To a server other than AWS, doctor sends a HEAD request with a condition that cannot hold. A warning means that the server answered as if it held. Some servers support If-Match for reads and not for deletes. doctor deletes nothing, so it cannot see that. safe-delete tests it with its first delete: if the server ignores the condition, the first object is hidden without it, and all others are kept as `unconditional`.",
        repair: "Update the server. With `--allow-unconditional`, safe-delete also hides the other objects without the condition.",
        needs: &[(LIST, PolicyTarget::Source), (OBJECT, PolicyTarget::Source)],
        find: if_match,
    },
];

fn status_header(facts: &SetUpFacts, found: &mut Findings) {
    if !facts.is_elsewhere() {
        return found.ok("AWS sends it");
    }
    let Some(samples) = no_sample(facts, found) else { return };
    let with_status = samples
        .heads
        .iter()
        .filter(|(_, head)| matches!(head, Ok(HeadAnswer::Object(found)) if found.replication_status.raw().is_some()));
    let answered = samples.heads.iter().filter(|(_, head)| matches!(head, Ok(HeadAnswer::Object(_)))).count();
    match (with_status.count(), answered) {
        (0, 0) => unanswered(samples, facts, found),
        (0, all) => found.warn(
            match all {
                1 => "the first object has no replication status".to_owned(),
                all => format!("of the first {all} objects, none has a replication status"),
            },
            "run replaudit status on an object that was certainly replicated",
        ),
        (1, 1) => found.ok("the first object has a replication status"),
        (some, all) => found.ok(format!("{some} of the first {all} objects have a replication status")),
    }
}

fn if_match(facts: &SetUpFacts, found: &mut Findings) {
    if !facts.is_elsewhere() {
        return found.ok("AWS supports it");
    }
    let Some(samples) = no_sample(facts, found) else { return };
    match &samples.supports_if_match {
        Some(Ok(true)) => found.ok(
            "the server refuses a HEAD whose condition does not hold; only the first delete shows whether it also refuses such a DELETE",
        ),
        Some(Ok(false)) => found.warn(
            "a HEAD with a condition that does not hold is answered: the server ignores If-Match",
            "safe-delete needs --allow-unconditional here, and an upload between check and delete is then hidden too",
        ),
        Some(Err(failure)) => found.unread(failure, OBJECT, &facts.location),
        None => unanswered(samples, facts, found),
    }
}
