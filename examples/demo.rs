//! Shows the three commands as a user would run them, on an embedded S3 with sample buckets: no account, no container.
//!
//! `cargo run --release --example demo`. The example starts itself again as the program, so that each command line is
//! a process of its own with a real exit code.
#![expect(clippy::print_stdout, reason = "a demonstration prints")]

use std::error::Error;
use std::process::{Command, ExitCode};
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Inventory, Rule, Sandbox, Versioning};

const AS_PROGRAM: &str = "--as-replaudit";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    if args.next().is_some_and(|first| first == AS_PROGRAM) {
        return replaudit::run(std::iter::once("replaudit".into()).chain(args), at_once, true).into();
    }
    match demo() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "it stands for the program here")]
fn at_once(status: replaudit::ExitStatus) {
    std::process::exit(status.code().into());
}

fn demo() -> Result<(), Box<dyn Error>> {
    let s3 = Sandbox::start()?;
    let manifest = furnish(&s3);
    println!("An S3 of our own listens on {}. It holds:", s3.endpoint());
    println!("  photos          versioned, replicates 2026/ to photos-copy");
    println!("  photos-copy     versioned, in another Region");
    println!("  reports         the inventory reports of photos");

    say("Is this object replicated?");
    run(&s3, &["status", "s3://photos/2026/beach.jpg"])?;
    say("Are these? An absent status passes every \"not FAILED\" script. Not this one.");
    run(
        &s3,
        &[
            "status",
            "s3://photos/2026/beach.jpg",
            "s3://photos/2026/forest.jpg",
            "s3://photos/2026/upload.mov",
            "s3://photos/2019/old.jpg",
            "s3://photos-copy/2026/beach.jpg",
        ],
    )?;
    say("In a script the exit code is the answer:");
    run(&s3, &["status", "-q", "s3://photos/2026/forest.jpg"])?;
    say("What can't be asked is not a no, and never a yes:");
    run(&s3, &["status", "s3://fotos/2026/beach.jpg"])?;
    say("Is the whole bucket? Its inventory report tells, every file checked by MD5:");
    run(&s3, &["inventory", &manifest])?;
    say("The same for a machine, under one prefix:");
    run(&s3, &["inventory", &manifest, "--prefix", "2026/b", "-o", "csv"])?;
    say("May these be deleted? Look first:");
    let delete =
        ["safe-delete", "s3://photos/2026/beach.jpg", "s3://photos/2026/forest.jpg", "s3://photos/2019/old.jpg"];
    let with = |flag| [&delete[..], &[flag]].concat();
    run(&s3, &with("--dry-run"))?;
    say(
        "Then do it: only what is proven replicated goes, behind a delete marker bound to the version that was checked.",
    );
    run(&s3, &with("--yes"))?;
    say("The bucket holds now:");
    for key in s3.keys("photos") {
        println!("  s3://photos/{key}");
    }
    Ok(())
}

/// Buckets with every kind of trouble; returns the address of an inventory report.
fn furnish(s3: &Sandbox) -> String {
    s3.create_bucket(Bucket::new("photos").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("photos-copy").region("eu-central-1").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("reports"));
    s3.put("photos", "2019/old.jpg", b"written before the rule");
    s3.replicate("photos", [Rule::new("2026").to("photos-copy").prefix("2026/")]);
    s3.fail("photos", "2026/forest");
    s3.stick("photos", "2026/upload");
    for key in ["2026/beach.jpg", "2026/bridge.jpg", "2026/a b+c.jpg", "2026/forest.jpg", "2026/upload.mov"] {
        s3.put("photos", key, b"a picture");
    }
    s3.set_last_modified("photos", "2026/upload.mov", SystemTime::now() - Duration::from_secs(3 * 86_400));
    let report = s3.deliver_inventory(Inventory::of("photos").to("reports").id("daily").prefix("inventory"));
    format!("s3://{}/{}", report.bucket, report.manifest_key)
}

fn say(text: &str) {
    println!("\n# {text}");
}

/// Runs the program and shows command line, output and exit code.
fn run(s3: &Sandbox, args: &[&str]) -> Result<(), Box<dyn Error>> {
    println!("$ replaudit {}", shlex::try_join(args.iter().copied())?);
    let output = Command::new(std::env::current_exe()?).arg(AS_PROGRAM).args(args).envs(s3.env()).output()?;
    print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("exit code {}", output.status.code().map_or_else(|| "none".to_owned(), |code| code.to_string()));
    Ok(())
}
