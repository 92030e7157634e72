//! The sandbox as a program: `serve` prints the environment to paste and runs until Ctrl-C or SIGTERM, so that people
//! can rehearse their own scripts with their own tools.

mod load;

use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use load::{FolderBucket, bucket_name, crowd};
use replaudit_sandbox::{Bucket, Sandbox, Versioning, demo};

/// An S3 with replication, in memory, on 127.0.0.1.
#[derive(Parser)]
#[command(name = "replaudit-sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until Ctrl-C; prints the environment lines to paste.
    Serve(Serve),
}

#[derive(Args)]
struct Serve {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 9000)]
    port: u16,
    /// Region of buckets that name none.
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// A versioned bucket to begin with; can be repeated.
    #[arg(long, value_name = "NAME", value_parser = bucket_name)]
    bucket: Vec<String>,
    /// A versioned bucket with every file below a folder, and a report's data files also at the
    /// keys its manifest.json names; can be repeated. Requests are not logged then.
    #[arg(long, value_name = "BUCKET=FOLDER")]
    load: Vec<FolderBucket>,
    /// Sample buckets: a source with a rule, its replica in another Region, a report.
    #[arg(long)]
    demo: bool,
    /// A bucket with this number of objects, of which those under one prefix began to fail yesterday, and its reports.
    #[arg(long, value_name = "OBJECTS", num_args = 0..=1, default_missing_value = "200000")]
    demo_large: Option<u32>,
    /// A versioned bucket with this number of objects, all replicated to BUCKET-replica; can be repeated. Requests are
    /// not logged then.
    #[arg(long, value_name = "BUCKET=NUMBER", value_parser = crowd)]
    objects: Vec<(String, u32)>,
    /// Answer ListObjectAnnotations with 501, as servers other than AWS do.
    #[arg(long)]
    no_annotations: bool,
}

fn main() -> ExitCode {
    let Command::Serve(serve) = Cli::parse().command;
    match run(&serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn run(serve: &Serve) -> Result<(), String> {
    let serving = |error: std::io::Error| format!("serving on 127.0.0.1:{}: {error}", serve.port);
    let s3 = Sandbox::builder().port(serve.port).region(&serve.region).workers(2).start().map_err(serving)?;
    let loaded = serve.load.iter().map(|load| &load.bucket);
    for name in serve.bucket.iter().chain(loaded).collect::<BTreeSet<_>>() {
        s3.create_bucket(Bucket::new(name).versioning(Versioning::Enabled));
    }
    s3.dialect(|dialect| dialect.annotations_unknown = serve.no_annotations);
    if serve.demo {
        demo::fill(&s3);
    }
    if let Some(count) = serve.demo_large {
        demo::fill_large(&s3, count);
    }
    // A benchmark's requests would pile up, and each of them wait for the log.
    s3.log_requests(serve.load.is_empty() && serve.objects.is_empty());
    for (bucket, number) in &serve.objects {
        demo::fill_crowd(&s3, bucket, *number);
    }
    for load in &serve.load {
        load.fill(&s3)?;
    }
    wait(|| say(&s3)).map_err(serving)
}

/// The lines to paste, flushed line by line so that a script can wait for them.
#[expect(clippy::print_stdout, reason = "these lines are what the program is run for")]
fn say(s3: &Sandbox) {
    for (name, value) in s3.client_env() {
        println!("export {name}={}", quoted(&value));
    }
}

#[expect(clippy::print_stderr, reason = "the one place that reports a failed start")]
fn complain(message: &str) {
    eprintln!("{message}");
}

/// A word as a POSIX shell reads it back.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// Waits for Ctrl-C or SIGTERM. Both are handled before the environment is printed.
fn wait(ready: impl FnOnce()) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut term = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            ready();
            tokio::select! {
                _ = term.recv() => Ok(()),
                _ = interrupt.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        {
            ready();
            tokio::signal::ctrl_c().await
        }
    })
}
