//! GetBucketLifecycleConfiguration: the rules that remove noncurrent versions, and those that expire current ones. A delete
//! marker makes a version noncurrent.
//!
//! "Lifecycle configuration elements" in the S3 User Guide. Transitions are not read.

use crate::element::{Fields, document};
use crate::error::AnswerError;

/// The enabled rules that remove versions; none if the bucket has no lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRules {
    /// Those that remove noncurrent versions, in S3's order.
    pub rules: Vec<LifecycleRule>,
    /// Those that expire current versions, in S3's order.
    pub expirations: Vec<CurrentExpiration>,
}

/// One rule with `Expiration` by age or date. In a versioned bucket, S3 then adds a delete marker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CurrentExpiration {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// Prefix of the keys; empty for every key.
    pub prefix: String,
    /// Days after the object was created.
    pub days: Option<u32>,
    /// The date, as it was written.
    pub date: Option<String>,
    /// Whether tags, sizes or an unknown element restrict the rule to some of these keys.
    pub restricted: bool,
}

/// One rule with `NoncurrentVersionExpiration`, or one that removes all versions of a key once it is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRule {
    /// Its ID, if it has one.
    pub id: Option<String>,
    /// Prefix of the keys; empty for every key.
    pub prefix: String,
    /// The object must have all of these tags.
    pub tags: Vec<(String, String)>,
    /// Only for objects with more bytes.
    pub larger_than: Option<u64>,
    /// Only for objects with fewer bytes.
    pub smaller_than: Option<u64>,
    /// Days from when a version became noncurrent until it is removed. 0 also if the rule does not say.
    pub days: u32,
    /// This many newer noncurrent versions of the key are kept, however old they are. Never 0.
    pub newer_noncurrent_versions: Option<u32>,
    /// Whether the rule removes all versions of a key at once, `days` after a delete marker became the latest one: an extension
    /// of MinIO. Also true if the rule has an unknown element and no known action that removes objects.
    pub all_versions: bool,
    /// Whether an unknown element may restrict the rule to other objects.
    pub unsure: bool,
}

/// What a rule does next if a delete marker makes a version noncurrent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoncurrentExpiration<'a> {
    /// This rule removes the version: the earliest of those that apply.
    After(&'a LifecycleRule),
    /// This rule may remove the version: the object's tags or size are not known, or the rule has an unknown element. Every
    /// rule that certainly applies is later.
    Unsure(&'a LifecycleRule),
    /// This rule keeps some of the newest noncurrent versions, now also this one. It may remove an older one instead.
    Older(&'a LifecycleRule),
    /// This rule may remove all versions of the key.
    AllVersions(&'a LifecycleRule),
}

/// Which versions a rule removes because another one became noncurrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ExpiringVersions {
    ThisOne,
    Older,
    All,
}

impl LifecycleRules {
    /// What happens if a delete marker makes the current version of `key` noncurrent: at most one rule of each kind. Empty if no
    /// rule removes anything. `None` for the size or the tags means not known.
    pub fn noncurrent_expirations(
        &self,
        key: &str,
        size: Option<u64>,
        tags: Option<&[(String, String)]>,
    ) -> Vec<NoncurrentExpiration<'_>> {
        let soonest = |removes: ExpiringVersions, wanted: fn(Option<bool>) -> bool| {
            let found =
                self.rules.iter().filter(|rule| rule.removes() == removes && wanted(rule.applies(key, size, tags)));
            found.min_by_key(|rule| (rule.days, rule.newer_noncurrent_versions))
        };
        let may_apply = |applies| applies != Some(false);
        let sure = soonest(ExpiringVersions::ThisOne, |applies| applies == Some(true));
        let unsure = soonest(ExpiringVersions::ThisOne, |applies| applies.is_none())
            .filter(|unsure| sure.is_none_or(|sure| unsure.days < sure.days));
        let found = [
            sure.map(NoncurrentExpiration::After),
            unsure.map(NoncurrentExpiration::Unsure),
            soonest(ExpiringVersions::Older, may_apply).map(NoncurrentExpiration::Older),
            soonest(ExpiringVersions::All, may_apply).map(NoncurrentExpiration::AllVersions),
        ];
        found.into_iter().flatten().collect()
    }
}

impl LifecycleRule {
    fn removes(&self) -> ExpiringVersions {
        match (self.all_versions, self.newer_noncurrent_versions) {
            (true, _) => ExpiringVersions::All,
            (false, Some(_)) => ExpiringVersions::Older,
            (false, None) => ExpiringVersions::ThisOne,
        }
    }

    /// Whether the rule applies to the object; `None` if that is not known.
    fn applies(&self, key: &str, size: Option<u64>, tags: Option<&[(String, String)]>) -> Option<bool> {
        if self.unsure {
            return None;
        }
        if self.all_versions {
            // A delete marker has no tags and no size: MinIO ignores these conditions. It also depends on its release, and on
            // Object Lock, whether the rule acts.
            return if key.starts_with(&self.prefix) { None } else { Some(false) };
        }
        let larger = self.larger_than.map(|limit| size.map(|size| size > limit));
        let smaller = self.smaller_than.map(|limit| size.map(|size| size < limit));
        let tagged =
            (!self.tags.is_empty()).then(|| tags.map(|tags| self.tags.iter().all(|wanted| tags.contains(wanted))));
        let conditions = [Some(Some(key.starts_with(&self.prefix))), larger, smaller, tagged];
        let mut known = true;
        for condition in conditions.into_iter().flatten() {
            match condition {
                Some(false) => return Some(false),
                Some(true) => {}
                None => known = false,
            }
        }
        known.then_some(true)
    }
}

/// Other actions of a rule, and those that MinIO and Ceph add. None of them restricts the rule to some objects.
const OTHER_ACTIONS: [&str; 7] = [
    "ID",
    "Expiration",
    "Transition",
    "NoncurrentVersionTransition",
    "AbortIncompleteMultipartUpload",
    "DelMarkerExpiration",
    "AllVersionsExpiration",
];

/// Reads the enabled rules that remove noncurrent versions from an answer of [GetBucketLifecycleConfiguration]. An answer
/// without any rule is an error.
///
/// [GetBucketLifecycleConfiguration]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLifecycleConfiguration.html
pub fn read_lifecycle(answer: &[u8]) -> Result<LifecycleRules, AnswerError> {
    document(answer, &["LifecycleConfiguration"], |root| {
        root.no_other_entries(&["Rule"])?;
        let mut found = LifecycleRules::default();
        let mut any = false;
        for element in root.all("Rule") {
            any = true;
            let fields = element.fields()?;
            if fields.one("Status")?.enabled()? {
                let rule = rule(&fields)?;
                let mut removals = all_versions_expirations(&fields, &rule)?;
                removals.extend(with_noncurrent_expiration(&fields, &rule)?);
                let mut expirations = current_expirations(&fields, &rule)?;
                if removals.is_empty() && expirations.is_empty() && rule.unsure {
                    // The unknown element may be an action that removes anything.
                    expirations.push(CurrentExpiration {
                        id: rule.id.clone(),
                        prefix: rule.prefix.clone(),
                        restricted: true,
                        ..CurrentExpiration::default()
                    });
                    removals.push(LifecycleRule { all_versions: true, ..rule });
                }
                found.expirations.extend(expirations);
                found.rules.extend(removals);
            }
        }
        match any {
            false => Err(AnswerError::Missing { parent: root.name().to_owned(), name: "Rule" }),
            true => Ok(found),
        }
    })
}

/// What the rule applies to, without its actions.
fn rule(fields: &Fields<'_>) -> Result<LifecycleRule, AnswerError> {
    let known = [&OTHER_ACTIONS[..], &["Status", "Prefix", "Filter", "NoncurrentVersionExpiration"]].concat();
    let mut rule = LifecycleRule {
        id: fields.maybe_text("ID")?.filter(|id| !id.is_empty()),
        prefix: fields.maybe_text("Prefix")?.unwrap_or_default(),
        unsure: fields.others(&known).next().is_some(),
        ..LifecycleRule::default()
    };
    let Some(filter) = fields.maybe("Filter")? else { return Ok(rule) };
    let filter = filter.fields()?;
    let and = filter.maybe("And")?.map(|and| and.fields()).transpose()?;
    for fields in [Some(&filter), and.as_ref()].into_iter().flatten() {
        let conditions = ["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"];
        rule.unsure |= fields.others(&conditions).next().is_some();
        if let Some(prefix) = fields.maybe_text("Prefix")?.filter(|prefix| !prefix.is_empty()) {
            rule.prefix = prefix;
        }
        for tag in fields.all("Tag") {
            rule.tags.push(tag.tag()?);
        }
        rule.larger_than = fields.maybe_number("ObjectSizeGreaterThan")?.or(rule.larger_than);
        rule.smaller_than = fields.maybe_number("ObjectSizeLessThan")?.or(rule.smaller_than);
    }
    rule.unsure |= and.is_some_and(|and| and.maybe("And").is_ok_and(|nested| nested.is_some()));
    Ok(rule)
}

fn with_noncurrent_expiration(fields: &Fields<'_>, rule: &LifecycleRule) -> Result<Option<LifecycleRule>, AnswerError> {
    let Some(expiration) = fields.maybe("NoncurrentVersionExpiration")? else { return Ok(None) };
    let (expiration, mut rule) = (expiration.fields()?, rule.clone());
    rule.unsure |= expiration.others(&["NoncurrentDays", "NewerNoncurrentVersions"]).next().is_some();
    rule.newer_noncurrent_versions = expiration.maybe_number("NewerNoncurrentVersions")?.filter(|&count| count > 0);
    rule.days = match expiration.maybe("NoncurrentDays")? {
        Some(days) => days.number()?,
        // MinIO accepts a number of versions without days.
        None if rule.newer_noncurrent_versions.is_some() => 0,
        None => return Err(AnswerError::Missing { parent: expiration.name().to_owned(), name: "NoncurrentDays" }),
    };
    Ok(Some(rule))
}

/// The actions of MinIO that remove all versions of a key once it is hidden: one rule each.
///
/// `DelMarkerExpiration` is made for that. `ExpiredObjectAllVersions` did it until 2024 ([MinIO 19481]). What
/// `AllVersionsExpiration` does with delete markers is not documented.
///
/// [MinIO 19481]: https://github.com/minio/minio/pull/19481
fn all_versions_expirations(fields: &Fields<'_>, rule: &LifecycleRule) -> Result<Vec<LifecycleRule>, AnswerError> {
    let mut found = Vec::new();
    for name in ["DelMarkerExpiration", "AllVersionsExpiration", "Expiration"] {
        let Some(action) = fields.maybe(name)? else { continue };
        let action = action.fields()?;
        let is_one = match name {
            "Expiration" => action.maybe_word("ExpiredObjectAllVersions")?.is_some_and(|word| !is_false(&word)),
            _ => true,
        };
        if is_one {
            let days = action.maybe_number("Days")?.unwrap_or_default();
            found.push(LifecycleRule { days, all_versions: true, ..rule.clone() });
        }
    }
    Ok(found)
}

fn is_false(word: &str) -> bool {
    word.eq_ignore_ascii_case("false")
}

/// `Expiration` and `AllVersionsExpiration`, but not an expiration that only removes delete markers without versions.
fn current_expirations(fields: &Fields<'_>, rule: &LifecycleRule) -> Result<Vec<CurrentExpiration>, AnswerError> {
    let conditions = !rule.tags.is_empty() || rule.larger_than.is_some() || rule.smaller_than.is_some();
    let restricted = conditions || rule.unsure;
    let expires = |days, date, restricted| {
        let (id, prefix) = (rule.id.clone(), rule.prefix.clone());
        CurrentExpiration { id, prefix, days, date, restricted }
    };
    let mut found = Vec::new();
    if let Some(expiration) = fields.maybe("Expiration")? {
        let expiration = expiration.fields()?;
        let days = expiration.maybe_number("Days")?;
        let date = expiration.maybe_word("Date")?;
        // A new element may be another kind of expiration.
        let only_markers = expiration.others(&["ExpiredObjectDeleteMarker"]).next().is_none();
        if days.is_some() || date.is_some() || !only_markers {
            found.push(expires(days, date, restricted));
        }
    }
    if let Some(expiration) = fields.maybe("AllVersionsExpiration")? {
        // It may be about some keys only: those whose latest version is a delete marker, or the others.
        found.push(expires(expiration.fields()?.maybe_number("Days")?, None, true));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
