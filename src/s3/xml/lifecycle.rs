//! GetBucketLifecycleConfiguration: the rules that remove noncurrent versions.
//!
//! "Lifecycle configuration elements" in the S3 User Guide. What a rule does to current versions is not read.

use super::element::{Fields, document};
use super::replication::pair;
use super::unreadable::Unreadable;
use crate::rules::{LifecycleRule, LifecycleRules};

/// What a rule does beside removing noncurrent versions, and what MinIO and Ceph add. None of it says for which objects.
const OTHER_ACTIONS: [&str; 7] = [
    "ID",
    "Expiration",
    "Transition",
    "NoncurrentVersionTransition",
    "AbortIncompleteMultipartUpload",
    "DelMarkerExpiration",
    "AllVersionsExpiration",
];

/// The enabled rules that remove noncurrent versions.
pub(in crate::s3) fn lifecycle(answer: &[u8]) -> Result<LifecycleRules, Unreadable> {
    document(answer, &["LifecycleConfiguration"], |root| {
        root.no_other_entries(&["Rule"])?;
        let mut rules = Vec::new();
        let mut any = false;
        for element in root.all("Rule") {
            any = true;
            let fields = element.fields()?;
            if fields.one("Status")?.enabled()? {
                rules.extend(rule(&fields)?);
            }
        }
        match any {
            false => Err(Unreadable::Missing { parent: root.name().to_owned(), name: "Rule" }),
            true => Ok(LifecycleRules { rules }),
        }
    })
}

fn rule(fields: &Fields<'_>) -> Result<Option<LifecycleRule>, Unreadable> {
    let known = [&OTHER_ACTIONS[..], &["Status", "Prefix", "Filter", "NoncurrentVersionExpiration"]].concat();
    let mut rule = LifecycleRule {
        id: fields.maybe_text("ID")?.filter(|id| !id.is_empty()),
        prefix: fields.maybe_text("Prefix")?.unwrap_or_default(),
        unsure: fields.others(&known).next().is_some(),
        ..LifecycleRule::default()
    };
    let Some(expiration) = fields.maybe("NoncurrentVersionExpiration")? else { return Ok(None) };
    let expiration = expiration.fields()?;
    rule.unsure |= expiration.others(&["NoncurrentDays", "NewerNoncurrentVersions"]).next().is_some();
    rule.newer_noncurrent_versions =
        expiration.maybe("NewerNoncurrentVersions")?.map(|count| count.number()).transpose()?;
    rule.days = match expiration.maybe("NoncurrentDays")? {
        Some(days) => days.number()?,
        // MinIO takes a number of versions alone.
        None if rule.newer_noncurrent_versions.is_some() => 0,
        None => return Err(Unreadable::Missing { parent: expiration.name().to_owned(), name: "NoncurrentDays" }),
    };
    let Some(filter) = fields.maybe("Filter")? else { return Ok(Some(rule)) };
    let filter = filter.fields()?;
    let and = filter.maybe("And")?.map(|and| and.fields()).transpose()?;
    for fields in [Some(&filter), and.as_ref()].into_iter().flatten() {
        let conditions = ["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"];
        rule.unsure |= fields.others(&conditions).next().is_some();
        if let Some(prefix) = fields.maybe_text("Prefix")?.filter(|prefix| !prefix.is_empty()) {
            rule.prefix = prefix;
        }
        for tag in fields.all("Tag") {
            rule.tags.push(pair(tag)?);
        }
        if let Some(size) = fields.maybe("ObjectSizeGreaterThan")? {
            rule.larger_than = Some(size.number()?);
        }
        if let Some(size) = fields.maybe("ObjectSizeLessThan")? {
            rule.smaller_than = Some(size.number()?);
        }
    }
    rule.unsure |= and.is_some_and(|and| and.maybe("And").is_ok_and(|nested| nested.is_some()));
    Ok(Some(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rules: &str) -> Result<LifecycleRules, Unreadable> {
        lifecycle(format!("<LifecycleConfiguration xmlns=\"x\">{rules}</LifecycleConfiguration>").as_bytes())
    }

    fn one(inner: &str) -> Result<LifecycleRule, Unreadable> {
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
        assert_eq!(read(&format!("{off}{other}")), Ok(LifecycleRules::default()));
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
    fn a_configuration_that_is_not_whole_says_nothing() {
        for rules in ["", "<Rule/>", "<Rule><Status>On</Status></Rule>", "<Law><Status>Enabled</Status></Law>"] {
            assert!(read(rules).is_err(), "{rules}");
        }
    }
}
