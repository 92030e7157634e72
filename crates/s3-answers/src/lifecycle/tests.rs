use super::*;

fn rule(id: &str, days: u32) -> LifecycleRule {
    LifecycleRule { id: Some(id.to_owned()), days, ..LifecycleRule::default() }
}

/// `never`, or the kind and the rule of each expiration.
fn words(rules: &[LifecycleRule], size: Option<u64>, tags: Option<&[(String, String)]>) -> String {
    let rules = LifecycleRules { rules: rules.to_vec(), ..LifecycleRules::default() };
    let found = rules.noncurrent_expirations("p/k", size, tags);
    let words = found.iter().map(|expiration| {
        let (kind, rule) = match expiration {
            NoncurrentExpiration::After(rule) => ("after", rule),
            NoncurrentExpiration::Unsure(rule) => ("unsure", rule),
            NoncurrentExpiration::Older(rule) => ("older", rule),
            NoncurrentExpiration::AllVersions(rule) => ("all", rule),
        };
        format!("{kind} {}", rule.id.as_deref().unwrap_or_default())
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "never".to_owned() } else { words.join(", ") }
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
    let newer = LifecycleRule { newer_noncurrent_versions: Some(2), ..rule("newer", 1) };
    let fewer = LifecycleRule { newer_noncurrent_versions: Some(1), ..rule("fewer", 1) };
    let newer_tagged = LifecycleRule { tags: tag.clone(), ..newer.clone() };
    let newer_elsewhere = LifecycleRule { prefix: "q/".into(), ..newer.clone() };
    let all = LifecycleRule { all_versions: true, ..rule("all", 1) };
    let all_tagged = LifecycleRule { tags: tag.clone(), larger_than: Some(100), ..all.clone() };
    let all_here = LifecycleRule { prefix: "p/".into(), ..all.clone() };
    let all_elsewhere = LifecycleRule { prefix: "q/".into(), ..all.clone() };
    let all_strange = LifecycleRule { unsure: true, ..all_elsewhere.clone() };
    let table = [
        (vec![], Some(1), None, "never"),
        (vec![rule("a", 30), rule("b", 7)], Some(1), None, "after b"),
        (vec![elsewhere], Some(1), None, "never"),
        (vec![elsewhere_tagged], Some(1), None, "never"),
        (vec![tagged.clone()], Some(1), None, "unsure tagged"),
        (vec![tagged.clone()], Some(1), Some(&tag[..]), "after tagged"),
        (vec![tagged.clone()], Some(1), Some(&[][..]), "never"),
        (vec![tagged.clone(), rule("a", 30)], Some(1), None, "after a, unsure tagged"),
        (vec![late_tagged, rule("a", 30)], Some(1), None, "after a"),
        (vec![tagged, rule("same", 1)], Some(1), None, "after same"),
        (vec![large.clone()], Some(100), None, "never"),
        (vec![large.clone()], Some(101), None, "after large"),
        (vec![large], None, None, "unsure large"),
        (vec![small.clone()], Some(100), None, "never"),
        (vec![small], Some(99), None, "after small"),
        (vec![strange], Some(1), None, "unsure strange"),
        (vec![newer.clone()], Some(1), None, "older newer"),
        (vec![newer.clone(), fewer], Some(1), None, "older fewer"),
        (vec![newer_tagged.clone()], Some(1), None, "older newer"),
        (vec![newer_tagged], Some(1), Some(&[][..]), "never"),
        (vec![newer_elsewhere], Some(1), None, "never"),
        (vec![newer.clone(), rule("a", 30)], Some(1), None, "after a, older newer"),
        (vec![all.clone()], Some(1), None, "all all"),
        (vec![rule("late", 7), all.clone()], Some(1), None, "after late, all all"),
        (vec![all_tagged], Some(1), Some(&[][..]), "all all"),
        (vec![all_here], Some(1), None, "all all"),
        (vec![all_elsewhere], Some(1), None, "never"),
        (vec![all_strange], Some(1), None, "all all"),
        (vec![newer, all], Some(1), None, "older newer, all all"),
    ];
    for (rules, size, tags, expected) in table {
        assert_eq!(words(&rules, size, tags), expected, "{rules:?} {size:?} {tags:?}");
    }
}

fn read(rules: &str) -> Result<LifecycleRules, AnswerError> {
    read_lifecycle(format!("<LifecycleConfiguration xmlns=\"x\">{rules}</LifecycleConfiguration>").as_bytes())
}

fn one(inner: &str) -> Result<LifecycleRule, AnswerError> {
    let days = "<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>";
    read(&format!("<Rule><ID>r</ID><Status>Enabled</Status>{inner}{days}</Rule>")).map(|found| found.rules[0].clone())
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
fn rules_that_remove_all_versions_are_read() {
    let read = |status: &str, inner: &str| {
        read(&format!("<Rule><ID>r</ID><Status>{status}</Status>{inner}</Rule>"))
            .map(|found| (found.rules, found.expirations))
    };
    let rule = |days| LifecycleRule { all_versions: true, ..rule("r", days) };
    let current = |days: Option<u32>, restricted: bool| CurrentExpiration {
        id: Some("r".into()),
        days,
        restricted,
        ..CurrentExpiration::default()
    };
    let tag = "<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>";
    let markers = "<DelMarkerExpiration><Days>2</Days></DelMarkerExpiration>";
    let expiration = |inner: &str| format!("<Expiration><Days>4</Days>{inner}</Expiration>");
    let flag = |word: &str| expiration(&format!("<ExpiredObjectAllVersions>{word}</ExpiredObjectAllVersions>"));
    let table = [
        (markers.to_owned(), vec![rule(2)], vec![]),
        (format!("{tag}{markers}"), vec![LifecycleRule { tags: vec![("a".into(), "1".into())], ..rule(2) }], vec![]),
        ("<DelMarkerExpiration/>".to_owned(), vec![rule(0)], vec![]),
        ("<DelMarkerExpiration><Hours>3</Hours></DelMarkerExpiration>".to_owned(), vec![rule(0)], vec![]),
        (
            "<AllVersionsExpiration><Days>3</Days><DeleteMarker>true</DeleteMarker></AllVersionsExpiration>".to_owned(),
            vec![rule(3)],
            vec![current(Some(3), true)],
        ),
        (flag("true"), vec![rule(4)], vec![current(Some(4), false)]),
        (flag("perhaps"), vec![rule(4)], vec![current(Some(4), false)]),
        (flag("false"), vec![], vec![current(Some(4), false)]),
        // An action that is not known may remove anything.
        (
            "<NoncurrentVersionDelete><Days>1</Days></NoncurrentVersionDelete>".to_owned(),
            vec![LifecycleRule { unsure: true, ..rule(0) }],
            vec![current(None, true)],
        ),
        ("<Transition><Days>1</Days></Transition>".to_owned(), vec![], vec![]),
        (expiration(""), vec![], vec![current(Some(4), false)]),
        (
            format!(
                "{markers}<NoncurrentVersionExpiration><NoncurrentDays>9</NoncurrentDays></NoncurrentVersionExpiration>"
            ),
            vec![rule(2), LifecycleRule { all_versions: false, ..rule(9) }],
            vec![],
        ),
    ];
    for (inner, rules, expirations) in table {
        assert_eq!(read("Enabled", &inner), Ok((rules, expirations)), "{inner}");
        assert_eq!(read("Disabled", &inner), Ok((vec![], vec![])), "{inner}");
    }
    for inner in ["<DelMarkerExpiration><Days>soon</Days></DelMarkerExpiration>", &markers.repeat(2)] {
        assert!(read("Enabled", inner).is_err(), "{inner}");
    }
}

#[test]
fn versions_may_be_kept_by_number() {
    let rule = |inner: &str| {
        read(&format!(
            "<Rule><Status>Enabled</Status><NoncurrentVersionExpiration>{inner}</NoncurrentVersionExpiration></Rule>"
        ))
        .map(|found| (found.rules[0].days, found.rules[0].newer_noncurrent_versions))
    };
    let newer = "<NewerNoncurrentVersions>3</NewerNoncurrentVersions>";
    assert_eq!(rule(&format!("<NoncurrentDays>7</NoncurrentDays>{newer}")), Ok((7, Some(3))));
    assert_eq!(rule(newer), Ok((0, Some(3))));
    let none = "<NewerNoncurrentVersions>0</NewerNoncurrentVersions>";
    assert_eq!(rule(&format!("<NoncurrentDays>7</NoncurrentDays>{none}")), Ok((7, None)));
    assert!(rule(none).is_err());
    assert!(rule("").is_err());
    assert!(rule("<NoncurrentDays>soon</NoncurrentDays>").is_err());
}

#[test]
fn incomplete_configurations_are_refused() {
    for rules in ["", "<Rule/>", "<Rule><Status>On</Status></Rule>", "<Law><Status>Enabled</Status></Law>"] {
        assert!(read(rules).is_err(), "{rules}");
    }
}
