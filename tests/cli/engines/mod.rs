//! `sql`, `--figures` and `--engine`: what an engine is asked, and which of its answers are believed.

mod athena;
mod athena_end;
mod athena_export;
pub(crate) mod athena_server;
mod figures;
mod spark;
mod spark_export;
mod statements;

use std::fs;

use replaudit_sandbox::{Bucket, Sandbox};
use serde_json::Value;

use crate::support::report::Local;
use crate::support::{Run, alone};

/// The statements for a report.
fn sql(report: &Local, dialect: &str, more: &[&str]) -> Run {
    let path = report.dir.display().to_string();
    let mut args = vec!["sql", &path, "--max-age", "none", "--dialect", dialect];
    args.extend(more);
    alone(&args)
}

/// What a complete engine answers about [`Local::good`], with cells between tabs.
fn good_figures(report: &Local) -> String {
    let statements = sql(report, "spark", &[]).expect(0).silent().stdout;
    let mark = statements.split("CAST('spark/").nth(1).expect("a mark").split('\'').next().expect("its end").to_owned();
    let null = "NULL\tNULL\tNULL";
    format!(
        "all\t\tCOMPLETED\t3\t15\t2024-05-06T22:44:22Z\t2024-05-06T22:44:22Z\n\
         overdue\t\t\t0\t0\tNULL\tNULL\n\
         rows\tscanned\t\t3\t{null}\nrows\tin-scope\t\t3\t{null}\n\
         invalid\tbucket\t\t0\t{null}\ninvalid\tsettings\t\t0\t{null}\n\
         files\t\t\t2\t{null}\nquestion\tspark/{mark}\t\t0\t{null}\nend\t\t\t9\t{null}\n"
    )
}

/// Puts a report of [`Local`] into a new bucket, as S3 delivers it; returns the address of its manifest.
pub(crate) fn deliver(s3: &Sandbox, bucket: &str, region: &str, report: &Local) -> String {
    s3.create_bucket(Bucket::new(bucket).region(region));
    for entry in fs::read_dir(&report.dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let folder = if name.starts_with("manifest") { "src/daily/2024-05-07T01-00Z" } else { "data" };
        s3.put(bucket, &format!("inv/{folder}/{name}"), fs::read(&path).unwrap());
    }
    let manifest: Value = serde_json::from_slice(&fs::read(report.dir.join("manifest.json")).unwrap()).unwrap();
    let keys = manifest["files"].as_array().unwrap().iter().map(|file| file["key"].as_str().unwrap());
    let lines: Vec<String> = keys.map(|key| format!("s3://{bucket}/{key}")).collect();
    s3.put(bucket, SYMLINK, lines.join("\n"));
    format!("s3://{bucket}/inv/src/daily/2024-05-07T01-00Z/manifest.json")
}

/// The key of symlink.txt.
pub(crate) const SYMLINK: &str = "inv/src/daily/hive/dt=2024-05-07-01-00/symlink.txt";

/// Figures as Athena gives them: `MARK` stands for the mark of the question.
pub(crate) fn of_athena(figures: &str) -> String {
    let (before, rest) = figures.split_once("spark/").unwrap();
    let (_, after) = rest.split_once('\t').unwrap();
    format!("{before}athena/MARK\t{after}")
}

/// The JSON of a run without what differs between engines.
fn without_facts(run: &Run) -> serde_json::Value {
    let mut json = run.json();
    let report = json["report"].as_object_mut().expect("report facts");
    ["verified", "figures", "age_seconds"].iter().for_each(|name| drop(report.remove(*name)));
    json
}
