//! Runs every example of the README and of docs/ against the embedded S3, and compares what it prints.
//!
//! A `console` block holds commands after `$ ` and what they print, standard error included. The blocks of a page run one after the
//! other in one shell and one empty folder, against a sandbox with the sample buckets. Only times, ages, ports and ids may differ; a
//! line `…` stands for any lines. `REPLAUDIT_REGENERATE=1 cargo test --test docs` writes what the commands print into the pages.
//!
//! A `sh` block is not run, because it may need AWS. Every `replaudit` command in it must be one that the command line accepts.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use replaudit_sandbox::Sandbox;

/// Stands between what two commands print.
const SEPARATOR: char = '\u{1e}';

/// A command of a page, and the lines below it.
#[derive(Debug)]
struct Example {
    command: String,
    shown: Vec<String>,
    /// The number of the line with the command, from 0, and of the line after the last one that is shown.
    lines: (usize, usize),
}

/// The pages at the top and below docs/.
fn pages() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root.join(name)).to_vec();
    walk(&root.join("docs"), &mut found);
    found.sort();
    found
}

/// The lines of all blocks of one language, with their numbers from 0.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<Vec<(usize, &'a str)>> {
    let fence = format!("```{language}");
    let mut found: Vec<Vec<(usize, &str)>> = Vec::new();
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        match inside {
            false if line == fence => found.push(Vec::new()),
            true if line == "```" => {}
            true => found.last_mut().expect("a block began").push((number, line)),
            false => continue,
        }
        inside = line != "```";
    }
    found
}

fn examples(text: &str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for block in blocks(text, "console") {
        for (at, (number, line)) in block.iter().enumerate() {
            if let Some(command) = line.strip_prefix("$ ") {
                found.push(Example { command: command.to_owned(), shown: Vec::new(), lines: (*number, number + 1) });
            } else {
                assert!(at > 0, "line {}: a console block begins with a command", number + 1);
                let example = found.last_mut().expect("a command came before");
                match line.strip_prefix("> ").filter(|_| example.shown.is_empty()) {
                    Some(more) => example.command += &format!("\n{more}"),
                    None => example.shown.push((*line).to_owned()),
                }
                example.lines.1 = number + 1;
            }
        }
    }
    found
}

/// Runs the commands of a page in one shell; returns the lines that each prints.
fn run(examples: &[Example]) -> Vec<Vec<String>> {
    let s3 = Sandbox::start().expect("the sandbox starts");
    replaudit_sandbox::demo::fill(&s3);
    let folder = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_BIN_EXE_replaudit")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut script = "exec 2>&1\nlast=0\n".to_owned();
    for Example { command, .. } in examples {
        // `$?` is that of the command before.
        script += &format!("(exit $last)\n{command}\nlast=$?\nprintf '{SEPARATOR}'\n");
    }
    let mut shell = Command::new("sh")
        .current_dir(folder.path())
        .env_clear()
        .envs(s3.env())
        .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8"), ("HOME", &folder.path().display().to_string())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh starts");
    shell.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("sh takes the script");
    let output = shell.wait_with_output().expect("sh ends");
    let text = String::from_utf8(output.stdout).expect("text");
    text.split_terminator(SEPARATOR).map(|printed| printed.lines().map(str::to_owned).collect()).collect()
}

/// A line without what differs from run to run, and without white space at its end or several blanks.
fn steady(line: &str) -> String {
    let hides = [
        (r"\d{4}-\d\d-\d\dT\d\d[:-]\d\d(:\d\d(\.\d+)?)?Z", "TIME"),
        (r"\b(\d+(d|h|m|s|ms) ?)+(ago|old)\b", "AGE"),
        // An id may begin or end with a dot.
        (r"(^|[^A-Za-z0-9._])[A-Za-z0-9._]{32}([^A-Za-z0-9_]|$)", "${1}ID${2}"),
        (r"127\.0\.0\.1:\d+", "SERVER"),
        // Version IDs are random, so the length of a compressed report is too.
        (r"(\d+ files?), [0-9.]+ [A-Z]i?B?", "${1}, SIZE"),
        (r" +", " "),
    ];
    let mut line = line.to_owned();
    for (pattern, word) in hides {
        line = regex_lite::Regex::new(pattern).expect("a pattern").replace_all(&line, word).into_owned();
    }
    line.trim_end().to_owned()
}

/// Whether what was printed is what a page shows.
fn is_shown(printed: &[String], shown: &[String]) -> bool {
    match (printed, shown) {
        (_, [first, rest @ ..]) if first == "…" => (0..=printed.len()).any(|from| is_shown(&printed[from..], rest)),
        ([line, printed @ ..], [expected, shown @ ..]) => steady(line) == steady(expected) && is_shown(printed, shown),
        (printed, shown) => printed.is_empty() && shown.is_empty(),
    }
}

#[test]
fn every_example_prints_what_its_page_shows() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).expect("the page is read");
        let examples = examples(&text);
        if examples.is_empty() {
            continue;
        }
        let printed = run(&examples);
        assert_eq!(printed.len(), examples.len(), "{}: every command ran", path.display());
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (Example { command, shown, lines: (from, to) }, printed) in examples.iter().zip(&printed).rev() {
            count += 1;
            if !is_shown(printed, shown) {
                let (at, real) = (from + 1, printed.join("\n"));
                wrong += &format!("{}:{at}\n$ {command}\nprints:\n{real}\n\nshown: {shown:#?}\n", path.display());
                let commands = command.lines().count();
                lines.splice(from + commands..*to, printed.iter().map(|line| line.trim_end().to_owned()));
            }
        }
        if std::env::var_os("REPLAUDIT_REGENERATE").is_some() {
            fs::write(&path, lines.join("\n") + "\n").expect("the page is written");
        }
    }
    assert!(count >= 8, "{count} examples were found");
    assert!(wrong.is_empty(), "{wrong}");
}

/// The arguments of every `replaudit` command in a line of a shell script, a crontab, a unit or a workflow.
fn commands(line: &str) -> Vec<Vec<String>> {
    let parts = line.split(['|', ';', '&', '>', '#', '`']);
    let arguments = |part: &str| {
        let words = shlex::split(part.trim().trim_end_matches('\\').trim_end_matches('…')).unwrap_or_default();
        let at = words.iter().position(|word| word.rsplit(['/', '=']).next() == Some("replaudit"))?;
        // What comes before is a schedule, a key of YAML, or a command that runs another one.
        let runs = words[..at].iter().all(|word| {
            !["git", "gh", "cargo", "cd", "install", "name:", "image:", "role-to-assume:", "serviceAccountName:"]
                .contains(&word.as_str())
        });
        runs.then(|| std::iter::once("replaudit".to_owned()).chain(words[at + 1..].iter().cloned()).collect())
    };
    parts.filter_map(arguments).collect()
}

#[test]
fn every_command_of_a_page_is_one_that_the_command_line_accepts() {
    let mut count = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).expect("the page is read");
        for (number, line) in
            ["sh", "yaml", "cron", "ini"].iter().flat_map(|language| blocks(&text, language)).flatten()
        {
            for command in commands(line) {
                count += 1;
                // `--version` is an error without a message on stderr.
                if let Err(error) = replaudit::command_line().try_get_matches_from(&command) {
                    assert!(!error.use_stderr(), "{}:{}: {command:?}\n{error}", path.display(), number + 1);
                }
            }
        }
    }
    assert!(count >= 15, "{count} commands were found");
}

#[test]
fn every_link_leads_to_a_page_and_every_page_is_in_the_summary() {
    let link = regex_lite::Regex::new(r"\]\(([^)#]+)(#[^)]*)?\)").expect("a pattern");
    let mut linked = std::collections::BTreeSet::new();
    for path in pages() {
        let text = fs::read_to_string(&path).expect("the page is read");
        for target in
            link.captures_iter(&text).map(|found| found[1].to_owned()).filter(|target| !target.contains("://"))
        {
            let target = path.parent().expect("a folder").join(&target);
            let found = target
                .canonicalize()
                .unwrap_or_else(|error| panic!("{}: {}: {error}", path.display(), target.display()));
            if path.ends_with("docs/SUMMARY.md") {
                linked.insert(found);
            }
        }
    }
    for path in pages().iter().filter(|path| path.to_string_lossy().contains("/docs/")) {
        assert!(
            path.ends_with("SUMMARY.md") || linked.contains(&path.canonicalize().expect("it is there")),
            "{} is in SUMMARY.md",
            path.display()
        );
    }
}
