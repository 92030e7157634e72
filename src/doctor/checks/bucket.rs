//! Credentials, the bucket itself, its Region and its versioning.

use s3_answers::Versioning;

use crate::doctor::check::Check;
use crate::doctor::facts::{SetUpFacts, is_missing};
use crate::doctor::findings::{Findings, next_of};
use crate::doctor::needs::{LIST, PolicyTarget, VERSIONING};
use crate::doctor::state::CheckState;
use crate::model::Failure;

const CREDENTIALS: &str = "credentials.valid";
const EXISTS: &str = "bucket.exists";

pub(in crate::doctor) static CHECKS: [Check; 5] = [
    Check {
        id: CREDENTIALS,
        title: "S3 accepts the credentials.",
        otherwise: Some(CheckState::Fail),
        meaning: "S3 answers 403 to unknown, wrong and expired keys too. If the credentials are not valid, no other check can be made. The check is ok if a request succeeded, or if S3 itself denied access with `AccessDenied`. Other answers do not show it: a proxy can answer instead of S3. Then the check is unknown.",
        repair: "Log in again, name another `--profile`, or set the clock of the machine. The text of the failure says which.",
        needs: &[],
        find: credentials,
    },
    Check {
        id: EXISTS,
        title: "The bucket exists, and the caller may list it.",
        otherwise: Some(CheckState::Fail),
        meaning: "A refusal (403) does not show whether the bucket exists. If the bucket does not exist or the server gives no answer, no other check of the bucket can be made.",
        repair: "Check the name, the account and the endpoint of the bucket. `s3:ListBucket` also lets S3 say that a key does not exist: without it, a missing key is 403.",
        needs: &[(LIST, PolicyTarget::Source)],
        find: exists,
    },
    Check {
        id: "bucket.region",
        title: "The Region of the bucket is known.",
        otherwise: None,
        meaning: "replaudit finds the Region of each bucket, and then signs for it. If the configured Region is another one, one request more is sent. A warning means that a server other than AWS does not name the Region: then requests are signed for the configured one.",
        repair: "Give `--region`, or set AWS_REGION.",
        needs: &[],
        find: region,
    },
    Check {
        id: "versioning.source",
        title: "Versioning of the source bucket is enabled.",
        otherwise: Some(CheckState::Fail),
        meaning: "Replication needs it. Without it, a delete destroys the object, so safe-delete keeps every object of the bucket.",
        repair: "Enable versioning. Objects that are in the bucket already get the version ID null.",
        needs: &[(VERSIONING, PolicyTarget::Source)],
        find: versioning,
    },
    Check {
        id: "versioning.mfa-delete",
        title: "MFA delete is off.",
        otherwise: Some(CheckState::Warn),
        meaning: "With MFA delete, S3 removes a version only if the request has a token of the owner's device. replaudit sends none, so `safe-delete --permanent` keeps every version as `locked`. Lifecycle rules are not possible either.",
        repair: "Nothing, if MFA delete is what you want. safe-delete without `--permanent` hides objects as usual.",
        needs: &[(VERSIONING, PolicyTarget::Source)],
        find: mfa_delete,
    },
];

/// Whether no further check of the bucket can be made.
pub(in crate::doctor) fn blocks_the_rest(id: &str, state: CheckState, facts: &SetUpFacts) -> bool {
    match id {
        CREDENTIALS => state == CheckState::Fail,
        EXISTS => is_missing(&facts.head) || facts.head.as_ref().is_err_and(|failure| failure.http_status.is_none()),
        _ => false,
    }
}

/// Codes that say that the keys are not valid, not that a permission is missing.
const INVALID: [&str; 9] = [
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "TokenRefreshRequired",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "InvalidClientTokenId",
    "NoCredentials",
];

fn credentials(facts: &SetUpFacts, found: &mut Findings) {
    // The error of HeadBucket has no code.
    let failures: Vec<&Failure> = [
        facts.source.versioning.as_ref().err(),
        facts.source.rules.as_ref().err(),
        facts.source.lifecycle.as_ref().err(),
        facts.source.samples.as_ref().err(),
    ]
    .into_iter()
    .flatten()
    .collect();
    // Another answer may be that of a proxy, or was given before S3 looked at the keys.
    let denied_by_s3 = |failure: &&Failure| {
        failure.http_status == Some(403) && failure.code == "AccessDenied" && failure.request_id.is_some()
    };
    match failures.iter().find(|failure| INVALID.contains(&failure.code.as_str())) {
        Some(invalid) => {
            let next = invalid.hint.clone().unwrap_or_else(|| "check the credentials".to_owned());
            found.fail(invalid.message.clone(), next);
        }
        None if failures.len() == 4 && !failures.iter().any(denied_by_s3) => found.unknown(
            format!("no answer shows that S3 accepts the credentials: {}", failures[0].message),
            next_of(failures[0], "check the endpoint, and the proxy on the way to it"),
        ),
        None if !facts.signed => found.ok("requests are not signed (--no-sign-request)"),
        None => match &facts.account {
            Some(account) => found.ok(format!("S3 accepts the credentials of account {account}")),
            None => found.ok("S3 accepts the credentials"),
        },
    }
}

fn exists(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.head {
        Ok(()) => found.ok("the bucket exists"),
        Err(failure) if is_missing(&facts.head) => {
            found.fail(failure.message.clone(), failure.hint.clone().unwrap_or_default());
        }
        Err(failure) => found.unread(failure, LIST, &facts.location),
    }
}

fn region(facts: &SetUpFacts, found: &mut Findings) {
    match (&facts.location.region, &facts.head) {
        (Some(region), _) if *region == facts.first_region => found.ok(region.clone()),
        (Some(region), _) => found.ok(format!("{region}; the configured Region is {}", facts.first_region)),
        (None, Err(failure)) => found.unread(failure, LIST, &facts.location),
        (None, _) if facts.is_elsewhere() => found.warn(
            format!("the server does not name the Region; requests are signed for {}", facts.first_region),
            "give --region if the server refuses the signature",
        ),
        (None, Ok(())) => found.unknown("S3 does not name the Region of the bucket", "give --region"),
    }
}

fn versioning(facts: &SetUpFacts, found: &mut Findings) {
    let enable = || facts.location.aws("put-bucket-versioning", &["--versioning-configuration", "Status=Enabled"]);
    match &facts.source.versioning {
        Ok(versioning) => match versioning.status {
            Versioning::Enabled => found.ok("versioning is enabled"),
            Versioning::Suspended => found.fail("versioning is suspended", enable()),
            Versioning::Never => found.fail("versioning was never enabled", enable()),
        },
        Err(failure) => found.unread(failure, VERSIONING, &facts.location),
    }
}

fn mfa_delete(facts: &SetUpFacts, found: &mut Findings) {
    match &facts.source.versioning {
        Ok(versioning) if versioning.mfa_delete => {
            found.warn("MFA delete is on", "safe-delete --permanent keeps every version: hide objects instead");
        }
        Ok(_) => found.ok("MFA delete is off"),
        Err(failure) => found.unread(failure, VERSIONING, &facts.location),
    }
}
