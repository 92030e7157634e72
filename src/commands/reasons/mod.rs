//! `reasons`: reads what S3 wrote about failed replication, and says why, what it means and what to do.
//!
//! The failed objects of a file are kept in a temporary file until it was read whole: only then they are shown and counted.

mod input;
mod join;
mod options;
mod read_file;

use anyhow::{Context as _, Result};
use s3_failures::{Content, FailedObject};

pub(crate) use self::input::ReasonsInput;
pub(crate) use self::options::{JoinOptions, ReasonsOptions};

use self::input::Inputs;
use self::options::PAUSE_AFTER;
use self::read_file::{FileRead, FileReader, ListedFailures};
use super::Context;
use super::command_end::CommandEnd;
use crate::exit::ExitStatus;
use crate::output::{ReasonsForm, RowTargets, failed_tasks, plural};
use crate::reasons::{JoinSums, JoinTable, JoinedLine, ReasonTally, ReasonsReport, UnreadFile};

/// The report names no more unread files than this; all are printed.
const MOST_UNREAD: usize = 100;

pub(super) async fn run(options: ReasonsOptions, context: &Context) -> Result<CommandEnd> {
    let mut targets = context.targets()?;
    let outputs = targets.files().clone();
    if options.inputs.contains(&ReasonsInput::Stdin) {
        context.needs_stdin()?;
        outputs.spare_stdin("a file that is read")?;
    }
    let inputs = Inputs::new(&options.inputs, &outputs)?;
    let ended = match &options.join {
        None => {
            let mut rows = targets.failed_rows::<FailedObject>();
            let reader = FileReader::new(&options, !rows.is_empty(), context);
            let mut run = ReasonsRun::new(&reader, Failures::Rows(&mut rows));
            let read = run.until_signal(inputs, &reader, context).await;
            run.report(read, &options, context)?.map(|report| (rows.end(&report), report))
        }
        Some(join) => {
            outputs.spare(&join.file, "the file of --join")?;
            let mut rows = targets.failed_rows::<JoinedLine>();
            let reader = FileReader::new(&options, true, context);
            let mut run = ReasonsRun::new(&reader, Failures::Table(JoinTable::of_memory(join.memory)));
            let mut read = run.until_signal(inputs, &reader, context).await;
            if matches!(read, Ok(Ok(())))
                && let Failures::Table(table) = &run.failures
            {
                let joined = tokio::select! {
                    biased;
                    signal = context.signals.wait() => Err(signal),
                    joined = join::join(join, table, &mut rows) => Ok(joined),
                };
                read = joined.map(|joined| joined.map(|sums| run.joined = Some(sums)));
            }
            run.report(read, &options, context)?.map(|report| (rows.end(&report), report))
        }
    };
    let (written, report) = match ended {
        Ok(ended) => ended,
        Err(end) => return Ok(end),
    };
    if !report.complete {
        context.say_kept(&targets.keep_whole());
    }
    let delivered = written.and_then(|()| {
        targets.deliver(|out, format, style| match format.write_reasons {
            ReasonsForm::Report(write) => write(&report, out, style),
            ReasonsForm::Objects | ReasonsForm::None => Ok(()),
        })
    });
    if let Err(error) = delivered {
        return Ok(context.undelivered(&error));
    }
    Ok(match report.exit() {
        ExitStatus::No => CommandEnd::new(ExitStatus::No, failed_tasks(&report)),
        exit => CommandEnd::explained(exit),
    })
}

/// Where failed objects go.
enum Failures<'a, 'b> {
    /// To the outputs that list them.
    Rows(&'a mut RowTargets<'b, FailedObject, ReasonsReport>),
    /// To the table that an export is joined with.
    Table(JoinTable),
}

/// What was read so far.
struct ReasonsRun<'a, 'b> {
    tally: ReasonTally,
    failures: Failures<'a, 'b>,
    joined: Option<JoinSums>,
    /// Files with tasks or events that were read whole.
    files: u64,
    unread: Vec<UnreadFile>,
    /// Failures that no list can name.
    unnamed: u64,
}

/// How reading ended, or which signal came first.
type ReadEnd = Result<Result<()>, ExitStatus>;

impl<'a, 'b> ReasonsRun<'a, 'b> {
    fn new(reader: &FileReader, failures: Failures<'a, 'b>) -> Self {
        let tally = ReasonTally::new(reader.limit);
        Self { tally, failures, joined: None, files: 0, unread: Vec::new(), unnamed: 0 }
    }

    async fn until_signal(&mut self, inputs: Inputs<'_>, reader: &FileReader, context: &Context) -> ReadEnd {
        tokio::select! {
            biased;
            signal = context.signals.wait() => Err(signal),
            read = self.read_all(inputs, reader, context) => Ok(read),
        }
    }

    async fn read_all(&mut self, mut inputs: Inputs<'_>, reader: &FileReader, context: &Context) -> Result<()> {
        while let Some(input) = inputs.next() {
            let name = input.to_string();
            let read = match inputs.open(&input, context).await {
                Ok(opened) => reader.read(opened).await,
                Err(error) => Err(error.into()),
            };
            let contradicted = read.as_ref().ok().and_then(|read| {
                let is_manifest = matches!(read.content, Content::Manifest(_));
                input.check(is_manifest, read.tally.succeeded(), read.tally.failed()).err()
            });
            if let Some(contradicted) = contradicted {
                self.not_read(name, None, contradicted.to_string(), context);
                continue;
            }
            match read {
                Ok(FileRead { content: Content::Manifest(manifest), .. }) => {
                    let found = inputs.add_results(&input, &manifest);
                    inputs.spare_outputs()?;
                    if let Err(error) = found {
                        self.not_read(name, None, format!("{error:#}"), context);
                    }
                }
                Ok(FileRead { content: Content::Tasks | Content::Empty, tally, listed }) => {
                    self.tally.merge(tally).with_context(|| format!("adding up {name}"))?;
                    self.files += 1;
                    if let Some(listed) = listed {
                        self.take(listed).await?;
                    }
                }
                Err(unread) => self.not_read(name, unread.line, unread.error, context),
            }
        }
        Ok(())
    }

    /// Hands on the failed objects of a file that was read whole.
    async fn take(&mut self, listed: ListedFailures) -> Result<()> {
        for (at, object) in listed.objects()?.enumerate() {
            let object = object?;
            if !object.is_named() {
                self.unnamed += 1;
                continue;
            }
            match &mut self.failures {
                Failures::Rows(rows) => rows.row(&object)?,
                Failures::Table(table) => table.add(&object)?,
            }
            if at.is_multiple_of(PAUSE_AFTER) {
                // A signal is noticed then.
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    fn not_read(&mut self, file: String, line: Option<u64>, error: String, context: &Context) {
        let at = line.map(|line| format!("line {line}: ")).unwrap_or_default();
        context.printer.error(format!("{file}: {at}{error}; nothing of this file is counted"));
        if self.unread.len() < MOST_UNREAD {
            self.unread.push(UnreadFile { file, line, error });
        }
    }

    /// The result, or how a run without one ends.
    fn report(
        self,
        read: ReadEnd,
        options: &ReasonsOptions,
        context: &Context,
    ) -> Result<Result<ReasonsReport, CommandEnd>> {
        match read {
            Ok(read) => read?,
            Err(signal) => {
                let files = plural(self.files, "file");
                context.printer.error(format!("interrupted: {files} had been read, so there is no result"));
                return Ok(Err(CommandEnd::explained(signal)));
            }
        }
        if self.unnamed > 0 {
            let are = if self.unnamed == 1 { "is" } else { "are" };
            context.printer.note(format!(
                "{} {are} not listed, because CloudTrail does not name the source bucket there (--source-bucket) or names no key",
                plural(self.unnamed, "failure")
            ));
        }
        if self.tally.is_empty() && self.unread.is_empty() && !context.allow_empty {
            return Ok(Err(Context::no_answer("the files contain no task and no event of replication")));
        }
        Ok(Ok(ReasonsReport::new(self.tally, self.files, options.top, self.unread, self.joined)))
    }
}
