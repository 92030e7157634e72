//! `inventory` over Parquet and ORC: delivered by the sandbox, written by another library, and damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use replaudit_sandbox::{Bucket, Delivered, Fault, Inventory, InventoryFormat, Put, Sandbox, Versioning};
use serde_json::{Value, json};

use crate::support::report::{Local, hex};
use crate::support::{ODD_KEYS, Run, alone, client, folder, only_reads, program, replicated, run, with};

const COLUMNAR: [(InventoryFormat, &str); 2] = [(InventoryFormat::Parquet, "Parquet"), (InventoryFormat::Orc, "ORC")];

/// A source with every status, odd keys, old versions and delete markers.
fn source() -> Sandbox {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    for (at, key) in ODD_KEYS.iter().enumerate() {
        s3.put("src", key, vec![b'x'; at]);
    }
    let statuses = [Some("FAILED"), Some("PENDING"), None, Some("Half"), Some("REPLICA")];
    for (at, status) in statuses.iter().cycle().take(50).enumerate() {
        let key = format!("logs/{at}");
        s3.put("src", &key, b"older");
        s3.put("src", &key, b"newer one");
        s3.set_status("src", &key, *status);
    }
    for at in 0..7 {
        s3.delete("src", &format!("logs/{at}"));
    }
    s3
}

fn deliver(s3: &Sandbox, format: InventoryFormat) -> Delivered {
    // Reports of one minute and one configuration have one manifest.
    let id = format!("{format:?}");
    let report = Inventory::of("src").to("reports").id(&id).prefix("inv").files(3).group_rows(10);
    s3.deliver_inventory(report.format(format))
}

fn ask(s3: &Sandbox, delivered: &Delivered, more: &[&str]) -> Run {
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let mut args = vec!["inventory", &address, "-o", "json", "--fail-on", "overdue:off"];
    args.extend(more);
    with(s3, &args)
}

fn sums(audit: &Value) -> Value {
    let names = ["rows_scanned", "rows", "delete_markers", "statuses", "overdue", "verdict"];
    names.iter().map(|name| (name.to_string(), audit[*name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn all_formats_give_the_same_sums() {
    let s3 = source();
    let csv = deliver(&s3, InventoryFormat::Csv);
    let columnar: Vec<(Delivered, &str)> =
        COLUMNAR.iter().map(|(format, word)| (deliver(&s3, *format), *word)).collect();
    for more in [
        &[][..],
        &["--current"],
        &["--prefix", "logs/1"],
        &["--prefix", "ü/"],
        &["--prefix", "a b"],
        &["--overdue", "1s"],
        &["--verify"],
        &["--no-verify"],
        &["--memory", "32MiB"],
    ] {
        let csv = ask(&s3, &csv, more).silent();
        let expected = csv.json();
        assert!(expected["rows"].as_u64().unwrap() > 0, "{more:?}");
        for (delivered, word) in &columnar {
            let found = ask(&s3, delivered, more).expect(csv.code.unwrap()).silent().json();
            assert_eq!(sums(&found), sums(&expected), "{word} {more:?}");
            assert_eq!(found["report"]["format"], *word);
            let verified = match more {
                ["--verify"] => "md5",
                ["--no-verify"] => "none",
                _ => "etag",
            };
            assert_eq!(found["report"]["verified"], verified);
        }
    }
    only_reads(&s3);
}

/// Writes `rows` objects whose keys are 60 bytes long; no two have the same key, and hardly two the same size, time or
/// ETag.
fn fill(s3: &Sandbox, rows: u64) {
    s3.create_bucket(Bucket::new("reports"));
    let body: Bytes = (0..rows + 1024).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect();
    let now = SystemTime::now();
    for at in 0..rows {
        let random = at.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let key = format!("data/{random:016x}{:016x}/part-{at:09}.parquet", random.rotate_left(17));
        assert_eq!(key.len(), 60);
        let written = Put::default().last_modified(now - Duration::from_secs((random >> 32) % 100_000_000));
        let (from, length) = (at as usize, (random >> 16) as usize % 1024);
        s3.put_with("src", &key, body.slice(from..from + length), written);
    }
}

/// A report of them, with `group_rows` in each part of its file.
fn large(s3: &Sandbox, format: InventoryFormat, group_rows: usize) -> Delivered {
    let id = format!("{format:?}");
    s3.deliver_inventory(Inventory::of("src").to("reports").id(&id).format(format).group_rows(group_rows))
}

/// At most 15 % of the bytes, of which the first request, for the end of the file, has 64 KiB.
#[test]
fn only_what_is_needed_is_fetched() {
    const ROWS: usize = 21_000;
    let s3 = replicated();
    fill(&s3, ROWS as u64);
    for (format, word) in COLUMNAR {
        let delivered = large(&s3, format, ROWS / 3);
        s3.clear_requests();
        let audit = ask(&s3, &delivered, &[]).expect(0).json();
        assert_eq!(audit["statuses"]["COMPLETED"]["objects"], ROWS, "{word}");
        let about = |key: &Option<String>| key.as_ref() == Some(&delivered.data_keys[0]);
        let gets: Vec<_> = s3.requests().into_iter().filter(|request| about(&request.key)).collect();
        let fetched: u64 = gets
            .iter()
            .map(|get| {
                let range = get.headers["range"].strip_prefix("bytes=").expect("a range").to_owned();
                let (from, to) = range.split_once('-').expect("two ends");
                to.parse::<u64>().unwrap() + 1 - from.parse::<u64>().unwrap()
            })
            .sum();
        let size = audit["report"]["bytes"].as_u64().unwrap();
        assert!(size > 1 << 20, "{word}: {size} bytes are too few to tell");
        assert!(fetched * 100 <= size * 15, "{word}: {fetched} of {size} in {} requests", gets.len());
        assert!(gets.len() > 1 && gets.iter().all(|get| get.headers.contains_key("if-match")), "{gets:?}");
        let whole = ask(&s3, &delivered, &["--verify"]).expect(0).json();
        assert_eq!(sums(&whole), sums(&audit));
    }
}

/// How the files were checked, and what was listed for it.
fn verified(s3: &Sandbox, delivered: &Delivered, more: &[&str]) -> (String, usize) {
    s3.clear_requests();
    let run = ask(s3, delivered, more);
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    let audit = run.silent().json();
    let lists = s3.requests().iter().filter(|request| request.operation == "ListObjectsV2").count();
    (audit["report"]["verified"].as_str().unwrap().to_owned(), lists)
}

/// A file whose ETag S3 lists as the MD5 of the manifest is that file, and parts of it are read on condition of that.
#[test]
fn parts_of_a_file_that_is_known_by_its_etag_are_as_good_as_all_of_it() {
    for (format, word) in COLUMNAR {
        let s3 = source();
        let delivered = deliver(&s3, format);
        let is = |verified: (String, usize), expected: &str, lists: usize| {
            assert_eq!(verified, (expected.to_owned(), lists), "{word}");
        };
        is(verified(&s3, &delivered, &[]), "etag", 1);
        is(verified(&s3, &delivered, &["--verify"]), "md5", 0);
        is(verified(&s3, &delivered, &["--no-verify"]), "none", 0);
        // Without the permission to list, the structure is checked as before.
        s3.fault(Fault::on("ListObjectsV2").status(403, "AccessDenied", "no"));
        is(verified(&s3, &delivered, &[]), "footer", 1);
        s3.clear_faults();
        // One of three files has another ETag than its MD5, as those that KMS encrypts: the weakest counts.
        s3.put_with(
            "reports",
            &delivered.data_keys[1],
            s3.body("reports", &delivered.data_keys[1]).unwrap(),
            Put::default().parts(2),
        );
        is(verified(&s3, &delivered, &[]), "footer", 1);
    }
}

/// If S3 says that it encrypted an object with its own key, an ETag of 32 digits is an MD5, and must be that of the manifest.
#[test]
fn a_file_that_was_replaced_before_is_an_error_if_its_etag_is_an_md5() {
    for (format, word) in COLUMNAR {
        let s3 = source();
        let delivered = deliver(&s3, format);
        let key = delivered.data_keys[0].clone();
        let mut other = s3.body("reports", &key).unwrap().to_vec();
        let at = other.len() / 2;
        other.swap(at, at + 1);
        s3.put("reports", &key, other);
        let encrypted = |how: &str| {
            s3.clear_faults();
            s3.fault(Fault::on("GetObject").header("x-amz-server-side-encryption", how));
        };
        encrypted("AES256");
        ask(&s3, &delivered, &[]).expect(2).says(&["MD5", &key]);
        // With a KMS key, an ETag is no MD5; with `--no-verify`, nothing is compared.
        for (how, more) in [("aws:kms", &[][..]), ("AES256", &["--no-verify"])] {
            encrypted(how);
            let run = ask(&s3, &delivered, more);
            assert!(!run.stderr.contains("MD5"), "{word} {how}: {run:?}");
        }
    }
}

/// A replaced file of the same size: its footer is good, and its ETag is not the one that was listed.
#[test]
fn a_file_that_is_replaced_after_the_listing_is_an_error() {
    for (format, _) in COLUMNAR {
        let s3 = source();
        let delivered = deliver(&s3, format);
        let key = delivered.data_keys[0].clone();
        let mut other = s3.body("reports", &key).unwrap().to_vec();
        let middle = other.len() / 2;
        other[middle] ^= 1;
        s3.after("ListObjectsV2", None, move |s3| drop(s3.put("reports", &key, other)));
        ask(&s3, &delivered, &[]).expect(2).says(&["412"]);
    }
}

#[test]
fn a_file_that_changes_between_two_parts_is_an_error() {
    for (format, _) in COLUMNAR {
        let s3 = replicated();
        fill(&s3, 6000);
        let delivered = large(&s3, format, 2000);
        let key = delivered.data_keys[0].clone();
        let size = ask(&s3, &delivered, &[]).expect(0).json()["report"]["bytes"].as_u64().unwrap();
        s3.after("GetObject", Some(&key.clone()), move |s3| drop(s3.put("reports", &key, vec![0; size as usize])));
        ask(&s3, &delivered, &[]).expect(2).says(&["412", "has changed"]);
    }
}

/// Columns that are longer than what is read of them at once, over connections that break again and again.
#[test]
fn long_columns_come_piece_by_piece_and_go_on_where_they_broke() {
    const ROWS: usize = 21_000;
    let s3 = replicated();
    fill(&s3, ROWS as u64);
    for (format, word) in COLUMNAR {
        let delivered = large(&s3, format, ROWS);
        let whole = ask(&s3, &delivered, &["--prefix", "data/", "--verify"]).expect(0).json();
        let key = &delivered.data_keys[0];
        s3.fault(Fault::on("GetObject").key(key).times(6).cut_body(90_000));
        s3.clear_requests();
        let parts = ask(&s3, &delivered, &["--prefix", "data/"]).expect(0).json();
        assert_eq!(sums(&parts), sums(&whole), "{word}");
        let gets = s3.requests().into_iter().filter(|request| request.key.as_ref() == Some(key)).count();
        assert!(gets > 6, "{word}: {gets} requests");
        s3.fault(Fault::on("GetObject").key(key).cut_body(90_000));
        ask(&s3, &delivered, &["--prefix", "data/", "--max-attempts", "1"]).expect(2).says(&[key, "broke off"]);
        s3.clear_faults();
    }
}

/// Those who read columns have connections of their own, and no credentials of their own.
#[test]
fn credentials_that_run_out_meanwhile_are_fetched_again() {
    let s3 = source();
    let delivered = deliver(&s3, InventoryFormat::Parquet);
    let (_guard, dir) = folder();
    let (config, calls) = (dir.join("config"), dir.join("calls"));
    let credentials = json!({
        "Version": 1,
        "AccessKeyId": s3.access_key(),
        "SecretAccessKey": s3.secret_key(),
        "Expiration": (jiff::Timestamp::now() + Duration::from_secs(5)).to_string(),
    });
    fs::write(dir.join("credentials.json"), credentials.to_string()).unwrap();
    let process = dir.join("process");
    let script = format!("echo >> '{}'\ncat '{}'\n", calls.display(), dir.join("credentials.json").display());
    fs::write(&process, script).unwrap();
    fs::write(&config, format!("[profile brief]\ncredential_process = sh {}\n", process.display())).unwrap();
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    let mut command =
        client(&s3, &["inventory", &address, "--profile", "brief", "-o", "json", "--fail-on", "overdue:off"]);
    command.env("AWS_CONFIG_FILE", &config);
    let expected = ask(&s3, &delivered, &[]);
    let found = run(command).expect(expected.code.unwrap()).silent().json();
    assert_eq!(sums(&found), sums(&expected.json()));
    let calls = fs::read_to_string(&calls).unwrap().lines().count();
    assert!(calls > 3, "{calls} calls");
}

/// The reports that another library wrote, with every encoding and compression that is understood.
fn fixture(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(format)
}

#[test]
fn files_of_another_library_are_read() {
    let expected: Value =
        serde_json::from_slice(&fs::read(fixture("").join("expected.json")).unwrap()).expect("the totals are JSON");
    for format in ["orc", "parquet"] {
        for more in ["--progress=never", "--verify", "--no-verify"] {
            let path = fixture(format).display().to_string();
            let args = ["inventory", &path, "--max-age", "none", "-o", "json", more];
            let audit = alone(&args).expect(1).silent().json();
            assert_eq!(audit["rows"], expected["rows"], "{format}");
            assert_eq!(audit["delete_markers"], expected["delete_markers"], "{format}");
            assert_eq!(audit["statuses"], expected["statuses"], "{format}");
        }
    }
}

/// One data file of a fixture as a report of its own, with a manifest that fits the edited file.
fn edited(format: &str, name: &str, edit: impl FnOnce(&mut Vec<u8>)) -> Local {
    let manifest: Value = serde_json::from_slice(&fs::read(fixture(format).join("manifest.json")).unwrap()).unwrap();
    let mut bytes = fs::read(fixture(format).join(name)).unwrap();
    edit(&mut bytes);
    let report = Local::new("", &[(name, bytes)]);
    report.edit(|json| {
        json["fileSchema"] = manifest["fileSchema"].clone();
        json["fileFormat"] = manifest["fileFormat"].clone();
    });
    report
}

/// Runs where memory beyond a GiB is refused by the system: a file that claims more would end the program.
fn limited(report: &Local, more: &[&str]) -> Run {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "ulimit -v 1500000 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_replaudit"), "inventory"]);
    shell.arg(&report.dir).args(["--max-age", "none", "-o", "json"]).args(more).env_clear().stdin(Stdio::null());
    shell.envs(program().get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(shell)
}

#[test]
fn damaged_files_are_2_and_name_the_file() {
    const FILES: [(&str, &str); 3] =
        [("parquet", "snappy-dictionary.parquet"), ("parquet", "gzip-micros.parquet"), ("orc", "stripes.orc")];
    type Edit = Box<dyn Fn(&mut Vec<u8>)>;
    for (format, name) in FILES {
        let edits: Vec<(&str, Edit)> = vec![
            ("empty", Box::new(Vec::clear)),
            ("cut in the middle", Box::new(|bytes| bytes.truncate(bytes.len() / 2))),
            ("cut at the end", Box::new(|bytes| bytes.truncate(bytes.len() - 1))),
            ("its beginning is gone", Box::new(|bytes| drop(bytes.drain(..2000)))),
            (
                "a footer of 4 GiB",
                Box::new(|bytes| {
                    let at = bytes.len() - 8;
                    bytes[at..at + 4].fill(0xff);
                }),
            ),
            (
                "zeros in the middle",
                Box::new(|bytes| {
                    let (from, to) = (bytes.len() / 10, bytes.len() * 9 / 10);
                    bytes[from..to].fill(0);
                }),
            ),
        ];
        for (what, edit) in edits {
            let report = edited(format, name, edit);
            let run = limited(&report, &[]).expect(2).says(&[name]);
            assert_eq!(run.stdout, "", "{name}, {what}");
        }
        edited(format, name, |_| {}).run(&[]).expect(1).silent();
    }
}

/// For every wrong byte: an answer or exit code 2, never a crash; and with `--verify` always 2.
#[test]
fn no_byte_makes_it_crash() {
    for (format, name) in [("parquet", "snappy-dictionary.parquet"), ("orc", "stripes.orc")] {
        let size = fs::metadata(fixture(format).join(name)).unwrap().len() as usize;
        let mut answered = 0;
        // All of the footer, and samples of the rest.
        let places = (0..size).step_by(311).chain((size.saturating_sub(200)..size).step_by(3));
        for (turn, at) in places.enumerate() {
            let mask = [0x01, 0x80, 0xff, 0x10][turn % 4];
            let report = edited(format, name, |bytes| bytes[at] ^= mask);
            let run = limited(&report, &[]);
            assert!(matches!(run.code, Some(0..=2)), "{name} byte {at}: {run:#?}");
            answered += usize::from(run.code != Some(2));
        }
        assert!(answered > 0, "some bytes decide nothing");
        let report = edited(format, name, |bytes| bytes[size / 2] ^= 1);
        let sum = hex(&fs::read(fixture(format).join(name)).unwrap());
        report.edit(|json| json["files"][0]["MD5checksum"] = json!(sum));
        report.run(&["--verify"]).expect(2).says(&["MD5"]);
    }
}

/// This byte makes the Parquet library panic. What it prints names a path of the machine that built the program.
#[test]
fn a_panic_of_the_library_is_one_line_of_ours() {
    let report = edited("parquet", "delta.parquet", |bytes| bytes[80] = 232);
    let run = report.run(&["--no-verify", "--prefix", "l"]).expect(2).says(&["delta.parquet", "too damaged"]);
    assert_eq!((run.stderr.lines().count(), run.stderr.contains("panicked")), (1, false), "{run:?}");
}

#[test]
fn a_column_that_the_manifest_promises_must_be_there() {
    let report = edited("orc", "direct.orc", |_| {});
    report.edit(|json| {
        let schema = json["fileSchema"].as_str().unwrap().replace("replication_status", "another_one");
        json["fileSchema"] = json!(schema);
    });
    report.run(&[]).expect(2).says(&["no ReplicationStatus column"]);
    let report = edited("parquet", "gzip-micros.parquet", |_| {});
    report.edit(|json| json["sourceBucket"] = json!("another"));
    report.run(&[]).expect(2).says(&["gzip-micros.parquet, row 1", "about bucket \"src\""]);
}
