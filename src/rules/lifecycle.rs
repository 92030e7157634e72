//! A bucket's lifecycle, as far as it removes noncurrent versions: what a delete marker hides becomes noncurrent.

/// The enabled rules that remove noncurrent versions; none where the bucket has no lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRules {
    /// In the order S3 gives them.
    pub rules: Vec<LifecycleRule>,
}

/// One rule with `NoncurrentVersionExpiration`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LifecycleRule {
    /// Its ID, where it has one.
    pub id: Option<String>,
    /// Keys begin like this; empty for every key.
    pub prefix: String,
    /// All of these tags, with these values.
    pub tags: Vec<(String, String)>,
    /// Only objects of more bytes.
    pub larger_than: Option<u64>,
    /// Only objects of fewer bytes.
    pub smaller_than: Option<u64>,
    /// Days after which a version is removed, counted from when it became noncurrent.
    pub days: u32,
    /// As many newer noncurrent versions of the key are kept, however old they are.
    pub newer_noncurrent_versions: Option<u32>,
    /// Whether an unknown element may say that it is for other objects.
    pub unsure: bool,
}

/// When a version is removed that becomes noncurrent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoncurrentExpiration<'a> {
    /// By no rule.
    Never,
    /// By this rule, the soonest of those that apply.
    After(&'a LifecycleRule),
    /// Perhaps by this rule: the object's tags or size are not known, or the rule has an unknown element. No rule that
    /// certainly applies is as soon.
    Unsure(&'a LifecycleRule),
}

impl LifecycleRules {
    /// What happens to a version of `key` once it is noncurrent. `None` for its size or its tags: not known.
    #[must_use]
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
    /// Whether the rule is for the object; `None` where that is not known.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, days: u32) -> LifecycleRule {
        LifecycleRule { id: Some(id.to_owned()), days, ..LifecycleRule::default() }
    }

    /// `never`, `after ID` or `unsure ID`.
    fn word(rules: &[LifecycleRule], size: Option<u64>, tags: Option<&[(String, String)]>) -> String {
        let rules = LifecycleRules { rules: rules.to_vec() };
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
            (vec![tagged, rule("a", 30)], Some(1), None, "unsure tagged"),
            (vec![late_tagged, rule("a", 30)], Some(1), None, "after a"),
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
}
