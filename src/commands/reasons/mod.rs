//! `reasons`: reads what S3 wrote about failed replication, and says why, what it means and what to do.
//!
//! The failed objects of a file are kept in a temporary file until it was read whole: only then they are shown and counted.

mod input;
mod read_file;

use anyhow::{Context as _, Result};

pub(crate) use self::input::ReasonsInput;

use self::input::Inputs;
use self::read_file::{FileRead, FileReader, ListedFailures};
use super::Context;
use super::command_end::CommandEnd;
use crate::exit::ExitStatus;
use crate::output::{ReasonsForm, RowTargets, failed_tasks, plural};
use crate::reasons::{Content, FailedObject, ReadOptions, ReasonTally, ReasonsReport, TallyLimit, UnreadFile};

/// The resolved arguments of `reasons`.
#[derive(Debug)]
pub(crate) struct ReasonsOptions {
    pub(crate) inputs: Vec<ReasonsInput>,
    pub(crate) read: ReadOptions,
    /// How many slashes a prefix has.
    pub(crate) depth: u32,
    /// The number of prefixes that are shown.
    pub(crate) top: usize,
}

/// The report names no more unread files than this; all are printed.
const MOST_UNREAD: usize = 100;

pub(super) async fn run(options: ReasonsOptions, context: &Context) -> Result<CommandEnd> {
    let mut targets = context.targets()?;
    let outputs = targets.files().clone();
    let inputs = Inputs::new(&options.inputs, &outputs)?;
    let mut rows = targets.failed_rows();
    let reader = FileReader {
        options: options.read.clone(),
        limit: TallyLimit { depth: options.depth, ..TallyLimit::default() },
        lists: !rows.is_empty(),
        stop: std::sync::Arc::clone(&context.signals.stop),
    };
    let mut run = ReasonsRun { tally: ReasonTally::new(reader.limit), files: 0, unread: Vec::new(), unnamed: 0 };
    let read = tokio::select! {
        biased;
        signal = context.signals.wait() => Err(signal),
        read = run.read_all(inputs, &reader, &mut rows, context) => Ok(read),
    };
    match read {
        Ok(read) => read?,
        Err(signal) => {
            let files = plural(run.files, "file");
            context.printer.error(format!("interrupted: {files} had been read, so there is no result"));
            return Ok(CommandEnd::explained(signal));
        }
    }
    if run.unnamed > 0 {
        context.printer.note(format!(
            "{} not listed, because CloudTrail does not name the source bucket there (--source-bucket) or names no key",
            if run.unnamed == 1 {
                "1 failure is".to_owned()
            } else {
                format!("{} are", plural(run.unnamed, "failure"))
            }
        ));
    }
    if run.tally.is_empty() && run.unread.is_empty() && !context.allow_empty {
        return Ok(Context::no_answer("the files contain no task and no event of replication"));
    }
    let report = ReasonsReport::new(run.tally, run.files, options.top, run.unread, None);
    if let Err(error) = rows.end(&report) {
        return Ok(context.undelivered(&error));
    }
    drop(rows);
    let delivered = targets.deliver(|out, format, style| match format.write_reasons {
        ReasonsForm::Report(write) => write(&report, out, style),
        ReasonsForm::Objects | ReasonsForm::None => Ok(()),
    });
    if let Err(error) = delivered {
        return Ok(context.undelivered(&error));
    }
    Ok(match report.exit() {
        ExitStatus::No => CommandEnd::new(ExitStatus::No, failed_tasks(&report)),
        exit => CommandEnd::explained(exit),
    })
}

type FailedRows<'a> = RowTargets<'a, FailedObject, ReasonsReport>;

/// What was read so far.
struct ReasonsRun {
    tally: ReasonTally,
    /// Files that were read whole.
    files: u64,
    unread: Vec<UnreadFile>,
    /// Failures that no list can name.
    unnamed: u64,
}

impl ReasonsRun {
    async fn read_all(
        &mut self,
        mut inputs: Inputs<'_>,
        reader: &FileReader,
        rows: &mut FailedRows<'_>,
        context: &Context,
    ) -> Result<()> {
        while let Some(input) = inputs.next() {
            let name = input.to_string();
            let opened = inputs.open(&input, context).await;
            let read = match opened {
                Ok(opened) => reader.read(opened).await,
                Err(error) => Err(error.into()),
            };
            match read {
                Ok(FileRead { content: Content::Manifest(manifest), .. }) => {
                    self.files += 1;
                    let found = inputs.add_results(&input, &manifest);
                    if let Err(error) = found {
                        self.not_read(name, None, format!("{error:#}"), context);
                    }
                }
                Ok(FileRead { content: Content::Tasks | Content::Empty, tally, listed }) => {
                    self.tally.merge(tally).with_context(|| format!("adding up {name}"))?;
                    self.files += 1;
                    if let Some(listed) = listed {
                        self.show(listed, rows)?;
                    }
                }
                Err(unread) => self.not_read(name, unread.line, unread.error, context),
            }
        }
        Ok(())
    }

    fn show(&mut self, listed: ListedFailures, rows: &mut FailedRows<'_>) -> Result<()> {
        for object in listed.objects()? {
            let object = object?;
            match object.is_named() {
                true => rows.row(&object)?,
                false => self.unnamed += 1,
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
}
