//! Random pairs of reports against a plain map.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::rows::{HOUR, Row, SCAN, classes, reconcile, report};
use crate::support::ODD_KEYS;
use crate::support::columnar::FORMATS;

const PAIRS: u64 = 120;

/// The statuses of source objects, COMPLETED mostly.
const STATUSES: [&str; 10] =
    ["COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "COMPLETE", "FAILED", "PENDING", "REPLICA", "", "Odd"];

/// What a row of the model is found by: the decoded key, and the version without a name for the null version.
type Identity = (String, String);

fn identity(row: &Row) -> Identity {
    (row.key.clone(), if row.version == "null" { String::new() } else { row.version.clone() })
}

fn rows_of(rng: &mut fastrand::Rng, cutoff: i64) -> HashMap<Identity, Row> {
    let mut rows = HashMap::new();
    for at in 0..rng.usize(1..40) {
        let key =
            if rng.bool() { ODD_KEYS[rng.usize(..ODD_KEYS.len())].to_owned() } else { format!("a/{}", rng.u8(..9)) };
        let version = match rng.u8(..4) {
            0 => String::new(),
            1 => "null".to_owned(),
            _ => format!("v{at}.{}", rng.u8(..3)),
        };
        let mut row = Row::of(&key, &version).status(STATUSES[rng.usize(..STATUSES.len())]);
        row.marker = rng.u8(..6) == 0;
        row.latest = rng.bool();
        row.size = i64::from(rng.u8(..3));
        row.etag = if rng.u8(..8) == 0 { String::new() } else { format!("etag{}", rng.u8(..2)) };
        row.modified = match rng.u8(..5) {
            0 => cutoff,
            1 => cutoff + 1,
            2 => cutoff - 1,
            _ => cutoff - i64::from(rng.u16(..)) * 1000,
        };
        rows.insert(identity(&row), row);
    }
    rows
}

/// The destination: most replicas, some of them changed, and others.
fn replicas_of(rng: &mut fastrand::Rng, source: &HashMap<Identity, Row>, cutoff: i64) -> HashMap<Identity, Row> {
    let mut rows: HashMap<Identity, Row> = rows_of(rng, cutoff);
    let mut sorted: Vec<_> = source.iter().collect();
    sorted.sort_by_key(|(identity, _)| (*identity).clone());
    for (identity, row) in sorted {
        if rng.u8(..5) == 0 {
            continue;
        }
        let mut replica = if rng.u8(..6) == 0 { row.clone() } else { row.replica() };
        match rng.u8(..8) {
            0 => replica.size += 1,
            1 => replica.etag = "other".to_owned(),
            2 => replica.marker = !replica.marker,
            3 => replica.latest = !replica.latest,
            4 if identity.1.is_empty() => replica.version = if row.version.is_empty() { "null" } else { "" }.to_owned(),
            _ => {}
        }
        rows.insert(identity.clone(), replica);
    }
    rows
}

/// The answer of a plain map: objects and bytes per class, and the other figures.
fn model(source: &HashMap<Identity, Row>, destination: &HashMap<Identity, Row>, cutoff: i64) -> BTreeMap<String, u64> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = |word: &str, more: u64| {
        if more > 0 {
            *found.entry(word.to_owned()).or_default() += more;
        }
    };
    for (identity, row) in source {
        let there = destination.get(identity).filter(|there| !there.marker);
        if row.marker {
            count("source markers", 1);
            continue;
        }
        if !["COMPLETED", "COMPLETE"].contains(&row.status.as_str()) {
            let word = if row.status.is_empty() { "NONE" } else { &row.status };
            count(&format!("status {word}"), 1);
            count(&format!("status {word} there"), u64::from(there.is_some()));
            continue;
        }
        let class = match there {
            _ if row.modified >= cutoff => "too-new",
            None => "missing",
            Some(there) if identity.1.is_empty() => {
                let same = there.size == row.size && there.etag == row.etag && !row.etag.is_empty();
                match (same, there.status == "REPLICA") {
                    (false, _) => "unsure",
                    (true, true) => "in-sync",
                    (true, false) => "not-a-replica",
                }
            }
            Some(there) if there.size != row.size => "size-differs",
            Some(there) if there.status != "REPLICA" => "not-a-replica",
            Some(_) => "in-sync",
        };
        count(class, 1);
        count(&format!("{class} bytes"), row.size as u64);
        if let Some(there) = there.filter(|_| class != "too-new") {
            count("hidden at destination", u64::from(row.latest && !there.latest));
            count("hidden at source", u64::from(!row.latest && there.latest));
        }
    }
    for (identity, row) in destination {
        match source.get(identity) {
            _ if row.marker => count("destination markers", 1),
            Some(here) if !here.marker => {}
            _ if row.modified >= cutoff => count("new there", 1),
            _ if row.status == "REPLICA" => count("extra", 1),
            _ => count("not replicas there", 1),
        }
    }
    found
}

/// The same figures of a result.
fn figures(result: &Value) -> BTreeMap<String, u64> {
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{result}"));
    let mut found = classes(result);
    for (class, totals) in result["classes"].as_object().unwrap() {
        if !["extra", "too-new"].contains(&class.as_str()) {
            found.insert(format!("{class} bytes"), number(&totals["bytes"]));
        }
    }
    found.insert("too-new bytes".to_owned(), number(&result["classes"]["too-new"]["bytes"]));
    for (word, totals) in result["not_completed"].as_object().unwrap() {
        found.insert(format!("status {word}"), number(&totals["objects"]));
        found.insert(format!("status {word} there"), number(&totals["at_destination"]));
    }
    let named = [
        ("source markers", &result["rows"]["source"]["delete_markers"]),
        ("destination markers", &result["rows"]["destination"]["delete_markers"]),
        ("new there", &result["destination_only"]["too_new"]["objects"]),
        ("not replicas there", &result["destination_only"]["not_replicas"]["objects"]),
        ("hidden at destination", &result["latest_differs"]["hidden_at_destination"]),
        ("hidden at source", &result["latest_differs"]["hidden_at_source"]),
    ];
    found.extend(named.map(|(word, value)| (word.to_owned(), number(value))));
    found.retain(|_, count| *count > 0);
    found
}

/// Rows in a random order, spread over some files.
fn parts(rng: &mut fastrand::Rng, rows: &HashMap<Identity, Row>) -> Vec<Vec<Row>> {
    let mut rows: Vec<Row> = rows.values().cloned().collect();
    rows.sort_by_key(identity);
    rng.shuffle(&mut rows);
    let files = rng.usize(1..4);
    let mut parts: Vec<Vec<Row>> = vec![Vec::new(); files];
    rows.into_iter().for_each(|row| parts[rng.usize(..files)].push(row));
    parts
}

#[test]
fn random_pairs_are_judged_as_a_plain_map_judges_them() {
    for seed in 0..PAIRS {
        let mut rng = fastrand::Rng::with_seed(seed);
        // One of the scans is earlier.
        let scans = [SCAN - i64::from(rng.u8(..3)) * HOUR, SCAN - i64::from(rng.u8(..3)) * HOUR];
        let cutoff = scans[0].min(scans[1]) - HOUR;
        let source = rows_of(&mut rng, cutoff);
        let destination = replicas_of(&mut rng, &source, cutoff);
        let mut side = |bucket, rows, scan| {
            let format = FORMATS[rng.usize(..3)];
            report(bucket, format, &parts(&mut rng, rows), scan)
        };
        let (one, other) = (side("src", &source, scans[0]), side("dst", &destination, scans[1]));
        let run = reconcile(&one, &other, &["--allow-empty", "--by", "prefix"]);
        let expected = model(&source, &destination, cutoff);
        let judged = ["in-sync", "missing", "size-differs", "not-a-replica", "unsure"];
        let has = |words: &[&str]| words.iter().any(|word| expected.contains_key(*word));
        if !has(&judged) && expected.keys().any(|word| word.starts_with("status ")) {
            run.expect(2).says(&["no object could be judged"]);
            continue;
        }
        let result = run.json();
        assert_eq!(figures(&result), expected, "seed {seed}");
        let fails = has(&judged[1..]);
        assert_eq!(run.code, Some(i32::from(fails)), "seed {seed}: {run:?}");
        // The groups hold every judged object once.
        let grouped: u64 = result["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["classes"].as_object().unwrap().values())
            .map(|totals| totals["objects"].as_u64().unwrap())
            .sum();
        assert_eq!(grouped, result["judged"].as_u64().unwrap(), "seed {seed}");
    }
}

#[test]
fn a_row_that_occurs_twice_shows_that_the_report_is_damaged() {
    for seed in 0..12 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let source = rows_of(&mut rng, SCAN - HOUR);
        let destination = replicas_of(&mut rng, &source, SCAN - HOUR);
        let mut sides = [parts(&mut rng, &source), parts(&mut rng, &destination)];
        let damaged = rng.usize(..2);
        let all: Vec<Row> = sides[damaged].iter().flatten().cloned().collect();
        let twice = all[rng.usize(..all.len())].clone();
        let file = rng.usize(..sides[damaged].len());
        sides[damaged][file].push(twice.clone());
        let formats = [FORMATS[rng.usize(..3)], FORMATS[rng.usize(..3)]];
        let (one, other) = (report("src", formats[0], &sides[0], SCAN), report("dst", formats[1], &sides[1], SCAN));
        let run = reconcile(&one, &other, &[]).expect(2);
        let word = ["the source report", "the destination report"][damaged];
        let run = run.says(&[word, "can't be trusted", "twice"]);
        assert_eq!(run.stdout, "", "seed {seed}");
    }
}
