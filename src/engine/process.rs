//! One run of an engine's program, in a process group of its own, which ends with this value.

use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::error::EngineError;
use super::log::{LogEnd, ProgressSink};
use super::program::EngineProgram;
use crate::platform::{end_group, lead_group};

/// How long an engine may take to end after SIGTERM. Spark releases its resources in the cluster.
const GRACE: Duration = Duration::from_secs(10);
/// How long an engine may take to fail by itself after an error in its output, and its log to end.
const MOMENT: Duration = Duration::from_secs(5);
/// The file of statements.
const SCRIPT: &str = "statements.sql";
const STEP: Duration = Duration::from_millis(20);

/// A running engine. Dropped before its end, it is ended with all its processes.
pub(crate) struct EngineRun {
    name: String,
    child: Child,
    log: Arc<Mutex<LogEnd>>,
    log_reader: Option<JoinHandle<()>>,
    has_ended: bool,
    /// Removed at the end.
    _folder: TempDir,
}

impl EngineRun {
    /// Starts a program with these statements, and returns what it prints. `progress` is called with the progress that it
    /// shows.
    pub(crate) fn start(
        program: &EngineProgram,
        statements: &str,
        progress: ProgressSink,
    ) -> Result<(Self, ChildStdout), EngineError> {
        let name = program.name();
        let folder = folder_of(statements).map_err(EngineError::Script)?;
        let mut command = program.command(folder.path(), SCRIPT);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        lead_group(&mut command);
        let started = |error| EngineError::Start { program: name.clone(), error };
        let mut child = command.spawn().map_err(started)?;
        let log = Arc::<Mutex<LogEnd>>::default();
        let log_reader = child.stderr.take().map(|text| {
            let log = Arc::clone(&log);
            std::thread::spawn(move || LogEnd::read(text, &log, &progress))
        });
        let output = child.stdout.take();
        let run = Self { name: name.clone(), child, log, log_reader, has_ended: false, _folder: folder };
        Ok((run, output.ok_or_else(|| started(std::io::ErrorKind::BrokenPipe.into()))?))
    }

    /// Waits for the end of the program, after its output was read. Its log is reported only if it failed.
    pub(crate) async fn finish(mut self) -> Result<(), EngineError> {
        loop {
            if let Some(status) = self.status()? {
                return self.conclude(status).await;
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Ends the program after an error in its output. If it fails by itself within a moment, that is the error.
    pub(crate) async fn end(mut self) -> Result<(), EngineError> {
        let deadline = Instant::now() + MOMENT;
        while Instant::now() < deadline {
            if let Some(status) = self.status()? {
                return self.conclude(status).await;
            }
            tokio::time::sleep(STEP).await;
        }
        Ok(())
    }

    fn status(&mut self) -> Result<Option<ExitStatus>, EngineError> {
        self.child.try_wait().map_err(|error| EngineError::Wait { program: self.name.clone(), error })
    }

    async fn conclude(mut self, status: ExitStatus) -> Result<(), EngineError> {
        self.has_ended = true;
        // What the first process left behind may hold the log open.
        end_group(&mut self.child, true);
        let deadline = Instant::now() + MOMENT;
        while self.log_reader.as_ref().is_some_and(|log| !log.is_finished()) && Instant::now() < deadline {
            tokio::time::sleep(STEP).await;
        }
        if status.success() {
            return Ok(());
        }
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner).lines();
        Err(EngineError::Failed { program: self.name.clone(), status, log })
    }
}

impl Drop for EngineRun {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        end_group(&mut self.child, false);
        let deadline = Instant::now() + GRACE;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(STEP);
        }
        end_group(&mut self.child, true);
        // It is gone by now.
        let _ = self.child.wait();
    }
}

/// A folder that only this user can read, with the statements in a file.
fn folder_of(statements: &str) -> std::io::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("replaudit-").tempdir()?;
    std::fs::write(folder.path().join(SCRIPT), statements)?;
    Ok(folder)
}
