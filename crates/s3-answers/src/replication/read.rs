//! GetBucketReplication.
//!
//! "Replication configuration file elements" in the S3 User Guide, and what MinIO, RustFS and CloudServer add. An unknown
//! element in the scope of a rule makes that rule unsure, and does not affect the other rules.

use super::rules::{Exclusion, ReplicationRule, ReplicationRules, RuleDestination, RuleScope};
use crate::element::{Element, Fields, document};
use crate::error::AnswerError;

/// The elements of a rule on AWS and known servers. MinIO and RustFS add `DeleteReplication`.
const RULE: [&str; 10] = [
    "ID",
    "Priority",
    "Status",
    "Prefix",
    "Filter",
    "DeleteMarkerReplication",
    "SourceSelectionCriteria",
    "ExistingObjectReplication",
    "DeleteReplication",
    "Destination",
];

/// The elements of a destination on AWS and known servers.
const DESTINATION: [&str; 7] = [
    "Bucket",
    "Account",
    "StorageClass",
    "AccessControlTranslation",
    "EncryptionConfiguration",
    "ReplicationTime",
    "Metrics",
];

/// Reads the rules from an answer of [GetBucketReplication]. An answer without a rule is an error, because a bucket without
/// rules has no configuration.
///
/// [GetBucketReplication]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html
pub fn read_replication(answer: &[u8]) -> Result<ReplicationRules, AnswerError> {
    document(answer, &["ReplicationConfiguration"], |root| {
        root.no_other_entries(&["Rule"])?;
        let mut found = ReplicationRules { role: root.maybe_word("Role")?, ..ReplicationRules::default() };
        // An unknown element beside the rules may restrict each of them.
        let beside_rules: Vec<String> = root.others(&["Role", "Rule"]).map(name_of).collect();
        for element in root.all("Rule") {
            let fields = element.fields()?;
            let mut rule = rule(&fields)?;
            rule.unknown.extend_from_slice(&beside_rules);
            found.version_deletes_replicate |=
                rule.enabled && (switched_on(&fields, "DeleteReplication")? || rule.unknown_delete_switch);
            found.rules.push(rule);
        }
        match found.rules.is_empty() {
            true => Err(AnswerError::Missing { parent: root.name().to_owned(), name: "Rule" }),
            false => Ok(found),
        }
    })
}

fn rule(fields: &Fields<'_>) -> Result<ReplicationRule, AnswerError> {
    let mut unknown: Vec<String> = Vec::new();
    unknown.extend(fields.others(&RULE).map(name_of));
    let (mut kms_opt_in, mut replica_modifications) = (false, false);
    if let Some(criteria) = fields.maybe("SourceSelectionCriteria")? {
        let criteria = criteria.fields()?;
        unknown.extend(criteria.others(&["SseKmsEncryptedObjects", "ReplicaModifications"]).map(name_of));
        kms_opt_in = switched_on(&criteria, "SseKmsEncryptedObjects")?;
        replica_modifications = switched_on(&criteria, "ReplicaModifications")?;
    }
    let scope = scope(fields, &mut unknown)?;
    let destination = fields.one("Destination")?.fields()?;
    let storage_class = destination.maybe_word("StorageClass")?;
    let places = destination.others(&DESTINATION).filter(|element| !names_deletes(element));
    let mut elsewhere: Vec<String> = places.map(name_of).collect();
    let zone = if elsewhere == ["Zone"] { destination.maybe_word("Zone")? } else { None };
    if zone.is_some() {
        elsewhere.clear();
    }
    // Some servers list several places here.
    elsewhere.extend(storage_class.iter().filter(|class| class.contains(',')).map(|_| "StorageClass".to_owned()));
    Ok(ReplicationRule {
        id: fields.maybe_text("ID")?.filter(|id| !id.is_empty()),
        priority: fields.maybe_number("Priority")?,
        enabled: fields.one("Status")?.enabled()?,
        scope,
        delete_marker_replication: switched_on(fields, "DeleteMarkerReplication")?,
        unknown_delete_switch: has_unknown_delete_switch(fields, &destination),
        kms_opt_in,
        replica_modifications,
        unknown,
        time_control_minutes: time_control(&destination)?,
        destination: RuleDestination {
            bucket: destination.one("Bucket")?.bucket_of_arn()?,
            account: destination.maybe_word("Account")?,
            zone,
            storage_class,
            replica_kms_key: replica_kms_key(&destination)?,
            metrics: switched_on(&destination, "Metrics")?,
            unknown: elsewhere,
        },
    })
}

/// An element's name, cut for messages.
fn name_of(element: Element<'_>) -> String {
    element.name().chars().take(200).collect()
}

fn switched_on(fields: &Fields<'_>, name: &'static str) -> Result<bool, AnswerError> {
    fields.maybe(name)?.map_or(Ok(false), Element::switch)
}

/// Which objects the rule applies to. V1 rules have a `Prefix` and no `Filter`; some servers write an empty one beside it.
fn scope(rule: &Fields<'_>, unknown: &mut Vec<String>) -> Result<RuleScope, AnswerError> {
    let own = rule.maybe_text("Prefix")?;
    let Some(filter) = rule.maybe("Filter")? else {
        return Ok(RuleScope { has_filter: false, prefix: own.unwrap_or_default(), ..RuleScope::default() });
    };
    if own.is_some_and(|prefix| !prefix.is_empty()) {
        return Err(AnswerError::contradiction("a rule has a Prefix beside its Filter"));
    }
    let filter = filter.fields()?;
    let mut scope = RuleScope { has_filter: true, ..RuleScope::default() };
    let conditions = ["Prefix", "Tag", "Not", "And"];
    let is_empty = |one: &Element<'_>| one.name() == "Prefix" && one.text().is_ok_and(|text| text.is_empty());
    let given = filter.each().filter(|one| conditions.contains(&one.name()) && !is_empty(one));
    // S3 allows one condition here, and several in `And`.
    if given.count() > 1 {
        unknown.push("Filter".to_owned());
    }
    let and = filter.maybe("And")?.map(Element::fields).transpose()?;
    for (fields, known) in [(Some(&filter), &conditions[..]), (and.as_ref(), &["Prefix", "Tag", "Not"])] {
        let Some(fields) = fields else { continue };
        unknown.extend(fields.others(known).map(name_of));
        if let Some(prefix) = fields.maybe_text("Prefix")?.filter(|prefix| !prefix.is_empty()) {
            scope.prefix = prefix;
        }
        for tag in fields.all("Tag") {
            scope.tags.push(tag.tag()?);
        }
        if let Some(not) = fields.maybe("Not")? {
            scope.except.extend(exclusions(&not.fields()?, unknown)?);
        }
    }
    Ok(scope)
}

/// `Not` has one of `Prefix`, `Tag` and `Or`; `Or` has several of the first two. An object that matches any is excluded.
fn exclusions(not: &Fields<'_>, unknown: &mut Vec<String>) -> Result<Vec<Exclusion>, AnswerError> {
    let or = not.maybe("Or")?.map(Element::fields).transpose()?;
    if not.each().count() != 1 || or.as_ref().is_some_and(|or| or.each().count() == 0) {
        unknown.push("Not".to_owned());
    }
    let mut found = Vec::new();
    for element in not.each().filter(|one| one.name() != "Or").chain(or.iter().flat_map(Fields::each)) {
        match element.name() {
            "Prefix" => match element.text()?.into_owned() {
                // S3 does not document whether it excludes everything or nothing.
                empty if empty.is_empty() => unknown.push("Not".to_owned()),
                prefix => found.push(Exclusion::Prefix(prefix)),
            },
            "Tag" => {
                let (key, value) = element.tag()?;
                found.push(Exclusion::Tag(key, value));
            }
            _ => unknown.push(name_of(element)),
        }
    }
    Ok(found)
}

fn replica_kms_key(destination: &Fields<'_>) -> Result<Option<String>, AnswerError> {
    let Some(encryption) = destination.maybe("EncryptionConfiguration")? else { return Ok(None) };
    encryption.fields()?.maybe_word("ReplicaKmsKeyID")
}

/// Minutes of S3 Replication Time Control, if it is on. AWS only accepts 15.
fn time_control(destination: &Fields<'_>) -> Result<Option<u32>, AnswerError> {
    let Some(control) = destination.maybe("ReplicationTime")? else { return Ok(None) };
    let control = control.fields()?;
    if !control.one("Status")?.enabled()? {
        return Ok(None);
    }
    let Some(time) = control.maybe("Time")? else { return Ok(Some(15)) };
    Ok(Some(time.fields()?.maybe_number("Minutes")?.unwrap_or(15)))
}

/// Whether this may be a server's switch for deletes.
fn names_deletes(element: &Element<'_>) -> bool {
    element.name().to_ascii_lowercase().contains("delete")
}

/// Whether an unknown element with "delete" in its name is not Disabled.
fn has_unknown_delete_switch(rule: &Fields<'_>, destination: &Fields<'_>) -> bool {
    let mut strange = rule.others(&RULE).chain(destination.others(&DESTINATION)).filter(names_deletes);
    let is_off = |element: &Element<'_>| {
        element.switch() == Ok(false) || element.text().is_ok_and(|text| text.trim() == "Disabled")
    };
    strange.any(|element| !is_off(&element))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: &str = "<Destination><Bucket>arn:aws:s3:::dst</Bucket></Destination>";

    fn read(rules: &str) -> Result<ReplicationRules, AnswerError> {
        read_replication(
            format!("<ReplicationConfiguration xmlns=\"x\"><Role/>{rules}</ReplicationConfiguration>").as_bytes(),
        )
    }

    fn one(inner: &str) -> Result<ReplicationRule, AnswerError> {
        read(&format!("<Rule><Status>Enabled</Status>{inner}{TO}</Rule>")).map(|rules| rules.rules[0].clone())
    }

    fn v2(scope: RuleScope) -> ReplicationRule {
        ReplicationRule { priority: None, scope: RuleScope { has_filter: true, ..scope }, ..ReplicationRule::to("dst") }
    }

    fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_filter_is_read_with_what_it_excludes() {
        let tag = |key: &str, value: &str| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
        let prefix = |prefix: &str| Exclusion::Prefix(prefix.to_owned());
        let tagged = |key: &str, value: &str| Exclusion::Tag(key.to_owned(), value.to_owned());
        let (a, b) = (tag("a", "1"), tag("b", "2"));
        let table = [
            (String::new(), RuleScope::default()),
            ("<Prefix/>".to_owned(), RuleScope::default()),
            ("<Prefix>p/</Prefix>".to_owned(), RuleScope { prefix: "p/".into(), ..RuleScope::default() }),
            (a.clone(), RuleScope { tags: tags(&[("a", "1")]), ..RuleScope::default() }),
            // An empty prefix is no condition.
            (format!("<Prefix/>{a}"), RuleScope { tags: tags(&[("a", "1")]), ..RuleScope::default() }),
            (
                format!("<And><Prefix>p/</Prefix>{a}{b}</And>"),
                RuleScope { prefix: "p/".into(), tags: tags(&[("a", "1"), ("b", "2")]), ..RuleScope::default() },
            ),
            (
                "<Not><Prefix>tmp/</Prefix></Not>".to_owned(),
                RuleScope { except: vec![prefix("tmp/")], ..RuleScope::default() },
            ),
            (format!("<Not>{a}</Not>"), RuleScope { except: vec![tagged("a", "1")], ..RuleScope::default() }),
            (
                format!(
                    "<And><Prefix>p/</Prefix><Not><Or><Prefix>p/x</Prefix><Prefix>p/y</Prefix>{b}</Or></Not></And>"
                ),
                RuleScope {
                    prefix: "p/".into(),
                    except: vec![prefix("p/x"), prefix("p/y"), tagged("b", "2")],
                    ..RuleScope::default()
                },
            ),
        ];
        for (filter, scope) in table {
            assert_eq!(one(&format!("<Filter>{filter}</Filter>")), Ok(v2(scope)), "{filter}");
        }
    }

    #[test]
    fn an_unknown_condition_makes_only_its_rule_unsure() {
        let table = [
            ("<Filter><Suffix>.log</Suffix></Filter>", "Suffix"),
            ("<Filter><Prefix>p/</Prefix><Suffix>.log</Suffix></Filter>", "Suffix"),
            (
                "<Filter><And><Prefix>p/</Prefix><ObjectSizeLessThan>9</ObjectSizeLessThan></And></Filter>",
                "ObjectSizeLessThan",
            ),
            ("<Filter><Not><Suffix>x</Suffix></Not></Filter>", "Suffix"),
            ("<Filter><Not><Or><Suffix>x</Suffix></Or></Not></Filter>", "Suffix"),
            ("<Filter><Not><Prefix/></Not></Filter>", "Not"),
            ("<Filter><Not/></Filter>", "Not"),
            ("<Filter><Not><Or/></Not></Filter>", "Not"),
            ("<Filter><Not><Prefix>a</Prefix><Prefix>b</Prefix></Not></Filter>", "Not"),
            ("<Filter><Prefix>p/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></Filter>", "Filter"),
            ("<Filter/><SourceSelectionCriteria><OnlySmall>yes</OnlySmall></SourceSelectionCriteria>", "OnlySmall"),
            ("<Filter/><Schedule><Days>Monday</Days></Schedule>", "Schedule"),
        ];
        for (inner, unknown) in table {
            assert_eq!(one(inner).unwrap().unknown, [unknown], "{inner}");
        }
        let rules = read(&format!(
            "<Rule><Status>Enabled</Status><Filter><Suffix>x</Suffix></Filter>{TO}</Rule><Rule><Status>Enabled</Status><Filter/>{TO}</Rule>"
        ));
        assert_eq!(rules.unwrap().rules[1], v2(RuleScope::default()));
    }

    #[test]
    fn all_elements_of_a_rule_are_read() {
        let switch = |name: &str, word: &str| format!("<{name}><Status>{word}</Status></{name}>");
        let rule = |markers: &str, time: &str| {
            let criteria = switch("SseKmsEncryptedObjects", "Enabled") + &switch("ReplicaModifications", "Enabled");
            read(&format!(
                "<Rule><ID>all</ID><Priority>7</Priority><Status>Enabled</Status><Filter/>{}{}                 <SourceSelectionCriteria>{criteria}</SourceSelectionCriteria><Destination><Bucket>arn:aws:s3:::dst</Bucket>                 <Account>111122223333</Account><StorageClass>STANDARD_IA</StorageClass><ReplicationTime>{time}</ReplicationTime>                 <Metrics><Status>Enabled</Status></Metrics><EncryptionConfiguration>                 <ReplicaKmsKeyID>arn:aws:kms:eu-west-1:111122223333:key/1</ReplicaKmsKeyID></EncryptionConfiguration>                 </Destination></Rule>",
                switch("DeleteMarkerReplication", markers),
                switch("ExistingObjectReplication", "Disabled"),
            ))
            .map(|rules| rules.rules[0].clone())
        };
        let expected = ReplicationRule {
            id: Some("all".to_owned()),
            priority: Some(7),
            delete_marker_replication: true,
            kms_opt_in: true,
            replica_modifications: true,
            time_control_minutes: Some(15),
            destination: RuleDestination {
                bucket: "dst".to_owned(),
                account: Some("111122223333".to_owned()),
                zone: None,
                storage_class: Some("STANDARD_IA".to_owned()),
                replica_kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/1".to_owned()),
                metrics: true,
                unknown: Vec::new(),
            },
            ..ReplicationRule::to("dst")
        };
        let on = "<Status>Enabled</Status><Time><Minutes>15</Minutes></Time>";
        let off = "<Status>Disabled</Status><Time><Minutes>15</Minutes></Time>";
        assert_eq!(rule("Enabled", on), Ok(expected.clone()));
        let switched_off = ReplicationRule { time_control_minutes: None, delete_marker_replication: false, ..expected };
        assert_eq!(rule("Disabled", off), Ok(switched_off));
        assert!(rule("Enabled", &on.replace("15", "-1")).is_err());
        assert!(rule("Perhaps", on).is_err(), "an unknown word");
    }

    #[test]
    fn the_role_is_kept_as_it_was_written() {
        let with = |role: &str| {
            let rule = format!("<Rule><Status>Enabled</Status><Filter/>{TO}</Rule>");
            let answer = format!("<ReplicationConfiguration>{role}{rule}</ReplicationConfiguration>");
            read_replication(answer.as_bytes()).map(|rules| rules.role)
        };
        assert_eq!(with("<Role>arn:aws:iam::1:role/r</Role>"), Ok(Some("arn:aws:iam::1:role/r".to_owned())));
        assert_eq!((with(""), with("<Role/>")), (Ok(None), Ok(None)));
        assert!(with("<Role>a</Role><Role>b</Role>").is_err());
    }

    #[test]
    fn rules_of_the_first_version_have_a_prefix_and_no_filter() {
        let v1 = ReplicationRule {
            scope: RuleScope { prefix: "p/".into(), ..RuleScope::default() },
            ..v2(RuleScope::default())
        };
        assert_eq!(one("<ID/><Prefix>p/</Prefix>"), Ok(v1));
        assert_eq!(one("<Prefix/><Filter><Prefix>p/</Prefix></Filter>").unwrap().scope.prefix, "p/");
        assert!(one("<Prefix>q/</Prefix><Filter><Prefix>p/</Prefix></Filter>").is_err());
    }

    #[test]
    fn incomplete_configurations_are_refused() {
        for rules in [
            "",
            "<Rule/>",
            "<Statute><Status>Enabled</Status></Statute>",
            "<Rule><Status>Enabled</Status><Filter/></Rule>",
            "<Rule><Status>Enabled</Status><Filter/><Destination/></Rule>",
            "<Rule><Filter/><Destination><Bucket>dst</Bucket></Destination></Rule>",
            "<Rule><Status>enabled</Status><Filter/><Destination><Bucket>dst</Bucket></Destination></Rule>",
            "<Rule><Status>Enabled</Status><Status>Disabled</Status><Filter/><Destination><Bucket>dst</Bucket></Destination></Rule>",
            "<Rule><Status>Enabled</Status><Filter/><Filter/><Destination><Bucket>dst</Bucket></Destination></Rule>",
            "<Rule><Status>Enabled</Status><Filter/><DeleteMarkerReplication/><Destination><Bucket>dst</Bucket></Destination></Rule>",
        ] {
            assert!(read(rules).is_err(), "{rules}");
        }
        assert!(read_replication(b"<html/>").is_err());
    }

    #[test]
    fn version_deletes_replicate_if_a_server_says_so() {
        let on = "<DeleteReplication><Status>Enabled</Status></DeleteReplication>";
        let off = "<DeleteReplication><Status>Disabled</Status></DeleteReplication>";
        let markers = "<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>";
        let new = "<VersionDeletes><Status>Enabled</Status></VersionDeletes>";
        let table = [
            ("Enabled", on, true),
            ("Enabled", off, false),
            ("Enabled", markers, false),
            ("Disabled", on, false),
            ("Enabled", new, true),
            ("Enabled", "<VersionDeletes>yes</VersionDeletes>", true),
            ("Enabled", "<VersionDeletes><Status>Disabled</Status></VersionDeletes>", false),
        ];
        for (status, element, replicates) in table {
            let rules = read(&format!("<Rule><Status>{status}</Status><Filter/>{element}{TO}</Rule>")).unwrap();
            assert_eq!(rules.version_deletes_replicate, replicates, "{status} {element}");
            let carries =
                replicates && !element.contains("DeleteReplication") || element == markers && status == "Enabled";
            assert_eq!(rules.carry_delete_markers("k"), carries, "{status} {element}");
        }
        // Huawei OBS has its switch in the destination.
        for (switch, replicates) in [("Enabled", true), ("Disabled", false)] {
            let to = format!("<Destination><Bucket>dst</Bucket><DeleteData>{switch}</DeleteData></Destination>");
            let rules = read(&format!("<Rule><Status>Enabled</Status><Filter/>{to}</Rule>")).unwrap();
            assert_eq!(rules.version_deletes_replicate, replicates, "{switch}");
            assert_eq!(rules.carry_delete_markers("k"), replicates, "{switch}");
        }
    }

    #[test]
    fn what_a_destination_has_besides_may_be_more_places() {
        let table = [
            ("", &[][..]),
            ("<StorageClass>GLACIER</StorageClass>", &[]),
            ("<Zone>z2</Zone><Zone>z3</Zone>", &["Zone", "Zone"]),
            ("<Zone>z2</Zone>", &[]),
            ("<DeleteData>Disabled</DeleteData>", &[]),
            ("<Location>l</Location>", &["Location"]),
            ("<StorageClass>site1,site2</StorageClass>", &["StorageClass"]),
        ];
        for (more, unknown) in table {
            let to = format!("<Destination><Bucket>dst</Bucket>{more}</Destination>");
            let rules = read(&format!("<Rule><Status>Enabled</Status><Filter/>{to}</Rule>")).unwrap();
            let found = &rules.rules[0].destination;
            assert_eq!(found.unknown, unknown, "{more}");
            assert_eq!(found.zone.as_deref(), (more == "<Zone>z2</Zone>").then_some("z2"), "{more}");
        }
    }
}
