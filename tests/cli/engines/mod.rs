//! `sql`, `--figures` and `--engine`: what an engine is asked, and which of its answers are believed.

mod athena;
mod athena_end;
mod athena_server;
mod figures;
mod spark;
mod statements;

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

/// The JSON of a run without what differs between engines.
fn without_facts(run: &Run) -> serde_json::Value {
    let mut json = run.json();
    let report = json["report"].as_object_mut().expect("report facts");
    ["verified", "figures", "age_seconds"].iter().for_each(|name| drop(report.remove(*name)));
    json
}
