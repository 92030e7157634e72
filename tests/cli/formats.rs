//! The formats of `inventory` and what becomes of them without an answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Fault, Inventory, Sandbox, Versioning};

use crate::support::report::{Local, SCHEMA, gzip, row};
use crate::support::{Run, alone, client, files, finish, folder, replicated, signal, start, until_asked, with};

/// A folder with what an earlier run left, and the options that write there.
struct Files {
    _guard: tempfile::TempDir,
    dir: PathBuf,
    args: Vec<String>,
}

const FORMATS: [&str; 9] = ["table", "json", "ndjson", "csv", "markdown", "prometheus", "html", "github", "junit"];

impl Files {
    fn new() -> Self {
        let (guard, dir) = folder();
        let args = FORMATS.iter().flat_map(|format| {
            fs::write(dir.join(format), "old").unwrap();
            ["--write".to_owned(), format!("{format}={}", dir.join(format).display())]
        });
        Self { _guard: guard, args: args.collect(), dir }
    }

    fn read(&self, format: &str) -> String {
        fs::read_to_string(self.dir.join(format)).unwrap()
    }

    fn args<'a>(&'a self, before: &[&'a str]) -> Vec<&'a str> {
        before.iter().copied().chain(self.args.iter().map(String::as_str)).collect()
    }

    /// The run left all files as they were but those that monitoring and CI systems read: they say that nothing is known.
    #[track_caller]
    fn say_nothing(&self, series: &str) {
        for format in FORMATS {
            match format {
                "prometheus" => {}
                "github" | "junit" => {
                    let text = self.read(format);
                    assert!(text.contains("error") && text.contains("the run ended without an answer"), "{text}");
                }
                _ => assert_eq!(self.read(format), "old", "{format}"),
            }
        }
        down(&self.read("prometheus"), series);
        assert_eq!(files(&self.dir).len(), FORMATS.len(), "no temporary file is left");
    }
}

/// `up 0` of this series, the time of the run, and no figure.
#[track_caller]
fn down(text: &str, series: &str) {
    let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(samples[0], format!("replaudit_inventory_up{{{series}}} 0"));
    assert!(samples[1].starts_with(&format!("replaudit_inventory_last_run_timestamp_seconds{{{series}}} ")), "{text}");
    assert!(samples.len() == 2 || samples[2].starts_with("replaudit_inventory_last_success_"), "{text}");
    assert!(samples.len() <= 3, "{text}");
}

fn delivered() -> (Sandbox, String, String) {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.put("src", "good", b"12345");
    s3.put("src", "bad", b"1");
    s3.set_status("src", "bad", Some("FAILED"));
    let delivered = s3.deliver_inventory(Inventory::of("src").to("reports").id("daily").prefix("inv"));
    let address = format!("s3://{}/{}", delivered.bucket, delivered.manifest_key);
    (s3, address, delivered.data_keys[0].clone())
}

const SERIES: &str = "bucket=\"src\",config=\"daily\"";

#[test]
fn every_format_tells_the_same() {
    let (s3, address, _) = delivered();
    let files = Files::new();
    let table = with(&s3, &files.args(&["inventory", &address])).expect(1).silent();
    assert_eq!(files.read("table"), table.stdout);
    for (format, part) in [
        ("json", "\"FAILED\": {"),
        ("ndjson", "\"status\":\"FAILED\",\"objects\":1"),
        ("csv", "all,,FAILED,1,1,"),
        ("markdown", "| <code>FAILED</code> | 1 | 50.0% | 1 B |"),
        ("prometheus", "replaudit_inventory_objects{bucket=\"src\",config=\"daily\",status=\"FAILED\"} 1\n"),
        ("html", "<bdi>FAILED</bdi></td><td data-label=\"Objects\">1</td><td data-label=\"Share\">50.0%</td>"),
    ] {
        assert!(files.read(format).contains(part), "{format}: {}", files.read(format));
        let stdout = with(&s3, &["inventory", &address, "-o", format]).expect(1).silent().stdout;
        assert!(stdout.contains(part), "{format}: {stdout}");
    }
    let prometheus = files.read("prometheus");
    for metric in ["objects", "bytes"] {
        let replica = format!("replaudit_inventory_{metric}{{{SERIES},status=\"REPLICA\"}} 0\n");
        assert!(prometheus.contains(&replica), "{prometheus}");
    }
    for line in ["up", "pass"].iter().zip([1, 0]) {
        assert!(
            prometheus.contains(&format!("replaudit_inventory_{}{{{SERIES}}} {}\n", line.0, line.1)),
            "{prometheus}"
        );
    }
}

#[test]
fn without_an_answer_only_files_that_machines_watch_are_replaced() {
    let (s3, address, data) = delivered();
    let run = |files: &Files, args: &[&str]| with(&s3, &files.args(&[&["inventory"], args].concat())).expect(2);
    type Fail<'a> = Box<dyn Fn(&Files) -> Run + 'a>;
    let missing = address.replace("daily", "weekly");
    let table: [(Fail<'_>, &str); 9] = [
        (Box::new(|files| run(files, &[&address, "--bucket", "other"])), SERIES),
        (Box::new(|files| run(files, &[&missing])), "bucket=\"src\",config=\"weekly\""),
        (Box::new(|files| run(files, &[&missing, "--bucket", "src"])), "bucket=\"src\",config=\"weekly\""),
        (
            Box::new(|files| run(files, &["s3://reports/none/manifest.json", "--bucket", "src"])),
            "bucket=\"src\",config=\"\"",
        ),
        (Box::new(|files| run(files, &["/nonexistent/manifest.json"])), "bucket=\"\",config=\"\""),
        (Box::new(|files| run(files, &["s3://reports/inv/src/monthly/"])), "bucket=\"src\",config=\"monthly\""),
        (Box::new(|files| run(files, &["--bucket", "src"])), "bucket=\"src\",config=\"\""),
        (Box::new(|files| run(files, &["--bucket", "src", "--id", "hourly"])), "bucket=\"src\",config=\"hourly\""),
        (Box::new(|files| run(files, &[&address, "--prefix", "nothing/"])), SERIES),
    ];
    for (at, (fail, series)) in table.iter().enumerate() {
        let files = Files::new();
        let run = fail(&files);
        assert_eq!(run.stdout, "", "row {at}");
        files.say_nothing(series);
    }
    for fault in [
        Fault::on("GetObject").key(&data).status(403, "AccessDenied", "no"),
        Fault::on("GetObject").status(403, "AccessDenied", "no"),
    ] {
        s3.clear_faults();
        s3.fault(fault);
        let files = Files::new();
        run(&files, &[&address]).says(&["403"]);
        files.say_nothing(SERIES);
    }
}

#[test]
fn a_damaged_report_keeps_the_series_and_the_time_of_the_last_answer() {
    let report = Local::good();
    let files = Files::new();
    let run = |args: &[&str]| report.run(&files.args(args));
    run(&[]).expect(0);
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).map(str::to_owned);
    let success = line(&files.read("prometheus"), "replaudit_inventory_last_success_timestamp_seconds{");
    assert!(success.is_some());
    fs::write(report.dir.join("1.csv.gz"), "damaged").unwrap();
    for _ in 0..2 {
        run(&[]).expect(2);
        let text = files.read("prometheus");
        down(&text, "bucket=\"src\",config=\"\"");
        assert_eq!(line(&text, "replaudit_inventory_last_success"), success);
    }
    // The manifest can't be read either: the series is that of the file before.
    fs::write(report.dir.join("manifest.json"), "{").unwrap();
    run(&[]).expect(2);
    down(&files.read("prometheus"), "bucket=\"src\",config=\"\"");
    assert_eq!(line(&files.read("prometheus"), "replaudit_inventory_last_success"), success);
    let path = report.dir.display().to_string();
    let stdout =
        alone(&["inventory", &path, "--bucket", "src", "--max-age", "none", "-o", "prometheus"]).expect(2).stdout;
    down(&stdout, "bucket=\"src\",config=\"\"");
    let quiet = alone(&["inventory", &path, "--max-age", "none", "-o", "prometheus", "-q"]).expect(2);
    assert_eq!(quiet.stdout, "");
}

#[test]
fn a_result_that_can_t_be_written_is_no_answer_for_prometheus_either() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let prometheus = format!("prometheus={}/x.prom", dir.display());
    let nowhere = format!("json={}/none/x.json", dir.display());
    report.run(&["--write", &nowhere, "--write", &prometheus]).expect(2).says(&["/none/x.json"]);
    down(&fs::read_to_string(dir.join("x.prom")).unwrap(), "bucket=\"\",config=\"\"");
    let path = report.dir.display().to_string();
    let mut command = crate::support::program();
    command.args(["inventory", &path, "--max-age", "none", "--write", &prometheus]);
    command.stdout(fs::File::options().write(true).open("/dev/full").unwrap()).stderr(Stdio::null());
    assert_eq!(command.status().unwrap().code(), Some(2));
    down(&fs::read_to_string(dir.join("x.prom")).unwrap(), "bucket=\"src\",config=\"\"");
    assert_eq!(files(&dir), ["x.prom"]);
}

#[test]
fn a_reader_that_goes_away_takes_nothing_from_the_files() {
    let report = Local::good();
    let files = Files::new();
    let path = report.dir.display().to_string();
    let (read, write) = std::io::pipe().unwrap();
    drop(read);
    let mut command = crate::support::program();
    command.args(files.args(&["inventory", &path, "--max-age", "none"]));
    command.stdout(Stdio::from(write)).stderr(Stdio::piped());
    let run = finish(command.spawn().unwrap()).expect(2);
    assert_eq!(
        run.stderr,
        "error: writing to stdout: the program that reads it ended too early: Broken pipe (os error 32)\n"
    );
    for format in FORMATS {
        assert_ne!(files.read(format), "old", "{format}");
    }
}

#[test]
fn hostile_names_do_nothing_in_any_format() {
    let name = "x</title><script>alert(1)</script>\n::error::a\u{1b}[2J\u{202e}b|`";
    let hostile = |key: &str, status: &str| row(key, status).replace("\"src\"", &format!("\"{name}\""));
    let rows = [hostile("a", "COMPLETED"), hostile("b", "<script>alert(2)</script>"), hostile("c", "A|B`\u{202e}")];
    let report = Local::new(SCHEMA, &[("1.csv.gz", gzip(rows.concat().as_bytes()))]);
    report.edit(|manifest| manifest["sourceBucket"] = name.into());
    let files = Files::new();
    let json = report.run(&files.args(&[])).expect(1).silent().json();
    assert_eq!(json["report"]["source_bucket"], name);
    assert_eq!(json["statuses"]["A|B`\u{202e}"]["objects"], 1);
    for format in ["table", "markdown", "prometheus", "html"] {
        let text = files.read(format);
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("\n::error"), "{format}: {text}");
    }
    for format in ["markdown", "html"] {
        assert!(!files.read(format).contains("<script"), "{format}");
    }
}

#[test]
fn objects_come_in_the_formats_that_hold_them() {
    let s3 = replicated();
    s3.put("src", "<b>|`x`\n::error::y", b"x");
    s3.put("src", "fine", b"x");
    let args = ["status", "s3://src/fine", "s3://src/<b>|`x`\n::error::y", "s3://src/none", "-o", "markdown"];
    let text = with(&s3, &args).expect(1).silent().stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "| verdict | replication status | bucket | key | version ID | error | destinations |");
    assert!(
        lines[2]
            .starts_with("| <code>replicated</code> | <code>COMPLETED</code> | <code>src</code> | <code>fine</code> |")
    );
    assert!(lines[3].contains("<code>&#60;b&#62;&#124;&#96;x&#96;&#92;n&#58;&#58;error&#58;&#58;y</code>"), "{text}");
    assert!(lines[..5].iter().all(|line| line.matches('|').count() == 8), "{text}");
    assert_eq!(lines[5..], ["", "**3 objects: 1 not-found, 2 replicated**"]);
    let dry = with(&s3, &["safe-delete", "-n", "s3://src/fine", "-o", "markdown"]).expect(0).stdout;
    assert!(dry.starts_with("| outcome | reason |") && dry.contains("| <code>would-delete</code> |"), "{dry}");
    let empty = alone(&["status", "--allow-empty", "-o", "markdown"]).expect(0).stdout;
    assert_eq!(empty, "**0 objects**\n");
    s3.clear_requests();
    for command in ["status", "safe-delete"] {
        for format in ["prometheus", "html"] {
            let write = format!("{format}={}", Path::new("/nonexistent/x").display());
            for args in [["-o", format], ["--write", &write]] {
                with(&s3, &[command, "s3://src/fine", args[0], args[1]])
                    .expect(2)
                    .says(&[&format!("{command} does not write {format}"), "table, json, ndjson, csv, markdown"]);
            }
        }
    }
    assert!(s3.requests().is_empty());
}

#[test]
fn an_interrupted_run_gave_no_answer() {
    let (s3, address, data) = delivered();
    let files = Files::new();
    s3.fault(Fault::on("GetObject").key(&data).delay(std::time::Duration::from_secs(30)));
    let child = start(client(&s3, &files.args(&["inventory", &address])));
    until_asked(&s3, "GetObject", &data);
    signal(child.id(), Signal::SIGTERM);
    finish(child).expect(143);
    files.say_nothing(SERIES);
}
