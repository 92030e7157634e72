//! SIGINT, SIGTERM, SIGHUP and SIGQUIT: the first asks the command to end and report, a second one ends at once.
//!
//! A SIGHUP after another signal ends nothing: the terminal and the shell send one each when a window is closed, and systemd
//! sends one after SIGTERM. A run that was started with SIGHUP ignored, by nohup, goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::exit::ExitStatus;

/// The signals that end a command.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    caught: watch::Receiver<Option<ExitStatus>>,
    /// The same for reading threads.
    pub(super) stop: Arc<AtomicBool>,
}

impl Signals {
    /// Starts listening; `at_once` is called for a second signal and should end the process.
    pub(crate) fn listen(at_once: fn(ExitStatus)) -> std::io::Result<Self> {
        let (send, caught) = watch::channel(None);
        let stop = Arc::new(AtomicBool::new(false));
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut quit = signal(SignalKind::quit())?;
        let mut hangup = if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        let flag = Arc::clone(&stop);
        tokio::spawn(async move {
            loop {
                let (status, asked_by_hand) = tokio::select! {
                    _ = interrupt.recv() => (ExitStatus::Interrupted, true),
                    _ = terminate.recv() => (ExitStatus::Terminated, true),
                    _ = quit.recv() => (ExitStatus::Terminated, true),
                    () = received(&mut hangup) => (ExitStatus::Terminated, false),
                };
                flag.store(true, Ordering::Relaxed);
                let first = *send.borrow();
                match first {
                    None => drop(send.send_replace(Some(status))),
                    Some(first) if asked_by_hand => at_once(first),
                    Some(_) => {}
                }
            }
        });
        Ok(Self { caught, stop })
    }

    /// The signals of a simulation.
    pub(crate) fn of(caught: watch::Receiver<Option<ExitStatus>>) -> Self {
        let signals = Self { caught: caught.clone(), stop: Arc::default() };
        let (mut caught, stop) = (caught, Arc::clone(&signals.stop));
        tokio::spawn(async move {
            let came = caught.wait_for(Option::is_some).await.is_ok();
            stop.store(came, Ordering::Relaxed);
        });
        signals
    }

    /// The signal that came first, if one did.
    pub(crate) fn caught(&self) -> Option<ExitStatus> {
        *self.caught.borrow()
    }

    pub(crate) async fn wait(&self) -> ExitStatus {
        let mut caught = self.caught.clone();
        match caught.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or(ExitStatus::Interrupted),
            // The listener is gone: no signal will come.
            Err(_) => std::future::pending().await,
        }
    }
}

/// The next signal; never where there is none to wait for.
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether SIGHUP was ignored at the start: the bits of `SigIgn` count signals from 1. Only Linux tells without a foreign
/// function; elsewhere a run under nohup ends with its report when its terminal is closed.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
