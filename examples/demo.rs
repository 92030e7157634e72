//! Shows the commands on an embedded S3 with the sample buckets of `replaudit-sandbox serve --demo`. No account, no
//! container.
//!
//! `cargo run --example demo`. The example starts itself again as the program, so each command line runs in its own
//! process and has a real exit code. `cargo run --example demo -- --serve 9000` serves the sample buckets instead, with what
//! is already built.
#![expect(clippy::print_stdout, reason = "a demonstration prints")]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use replaudit_sandbox::{Sandbox, demo};

const AS_PROGRAM: &str = "--as-replaudit";

fn main() -> ExitCode {
    let mut program_args = std::env::args_os().skip(1);
    if program_args.next().is_some_and(|first| first == AS_PROGRAM) {
        let args = std::iter::once("replaudit".into()).chain(program_args);
        return replaudit::run(args, at_once, replaudit::StandardStreams::OPEN).into();
    }
    let mut args = std::env::args().skip(1);
    let done = match args.next().as_deref() {
        None => show(),
        Some("--serve") => serve(&args.next().unwrap_or_else(|| "9000".to_owned())),
        Some(other) => Err(format!("{other:?} is not known: give no argument, or --serve PORT").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "here the example is the program")]
fn at_once(status: replaudit::ExitStatus) {
    std::process::exit(status.code().into());
}

/// Serves the sample buckets until Ctrl-C.
fn serve(port: &str) -> Result<(), Box<dyn Error>> {
    let port = port.parse().map_err(|_| format!("--serve needs a port number, not {port:?}"))?;
    let s3 = Sandbox::builder().port(port).start().map_err(|error| format!("serving on 127.0.0.1:{port}: {error}"))?;
    demo::fill(&s3);
    for (name, value) in s3.client_env() {
        println!("export {name}={}", shlex::try_quote(&value)?);
    }
    loop {
        std::thread::park();
    }
}

fn show() -> Result<(), Box<dyn Error>> {
    let s3 = Sandbox::start()?;
    demo::fill(&s3);
    let folder = tempfile::tempdir()?;
    let run = |args: &[&str]| run(&s3, folder.path(), args);
    println!("An embedded S3 listens on {}. It has these buckets, and more:", s3.endpoint());
    println!("  demo-source     versioned; one rule replicates every key to demo-replica");
    println!("  demo-replica    versioned, in another Region");
    println!("  demo-reports    the inventory reports of demo-source");
    println!("  demo-broken     replication and inventory are set up wrongly");
    println!(
        "  demo-archive    versioned; replicated to demo-archive-replica in another Region; both have inventories"
    );

    say("Is this object replicated? Exit code 0 means yes.");
    run(&["status", "s3://demo-source/reports/replicated.csv"])?;
    say("Are all objects under this prefix? Exit code 1 means no. An object without a status is not replicated.");
    run(&["status", "--recursive", "s3://demo-source/reports/"])?;
    say("Why is there no status?");
    run(&["status", "--explain", "s3://demo-source/reports/before-the-rule.csv"])?;
    say("COMPLETED describes the past. Does the replica still exist?");
    run(&["status", "--verify-replica", "s3://demo-source/reports/lost-replica.csv"])?;
    say("If the answer is not known, the exit code is 2.");
    run(&["status", "s3://demo-sauce/reports/replicated.csv"])?;

    say("Is the whole bucket replicated? Its newest inventory report has the totals.");
    run(&["inventory", "--bucket", "demo-source"])?;

    say("COMPLETED describes the past here too. Two inventories show that three replicas of another bucket are lost.");
    run(&["reconcile", "--bucket", "demo-archive", "--by", "prefix"])?;

    say("A broken set-up, in three commands. First: what is set up wrongly?");
    run(&["doctor", "demo-broken", "--only", "fail,unknown"])?;
    say("Which objects have no replica? Without a status in the report, the answer is not known.");
    run(&["inventory", "--bucket", "demo-broken", "--by", "rule"])?;
    say("The report of the day after the column was added shows which rules apply, and why objects are uncovered.");
    run(&["inventory", "s3://demo-reports/repaired/demo-broken/sizes/", "--by", "rule"])?;
    say("Why did the others fail? S3 writes the reasons to the completion report of a batch job.");
    run(&["reasons", "s3://demo-reports/batch/job-broken/manifest.json"])?;

    let objects =
        ["replicated", "failed", "before-the-rule"].map(|name| format!("s3://demo-source/reports/{name}.csv"));
    let objects = objects.each_ref().map(String::as_str);
    say("Which of these objects may be deleted? A dry run deletes nothing.");
    run(&[&["safe-delete", "--dry-run"], &objects[..]].concat())?;
    say("Delete them. Only the replicated object is hidden behind a delete marker. The others are kept.");
    let report = run(&[&["safe-delete", "--yes", "-o", "json"], &objects[..]].concat())?;
    std::fs::write(folder.path().join("deleted.json"), report)?;
    println!("(this output is saved as deleted.json)");
    show_keys(&s3);
    say("Undo it: this removes the delete marker that the report names.");
    run(&["undo", "--yes", "deleted.json"])?;
    show_keys(&s3);
    Ok(())
}

fn say(text: &str) {
    println!("\n# {text}");
}

fn show_keys(s3: &Sandbox) {
    println!("\ndemo-source lists these keys now:");
    for key in s3.keys("demo-source") {
        println!("  {key}");
    }
}

/// Runs the program; prints the command line, its output and its exit code. Returns what it wrote to stdout.
fn run(s3: &Sandbox, folder: &Path, args: &[&str]) -> Result<Vec<u8>, Box<dyn Error>> {
    println!("$ replaudit {}", shlex::try_join(args.iter().copied())?);
    let mut program = Command::new(std::env::current_exe()?);
    let output = program.arg(AS_PROGRAM).args(args).current_dir(folder).envs(s3.env()).output()?;
    print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("exit code {}", output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string()));
    Ok(output.stdout)
}
