//! SIGINT and SIGTERM: the first asks the command to end and report, the second ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::exit::ExitStatus;

/// Tells commands that they are to end.
#[derive(Debug, Clone)]
pub struct Signals {
    caught: watch::Receiver<Option<ExitStatus>>,
    /// The same for threads that read.
    pub(super) stop: Arc<AtomicBool>,
}

impl Signals {
    /// Starts listening; `at_once` is called for a second signal and should end the process.
    ///
    /// # Errors
    /// The system refuses to install a handler.
    pub fn listen(at_once: fn(ExitStatus)) -> std::io::Result<Self> {
        let (send, caught) = watch::channel(None);
        let stop = Arc::new(AtomicBool::new(false));
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let flag = Arc::clone(&stop);
        tokio::spawn(async move {
            loop {
                let status = tokio::select! {
                    _ = interrupt.recv() => ExitStatus::Interrupted,
                    _ = terminate.recv() => ExitStatus::Terminated,
                };
                flag.store(true, Ordering::Relaxed);
                if let Some(first) = send.send_replace(Some(status)) {
                    at_once(first);
                }
            }
        });
        Ok(Self { caught, stop })
    }

    /// The signal that came, if one did.
    #[must_use]
    pub fn caught(&self) -> Option<ExitStatus> {
        *self.caught.borrow()
    }

    /// Waits for a signal.
    pub async fn wait(&self) -> ExitStatus {
        let mut caught = self.caught.clone();
        match caught.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or(ExitStatus::Interrupted),
            // Nobody listens any more: no signal will come.
            Err(_) => std::future::pending().await,
        }
    }
}
