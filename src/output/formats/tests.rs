//! The same answers through every format.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::model::NextSteps;
use super::super::model::samples::{HOSTILE, at, audit, groups, since};
use super::super::terminal::Style;
use super::{FORMATS, Format, RunFacts, format_words};
use crate::audit::Audit;
use crate::model::ReplicationStatus;

fn written(audit: &Audit, format: &str) -> String {
    written_in(audit, format, Style::PLAIN)
}

fn written_in(audit: &Audit, format: &str, style: Style) -> String {
    let mut out = Vec::new();
    let run = RunFacts { at: at(50_000), config: Some("daily"), exported: None, next: &NextSteps::default() };
    (Format::named(format).unwrap().write_audit)(audit, &run, &mut out, style).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_format_is_one_file_and_one_entry() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(source.join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.map(|name| name.trim_end_matches(".rs").to_owned()).collect()
    };
    let mut files = names("output/formats");
    files.retain(|name| !matches!(name.as_str(), "mod" | "tests"));
    files.sort();
    let mut words = FORMATS.map(|format| format.word);
    words.sort_unstable();
    assert_eq!(files, words, "a file for each entry, and nothing else");
    // Options, help and completions have nothing to add for one.
    for file in
        ["cli/common.rs", "cli/mod.rs", "output/files/targets.rs", "commands/context.rs", "commands/reports/alarm.rs"]
    {
        let text = std::fs::read_to_string(source.join(file)).unwrap();
        let named: Vec<_> = words.iter().filter(|word| text.contains(&format!("\"{word}\""))).collect();
        assert!(named.is_empty(), "{file} names {named:?}");
    }
}

#[test]
fn formats_are_found_by_their_words() {
    for format in FORMATS {
        assert!(std::ptr::eq(Format::named(format.word).unwrap(), format));
    }
    let unknown = Format::named("yaml").unwrap_err().to_string();
    assert!(unknown.contains("table, json, ndjson, csv, markdown, prometheus, html, github, junit"));
    assert_eq!(format_words(Format::holds_rows), "table, json, ndjson, csv, markdown, github, junit");
}

/// Hostile wherever a value comes from outside.
fn hostile() -> impl Iterator<Item = Audit> {
    HOSTILE.into_iter().enumerate().map(|(at, value)| {
        let mut audit = audit(value, groups("prefix", &HOSTILE));
        let totals = audit.statuses[&ReplicationStatus::of_report("FAILED")].clone();
        audit.statuses.extend(HOSTILE.map(|value| (ReplicationStatus::of_report(value), totals.clone())));
        audit.report.destination_bucket = value.to_owned();
        if at % 2 == 0 { audit } else { since(audit, value, 1) }
    })
}

#[test]
fn formats_for_programs_hold_values_exactly() {
    for audit in hostile() {
        let json: Value = serde_json::from_str(&written(&audit, "json")).unwrap();
        assert_eq!(json["report"]["source_bucket"], audit.report.source_bucket);
        let values: Vec<&str> = json["groups"].as_array().unwrap().iter().filter_map(|g| g["value"].as_str()).collect();
        assert_eq!(values, HOSTILE);
        let ndjson = written(&audit, "ndjson");
        assert_eq!(ndjson.lines().count(), audit.statuses.len() + 4 * HOSTILE.len());
        let last: Value = serde_json::from_str(ndjson.lines().last().unwrap()).unwrap();
        assert_eq!(last["value"], HOSTILE[5]);
        let csv = written(&audit, "csv");
        let mut rows = csv::Reader::from_reader(csv.as_bytes());
        let cells: Vec<String> = rows.records().map(|row| row.unwrap()[1].to_owned()).collect();
        for value in HOSTILE {
            assert_eq!(cells.iter().filter(|cell| *cell == value).count(), 4, "{value:?}");
        }
    }
}

#[test]
fn formats_for_people_let_no_value_do_anything() {
    for audit in hostile() {
        for format in ["table", "markdown", "prometheus", "html", "junit"] {
            let text = written(&audit, format);
            let odd = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
            assert!(!text.contains(odd), "{format}: {text:?}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{format}: {text}");
        }
        for format in ["markdown", "html"] {
            let text = written(&audit, format);
            assert!(!text.contains("<script") && text.contains("&#60;script&#62;"), "{format}: {text}");
        }
    }
}

#[test]
fn every_line_for_github_is_one_annotation() {
    for audit in hostile() {
        let text = written(&audit, "github");
        let exceeded = audit.limits.iter().filter(|limit| limit.exceeded).count();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), exceeded + 1, "{text}");
        for (at, line) in lines.iter().enumerate() {
            let level = if at < exceeded { "error" } else { "notice" };
            assert!(line.starts_with(&format!("::{level} title=replaudit inventory::bucket ")), "{line}");
            assert!(!line.chars().any(char::is_control), "{line}");
        }
    }
}

#[test]
fn junit_is_xml_with_a_case_for_each_limit() {
    for audit in hostile() {
        let text = written(&audit, "junit");
        let document = roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let suite = document.root_element();
        let count = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count();
        assert_eq!((count("testcase"), count("failure"), count("skipped")), (5, 1, 1), "{text}");
        assert_eq!((suite.attribute("tests"), suite.attribute("failures")), (Some("5"), Some("1")));
        let failure = suite.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert_eq!(failure.attribute("message"), Some("221 objects, limit 0"));
    }
}

#[test]
fn markdown_tables_keep_their_columns() {
    for audit in hostile() {
        let text = written(&audit, "markdown");
        let columns = |line: &str| line.matches('|').count();
        let mut heads = 0;
        let mut before: Option<&str> = None;
        for line in text.lines() {
            match before.filter(|before| before.starts_with('|')) {
                Some(before) if line.starts_with('|') => assert_eq!(columns(line), columns(before), "{line}"),
                _ => heads += usize::from(line.starts_with('|')),
            }
            before = Some(line);
        }
        assert_eq!(heads, 4, "limits, statuses, one dimension, uncovered");
        assert!(!text.contains('`'), "{text}");
    }
}

#[test]
fn the_page_needs_nothing_and_runs_nothing() {
    for audit in hostile() {
        let text = written(&audit, "html");
        assert!(text.contains("default-src 'none'; style-src 'unsafe-inline'"));
        for word in ["http:", "https:", "src=", "href=", "url(", "@import", "<script", "<img", "<link", " onload="] {
            assert!(!text.contains(word), "{word:?} in {text}");
        }
        // Every tag that is opened is one of the template's.
        let mut tags = BTreeMap::<&str, usize>::new();
        for tag in text.split('<').skip(1) {
            *tags
                .entry(tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '/' && c != '!').next().unwrap())
                .or_default() += 1;
        }
        for (open, close) in
            [("svg", "/svg"), ("table", "/table"), ("tr", "/tr"), ("td", "/td"), ("bdi", "/bdi"), ("dd", "/dd")]
        {
            assert_eq!(tags[open], tags[close], "{open}");
        }
    }
}

#[test]
fn every_line_for_prometheus_is_of_its_format() {
    for audit in hostile() {
        let text = written(&audit, "prometheus");
        let mut described = Vec::new();
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("# HELP ") {
                let (name, help) = line.split_once(' ').unwrap();
                assert!(!described.contains(&name) && help.ends_with('.'), "{line}");
                described.push(name);
            } else if let Some(line) = line.strip_prefix("# TYPE ") {
                assert_eq!(line, format!("{} gauge", described.last().unwrap()));
            } else {
                let (name, rest) = line.split_once('{').unwrap();
                assert_eq!(Some(&name), described.last());
                let (labels, value) = rest.rsplit_once("} ").unwrap();
                assert!(labels.starts_with("bucket=\"") && labels.contains("\",config=\"daily\""), "{line}");
                value.parse::<i64>().unwrap();
                // Only the quotes around values are left.
                let plain = labels.replace("\\\\", "").replace("\\\"", "");
                let labels = 2 + usize::from(plain.contains(",status=\"")) + usize::from(plain.contains(",class=\""));
                assert_eq!(plain.matches('"').count(), 2 * labels, "{line}");
            }
        }
    }
}

#[test]
fn what_changed_stands_beside_its_figure() {
    let alone = audit("photos", groups("prefix", &["2026/a b/", "2025/"]));
    let older = "s3://reports/inv/photos/daily/2026-09-20T14-00Z/manifest.json";
    let (fewer, same) = (since(alone.clone(), older, 1_003), since(alone.clone(), older, 0));
    let table = written(&fewer, "table");
    for line in [
        "compared with the inventory of 2026-09-20T14:13:20Z, 24h older: s3://reports/inv/photos/daily/2026-09-20T",
        "STATUS               OBJECTS   CHANGE       BYTES",
        "FAILED                   221 ▼ -1,003   864.1 MiB    1.1%  2026-06-09T10:13:20Z",
        "\n44 ▼ -1,003 pending objects are overdue, the oldest from",
        "failed                   221 ▼ -1,003  limit 0        exceeded",
        "     FAILED              OVERDUE           NOT REPL.              OBJECTS  ",
        "         14 ▼ -1,003           4 ▼ -1,003         60 ▼ -1,003       3,304 ▼ -4,012  ████████████████████  2026/a b/",
    ] {
        assert!(table.contains(line), "{line}\n{table}");
    }
    let equal = written(&same, "table");
    assert!(equal.contains("FAILED                   221      =   864.1 MiB"), "{equal}");
    let markdown = written(&fewer, "markdown");
    for line in [
        "Compared with the inventory of 2026-09-20T14:13:20Z, 24h older: <code>s3&#58;//reports/inv/photos/daily/2026-09-20T",
        "| failed | **exceeded** | 221 ▼ -1,003 | 0 |",
        "| <code>FAILED</code> | 221 ▼ -1,003 | 1.1% |",
        "44 ▼ -1,003 pending objects are overdue",
        "| 14 ▼ -1,003 | 4 ▼ -1,003 | 60 ▼ -1,003 | 30 ▼ -1,003 | 3,304 ▼ -4,012 | 12.6 GiB |",
    ] {
        assert!(markdown.contains(line), "{line}\n{markdown}");
    }
    let html = written(&fewer, "html");
    for part in [
        "Compared with the inventory of 2026-09-20 14:13:20 UTC, 24h older.",
        "<b>221 <span class=\"change good\">▼ -1,003</span></b>",
        "<td data-label=\"Objects\">18,591 <span class=\"change doubtful\">▼ -1,003</span></td>",
        "<td class=\"hot\" data-label=\"Failed\">14 <span class=\"change good\">▼ -1,003</span></td>",
        "<dt>Compared with</dt><dd>s3://reports/inv/photos/daily/2026-09-20T14-00Z/manifest.json</dd>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    assert_eq!(written(&fewer, "prometheus"), written(&alone, "prometheus"));
    let csv = written(&fewer, "csv");
    assert_eq!(
        csv.lines().next(),
        Some(
            "dimension,value,status,objects,bytes,oldest,newest,previous_objects,delta_objects,previous_bytes,delta_bytes"
        )
    );
    assert!(
        csv.contains("\nall,,FAILED,221,906100000,2026-06-09T10:13:20Z,2026-09-21T13:06:40Z,1224,-1003,906100000,0\n")
    );
    let ndjson = written(&fewer, "ndjson");
    let line = r#""previous_objects":1224,"delta_objects":-1003,"previous_bytes":906100000,"delta_bytes":0}"#;
    assert!(ndjson.contains(line), "{ndjson}");
    for format in FORMATS.map(|format| format.word) {
        let text = written(&alone, format);
        assert!(!["previous", "delta", "▲", "▼", "ompared"].iter().any(|word| text.contains(word)), "{format}: {text}");
    }
}

#[test]
fn tables_fit_a_terminal_of_80_columns() {
    let long = "a prefix that is rather long/with a second part/";
    let of = audit("photos", groups("prefix", &["2026/a b/", long]));
    let narrow = written_in(&of, "table", Style::of_width(80));
    for line in narrow.lines() {
        assert!(line.chars().count() <= 80, "{line}\n{narrow}");
    }
    for text in [
        "FAILED                   221   864.1 MiB    1.1%  2026-06-09  2026-09-21",
        "\n  a prefix that is rather long/",
    ] {
        assert!(narrow.contains(text), "{text}\n{narrow}");
    }
    assert!(written(&of, "table").contains("█  2026/a b/"), "a file has room for everything");
}

#[test]
fn markdown_in_full() {
    let text = written(&audit("photos", groups("prefix", &["2026/a b/", "2025/"])), "markdown");
    let expected = "\
## ❌ FAIL: failed

Bucket <code>photos</code>, inventory of 2026-09-21T14:13:20Z: 20,000 object versions, 212 delete markers, 200 rows out of scope.

⚠️ <code>the report leaves out keys outside prefix photos/</code>

⚠️ <code>the report is of current versions only&#58; it leaves out older versions and delete markers</code>

| limit |  | found | acceptable |
|:--|:--|--:|--:|
| failed | **exceeded** | 221 | 0 |
| overdue | ok | 44 | 50 |
| not-replicated | ok | 690 | 5% |
| unknown-status | ok | 0 | 0 |
| replica | ok | 80 | any |

| status | objects | share | bytes | oldest | newest |
|:--|--:|--:|--:|--:|--:|
| <code>COMPLETED</code> | 18,591 | 93.0% | 70.9 GiB | 2026-06-09T10:13:20Z | 2026-09-21T13:06:40Z |
| <code>FAILED</code> | 221 | 1.1% | 864.1 MiB | 2026-06-09T10:13:20Z | 2026-09-21T13:06:40Z |
| <code>NONE</code> | 690 | 3.5% | 2.6 GiB | 2026-06-09T10:13:20Z | 2026-09-21T13:06:40Z |
| <code>PENDING</code> | 418 | 2.1% | 1.5 GiB | 2026-06-09T10:13:20Z | 2026-09-21T13:06:40Z |
| <code>REPLICA</code> | 80 | 0.4% | 312.8 MiB | 2026-06-09T10:13:20Z | 2026-09-21T13:06:40Z |

44 pending objects are overdue, the oldest from 2026-06-09T10:13:20Z.

By <code>prefix</code>: 2 of 7 have problems

| <code>prefix</code> | failed | overdue | not replicated | pending | objects | bytes |
|:--|--:|--:|--:|--:|--:|--:|
| <code>2026/a b/</code> | 14 | 4 | 60 | 30 | 3,304 | 12.6 GiB |
| <code>2025/</code> | 0 | 2 | 30 | 60 | 3,190 | 12.1 GiB |

5 others: no problems

Uncovered: no status, although a rule applies to the key today:

| rule | cause | objects | bytes |
|:--|:--|--:|--:|
| <code>photos</code> | kms-without-opt-in | 345 | 6.6 MiB |
| <code>photos</code> | unexplained | 345 | 6.6 MiB |

- kms-without-opt-in: the object is encrypted with KMS, and no rule that applies to the key includes such objects; add SourceSelectionCriteria with SseKmsEncryptedObjects to the rule, then run S3 Batch Replication
- unexplained: the report does not show why; export the class uncovered, and look at some of the objects with replaudit status --explain

To accept these numbers: <code>--fail-on failed&#58;221</code>

<sub><code>s3&#58;//reports/inv/photos/daily/2026-09-21T14-00Z/manifest.json</code>: Parquet, 12 files, 457.7 MiB; the structure of every file was checked; only the footer and the necessary columns were read</sub>
";
    assert_eq!(text, expected);
}
