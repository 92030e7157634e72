//! What goes with a deletion, or follows it: annotations of a removed version, and the lifecycle of a hidden one.

use replaudit_sandbox::{Fault, Principal, Sandbox};

use crate::support::{Run, client, only_reads, replicated, run, with};

fn remove(s3: &Sandbox, version: &str, more: &[&str]) -> Run {
    let args = ["safe-delete", "-y", "--permanent", "-o", "json", "s3://src/k", "--version-id", version];
    with(s3, &[&args[..], more].concat())
}

#[test]
fn a_version_goes_only_with_annotations_that_are_replicated() {
    for (word, reason) in [
        (Some("COMPLETED"), "completed"),
        (Some("PENDING"), "annotations"),
        (Some("FAILED"), "annotations"),
        (None, "annotations"),
    ] {
        let s3 = replicated();
        let version = s3.put("src", "k", b"x");
        s3.annotate("src", "k", &version, "first", Some("COMPLETED"));
        s3.annotate("src", "k", &version, "second", word);
        let kept = reason != "completed";
        let found = remove(&s3, &version, &[]).expect(i32::from(kept));
        assert_eq!(found.fields("reason"), [reason], "{word:?}");
        assert_eq!(s3.body("src", "k").is_some(), kept, "{word:?}");
        if kept {
            assert!(found.objects()[0]["error"]["message"].as_str().unwrap().contains("second"), "{found:?}");
            only_reads(&s3);
            remove(&s3, &version, &["--allow-annotation-loss"]).expect(0);
            assert!(s3.body("src", "k").is_none());
        }
    }
}

#[test]
fn annotations_that_cannot_be_listed_keep_a_version_and_an_unknown_operation_means_none() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.principal(Principal::new("AKIDNOANNOTATIONS", "secret").deny("s3:ListObjectAnnotations"));
    let args = ["safe-delete", "-y", "--permanent", "-o", "json", "s3://src/k", "--version-id", &version];
    let mut command = client(&s3, &args);
    command.env("AWS_ACCESS_KEY_ID", "AKIDNOANNOTATIONS").env("AWS_SECRET_ACCESS_KEY", "secret");
    assert_eq!(run(command).expect(1).fields("reason"), ["annotations"]);
    only_reads(&s3);
    s3.dialect(|dialect| dialect.annotations_unknown = true);
    remove(&s3, &version, &[]).expect(0);
}

#[test]
fn a_501_that_is_not_about_the_operation_does_not_mean_that_there_are_none() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.annotate("src", "k", &version, "first", Some("PENDING"));
    s3.fault(Fault::on("ListObjectAnnotations").status(501, "InternalError", "oops"));
    assert_eq!(remove(&s3, &version, &["--max-attempts", "1"]).expect(1).fields("reason"), ["annotations"]);
    only_reads(&s3);
}

#[test]
fn more_annotations_than_a_version_can_have_are_no_list() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    let entries = (0..120_000).map(|n| {
        format!("<AnnotationEntry><AnnotationName>{n:06}</AnnotationName><ReplicationStatus>COMPLETED</ReplicationStatus></AnnotationEntry>")
    });
    let list: String = entries.collect();
    let body = format!("<ListObjectAnnotationsOutput><Annotations>{list}</Annotations></ListObjectAnnotationsOutput>");
    s3.fault(Fault::on("ListObjectAnnotations").raw_body(200, "application/xml", body));
    let began = std::time::Instant::now();
    assert_eq!(remove(&s3, &version, &[]).expect(1).fields("reason"), ["annotations"]);
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    only_reads(&s3);
}

#[test]
fn an_annotation_that_comes_between_plan_and_delete_keeps_the_version() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    let id = version.clone();
    s3.after("ListObjectAnnotations", Some("k"), move |s3| s3.annotate("src", "k", &id, "late", Some("PENDING")));
    assert_eq!(remove(&s3, &version, &[]).expect(1).fields("reason"), ["annotations"]);
    only_reads(&s3);
}

const EXPIRES: &str = r#"<LifecycleConfiguration><Rule><ID>tidy</ID><Filter><Prefix>FILTER</Prefix></Filter><Status>Enabled</Status><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule></LifecycleConfiguration>"#;

#[test]
fn the_plan_says_when_a_lifecycle_rule_removes_what_is_hidden() {
    let dry = |s3: &Sandbox| with(s3, &["safe-delete", "-n", "s3://src/k", "s3://src/other"]).expect(0);
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.put("src", "other", b"x");
    dry(&s3).says(&["No lifecycle rule would remove the hidden versions"]);
    s3.lifecycle("src", Some(&EXPIRES.replace("FILTER", "")));
    dry(&s3).says(&["Lifecycle rule tidy would remove 2 objects permanently, 30 days after they are hidden"]);
    s3.lifecycle("src", Some(&EXPIRES.replace("FILTER", "k")));
    dry(&s3).says(&["Lifecycle rule tidy would remove 1 object permanently, 30 days after it is hidden"]);
    s3.fault(Fault::on("GetBucketLifecycleConfiguration").status(403, "AccessDenied", "no"));
    dry(&s3).says(&[
        "It is not known whether a lifecycle rule would remove the hidden versions",
        "s3:GetLifecycleConfiguration",
    ]);
    only_reads(&s3);
}

/// One enabled rule.
fn lifecycle_rule(id: &str, action: &str) -> String {
    format!("<Rule><ID>{id}</ID><Filter/><Status>Enabled</Status>{action}</Rule>")
}

/// The lines of a dry run about lifecycle rules.
fn lifecycle_lines(s3: &Sandbox, rules: &str) -> Vec<String> {
    s3.lifecycle("src", Some(&format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>")));
    let run = with(s3, &["safe-delete", "-n", "s3://src/k", "s3://src/other"]).expect(0);
    run.stderr.lines().filter(|line| line.contains("ifecycle rule")).map(str::to_owned).collect()
}

#[test]
fn the_plan_says_when_a_rule_may_remove_all_versions_of_a_hidden_key() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.put("src", "other", b"x");
    for action in [
        "<DelMarkerExpiration><Days>1</Days></DelMarkerExpiration>",
        "<AllVersionsExpiration><Days>1</Days><DeleteMarker>true</DeleteMarker></AllVersionsExpiration>",
        "<Expiration><Days>1</Days><ExpiredObjectAllVersions>true</ExpiredObjectAllVersions></Expiration>",
    ] {
        let said = "Lifecycle rule purge might remove every version of 2 objects permanently, 1 day after they are hidden. Older versions go too, replicated or not.";
        assert_eq!(lifecycle_lines(&s3, &lifecycle_rule("purge", action)), [said], "{action}");
    }
    let no_days = lifecycle_rule("purge", "<DelMarkerExpiration/>");
    assert!(lifecycle_lines(&s3, &no_days)[0].contains("permanently, as soon as they are hidden. Older"));
    only_reads(&s3);
}

#[test]
fn the_plan_says_when_a_rule_keeps_some_noncurrent_versions() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.put("src", "other", b"x");
    let after = |days: u32, more: &str| {
        format!(
            "<NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays>{more}</NoncurrentVersionExpiration>"
        )
    };
    let keep = lifecycle_rule("keep5", &after(1, "<NewerNoncurrentVersions>5</NewerNoncurrentVersions>"));
    let kept = "Lifecycle rule keep5 keeps the newest 5 noncurrent versions of each key that it applies to. Hiding an object adds one, so an older version may be removed permanently, 1 day after it became noncurrent.";
    assert_eq!(lifecycle_lines(&s3, &keep), [kept]);
    // It does not hide a later rule that removes the hidden version.
    let removed = "Lifecycle rule late would remove 2 objects permanently, 30 days after they are hidden.";
    assert_eq!(lifecycle_lines(&s3, &(keep + &lifecycle_rule("late", &after(30, "")))), [removed, kept]);
    let at_once = "<NoncurrentVersionExpiration><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>";
    let lines = lifecycle_lines(&s3, &lifecycle_rule("keep1", at_once));
    assert!(lines[0].contains("keeps the newest 1 noncurrent version of each key"), "{lines:?}");
    assert!(lines[0].ends_with("an older version may be removed permanently, at once."), "{lines:?}");
    // Each of two rules removes one of the objects.
    let of_k = lifecycle_rule("k", &after(7, "")).replace("<Filter/>", "<Filter><Prefix>k</Prefix></Filter>");
    let of_other = lifecycle_rule("o", &after(9, "")).replace("<Filter/>", "<Filter><Prefix>o</Prefix></Filter>");
    let both =
        "Lifecycle rule k and others would remove 2 objects permanently, the first one 7 days after it is hidden.";
    assert_eq!(lifecycle_lines(&s3, &(of_other + &of_k)), [both]);
    only_reads(&s3);
}
