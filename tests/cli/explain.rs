//! `status --explain`.

use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Principal, Put, Rule, Sandbox, Versioning};
use serde_json::Value;

use crate::support::{Run, client, count, only_reads, replicated, run, versioned, with};

/// A server with a source and these rules, set after nothing was written.
fn with_rules(rules: impl IntoIterator<Item = Rule>) -> Sandbox {
    let s3 = versioned();
    for bucket in ["dst", "other"] {
        s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
    }
    s3.replicate("src", rules);
    s3
}

fn explained(s3: &Sandbox, address: &str) -> Run {
    let run = with(s3, &["status", "--explain", address, "-o", "json"]);
    only_reads(s3);
    run.silent()
}

/// What is said about one thing: its state and text.
fn about(run: &Run, about: &str) -> Vec<(String, String)> {
    let objects = run.objects();
    let claims = objects[0]["explanation"].as_array().expect("an explanation").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    claims.filter(|claim| claim["about"] == about).map(|claim| (text(&claim["state"]), text(&claim["text"]))).collect()
}

#[track_caller]
fn says(run: &Run, what: &str, state: &str, part: &str) {
    let found = about(run, what);
    assert!(found.iter().any(|(s, text)| s == state && text.contains(part)), "{what}: {found:?}");
}

#[test]
fn the_rule_that_applies_is_named_and_its_destination() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://src/k").expect(0);
    assert_eq!(run.fields("rule"), ["all"]);
    says(&run, "rule", "holds", "rule \"all\" applies today: it replicates every key to bucket dst");
    says(&run, "delete-markers", "info", "does not replicate the delete marker");
    says(&run, "history", "info", "nothing about rules added or changed later");
    says(&run, "proof", "info", "--verify-replica");
    assert_eq!((count(&s3, "GetBucketReplication"), count(&s3, "GetObjectTagging")), (1, 0));
}

#[test]
fn without_the_option_nothing_of_it_is_asked_or_said() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "s3://src/k", "-o", "json"]).expect(0);
    assert_eq!((run.objects()[0].get("explanation"), run.fields("rule")), (None, vec!["null".to_owned()]));
    assert_eq!(s3.requests().len(), 1, "one HEAD");
    let csv = |args: &[&str]| with(&s3, args).expect(0).stdout.lines().next().map(str::to_owned);
    let plain = csv(&["status", "s3://src/k", "-o", "csv"]);
    assert_eq!(csv(&["status", "--explain", "s3://src/k", "-o", "csv"]), plain, "the columns are those of always");
}

#[test]
fn the_bucket_is_asked_once_for_all_of_its_objects() {
    let s3 = replicated();
    let keys: Vec<String> = (0..30).map(|n| format!("s3://src/k{n}")).collect();
    for key in &keys {
        s3.put("src", key.trim_start_matches("s3://src/"), b"x");
    }
    let mut args = vec!["status", "--explain", "-o", "ndjson"];
    args.extend(keys.iter().map(String::as_str));
    let run = with(&s3, &args).expect(0);
    assert_eq!(run.stdout.lines().filter(|line| line.contains("\"explanation\":[")).count(), 30);
    assert_eq!((count(&s3, "GetBucketReplication"), count(&s3, "GetBucketVersioning")), (1, 1));
    assert_eq!(count(&s3, "GetObjectTagging"), 0);
}

#[test]
fn an_object_from_before_the_rule_may_be_that() {
    let s3 = with_rules([]);
    s3.stop_replication("src");
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://src/k").expect(1);
    says(&run, "no-configuration", "holds", "nothing is replicated");
    says(&run, "next", "info", "give the bucket a replication configuration");
    s3.replicate("src", [Rule::new("late").to("dst")]);
    let run = explained(&s3, "s3://src/k").expect(1);
    assert_eq!(run.fields("rule"), ["late"]);
    says(&run, "before-rule", "unknown", "S3 keeps no date");
    says(&run, "no-rule", "ruled-out", "an enabled rule applies to this key");
}

#[test]
fn a_v1_rule_goes_by_its_own_prefix_and_carries_markers() {
    let s3 = with_rules([Rule::new("old").to("dst").prefix("logs/").v1()]);
    s3.put("src", "logs/a", b"x");
    s3.put("src", "a", b"x");
    let run = explained(&s3, "s3://src/logs/a").expect(0);
    assert_eq!(run.fields("rule"), ["old"]);
    says(&run, "delete-markers", "info", "rule \"old\" has no Filter");
    let run = explained(&s3, "s3://src/a").expect(1);
    assert_eq!(run.fields("rule"), ["null"]);
    says(&run, "rule", "ruled-out", "it applies only to keys that begin with \"logs/\"");
    says(&run, "no-rule", "holds", "no enabled rule");
    says(&run, "delete-markers", "info", "does not replicate the delete marker");
}

#[test]
fn of_two_rules_the_one_with_the_higher_priority_applies() {
    let s3 = with_rules([
        Rule::new("low").to("dst").priority(1),
        Rule::new("high").to("dst").priority(2).storage_class("STANDARD_IA"),
        Rule::new("elsewhere").to("other").priority(3),
    ]);
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://src/k").expect(0);
    assert_eq!(run.fields("rule"), ["elsewhere"]);
    says(&run, "rule", "holds", "rule \"high\" applies today: it replicates every key to bucket dst as STANDARD_IA");
    says(&run, "rule", "ruled-out", "rule \"low\" does not apply: rule \"high\" has the same destination");
}

#[test]
fn a_disabled_rule_does_not_apply() {
    let s3 = with_rules([Rule::new("off").to("dst").disabled()]);
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://src/k").expect(1);
    assert_eq!(run.fields("rule"), ["null"]);
    says(&run, "rule-disabled", "holds", "rule \"off\" would apply, but it is disabled today");
}

#[test]
fn tags_added_after_the_object_was_written_are_recognized() {
    let s3 = with_rules([Rule::new("tagged").to("dst").prefix("t/").tag("team", "a")]);
    s3.put_with("src", "t/with", b"x", Put::default().tag("team", "a"));
    let run = explained(&s3, "s3://src/t/with").expect(0);
    assert_eq!(run.fields("rule"), ["tagged"]);
    says(&run, "rule", "holds", "keys that begin with \"t/\" with the tag team=a to bucket dst");

    s3.put("src", "t/later", b"x");
    let run = explained(&s3, "s3://src/t/later").expect(1);
    says(&run, "rule", "ruled-out", "the object does not have the tag team=a");
    s3.set_tags("src", "t/later", &[("team", "a"), ("more", "b")]);
    let run = explained(&s3, "s3://src/t/later").expect(1);
    assert_eq!(run.fields("rule"), ["tagged"]);
    says(&run, "tag-later", "unknown", "it is not known whether it had the tag team=a when it was written");

    s3.clear_requests();
    s3.put("src", "elsewhere", b"x");
    explained(&s3, "s3://src/elsewhere").expect(1);
    assert_eq!(count(&s3, "GetObjectTagging"), 0, "no rule for that key depends on tags");
}

#[test]
fn tags_that_may_not_be_read_make_the_rule_unknown_and_not_a_no() {
    let s3 = with_rules([Rule::new("tagged").to("dst").tag("team", "a")]);
    s3.put_with("src", "k", b"x", Put::default().tag("team", "a"));
    s3.principal(Principal::new("BLIND", "secret").deny("s3:GetObjectVersionTagging"));
    let mut command = client(&s3, &["status", "--explain", "s3://src/k", "-o", "json"]);
    command.env("AWS_ACCESS_KEY_ID", "BLIND").env("AWS_SECRET_ACCESS_KEY", "secret");
    let run = run(command).expect(0);
    assert_eq!(run.fields("rule"), ["null"]);
    says(&run, "rule", "unknown", "rule \"tagged\" may apply");
    says(&run, "rule", "unknown", "s3:GetObjectVersionTagging");
}

#[test]
fn kms_objects_need_the_opt_in() {
    let s3 = with_rules([Rule::new("plain").to("dst")]);
    s3.put_with("src", "k", b"x", Put::default().sse_kms("arn:aws:kms:us-east-1:111122223333:key/1"));
    let run = explained(&s3, "s3://src/k").expect(1);
    assert_eq!(run.fields("rule"), ["null"]);
    says(&run, "kms", "holds", "rule \"plain\" does not opt in");
    s3.replicate("src", [Rule::new("opted").to("dst").kms()]);
    s3.put_with("src", "k", b"x", Put::default().sse_kms("arn:aws:kms:us-east-1:111122223333:key/1"));
    assert_eq!(explained(&s3, "s3://src/k").expect(0).fields("rule"), ["opted"]);
}

#[test]
fn rules_that_may_not_be_read_are_not_known_and_the_permission_is_named() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", None);
    s3.principal(
        Principal::new("BLIND", "secret").deny("s3:GetReplicationConfiguration").deny("s3:GetBucketVersioning"),
    );
    let mut command = client(&s3, &["status", "--explain", "s3://src/k", "-o", "json"]);
    command.env("AWS_ACCESS_KEY_ID", "BLIND").env("AWS_SECRET_ACCESS_KEY", "secret");
    let run = run(command).expect(1);
    says(&run, "rule", "unknown", "s3:GetReplicationConfiguration");
    says(&run, "versioning", "unknown", "s3:GetBucketVersioning");
    for reason in ["no-configuration", "no-rule", "rule-disabled", "before-rule", "tag-later"] {
        assert_eq!(about(&run, reason).iter().map(|(state, _)| state.as_str()).collect::<Vec<_>>(), ["unknown"]);
    }
    assert_eq!(about(&run, "delete-markers"), []);
}

#[test]
fn pending_is_held_against_replication_time_control() {
    let s3 = with_rules([Rule::new("rtc").to("dst").time_control()]);
    s3.stick("src", "k");
    let hours_ago = SystemTime::now() - Duration::from_secs(2 * 3600 + 90);
    s3.put_with("src", "k", b"x", Put::default().last_modified(hours_ago));
    let run = explained(&s3, "s3://src/k").expect(1);
    says(&run, "waiting", "info", "pending for at most 2 h 1 min:");
    says(&run, "late", "unknown", "15 minutes");
    s3.put("src", "k", b"x");
    says(&explained(&s3, "s3://src/k").expect(1), "late", "ruled-out", "15 minutes");
    s3.replicate("src", [Rule::new("sync").to("dst").replica_modifications()]);
    let run = explained(&s3, "s3://src/k").expect(1);
    says(&run, "late", "unknown", "this is not AWS");
    says(&run, "role", "unknown", "rule \"sync\"");
}

#[test]
fn failed_replica_and_marker_are_explained_each_in_its_way() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://dst/k").expect(1);
    says(&run, "copy", "holds", "may be the last copy");
    s3.fail("src", "k");
    s3.put("src", "k", b"x");
    let run = explained(&s3, "s3://src/k").expect(1);
    says(&run, "cause", "unknown", "HEAD does not name the cause");
    says(&run, "next", "info", "--wait --wait-through-failed");
    s3.delete("src", "k");
    let run = explained(&s3, "s3://src/k").expect(1);
    assert_eq!(run.fields("verdict"), ["delete-marker"]);
    says(&run, "marker", "unknown", "HEAD gives no status of markers");
    let run = explained(&s3, "s3://src/none").expect(1);
    assert_eq!(run.objects()[0]["explanation"], serde_json::json!([]), "there is nothing to explain");
}

#[test]
fn annotations_are_shown_one_by_one() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    assert_eq!(about(&explained(&s3, "s3://src/k").expect(0), "annotations"), []);
    s3.annotate("src", "k", &version, "first", Some("COMPLETED"));
    says(&explained(&s3, "s3://src/k").expect(0), "annotations", "info", "1 annotation, each COMPLETED");
    s3.annotate("src", "k", &version, "second", Some("FAILED"));
    let failed = explained(&s3, "s3://src/k").expect(0);
    says(&failed, "annotations", "holds", "not COMPLETED: \"second\" (FAILED)");
    s3.principal(Principal::new("reader", "secret").deny("s3:ListObjectAnnotations"));
    let mut command = client(&s3, &["status", "--explain", "s3://src/k", "-o", "json"]);
    command.env("AWS_ACCESS_KEY_ID", "reader").env("AWS_SECRET_ACCESS_KEY", "secret");
    says(&run(command), "annotations", "unknown", "s3:ListObjectAnnotations");
    // A server that does not know the operation has none, and is asked once.
    s3.dialect(|dialect| dialect.annotations_unknown = true);
    assert_eq!(about(&explained(&s3, "s3://src/k").expect(0), "annotations"), []);
    // A marker has none.
    s3.delete("src", "k");
    let before = count(&s3, "ListObjectAnnotations");
    explained(&s3, "s3://src/k").expect(1);
    assert_eq!(count(&s3, "ListObjectAnnotations"), before);
}

#[test]
fn an_exclusion_is_named() {
    let s3 = with_rules([Rule::new("most").to("dst").not_prefix("tmp/").not_tag("keep", "no")]);
    s3.put("src", "tmp/k", b"x");
    let run = explained(&s3, "s3://src/tmp/k").expect(1);
    says(&run, "rule", "ruled-out", "it excludes keys that begin with \"tmp/\" or objects with the tag keep=no");
    says(&run, "no-rule", "holds", "no enabled rule applies to this key");
    let verified = with(&s3, &["status", "--verify-replica", "s3://src/tmp/k", "-o", "json"]).expect(1);
    assert_eq!(verified.objects()[0]["destinations"], serde_json::json!([]));
}

#[test]
fn the_table_puts_the_explanation_below_its_row() {
    let s3 = replicated();
    let (a, b) = (s3.put("src", "a", b"x"), s3.put("src", "b", b"x"));
    s3.set_status("src", "b", None);
    let run = with(&s3, &["status", "--explain", "s3://src/a", "s3://src/b"]).expect(1).silent();
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[1].ends_with(&format!("s3://src/a (version {a})")), "{run:#?}");
    assert!(lines[2].starts_with("  note       history           COMPLETED describes the past: "), "{run:#?}");
    let second = lines.iter().position(|line| line.ends_with(&format!("(version {b})"))).expect("the second row");
    assert!(lines[second + 1].starts_with("  holds      rule              rule \"all\" applies today"), "{run:#?}");
    assert!(lines.iter().any(|line| line.starts_with("  ruled out  kms               no KMS key")), "{run:#?}");
    assert!(lines.iter().all(|line| !line.starts_with(' ') || line.chars().count() <= 100), "{run:#?}");
    assert!(!run.stdout.contains("Content type"), "the view of one object is for one: {run:#?}");
}

#[test]
fn an_explanation_knows_that_the_destinations_were_asked() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "--explain", "--verify-replica", "s3://src/k", "-o", "json"]).expect(0).silent();
    says(&run, "proof", "info", "see the answers of the destinations");
    assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "in-sync");
    s3.lose_replica("src", "k");
    let run = with(&s3, &["status", "--explain", "--verify-replica", "-v", "s3://src/k"]).expect(1);
    let at = |text: &str| run.stdout.find(text).unwrap_or_else(|| panic!("no {text}: {run:#?}"));
    assert!(at("\n  missing ") < at("\n  note       history"), "{run:#?}");
    assert_eq!(count(&s3, "GetBucketReplication"), 2, "once for a run");
}

#[test]
fn markdown_explains_below_its_table() {
    let s3 = replicated();
    s3.put("src", "a|b", b"x");
    let run = with(&s3, &["status", "--explain", "s3://src/a|b", "-o", "markdown"]).expect(0).silent();
    let (table, below) = run.stdout.split_once("\n\n").expect("a table, and more");
    assert_eq!(table.lines().count(), 3, "{run:#?}");
    assert!(
        below.starts_with("<code>s3&#58;//src/a&#124;b</code>\n\n- **note** (history): COMPLETED describes"),
        "{run:#?}"
    );
    assert!(below.contains("\n- **holds** (rule): rule \"all\" applies"), "{run:#?}");
}

#[test]
fn hostile_rules_are_harmless_where_people_read() {
    let hostile = "x\u{202e} \n::error::owned";
    let s3 = with_rules([
        Rule::new("evil\u{9b}2J\n::error::id").to("dst").prefix(hostile),
        Rule::new("tagged").to("other").tag("\u{202e}k", &format!("{} ::error::v", "v".repeat(60))),
    ]);
    s3.put("src", "k", b"x");
    for format in ["table", "markdown"] {
        let run = with(&s3, &["status", "--explain", "s3://src/k", "-o", format]).expect(1).silent();
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(run.stdout.contains("error"), "{run:#?}");
        assert!(!run.stdout.chars().any(bad), "{run:#?}");
        assert!(!run.stdout.lines().any(|line| line.trim_start().starts_with("::")), "{run:#?}");
    }
}
