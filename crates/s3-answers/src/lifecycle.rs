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

/// One rule with `NoncurrentVersionExpiration`.
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
    /// Days from when a version became noncurrent until it is removed.
    pub days: u32,
    /// This many newer noncurrent versions of the key are kept, however old they are.
    pub newer_noncurrent_versions: Option<u32>,
    /// Whether an unknown element may restrict the rule to other objects.
    pub unsure: bool,
}

/// When a version that becomes noncurrent now is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoncurrentExpiration<'a> {
    /// No rule removes it.
    Never,
    /// This rule removes it: the earliest of those that apply.
    After(&'a LifecycleRule),
    /// This rule may remove it: the object's tags or size are not known, or the rule has an unknown element. Every rule that
    /// certainly applies is later.
    Unsure(&'a LifecycleRule),
}

impl LifecycleRules {
    /// What happens to a version of `key` when it becomes noncurrent. `None` for the size or the tags means not known.
    pub fn noncurrent_expiration(
        &self,
        key: &str,
        size: Option<u64>,
        tags: Option<&[(String, String)]>,
    ) -> NoncurrentExpiration<'_> {
        let soonest = |applies: Option<bool>| {
            let found = self.rules.iter().filter(|rule| rule.applies(key, size, tags) == applies);
            // A number of versions to keep may delay it.
            found.min_by_key(|rule| (rule.days, rule.newer_noncurrent_versions.is_some()))
        };
        match (soonest(Some(true)), soonest(None)) {
            (None, None) => NoncurrentExpiration::Never,
            (Some(sure), Some(unsure)) if unsure.days < sure.days => NoncurrentExpiration::Unsure(unsure),
            (Some(sure), _) => NoncurrentExpiration::After(sure),
            (None, Some(unsure)) => NoncurrentExpiration::Unsure(unsure),
        }
    }
}

impl LifecycleRule {
    /// Whether the rule applies to the object; `None` if that is not known.
    fn applies(&self, key: &str, size: Option<u64>, tags: Option<&[(String, String)]>) -> Option<bool> {
        if self.unsure {
            return None;
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
                found.expirations.extend(current_expiration(&fields, &rule)?);
                found.rules.extend(with_noncurrent_expiration(&fields, rule)?);
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

fn with_noncurrent_expiration(
    fields: &Fields<'_>,
    mut rule: LifecycleRule,
) -> Result<Option<LifecycleRule>, AnswerError> {
    let Some(expiration) = fields.maybe("NoncurrentVersionExpiration")? else { return Ok(None) };
    let expiration = expiration.fields()?;
    rule.unsure |= expiration.others(&["NoncurrentDays", "NewerNoncurrentVersions"]).next().is_some();
    rule.newer_noncurrent_versions = expiration.maybe_number("NewerNoncurrentVersions")?;
    rule.days = match expiration.maybe("NoncurrentDays")? {
        Some(days) => days.number()?,
        // MinIO accepts a number of versions without days.
        None if rule.newer_noncurrent_versions.is_some() => 0,
        None => return Err(AnswerError::Missing { parent: expiration.name().to_owned(), name: "NoncurrentDays" }),
    };
    Ok(Some(rule))
}

/// `None` also for an expiration that only removes delete markers without versions.
fn current_expiration(fields: &Fields<'_>, rule: &LifecycleRule) -> Result<Option<CurrentExpiration>, AnswerError> {
    let Some(expiration) = fields.maybe("Expiration")? else { return Ok(None) };
    let expiration = expiration.fields()?;
    let days = expiration.maybe_number("Days")?;
    let date = expiration.maybe_word("Date")?;
    // MinIO adds ExpiredObjectAllVersions. A new element may be another kind of expiration.
    let only_markers = expiration.others(&["ExpiredObjectDeleteMarker"]).next().is_none();
    if days.is_none() && date.is_none() && only_markers {
        return Ok(None);
    }
    let conditions = !rule.tags.is_empty() || rule.larger_than.is_some() || rule.smaller_than.is_some();
    let (id, prefix) = (rule.id.clone(), rule.prefix.clone());
    Ok(Some(CurrentExpiration { id, prefix, days, date, restricted: conditions || rule.unsure }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, days: u32) -> LifecycleRule {
        LifecycleRule { id: Some(id.to_owned()), days, ..LifecycleRule::default() }
    }

    /// `never`, `after ID` or `unsure ID`.
    fn word(rules: &[LifecycleRule], size: Option<u64>, tags: Option<&[(String, String)]>) -> String {
        let rules = LifecycleRules { rules: rules.to_vec(), ..LifecycleRules::default() };
        let id = |rule: &LifecycleRule| rule.id.clone().unwrap_or_default();
        match rules.noncurrent_expiration("p/k", size, tags) {
            NoncurrentExpiration::Never => "never".to_owned(),
            NoncurrentExpiration::After(rule) => format!("after {}", id(rule)),
            NoncurrentExpiration::Unsure(rule) => format!("unsure {}", id(rule)),
        }
    }

    #[test]
    fn the_soonest_rule_that_applies_counts() {
        let tag = vec![("team".to_owned(), "a".to_owned())];
        let tagged = LifecycleRule { tags: tag.clone(), ..rule("tagged", 1) };
        let late_tagged = LifecycleRule { days: 90, ..tagged.clone() };
        let large = LifecycleRule { larger_than: Some(100), ..rule("large", 1) };
        let small = LifecycleRule { smaller_than: Some(100), ..rule("small", 1) };
        let elsewhere = LifecycleRule { prefix: "q/".into(), ..rule("elsewhere", 1) };
        let elsewhere_tagged = LifecycleRule { prefix: "q/".into(), ..tagged.clone() };
        let strange = LifecycleRule { unsure: true, ..rule("strange", 1) };
        let newer = LifecycleRule { newer_noncurrent_versions: Some(2), ..rule("newer", 30) };
        let table = [
            (vec![], Some(1), None, "never"),
            (vec![rule("a", 30), rule("b", 7)], Some(1), None, "after b"),
            (vec![elsewhere], Some(1), None, "never"),
            (vec![elsewhere_tagged], Some(1), None, "never"),
            (vec![tagged.clone()], Some(1), None, "unsure tagged"),
            (vec![tagged.clone()], Some(1), Some(&tag[..]), "after tagged"),
            (vec![tagged.clone()], Some(1), Some(&[][..]), "never"),
            (vec![tagged.clone(), rule("a", 30)], Some(1), None, "unsure tagged"),
            (vec![late_tagged, rule("a", 30)], Some(1), None, "after a"),
            (vec![tagged, rule("same", 1)], Some(1), None, "after same"),
            (vec![large.clone()], Some(100), None, "never"),
            (vec![large.clone()], Some(101), None, "after large"),
            (vec![large], None, None, "unsure large"),
            (vec![small.clone()], Some(100), None, "never"),
            (vec![small], Some(99), None, "after small"),
            (vec![strange], Some(1), None, "unsure strange"),
            (vec![newer, rule("a", 30)], Some(1), None, "after a"),
        ];
        for (rules, size, tags, expected) in table {
            assert_eq!(word(&rules, size, tags), expected, "{rules:?} {size:?} {tags:?}");
        }
    }

    fn read(rules: &str) -> Result<LifecycleRules, AnswerError> {
        read_lifecycle(format!("<LifecycleConfiguration xmlns=\"x\">{rules}</LifecycleConfiguration>").as_bytes())
    }

    fn one(inner: &str) -> Result<LifecycleRule, AnswerError> {
        let days = "<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>";
        read(&format!("<Rule><ID>r</ID><Status>Enabled</Status>{inner}{days}</Rule>"))
            .map(|found| found.rules[0].clone())
    }

    #[test]
    fn only_enabled_rules_that_remove_noncurrent_versions_are_kept() {
        let plain = LifecycleRule { id: Some("r".into()), days: 30, ..LifecycleRule::default() };
        let table = [
            ("", plain.clone()),
            ("<Prefix>p/</Prefix>", LifecycleRule { prefix: "p/".into(), ..plain.clone() }),
            ("<Filter><Prefix>p/</Prefix></Filter>", LifecycleRule { prefix: "p/".into(), ..plain.clone() }),
            (
                "<Filter><And><Prefix>p/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>",
                LifecycleRule {
                    prefix: "p/".into(),
                    tags: vec![("a".into(), "1".into())],
                    larger_than: Some(5),
                    smaller_than: Some(9),
                    ..plain.clone()
                },
            ),
            ("<Filter><Suffix>x</Suffix></Filter>", LifecycleRule { unsure: true, ..plain.clone() }),
            ("<Expiration><Days>1</Days></Expiration>", plain.clone()),
            ("<Season>winter</Season>", LifecycleRule { unsure: true, ..plain }),
        ];
        for (inner, rule) in table {
            assert_eq!(one(inner), Ok(rule), "{inner}");
        }
        let off = "<Rule><Status>Disabled</Status><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule>";
        let other = "<Rule><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>";
        assert_eq!(read(&format!("{off}{other}")).unwrap().rules, []);
    }

    #[test]
    fn rules_that_expire_current_versions_are_kept_apart() {
        let expired = |status: &str, inner: &str| {
            read(&format!("<Rule><ID>r</ID><Status>{status}</Status>{inner}</Rule>")).map(|found| found.expirations)
        };
        let days = "<Expiration><Days>7</Days></Expiration>";
        let week = CurrentExpiration { id: Some("r".into()), days: Some(7), ..CurrentExpiration::default() };
        let table = [
            (days.to_owned(), Some(week.clone())),
            (
                format!("<Filter><Prefix>tmp/</Prefix></Filter>{days}"),
                Some(CurrentExpiration { prefix: "tmp/".into(), ..week.clone() }),
            ),
            (
                format!("<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>{days}"),
                Some(CurrentExpiration { restricted: true, ..week.clone() }),
            ),
            (
                format!("<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter>{days}"),
                Some(CurrentExpiration { restricted: true, ..week.clone() }),
            ),
            (
                "<Expiration><Date>2026-12-24T00:00:00Z</Date></Expiration>".to_owned(),
                Some(CurrentExpiration { days: None, date: Some("2026-12-24T00:00:00Z".into()), ..week.clone() }),
            ),
            ("<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>".to_owned(), None),
            (
                "<Expiration><Moon>full</Moon></Expiration>".to_owned(),
                Some(CurrentExpiration { days: None, ..week.clone() }),
            ),
        ];
        for (inner, expected) in table {
            assert_eq!(expired("Enabled", &inner), Ok(expected.into_iter().collect()), "{inner}");
        }
        assert_eq!(expired("Disabled", days), Ok(vec![]));
        assert!(expired("Enabled", "<Expiration><Days>soon</Days></Expiration>").is_err());
    }

    #[test]
    fn versions_may_be_kept_by_number() {
        let rule = |inner: &str| {
            read(&format!("<Rule><Status>Enabled</Status><NoncurrentVersionExpiration>{inner}</NoncurrentVersionExpiration></Rule>"))
                .map(|found| (found.rules[0].days, found.rules[0].newer_noncurrent_versions))
        };
        let newer = "<NewerNoncurrentVersions>3</NewerNoncurrentVersions>";
        assert_eq!(rule(&format!("<NoncurrentDays>7</NoncurrentDays>{newer}")), Ok((7, Some(3))));
        assert_eq!(rule(newer), Ok((0, Some(3))));
        assert!(rule("").is_err());
        assert!(rule("<NoncurrentDays>soon</NoncurrentDays>").is_err());
    }

    #[test]
    fn incomplete_configurations_are_refused() {
        for rules in ["", "<Rule/>", "<Rule><Status>On</Status></Rule>", "<Law><Status>Enabled</Status></Law>"] {
            assert!(read(rules).is_err(), "{rules}");
        }
    }
}
