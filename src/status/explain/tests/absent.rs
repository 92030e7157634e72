//! Reasons for an absent status.

use super::*;

#[test]
fn every_reason_for_an_absent_status_has_each_of_its_states() {
    let denied = || absent().with(|c| c.rules = Err(refused()));
    let no_rules = || absent().rules(vec![]);
    let elsewhere = || absent().rules(vec![scoped("other/", &[])]);
    let tagged = || absent().rules(vec![scoped("", &[("team", "a")])]);
    let disabled = || absent().rules(vec![Rule { enabled: false, ..named("off", Rule::to("dst")) }]);
    let kms = |opt_in| {
        absent()
            .rules(vec![named("all", Rule { kms_opt_in: opt_in, ..Rule::to("dst") })])
            .with(|c| c.head.encryption = Some("aws:kms".into()))
    };
    let untold = || tagged().with(|c| c.tags = Some(Err(refused())));
    let has = |pairs: &[(&str, &str)]| {
        let pairs = tags(pairs);
        tagged().with(|c| c.tags = Some(Ok(pairs)))
    };
    let versioning = |state| absent().with(|c| c.versioning = state);
    let class = |class| absent().with(|c| c.head.storage_class = Some(String::from(class)));
    let table: Vec<(&str, Explained, &[ClaimState])> = vec![
        ("no-configuration", no_rules(), &[Holds]),
        ("no-configuration", absent(), &[RuledOut]),
        ("no-configuration", denied(), &[Unknown]),
        ("no-rule", elsewhere(), &[Holds]),
        ("no-rule", has(&[("team", "b")]), &[Holds]),
        ("no-rule", disabled(), &[Holds]),
        ("no-rule", absent(), &[RuledOut]),
        ("no-rule", has(&[("team", "a")]), &[RuledOut]),
        ("no-rule", kms(false), &[RuledOut]),
        ("no-rule", untold(), &[Unknown]),
        ("no-rule", denied(), &[Unknown]),
        ("no-rule", no_rules(), &[]),
        ("before-rule", absent(), &[Unknown]),
        ("before-rule", untold(), &[Unknown]),
        ("before-rule", denied(), &[Unknown]),
        ("before-rule", no_rules(), &[]),
        ("before-rule", elsewhere(), &[]),
        ("rule-disabled", disabled(), &[Holds]),
        ("rule-disabled", elsewhere(), &[RuledOut]),
        ("rule-disabled", absent(), &[Unknown]),
        ("rule-disabled", denied(), &[Unknown]),
        ("tag-later", has(&[("team", "a")]), &[Unknown]),
        ("tag-later", untold(), &[Unknown]),
        ("tag-later", denied(), &[Unknown]),
        ("tag-later", has(&[("team", "b")]), &[RuledOut]),
        ("tag-later", absent(), &[RuledOut]),
        ("kms", kms(false), &[Holds]),
        ("kms", kms(true), &[RuledOut]),
        (
            "kms",
            kms(false).with(|c| {
                let opted = Rule { kms_opt_in: true, ..scoped("", &[("team", "a")]) };
                c.rules = Ok(vec![named("all", Rule::to("other")), opted]);
            }),
            &[Unknown],
        ),
        ("kms", absent(), &[RuledOut]),
        ("kms", absent().with(|c| c.head.encryption = Some("".into())), &[RuledOut]),
        ("kms", absent().with(|c| c.head.encryption = Some("aws:new".into())), &[Unknown]),
        ("kms", denied(), &[RuledOut]),
        ("kms", denied().with(|c| c.head.encryption = Some("aws:kms:dsse".into())), &[Unknown]),
        ("kms", elsewhere().with(|c| c.head.encryption = Some("aws:kms".into())), &[]),
        ("versioning", versioning(Ok(Versioning::Never)), &[Holds]),
        ("versioning", versioning(Ok(Versioning::Suspended)), &[Holds]),
        ("versioning", absent().with(|c| c.head.version_id = Some("null".into())), &[Holds]),
        ("versioning", absent(), &[RuledOut]),
        ("versioning", absent().with(|c| c.head.version_id = None), &[Unknown]),
        ("versioning", versioning(Err(refused())), &[Unknown]),
        ("archive", class("GLACIER"), &[Holds]),
        ("archive", class("DEEP_ARCHIVE"), &[Holds]),
        (
            "archive",
            class("INTELLIGENT_TIERING").with(|c| c.head.archive_status = Some("ARCHIVE_ACCESS".into())),
            &[Holds],
        ),
        ("archive", class("INTELLIGENT_TIERING"), &[RuledOut]),
        ("archive", class("GLACIER_IR"), &[RuledOut]),
        ("replica", absent(), &[RuledOut]),
        ("owner", absent(), &[Unknown]),
        ("server", absent(), &[]),
        ("server", absent().with(|c| c.custom_endpoint = true), &[Unknown]),
        ("next", absent(), &[Info]),
    ];
    for (row, (about, case, states)) in table.iter().enumerate() {
        assert_eq!(case.about(about), *states, "row {row}: {about} of {:#?}", case.explained());
    }
}

#[test]
fn reasons_that_hold_come_first_and_the_next_step_comes_last() {
    let case = absent().rules(vec![scoped("other/", &[])]).with(|c| c.head.storage_class = Some("GLACIER".into()));
    let claims = case.explained().claims;
    let reasons: Vec<ClaimState> =
        claims.iter().filter(|c| !["rule", "delete-markers", "next"].contains(&c.about)).map(|c| c.state).collect();
    assert!(reasons.is_sorted_by_key(|state| [Holds, Unknown, RuledOut].iter().position(|s| s == state)), "{claims:?}");
    assert_eq!(claims.last().map(|claim| claim.about), Some("next"));
    assert!(case.text("next").contains("restore it"), "Batch Replication can't take it: {claims:?}");
    assert!(absent().text("next").contains("filter ObjectReplicationStatuses NONE"));
    assert!(absent().rules(vec![]).text("next").contains("give the bucket a replication configuration"));
}
