//! Outputs that are one file, or a file of the report itself, are refused before anything is read or written.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use replaudit_sandbox::{Bucket, Inventory};

use crate::support::report::Local;
use crate::support::{Run, alone, client, files, finish, folder, program, replicated, with};

#[test]
fn a_list_is_not_replaced_by_the_answer_about_it() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let (_guard, dir) = folder();
    let list = dir.join("list").display().to_string();
    let lines = "{\"bucket\":\"src\",\"key\":\"k\"}\n{\"bucket\":\"src\",\"ke";
    fs::write(&list, lines).unwrap();
    symlink(&list, dir.join("link")).unwrap();
    for write in [format!("ndjson={list}"), format!("csv={}", dir.join("link").display())] {
        for command in [&["status"][..], &["safe-delete", "-y"]] {
            let run = with(&s3, &[command, &["--from", &list, "--write", &write]].concat());
            run.expect(2).says(&["is the list of --from, and is not replaced"]);
            assert_eq!(fs::read_to_string(&list).unwrap(), lines);
        }
    }
    let mut piped = client(&s3, &["status", "--from", "-", "--write", &format!("csv={list}")]);
    piped.stdin(fs::File::open(&list).unwrap());
    crate::support::run(piped).expect(2).says(&["is the list of --from, and is not replaced"]);
    assert!(s3.requests().is_empty());
    // What is no file is not replaced: a device may be read and written.
    let mut device = client(&s3, &["status", "--from", "/dev/null", "--allow-empty"]);
    device.stdout(fs::File::options().write(true).open("/dev/null").unwrap());
    assert_eq!(finish(device.stderr(Stdio::null()).spawn().unwrap()).code, Some(0));
}

#[test]
fn what_undo_and_reasons_read_is_not_replaced() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let (_guard, dir) = folder();
    let path = |name: &str| dir.join(name).display().to_string();
    let (report, journal) = (path("report"), path("journal"));
    with(&s3, &["safe-delete", "-y", "-q", "--write", &format!("json={report}"), "--journal", &journal, "s3://src/k"])
        .expect(0);
    for file in [&report, &journal] {
        let before = fs::read_to_string(file).unwrap();
        let write = format!("json={file}");
        with(&s3, &["undo", "-y", file, "--write", &write])
            .expect(2)
            .says(&["is the result that undo reads, and is not replaced"]);
        for args in [&["undo", "-y", "-", "--write", &write][..], &["reasons", "-", "--write", &write]] {
            let mut piped = client(&s3, args);
            piped.stdin(fs::File::open(file).unwrap());
            crate::support::run(piped).expect(2).says(&["and is not replaced"]);
        }
        assert_eq!(fs::read_to_string(file).unwrap(), before);
    }
    assert_eq!(s3.versions("src", "k").len(), 2, "the delete marker is still there");
    with(&s3, &["undo", "-y", &report]).expect(0);
}

#[test]
fn two_outputs_are_two_files() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let path = |name: &str| dir.join(name).display().to_string();
    fs::create_dir(dir.join("sub")).unwrap();
    fs::write(dir.join("real"), "old").unwrap();
    symlink(dir.join("real"), dir.join("link")).unwrap();
    fs::hard_link(dir.join("real"), dir.join("hard")).unwrap();
    symlink(&dir, dir.join("sub/up")).unwrap();
    let before = files(&dir);
    for (one, other) in [
        ("new", "sub/../new"),
        ("new", "sub/up/new"),
        ("real", "link"),
        ("real", "hard"),
        ("link", "hard"),
        ("real", "sub/up/hard"),
    ] {
        let (json, csv) = (format!("json={}", path(one)), format!("csv={}", path(other)));
        report.run(&["--write", &json, "--write", &csv]).expect(2).says(&["same file", one, other]);
        assert_eq!(files(&dir), before, "{one} {other}");
    }
    for (format, export) in [("json", "new.csv"), ("json", "sub/up/new.csv"), ("prometheus", "new.csv")] {
        let write = format!("{format}={}", path("new.csv"));
        report
            .run(&["--write", &write, "--export", &path(export)])
            .expect(2)
            .says(&["same file", "give each output its own file"]);
        assert_eq!(files(&dir), before);
    }
    assert_eq!(fs::read_to_string(dir.join("real")).unwrap(), "old");
    // Other commands write files in the same way.
    let (json, csv) = (format!("json={}", path("real")), format!("csv={}", path("hard")));
    alone(&["status", "s3://bucket/k", "--write", &json, "--write", &csv]).expect(2).says(&["same file"]);
    // stdout may be a file too.
    let out = fs::OpenOptions::new().append(true).open(dir.join("real")).unwrap();
    let mut command = program();
    command.arg("inventory").arg(&report.dir).args(["--max-age", "none", "--write", &format!("json={}", path("hard"))]);
    let ended = command.stdout(Stdio::from(out)).stderr(Stdio::piped()).output().unwrap();
    Run::from(ended).expect(2).says(&["same file", "stdout"]);
    assert_eq!(fs::read_to_string(dir.join("real")).unwrap(), "old");
}

#[test]
fn a_report_is_never_written_over() {
    let report = Local::good();
    let (_guard, dir) = folder();
    fs::hard_link(report.dir.join("2.csv.gz"), dir.join("hard.csv")).unwrap();
    symlink(report.dir.join("1.csv.gz"), dir.join("link.csv")).unwrap();
    let of_report = |name: &str| report.dir.join(name).display().to_string();
    let of_dir = |name: &str| dir.join(name).display().to_string();
    let held = || {
        let names = files(&report.dir);
        let bytes: Vec<Vec<u8>> = names.iter().map(|name| fs::read(report.dir.join(name)).unwrap()).collect();
        (names, bytes)
    };
    let before = held();
    for format in ["json", "prometheus"] {
        for name in ["manifest.json", "manifest.checksum", "1.csv.gz", "2.csv.gz"] {
            let write = format!("{format}={}", of_report(name));
            report.run(&["--write", &write]).expect(2).says(&["part of the report", name]);
            assert!(held() == before, "{write}");
        }
    }
    for name in ["hard.csv", "link.csv"] {
        report.run(&["--export", &of_dir(name)]).expect(2).says(&["part of the report", name]);
        report.run(&["--write", &format!("prometheus={}", of_dir(name))]).expect(2).says(&["part of the report"]);
        assert!(held() == before, "{name}");
    }
    // Also of the older one.
    let newer = Local::good();
    newer.edit(|json| json["creationTimestamp"] = "1715133600000".into());
    let since = report.dir.display().to_string();
    let write = format!("json={}", of_report("1.csv.gz"));
    newer.run(&["--since", &since, "--write", &write]).expect(2).says(&["part of the report", "1.csv.gz"]);
    assert!(held() == before);
    // Neither is one that is not opened, because the run ends before.
    let old = folder();
    for more in [&["--since", &since][..], &["--since", &of_report("manifest.json")]] {
        for name in ["manifest.json", "manifest.checksum"] {
            let write = format!("prometheus={}", of_report(name));
            let missing = old.1.display().to_string();
            alone(&[&["inventory", &missing, "--write", &write], more].concat()).expect(2);
            alone(&["reconcile", &missing, &since, "--write", &write]).expect(2).says(&["part of the report"]);
            assert!(held() == before, "{write}");
        }
    }
    // Other files say that there is no answer.
    let metrics = of_dir("metrics");
    let writes = [format!("json={}", of_report("manifest.json")), format!("prometheus={metrics}")];
    report.run(&["--write", &writes[0], "--write", &writes[1]]).expect(2).says(&["part of the report"]);
    assert!(fs::read_to_string(metrics).unwrap().contains("replaudit_inventory_up{bucket=\"\",config=\"\"} 0"));
    // A report that can't be trusted is not replaced either.
    report.edit(|json| json["files"][0]["key"] = "inv/data/2.csv.gz".into());
    let before = held();
    for name in ["manifest.json", "manifest.checksum"] {
        report.run(&["--write", &format!("prometheus={}", of_report(name))]).expect(2);
        assert!(held() == before, "{name}");
    }
}

#[test]
fn what_is_read_beside_a_report_is_not_written_over() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let input = dir.join("input");
    fs::write(&input, "what is read\n").unwrap();
    let path = input.display().to_string();
    for format in ["json", "prometheus"] {
        let write = format!("{format}={path}");
        let refused: [(&[&str], &str); 2] = [
            (&["--by", "rule", "--replication", &path], "is the file of --replication"),
            (&["--figures", &path], "is the file of --figures"),
        ];
        for (options, says) in refused {
            report.run(&[options, &["--write", &write]].concat()).expect(2).says(&[says, "not replaced"]);
            report.run(&[options, &["--export", &path]].concat()).expect(2);
        }
        let manifest = report.dir.display().to_string();
        let reconcile = ["reconcile", &manifest, &manifest, "--since", &path, "--write", &write];
        alone(&reconcile).expect(2).says(&["is the older result (--since)", "not replaced"]);
        assert_eq!(fs::read_to_string(&input).unwrap(), "what is read\n", "{format}");
    }
}

/// `up 0` is for files of ours: what else is there is kept.
#[test]
fn the_alarm_replaces_no_file_of_another_kind() {
    let report = Local::good();
    fs::write(report.dir.join("manifest.json"), "{").unwrap();
    let data = fs::read(report.dir.join("1.csv.gz")).unwrap();
    let write = format!("prometheus={}", report.dir.join("1.csv.gz").display());
    report.run(&["--write", &write]).expect(2).says(&["1.csv.gz"]);
    assert_eq!(fs::read(report.dir.join("1.csv.gz")).unwrap(), data);
}

#[test]
fn a_report_in_s3_has_no_local_files() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "k", b"x");
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports"));
    let (_guard, dir) = folder();
    let write = format!("json={}", dir.join("manifest.json").display());
    let address = format!("s3://reports/{}", delivered.manifest_key);
    with(&s3, &["inventory", &address, "--write", &write]).expect(0);
    assert_eq!(files(&dir), ["manifest.json"]);
}
