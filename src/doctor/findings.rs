//! What a check found, put together from its parts: rules, destinations, configurations.

use super::location::BucketLocation;
use super::state::CheckState;
use crate::model::{Failure, FailureKind};

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) state: CheckState,
    pub(super) found: String,
    pub(super) next: Option<String>,
    pub(super) permission: Option<String>,
}

#[derive(Debug)]
struct FindingPart {
    state: CheckState,
    found: String,
    next: Option<String>,
    permission: Option<&'static str>,
}

/// More parts than these are counted: a bucket can have a thousand rules.
const MOST: usize = 8;
/// The most steps that are named.
const MOST_STEPS: usize = 3;

/// The parts of a finding. The worst part decides its state.
#[derive(Debug, Default)]
pub(super) struct Findings {
    parts: Vec<FindingPart>,
    nothing: &'static str,
}

impl Findings {
    pub(super) fn ok(&mut self, found: impl Into<String>) {
        self.add(CheckState::Ok, found, None);
    }

    pub(super) fn warn(&mut self, found: impl Into<String>, next: impl Into<String>) {
        self.add(CheckState::Warn, found, Some(next.into()));
    }

    pub(super) fn fail(&mut self, found: impl Into<String>, next: impl Into<String>) {
        self.add(CheckState::Fail, found, Some(next.into()));
    }

    pub(super) fn unknown(&mut self, found: impl Into<String>, next: impl Into<String>) {
        self.add(CheckState::Unknown, found, Some(next.into()));
    }

    pub(super) fn add(&mut self, state: CheckState, found: impl Into<String>, next: Option<String>) {
        self.parts.push(FindingPart { state, found: found.into(), next, permission: None });
    }

    /// A reading failed. If S3 denied it, the permission is named.
    pub(super) fn unread(&mut self, failure: &Failure, permission: &'static str, at: &BucketLocation) {
        self.missing(CheckState::Unknown, failure, permission, at);
    }

    /// A reading failed that is not possible on a server without this feature: then the feature is not in use.
    pub(super) fn unread_feature(
        &mut self,
        failure: &Failure,
        permission: &'static str,
        at: &BucketLocation,
        feature: &str,
    ) {
        if failure.kind == FailureKind::NotImplemented {
            return self.warn(
                format!("the server does not support {feature}"),
                format!("nothing to do, unless you expect {feature} here"),
            );
        }
        self.unread(failure, permission, at);
    }

    /// A reading failed; `denied` is the state if S3 denied it.
    pub(super) fn missing(
        &mut self,
        denied: CheckState,
        failure: &Failure,
        permission: &'static str,
        at: &BucketLocation,
    ) {
        let (state, next, permission) = match failure.is_denied() && !is_bare(failure) {
            true => (denied, at.allow(permission), Some(permission)),
            false => (CheckState::Unknown, next_of(failure, "try again with -vv to see the requests"), None),
        };
        self.parts.push(FindingPart { state, found: failure.message.clone(), next: Some(next), permission });
    }

    /// What was found without any part.
    pub(super) fn if_nothing(&mut self, found: &'static str) {
        self.nothing = found;
    }

    pub(super) fn conclude(mut self) -> Finding {
        // Stable: parts of one state keep their order.
        self.parts.sort_by_key(|part| std::cmp::Reverse(part.state));
        let state = self.parts.first().map_or(CheckState::Ok, |part| part.state);
        let shown: Vec<&FindingPart> =
            self.parts.iter().filter(|part| part.state != CheckState::Ok || state == CheckState::Ok).collect();
        let mut texts: Vec<String> = shown.iter().take(MOST).map(|part| part.found.clone()).collect();
        if shown.len() > MOST {
            texts.push(format!("and {} more", shown.len() - MOST));
        }
        if texts.is_empty() {
            texts.push(self.nothing.to_owned());
        }
        let mut steps: Vec<&str> = Vec::new();
        for step in shown.iter().filter_map(|part| part.next.as_deref()) {
            if !steps.contains(&step) && steps.len() < MOST_STEPS {
                steps.push(step);
            }
        }
        let mut permissions: Vec<&str> = Vec::new();
        for permission in shown.iter().filter_map(|part| part.permission) {
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
        let joined = |parts: &[&str], with: &str| (!parts.is_empty()).then(|| parts.join(with));
        Finding { state, found: texts.join("; "), next: joined(&steps, "; "), permission: joined(&permissions, " ") }
    }
}

/// A refusal without S3's code and without a request ID. A proxy may have sent it: then no policy helps.
fn is_bare(failure: &Failure) -> bool {
    failure.kind == FailureKind::Denied && failure.code != "AccessDenied" && failure.request_id.is_none()
}

/// What to do about a failure that names no missing permission.
pub(super) fn next_of(failure: &Failure, otherwise: &str) -> String {
    match (is_bare(failure), &failure.hint) {
        (true, _) => {
            "the answer has no request ID of S3: check the endpoint, and the proxy on the way to it".to_owned()
        }
        (false, Some(hint)) => hint.clone(),
        (false, None) => otherwise.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use s3_answers::Bucket;

    fn failure(kind: FailureKind, code: &str) -> Failure {
        Failure { kind, ..Failure::new(code, "asking: no", Some("hint")) }
    }

    #[test]
    fn the_worst_part_decides_and_comes_first() {
        let location = BucketLocation { bucket: Bucket::new("src").unwrap(), region: None, endpoint: None };
        let denied = failure(FailureKind::Denied, "AccessDenied");
        let mut parts = Findings::default();
        parts.ok("fine");
        assert_eq!(Findings { nothing: "nothing", ..Findings::default() }.conclude().found, "nothing");
        parts.warn("odd", "look");
        parts.fail("wrong", "repair");
        parts.fail("wrong too", "repair");
        parts.unread(&denied, "s3:ListBucket", &location);
        parts.unread(&failure(FailureKind::Other, "X"), "s3:ListBucket", &location);
        let found = parts.conclude();
        assert_eq!((found.state, found.permission.as_deref()), (CheckState::Unknown, Some("s3:ListBucket")));
        assert_eq!(found.found, "asking: no; asking: no; wrong; wrong too; odd");
        assert!(found.next.as_ref().unwrap().ends_with("; hint; repair"), "{found:?}");
        let mut one = Findings::default();
        one.ok("a");
        one.ok("b");
        assert_eq!((one.conclude().found.as_str(), CheckState::Ok.word()), ("a; b", "ok"));
        let mut many = Findings::default();
        (0..20).for_each(|_| many.warn("w", "n"));
        assert!(many.conclude().found.ends_with("; and 12 more"));
    }

    #[test]
    fn a_server_without_a_feature_is_a_warning_and_a_wrong_key_is_not_a_missing_permission() {
        let location = BucketLocation { bucket: Bucket::new("src").unwrap(), region: None, endpoint: None };
        let of = |failure: Failure| {
            let mut parts = Findings::default();
            parts.unread_feature(&failure, "s3:GetInventoryConfiguration", &location, "inventories");
            let found = parts.conclude();
            (found.state, found.permission)
        };
        assert_eq!(of(failure(FailureKind::NotImplemented, "NotImplemented")), (CheckState::Warn, None));
        assert_eq!(of(failure(FailureKind::Denied, "InvalidAccessKeyId")), (CheckState::Unknown, None));
        assert_eq!(of(failure(FailureKind::Other, "InternalError")), (CheckState::Unknown, None));
    }
}
