//! `--figures`: an engine's answer, from a file or stdin.

use std::fs;
use std::process::Stdio;

use super::{good_figures, without_facts};
use crate::support::report::Local;
use crate::support::{alone, program, run};

/// The answer of an engine, in a file beside the report.
fn answered(report: &Local, figures: &str, more: &[&str]) -> crate::support::Run {
    let file = report.dir.join("figures");
    fs::write(&file, figures).unwrap();
    let file = file.display().to_string();
    let mut args = vec!["--figures", &file];
    args.extend(more);
    report.run(&args)
}

/// The same cells as CSV, as another engine prints them.
fn as_csv(figures: &str) -> String {
    let header = "dimension,value,status,objects,bytes,oldest,newest\r\n";
    header.to_owned()
        + &figures.replace("NULL", "").replace("spark/", "duckdb/").replace('\t', ",").replace('\n', "\r\n")
}

#[test]
fn complete_figures_give_the_same_answer() {
    let report = Local::good();
    let local = report.run(&[]).expect(0).silent();
    for figures in [good_figures(&report), as_csv(&good_figures(&report))] {
        let run = answered(&report, &figures, &[]).expect(0).silent();
        assert_eq!(without_facts(&run), without_facts(&local));
        let json = run.json();
        assert_eq!(json["report"]["verified"], "none");
        assert!(json["report"]["figures"].as_str().unwrap().ends_with("/figures"), "{json}");
        // Limits are those of the command line.
        answered(&report, &figures, &["--fail-on", "replica", "--fail-on", "pending"]).expect(0);
        let (path, file) = (report.dir.display().to_string(), report.dir.join("figures").display().to_string());
        for (format, says) in
            [("table", "figures from"), ("markdown", "did not read the rows"), ("html", "figures come from")]
        {
            let run = alone(&["inventory", &path, "--max-age", "none", "--figures", &file, "-o", format]).expect(0);
            assert!(run.stdout.contains(says), "{format}: {}", run.stdout);
        }
    }
}

#[test]
fn figures_arrive_through_a_pipe() {
    let report = Local::good();
    let figures = report.dir.join("figures.tsv");
    fs::write(&figures, good_figures(&report)).unwrap();
    let mut command = program();
    command.args(["inventory", &report.dir.display().to_string(), "--max-age", "none", "--figures", "-", "-o", "json"]);
    command.stdin(Stdio::from(fs::File::open(&figures).unwrap()));
    let json = run(command).expect(0).silent().json();
    assert_eq!(json["report"]["figures"], "stdin");
}

/// A data file without its last gzip member is still a valid file.
#[test]
fn figures_of_files_that_have_another_size_are_refused() {
    let report = Local::good();
    let figures = good_figures(&report);
    answered(&report, &figures, &[]).expect(0);
    let is_data = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "gz");
    let data = fs::read_dir(&report.dir).unwrap().map(|entry| entry.unwrap().path()).find(is_data).unwrap();
    let bytes = fs::read(&data).unwrap();
    fs::write(&data, [&bytes[..], b"x"].concat()).unwrap();
    answered(&report, &figures, &[]).expect(2).says(&["can't be trusted", &format!("{}", bytes.len() + 1)]);
    answered(&report, &figures, &["--no-verify"]).expect(0);
}

#[test]
fn incomplete_figures_are_refused() {
    let report = Local::good();
    let good = good_figures(&report);
    let lines: Vec<&str> = good.lines().collect();
    let without = |word: &str| {
        lines.iter().filter(|line| !line.starts_with(word)).map(|line| format!("{line}\n")).collect::<String>()
    };
    let table: [(String, &str); 12] = [
        (String::new(), "printed nothing"),
        ("Segmentation fault\n".to_owned(), "line 1: a row has 7 cells"),
        (good[..good.len() / 2].to_owned(), "can't be trusted"),
        (without("end"), "there is no row end"),
        (without("all").replace("end\t\t\t9", "end\t\t\t8"), "should be equal"),
        (format!("{}\n{good}", lines[0]), "line 2: the row all \"COMPLETED\" is there twice"),
        (good.clone() + lines[0] + "\n", "line 10: the row all \"COMPLETED\" is there twice"),
        (good.replace("\t3\t15\t", "\t2\t15\t"), "2 and 3 should be equal"),
        (good.replace("files\t\t\t2", "files\t\t\t1"), "rows of 1 data file, and the report has 2"),
        (good.replace("spark/", "spark/0"), "they answer another question"),
        (good.replace("invalid\tbucket\t\t0", "invalid\tbucket\t\t2"), "2 rows were refused because of \"bucket\""),
        (good.replace("settings\t\t0", "settings\t\t1"), "does not use the settings"),
    ];
    for (figures, says) in table {
        let run = answered(&report, &figures, &[]).expect(2).says(&["can't be trusted", says]);
        assert_eq!(run.stdout, "");
    }
    // The same figures do not answer another question.
    for options in [["--prefix", "a"], ["--overdue", "1h"], ["--by", "prefix"]] {
        answered(&report, &good, &options).expect(2).says(&["another question"]);
    }
    answered(&report, &good, &["--current"]).expect(2).says(&["another question"]);
    let path = report.dir.display().to_string();
    alone(&["inventory", &path, "--max-age", "none", "--figures", "/nowhere"]).expect(2).says(&["opening the figures"]);
    answered(&report, &good, &["--confirm"]).expect(2).says(&["--confirm needs the rows of the report"]);
}
