//! The rules of the model test, and those that need exact times or the requests as they were sent.

use std::time::Duration;

use replaudit_sandbox::Request;

use crate::arguments::Proof;
use crate::carry_out::Outcome;
use crate::oracle::{self, Broken};
use crate::plan::{OWNER, Plan};

/// How old the check of an object to hide may be when its delete is written.
const HIDE_HOLDS: Duration = Duration::from_secs(65);
/// The same of every other check.
const HOLDS: Duration = Duration::from_secs(5);

/// The first rule that does not hold.
pub(crate) fn judge(plan: &Plan, outcome: &Outcome) -> Result<(), Broken> {
    let mut history = plan.history.clone();
    // AWS replicates no removal of a version, so a permanent delete needs no rules there, cut off or not.
    history.arguments.allow_replicated_delete |= plan.is_aws;
    oracle::judge(&history, &outcome.carried)?;
    for (run, ran) in outcome.carried.ran.iter().enumerate() {
        for request in &ran.requests {
            whole_question(plan, request)
                .map_err(|rule| Broken::new(rule, format!("run {run}: {}", shown(request))))?;
        }
        for delete in ran.requests.iter().filter(|request| request.is_write()) {
            let broken = |rule: &'static str| Broken::new(rule, format!("run {run}: {}", shown(delete)));
            fresh(plan, &ran.requests, delete).map_err(broken)?;
        }
    }
    Ok(())
}

fn shown(request: &Request) -> String {
    format!("{} {:?}/{:?}?{} sent {}", request.operation, request.bucket, request.key, request.query, request.arrived)
}

/// Every request says whose bucket it is for and who pays, if the caller says so; and at a destination it names a version.
fn whole_question(plan: &Plan, request: &Request) -> Result<(), &'static str> {
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    let source = request.bucket.as_deref().and_then(|bucket| plan.history.world.source(bucket));
    if plan.names_owner && source.is_some() && header("x-amz-expected-bucket-owner") != Some(OWNER) {
        return Err("a request to a source names its owner");
    }
    let is_paid = matches!(
        request.operation.as_str(),
        "HeadObject" | "GetObjectTagging" | "DeleteObject" | "DeleteObjects" | "ListObjectVersions"
    );
    if plan.pays && is_paid && header("x-amz-request-payer") != Some("requester") {
        return Err("a request says who pays");
    }
    if source.is_none() && request.operation == "HeadObject" && request.version_id.is_none() {
        return Err("a replica is looked for by its version");
    }
    Ok(())
}

/// The answers that a delete rests on are young when it is written, and about everything.
fn fresh(plan: &Plan, requests: &[Request], delete: &Request) -> Result<(), &'static str> {
    let arguments = &plan.history.arguments;
    let within = |operation: &str, most: Duration, fits: &dyn Fn(&Request) -> bool| {
        requests.iter().any(|request| {
            request.operation == operation
                && request.bucket == delete.bucket
                && request.answered.is_some_and(|answered| answered < delete.arrived)
                && !request.altered
                && delete.arrived_at.saturating_duration_since(request.arrived_at) <= most
                && fits(request)
        })
    };
    let answered = |request: &Request| request.status == Some(200);
    if !within("GetBucketVersioning", HOLDS, &answered) {
        return Err("a delete leaves on a young check of the bucket");
    }
    let refused = |request: &Request| matches!(request.status, Some(403 | 501));
    let rules = |request: &Request| matches!(request.status, Some(200 | 404)) || refused(request);
    let needs_rules = match arguments.permanent {
        // AWS replicates no removal of a version: no rule changes that.
        true => !plan.is_aws && !arguments.allow_replicated_delete,
        false => !arguments.allow_marker_replication,
    };
    if needs_rules && !within("GetBucketReplication", HOLDS, &rules) {
        return Err("a delete leaves on a young check of the rules");
    }
    if delete.operation != "DeleteObject" {
        return Ok(());
    }
    let most = if arguments.permanent { HOLDS } else { HIDE_HOLDS };
    let with_checksums = |request: &Request| {
        answered(request)
            && request.key == delete.key
            && request.version_id == delete.version_id
            && (arguments.proof == Proof::Status
                || request.headers.contains_key("x-amz-checksum-mode")
                || requests.iter().any(|other| {
                    refused(other)
                        && other.operation == "GetBucketReplication"
                        && other.bucket == delete.bucket
                        && other.arrived < delete.arrived
                }))
    };
    match within("HeadObject", most, &with_checksums) {
        true => Ok(()),
        false => Err("a delete leaves on a young and whole check of the object"),
    }
}
