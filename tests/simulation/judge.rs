//! The rules of the model test, and those that need exact times or the requests as they were sent.

use replaudit_sandbox::Request;

use crate::ages::Ages;
use crate::carry_out::Outcome;
use crate::oracle::sent::deletes;
use crate::oracle::{self, Broken};
use crate::plan::{OWNER, Plan};
use crate::{status, undo};

/// The first rule that does not hold.
pub(crate) fn judge(plan: &Plan, outcome: &Outcome) -> Result<(), Broken> {
    let mut history = plan.history.clone();
    // AWS replicates no removal of a version, so a permanent delete needs no rules there, cut off or not.
    history.arguments.allow_replicated_delete |= plan.is_aws;
    oracle::judge(&history, &outcome.carried)?;
    undo::judge(plan, outcome)?;
    status::judge(plan, outcome)?;
    let others =
        outcome.undone.iter().flat_map(|undone| &undone.ran).chain(outcome.asked.iter().map(|asked| &asked.ran));
    for request in others.flat_map(|ran| &ran.requests) {
        whole_question(plan, request).map_err(|rule| Broken::new(rule, shown(request)))?;
    }
    for (run, ran) in outcome.carried.ran.iter().enumerate() {
        for request in &ran.requests {
            whole_question(plan, request)
                .map_err(|rule| Broken::new(rule, format!("run {run}: {}", shown(request))))?;
        }
        let ages = Ages { plan, carried: &outcome.carried, ran, sent: &outcome.sent[run] };
        for delete in ran.requests.iter().filter(|request| request.is_write()) {
            let broken = |rule: &'static str| Broken::new(rule, format!("run {run}: {}", shown(delete)));
            ages.of_bucket(delete).map_err(broken)?;
        }
        for delete in &deletes(ran)? {
            let broken = |rule: &'static str| Broken::new(rule, format!("run {run}: {}", shown(delete.request)));
            ages.of_object(delete).map_err(broken)?;
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
