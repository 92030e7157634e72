//! What gives no result: exit code 2, the side named, and no `--write` file touched but that for Prometheus.

use std::fs;

use serde_json::json;

use super::rows::{Row, SCAN, pair, reconcile, report};
use crate::support::{alone, folder};

fn good() -> (Vec<Row>, Vec<Row>) {
    let row = Row::of("a", "v");
    (vec![row.clone()], vec![row.replica()])
}

#[test]
fn damage_on_either_side_is_named_and_nothing_looks_like_a_result() {
    for (side, word) in [(0, "the source report"), (1, "the destination report")] {
        let (source, destination) = good();
        let (one, other) = pair(&source, &destination);
        let damaged = [&one, &other][side];
        let file = damaged.dir.join("0.data");
        let mut bytes = fs::read(&file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&file, bytes).unwrap();
        let (_guard, dir) = folder();
        let (json, metrics) = (dir.join("result.json"), dir.join("metrics.prom"));
        fs::write(&json, "before").unwrap();
        let writes = [format!("json={}", json.display()), format!("prometheus={}", metrics.display())];
        let export = dir.join("missing.csv").display().to_string();
        let run =
            reconcile(&one, &other, &["--write", &writes[0], "--write", &writes[1], "--export", &export]).expect(2);
        assert_eq!(run.stdout, "");
        run.says(&[word, "can't be trusted", "0.data"]);
        assert_eq!(fs::read_to_string(&json).unwrap(), "before");
        assert!(!dir.join("missing.csv").exists());
        let metrics = fs::read_to_string(&metrics).unwrap();
        assert!(metrics.contains("replaudit_reconcile_up{source=\"src\",destination=\"dst\"} 0"), "{metrics}");
        assert!(!metrics.contains("_objects"), "{metrics}");
    }
}

#[test]
fn reports_that_do_not_belong_together_are_refused() {
    let (source, destination) = good();
    let (one, other) = pair(&source, &destination);
    reconcile(&one, &one, &[]).expect(2).says(&["both reports are about bucket src"]);
    reconcile(&one, &other, &["--bucket", "dst"]).expect(2).says(&["is about bucket src, not about dst"]);
    reconcile(&one, &other, &["--destination", "src"]).expect(2).says(&["is about bucket dst, not about src"]);
    let paths = [&one, &other].map(|report| report.dir.display().to_string());
    alone(&["reconcile", &paths[0], &paths[1]]).expect(2).says(&["the source report", "--max-age is"]);
    // Nothing that could be judged.
    let new = Row { modified: SCAN, ..Row::of("a", "v") };
    let (young, other) = pair(std::slice::from_ref(&new), &[]);
    reconcile(&young, &other, &[]).expect(2).says(&["no object could be judged", "--allow-empty exits 0"]);
    reconcile(&young, &other, &["--allow-empty"]).expect(0);
    // Objects that were not judged are not nothing.
    for status in ["FAILED", "", "REPLICA"] {
        let (one, other) = pair(&[Row { status: status.to_owned(), ..Row::of("b", "w") }, new.clone()], &[]);
        let says = ["no object could be judged", "1 object with another status or none", "SOURCE named before"];
        for more in [&[][..], &["--allow-empty"]] {
            reconcile(&one, &other, more).expect(2).says(&says);
        }
    }
    reconcile(&young, &other, &["--grace", "0s"]).expect(2).says(&["more than zero"]);
}

#[test]
fn a_report_without_what_the_comparison_needs_is_refused() {
    let (source, destination) = good();
    for (column, says) in [
        ("ReplicationStatus", "the destination report has no ReplicationStatus column"),
        ("Size", "the destination report has no Size column"),
        ("LastModifiedDate", "the destination report has no LastModifiedDate column"),
        ("VersionId", "the destination report lists versions and has no VersionId column"),
        ("IsDeleteMarker", "the destination report lists versions and has no IsDeleteMarker column"),
    ] {
        let (one, other) = pair(&source, &destination);
        other.edit(|json| {
            let schema = json["fileSchema"].as_str().unwrap().replace(column, "Other");
            json["fileSchema"] = json!(schema);
        });
        let run = reconcile(&one, &other, &[]).expect(2);
        assert_eq!(run.stdout, "");
        run.says(&[says]);
    }
    let whole = report("src", "Parquet", std::slice::from_ref(&source), SCAN);
    let (_, other) = pair(&source, &destination);
    reconcile(&whole, &other, &["--fail-on", "missing:+1"]).expect(2);
    reconcile(&whole, &other, &[]).expect(0);
}
