//! `inventory`: reports that the sandbox delivers, and synthetic ones that are damaged on purpose.

use std::fs;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryField, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, SCHEMA, gzip, row};
use crate::support::{ODD_KEYS, alone, count, folder, only_reads, replicated, with};

fn address(delivered: &Delivered) -> String {
    format!("s3://{}/{}", delivered.bucket, delivered.manifest_key)
}

/// A source with every status, and a bucket for reports.
fn mixed() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    for key in ["done1", "done2", "logs/done3"] {
        s3.put("src", key, b"12345");
    }
    for (key, status) in [
        ("failed", Some("FAILED")),
        ("pending", Some("PENDING")),
        ("none", None),
        ("odd", Some("Half")),
        ("copy", Some("REPLICA")),
    ] {
        s3.put("src", key, b"1");
        s3.set_status("src", key, status);
    }
    s3.put("src", "gone", b"1234567");
    s3.delete("src", "gone");
    s3
}

fn deliver(s3: &Sandbox) -> Delivered {
    s3.deliver_inventory(Inventory::of("src").to("reports").id("daily").prefix("inv"))
}

#[test]
fn a_delivered_report_adds_up() {
    let s3 = mixed();
    let delivered = deliver(&s3);
    let run = with(&s3, &["inventory", &address(&delivered), "-o", "json"]).expect(1).silent();
    let audit = run.json();
    assert_eq!(audit["schema"], "replaudit.inventory/1");
    assert_eq!(audit["report"]["source_bucket"], "src");
    assert_eq!(audit["report"]["destination_bucket"], "reports");
    assert_eq!(audit["report"]["manifest"], address(&delivered));
    assert_eq!((audit["report"]["format"].as_str(), audit["report"]["verified"].as_str()), (Some("CSV"), Some("md5")));
    assert_eq!((&audit["rows_scanned"], &audit["rows"], &audit["delete_markers"]), (&json!(10), &json!(10), &json!(1)));
    let statuses = audit["statuses"].as_object().unwrap();
    let counts: Vec<(String, u64, u64)> = statuses
        .iter()
        .map(|(word, totals)| (word.clone(), totals["objects"].as_u64().unwrap(), totals["bytes"].as_u64().unwrap()))
        .collect();
    let expected =
        [("COMPLETED", 4, 22), ("FAILED", 1, 1), ("Half", 1, 1), ("NONE", 1, 1), ("PENDING", 1, 1), ("REPLICA", 1, 1)];
    assert_eq!(counts, expected.map(|(word, objects, bytes)| (word.to_owned(), objects, bytes)));
    assert_eq!(audit["verdict"], "fail");
    let exceeded: Vec<&str> = audit["limits"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|limit| limit["exceeded"] == true)
        .map(|limit| limit["class"].as_str().unwrap())
        .collect();
    assert_eq!(exceeded, ["failed", "not-replicated", "unknown-status"]);
    only_reads(&s3);

    let accept = ["--fail-on", "failed:1", "--fail-on", "not-replicated:off", "--fail-on", "unknown-status:50%"];
    let mut args = vec!["inventory", "-o", "json"];
    let address = address(&delivered);
    args.push(&address);
    args.extend(accept);
    assert_eq!(with(&s3, &args).expect(0).json()["verdict"], "pass");
    args.extend(["--fail-on", "replica:9,replica"]);
    with(&s3, &args).expect(1);
    with(&s3, &["inventory", "-q", &address]).expect(1).silent();
}

#[test]
fn the_other_formats_hold_the_same_figures() {
    let s3 = mixed();
    let address = address(&deliver(&s3));
    let csv = with(&s3, &["inventory", &address, "-o", "csv"]).expect(1);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines[0], "dimension,value,status,objects,bytes,oldest,newest");
    assert!(lines[1].starts_with("all,,COMPLETED,4,22,"), "{lines:?}");
    assert_eq!(lines.len(), 7);
    let ndjson = with(&s3, &["inventory", &address, "-o", "ndjson"]).expect(1);
    let first: Value = serde_json::from_str(ndjson.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["dimension"], &first["status"], &first["objects"]),
        (&json!("all"), &json!("COMPLETED"), &json!(4))
    );
    let table = with(&s3, &["inventory", &address]).expect(1).silent();
    for part in
        ["COMPLETED", "FAIL: failed, not-replicated, unknown-status", "to accept these numbers: --fail-on failed:1"]
    {
        assert!(table.stdout.contains(part), "{table:?}");
    }
}

#[test]
fn filters_say_what_they_left_out() {
    let s3 = mixed();
    let address = address(&deliver(&s3));
    let run = with(&s3, &["inventory", &address, "--prefix", "logs/", "-o", "json"]).expect(0);
    assert_eq!((&run.json()["rows_scanned"], &run.json()["rows"]), (&json!(10), &json!(1)));
    let run = with(&s3, &["inventory", &address, "--current", "-o", "json"]).expect(1);
    assert_eq!((&run.json()["rows"], &run.json()["delete_markers"]), (&json!(9), &json!(1)));
    with(&s3, &["inventory", &address, "--prefix", "nothing/"])
        .expect(2)
        .says(&["no object of the report is selected", "10 rows"]);
    with(&s3, &["inventory", &address, "--prefix", "nothing/", "--allow-empty"]).expect(0);
}

#[test]
fn odd_keys_are_decoded_for_the_prefix() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for key in ODD_KEYS {
        s3.put("src", key, b"x");
    }
    let address = address(&deliver(&s3));
    for key in ODD_KEYS {
        let run = with(&s3, &["inventory", &address, "--prefix", key, "-o", "json"]).expect(0);
        let expected = ODD_KEYS.iter().filter(|other| other.starts_with(key)).count();
        assert_eq!(run.json()["rows"], expected, "{key:?}");
    }
}

#[test]
fn the_age_of_a_report_decides_whether_it_says_anything() {
    let s3 = mixed();
    let now = SystemTime::now();
    let hours = |h: u64| Duration::from_secs(h * 3600);
    let at = |when| address(&s3.deliver_inventory(Inventory::of("src").to("reports").id("aged").scanned_at(when)));
    let old = at(now - hours(73));
    with(&s3, &["inventory", &old]).expect(2).says(&["--max-age 74h", "73h ago, and --max-age is 72h"]);
    with(&s3, &["inventory", &old, "--max-age", "74h"]).expect(1);
    with(&s3, &["inventory", &old, "--max-age", "none"]).expect(1);
    with(&s3, &["inventory", &at(now - hours(2)), "--max-age", "1h"]).expect(2);
    with(&s3, &["inventory", &at(now + hours(1))]).expect(2).says(&["future"]);
}

#[test]
fn overdue_is_counted_from_the_scan() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "k", b"123");
    s3.set_status("src", "k", Some("PENDING"));
    s3.set_last_modified("src", "k", SystemTime::now() - Duration::from_secs(2 * 3600));
    let address = address(&deliver(&s3));
    with(&s3, &["inventory", &address]).expect(0);
    let run = with(&s3, &["inventory", &address, "--overdue", "1h", "-o", "json"]).expect(1);
    assert_eq!((&run.json()["overdue"]["objects"], &run.json()["overdue"]["bytes"]), (&json!(1), &json!(3)));
    with(&s3, &["inventory", &address, "--overdue", "1h", "--fail-on", "overdue:off"]).expect(0);
    with(&s3, &["inventory", &address, "--fail-on", "pending"]).expect(1);
}

#[test]
fn columns_that_are_missing_are_named() {
    use InventoryField as F;
    let s3 = mixed();
    let with_fields = |fields: &[InventoryField]| {
        address(&s3.deliver_inventory(Inventory::of("src").to("reports").id("cols").fields(fields.iter().copied())))
    };
    with(&s3, &["inventory", &with_fields(&[F::Size])]).expect(2).says(&["no ReplicationStatus column"]);
    let undated = with_fields(&[F::ReplicationStatus]);
    with(&s3, &["inventory", &undated]).expect(2).says(&["1 pending object", "LastModifiedDate", "overdue:off"]);
    let run = with(&s3, &["inventory", &undated, "--fail-on", "overdue:off", "-o", "json"]).expect(1);
    assert_eq!(run.json()["statuses"]["FAILED"], json!({"objects": 1, "bytes": null, "oldest": null, "newest": null}));
    assert_eq!(run.json()["overdue"], Value::Null);
}

#[test]
fn a_report_of_another_bucket_is_no_answer() {
    let s3 = mixed();
    let address = address(&deliver(&s3));
    with(&s3, &["inventory", &address, "--bucket", "src"]).expect(1);
    with(&s3, &["inventory", &address, "--bucket", "other"]).expect(2).says(&["about bucket src", "other"]);
}

#[test]
fn what_is_missing_in_s3_is_named() {
    let s3 = mixed();
    let delivered = deliver(&s3);
    let address = address(&delivered);
    with(&s3, &["inventory", "s3://reports/none/manifest.json"])
        .expect(2)
        .says(&["s3://reports/none/manifest.json does not exist"]);
    with(&s3, &["inventory", "s3://nowhere/x/manifest.json"]).expect(2).says(&["nowhere"]);
    s3.fault(Fault::on("GetObject").key(&delivered.data_keys[0]).status(403, "AccessDenied", "no"));
    with(&s3, &["inventory", &address]).expect(2).says(&["403", &delivered.data_keys[0]]);
    s3.clear_faults();
    s3.fault(Fault::on("GetObject").key(&delivered.data_keys[0]).cut_body(0));
    with(&s3, &["inventory", &address, "--max-attempts", "3"]).expect(2).says(&[&delivered.data_keys[0], "broke off"]);
    s3.clear_faults();
    s3.delete("reports", &delivered.data_keys[0]);
    with(&s3, &["inventory", &address]).expect(2).says(&["missing", &delivered.data_keys[0]]);
    s3.delete("reports", &delivered.checksum_key);
    with(&s3, &["inventory", &address]).expect(2).says(&["manifest.checksum"]);
    s3.corrupt("reports", &delivered.manifest_key, b"{}");
    with(&s3, &["inventory", &address, "--no-verify"]).expect(2).says(&["not an inventory manifest"]);
}

/// What was asked of the data file: range and condition of every GET.
fn gets(s3: &Sandbox, key: &str) -> Vec<(Option<String>, Option<String>)> {
    let gets = s3.requests().into_iter().filter(|r| r.operation == "GetObject" && r.key.as_deref() == Some(key));
    gets.map(|get| (get.headers.get("range").cloned(), get.headers.get("if-match").cloned())).collect()
}

#[test]
fn a_body_that_breaks_off_is_gone_on_with() {
    let s3 = mixed();
    let delivered = deliver(&s3);
    let (address, key) = (address(&delivered), &delivered.data_keys[0]);
    let whole = with(&s3, &["inventory", &address, "-o", "json"]).expect(1).json();
    let size = whole["report"]["bytes"].as_u64().unwrap();
    // With its digest and without.
    for more in [&[][..], &["--no-verify"]] {
        s3.clear_requests();
        s3.fault(Fault::on("GetObject").key(key).times(2).cut_body(100));
        let args = [&["inventory", &address, "-o", "json"], more].concat();
        let again = with(&s3, &args).expect(1).silent().json();
        assert_eq!(again["statuses"], whole["statuses"]);
        let gets = gets(&s3, key);
        let ranges: Vec<Option<String>> = gets.iter().map(|(range, _)| range.clone()).collect();
        let rest = |from: u64| Some(format!("bytes={from}-{}", size - 1));
        assert_eq!(ranges, [None, rest(100), rest(200)]);
        assert!(gets[0].1.is_none() && gets[1].1.is_some() && gets[1].1 == gets[2].1, "{gets:?}");
    }
    s3.fault(Fault::on("GetObject").key(key).times(1).cut_body(100));
    let (changed, other) = (key.clone(), vec![0; usize::try_from(size).unwrap()]);
    s3.after("GetObject", Some(key), move |s3| drop(s3.put("reports", &changed, other)));
    with(&s3, &["inventory", &address]).expect(2).says(&[key, "changed while it was read"]);
}

/// Two files of many chunks, and two that are less than one.
fn large() -> Local {
    let mut random = 1u64;
    let mut text = |rows: usize| {
        let mut text = String::new();
        for at in 0..rows {
            let mut key = format!("{at}");
            for _ in 0..4 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                key.push_str(&format!("{random:016x}"));
            }
            text.push_str(&row(&key, if at % 3 == 0 { "COMPLETED" } else { "FAILED" }));
        }
        text
    };
    let files: Vec<(&str, Vec<u8>)> = [("1.csv.gz", 85_000), ("2.csv.gz", 100), ("3.csv", 35_000), ("4.csv.gz", 100)]
        .map(|(name, rows)| (name, if name.ends_with("gz") { gzip(text(rows).as_bytes()) } else { text(rows).into() }))
        .into();
    Local::new(SCHEMA, &files)
}

#[test]
fn files_of_any_length_are_read_side_by_side_to_the_same_sums() {
    let report = large();
    let whole = report.run(&[]).expect(1).json();
    assert_eq!((&whole["rows"], &whole["report"]["files"]), (&json!(120_200), &json!(4)));
    for name in ["1.csv.gz", "3.csv"] {
        assert!(fs::metadata(report.dir.join(name)).unwrap().len() > 4 << 20, "{name}");
    }
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    for name in ["1.csv.gz", "2.csv.gz", "3.csv", "4.csv.gz"] {
        s3.put("reports", &format!("inv/data/{name}"), fs::read(report.dir.join(name)).unwrap());
    }
    for name in ["manifest.json", "manifest.checksum"] {
        s3.put("reports", &format!("inv/{name}"), fs::read(report.dir.join(name)).unwrap());
    }
    let address = "s3://reports/inv/manifest.json";
    for more in [&["--memory", "32MiB"][..], &["--memory", "32MiB", "--no-verify"], &["--memory", "1GiB"]] {
        assert_eq!(report.run(more).expect(1).silent().json()["statuses"], whole["statuses"], "{more:?}");
        let args = [&["inventory", address, "--max-age", "none", "-o", "json"], more].concat();
        assert_eq!(with(&s3, &args).expect(1).silent().json()["statuses"], whole["statuses"], "{more:?}");
    }
    // A long download that breaks off is resumed too.
    s3.clear_requests();
    s3.fault(Fault::on("GetObject").key("inv/data/1.csv.gz").times(2).cut_body(1_000_000));
    let args = ["inventory", address, "--max-age", "none", "-o", "json", "--memory", "32MiB"];
    assert_eq!(with(&s3, &args).expect(1).silent().json()["statuses"], whole["statuses"]);
    assert_eq!(gets(&s3, "inv/data/1.csv.gz").len(), 3);
    // One byte of any file is wrong: that is reported first, for every place in the file and every effect on the rows.
    for (name, memory) in [("1.csv.gz", "32MiB"), ("2.csv.gz", "1GiB"), ("3.csv", "32MiB"), ("4.csv.gz", "1GiB")] {
        let path = report.dir.join(name);
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&path, bad).unwrap();
        assert_eq!(report.run(&["--memory", memory]).expect(2).says(&[name, "MD5"]).stdout, "");
        fs::write(&path, good).unwrap();
    }
    report.run(&["--memory", "31MiB"]).expect(2).says(&["less than 32.0 MiB"]);
}

#[test]
fn many_files_are_read_at_once_and_a_wrong_one_is_found() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put_many("src", (0..5000).map(|n| format!("k{n:05}")), b"x");
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports").id("many").files(16));
    let address = address(&delivered);
    let run = with(&s3, &["inventory", &address, "-o", "json"]).expect(0);
    assert_eq!((&run.json()["rows"], &run.json()["report"]["files"]), (&json!(5000), &json!(16)));
    assert_eq!(count(&s3, "GetObject"), 18, "manifest, checksum and every file once");
    let mut body = s3.body("reports", &delivered.data_keys[7]).unwrap().to_vec();
    let middle = body.len() / 2;
    body[middle] ^= 1;
    s3.corrupt("reports", &delivered.data_keys[7], body);
    let run = with(&s3, &["inventory", &address, "-o", "json"]).expect(2).says(&[&delivered.data_keys[7]]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_local_report_is_read_as_folder_and_as_file() {
    let report = Local::good();
    for path in [report.dir.clone(), report.dir.join("manifest.json")] {
        let run = report.run_at(&path, &[]).expect(0).silent();
        assert_eq!(run.json()["rows"], 3);
    }
}

#[test]
fn every_kind_of_damage_is_2_and_gives_no_totals() {
    let first_gz = |local: &Local| fs::read(local.dir.join("1.csv.gz")).unwrap();
    type Spoil = Box<dyn Fn() -> Local>;
    let edited = |edit: fn(&mut Value)| -> Spoil {
        Box::new(move || {
            let report = Local::good();
            report.edit(edit);
            report
        })
    };
    let text = |text: String| -> Spoil { Box::new(move || Local::of(&text)) };
    let table: Vec<(Spoil, &[&str], &[&str])> = vec![
        (
            Box::new(|| {
                let r = Local::good();
                fs::remove_file(r.dir.join("2.csv.gz")).unwrap();
                r
            }),
            &[],
            &["2.csv.gz", "missing"],
        ),
        (
            Box::new(|| {
                let r = Local::good();
                fs::remove_file(r.dir.join("manifest.checksum")).unwrap();
                r
            }),
            &[],
            &["no manifest.checksum"],
        ),
        (
            Box::new(|| {
                let r = Local::good();
                fs::write(r.dir.join("manifest.checksum"), "00000000000000000000000000000000\n").unwrap();
                r
            }),
            &[],
            &["MD5 of manifest.json differs"],
        ),
        (
            Box::new(|| {
                let r = Local::good();
                fs::write(r.dir.join("manifest.json"), "{").unwrap();
                r
            }),
            &["--no-verify"],
            &["not an inventory manifest", "; name the manifest.json of a report"],
        ),
        (
            Box::new(move || {
                let r = Local::good();
                let mut gz = first_gz(&r);
                gz.push(0);
                fs::write(r.dir.join("1.csv.gz"), gz).unwrap();
                r
            }),
            &[],
            &["1.csv.gz", "bytes, the manifest says"],
        ),
        (
            Box::new(move || {
                let r = Local::good();
                let mut gz = first_gz(&r);
                gz[8] ^= 1;
                fs::write(r.dir.join("1.csv.gz"), gz).unwrap();
                r
            }),
            &[],
            &["1.csv.gz", "MD5"],
        ),
        (edited(|m| m["files"][1] = m["files"][0].clone()), &[], &["twice"]),
        (
            edited(|m| drop(m["files"][0].as_object_mut().unwrap().remove("MD5checksum"))),
            &[],
            &["1.csv.gz", "no MD5checksum"],
        ),
        (edited(|m| m["files"][0]["size"] = 1.into()), &["--no-verify"], &["1.csv.gz", "the manifest says 1"]),
        (edited(|m| m["files"][0]["key"] = "../x.csv.gz".into()), &[], &["../x.csv.gz", "not looked up"]),
        (edited(|m| m["files"][0]["key"] = "/etc/passwd".into()), &[], &["/etc/passwd", "not looked up"]),
        (edited(|m| m["files"][0]["key"] = "a//1.csv.gz".into()), &[], &["not looked up"]),
        (
            edited(|m| {
                m["fileSchema"] =
                    "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, Other".into()
            }),
            &[],
            &["no ReplicationStatus"],
        ),
        (
            edited(|m| {
                m["fileSchema"] =
                    "Bucket, Key, VersionId, IsLatest, Other, Size, LastModifiedDate, ReplicationStatus".into()
            }),
            &[],
            &["no IsDeleteMarker"],
        ),
        (
            edited(|m| {
                m["fileSchema"] =
                    "Bucket, Key, VersionId, Other, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus".into()
            }),
            &["--current"],
            &["no IsLatest"],
        ),
        (
            edited(|m| {
                m["fileSchema"] =
                    "Bucket, Key, Key, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ReplicationStatus".into()
            }),
            &[],
            &["twice"],
        ),
        (edited(|m| m["fileFormat"] = "TSV".into()), &[], &["TSV"]),
        (text(format!("{}{}", row("a", ""), SCHEMA.replace(", ", ","))), &[], &["1.csv.gz, row 2", "header row"]),
        (text(format!("{}\"src\",\"k\"\n", row("a", ""))), &[], &["1.csv.gz, row 2", "8 columns, the row has 2"]),
        (text(row("a", "").replace("\"5\"", "\"five\"")), &[], &["row 1", "Size: invalid size: \"five\""]),
        (text(row("a", "").replace("\"5\"", "\"\"")), &[], &["row 1", "Size"]),
        (text(row("a", "").replace("true", "maybe")), &[], &["row 1", "IsLatest: invalid boolean: \"maybe\""]),
        (text(row("a", "").replace("2024-05-06T", "2024-13-06T")), &[], &["row 1", "LastModifiedDate"]),
        (text(row("a", "").replace("\"src\"", "\"other\"")), &[], &["row 1", "\"other\""]),
        (text(row(&"x".repeat(1 << 20), "")), &[], &["row 1", "1 MiB"]),
        (text(format!("{}\"src\",\"open", row("a", ""))), &[], &["ends inside a quoted cell"]),
        (
            text([row("a", ""), row("b", "")].concat().replace("\"5\"", "\"18446744073709551615\"")),
            &[],
            &["row 2", "2^64"],
        ),
        (
            Box::new(|| {
                let gz = gzip(row("a", "").as_bytes());
                Local::new(SCHEMA, &[("1.csv.gz", gz[..gz.len() - 5].to_vec())])
            }),
            &[],
            &["1.csv.gz", "truncated"],
        ),
        (
            Box::new(|| {
                let mut gz = gzip(row("a", "").as_bytes());
                let at = gz.len() - 6;
                gz[at] ^= 1;
                Local::new(SCHEMA, &[("1.csv.gz", gz)])
            }),
            &["--no-verify"],
            &["1.csv.gz", "damaged"],
        ),
        (edited(|m| m["files"] = json!([])), &[], &["no object of the report is selected"]),
        (text("\n\n".into()), &[], &["no object of the report is selected"]),
        (
            text(row("a", "").replace("\"false\",\"5\"", "\"true\",\"\"")),
            &[],
            &["no object of the report is selected", "(1 row in all): the rows in scope are delete markers"],
        ),
        (text("src,a\"b,,true,false,5,2024-05-06T22:44:22.000Z,COMPLETED\n".into()), &[], &["row 1", "holds a quote"]),
        (text(row("a\nb", "COMPLETED")), &[], &["row 1", "Key"]),
        (text(row("a", &"W".repeat(100))), &[], &["row 1", "ReplicationStatus"]),
        (
            edited(
                |m| m["files"][1] = json!({"key": "other/1.csv.gz", "size": m["files"][0]["size"], "MD5checksum": m["files"][0]["MD5checksum"]}),
            ),
            &[],
            &["same local file"],
        ),
        (
            edited(|m| m["fileSchema"] = (0..2000).map(|n| format!("C{n}, ")).collect::<String>().into()),
            &[],
            &["more than 1000 columns"],
        ),
        (edited(|m| m["creationTimestamp"] = "9999999999999".into()), &[], &["future"]),
    ];
    for (at, (spoil, more, says)) in table.iter().enumerate() {
        let report = spoil();
        let (guard, dir) = folder();
        let write = format!("json={}/out.json", dir.display());
        fs::write(dir.join("out.json"), "old").unwrap();
        let mut args = more.to_vec();
        args.extend(["--write", &write]);
        let run = report.run(&args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "row {at}: {run:?}");
        for part in *says {
            assert!(run.stderr.contains(part), "row {at}: {part:?} is not in {run:?}");
        }
        assert!(run.stderr.chars().count() < 700, "row {at}: {run:?}");
        assert_eq!(fs::read_to_string(dir.join("out.json")).unwrap(), "old", "row {at}");
        assert_eq!(crate::support::files(&dir), ["out.json"], "row {at}");
        drop(guard);
    }
}

#[test]
fn no_verify_does_without_checksums_and_says_so() {
    let report = Local::good();
    report.edit(|m| drop(m["files"][0].as_object_mut().unwrap().remove("MD5checksum")));
    fs::remove_file(report.dir.join("manifest.checksum")).unwrap();
    assert_eq!(report.run(&["--no-verify"]).expect(0).json()["report"]["verified"], "none");
}

#[test]
fn other_writers_files_are_read() {
    let several = [gzip(row("a", "COMPLETED").as_bytes()), gzip(row("b", "COMPLETED").as_bytes())].concat();
    let report = Local::new(SCHEMA, &[("members.csv.gz", several), ("plain.csv", row("c", "COMPLETED").into_bytes())]);
    assert_eq!(report.run(&[]).expect(0).json()["rows"], 3);
    let current =
        Local::new("Bucket, Key, ReplicationStatus", &[("1.csv.gz", gzip(b"\"src\",\"k\",\"COMPLETED\"\n\n\n"))]);
    let run = current.run(&["--current"]).expect(0);
    assert_eq!((&run.json()["rows"], &run.json()["delete_markers"]), (&json!(1), &json!(0)));
}

#[test]
fn files_are_found_where_people_copy_them() {
    let report = Local::good();
    let elsewhere = folder();
    for name in ["1.csv.gz", "2.csv.gz"] {
        fs::rename(report.dir.join(name), elsewhere.1.join(name)).unwrap();
    }
    report.run(&[]).expect(2).says(&["missing", "--data-dir"]);
    report.run(&["--data-dir", &elsewhere.1.display().to_string()]).expect(0);
    report.run(&["--data-dir", "/nonexistent"]).expect(2).says(&["/nonexistent"]);
    alone(&["inventory", "/nonexistent/manifest.json"]).expect(2).says(&["/nonexistent/manifest.json"]);
}

#[test]
fn a_status_that_only_looks_good_is_not() {
    for status in ["", "NONE", "FAILED", "completed", "COMPLETED ", "Half"] {
        Local::of(&[row("a", "COMPLETED"), row("b", status)].concat()).run(&[]).expect(1);
    }
    Local::of(&row("a", "REPLICA")).run(&["--fail-on", "replica"]).expect(1);
}

#[test]
fn progress_is_for_terminals_unless_asked_for() {
    let report = Local::good();
    report.run(&[]).expect(0).silent();
    report.run(&["--progress", "always"]).expect(0).says(&["reading 2 files", "100%"]);
}
