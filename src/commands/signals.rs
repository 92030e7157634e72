//! Signals: the first asks the command to end and report, a second one ends at once.
//!
//! Some systems send a signal twice when a terminal is closed. The second of these ends nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::exit::ExitStatus;
use crate::platform::listen;

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
        let flag = Arc::clone(&stop);
        listen(move |status, on_purpose| {
            flag.store(true, Ordering::Relaxed);
            let first = *send.borrow();
            match first {
                None => drop(send.send_replace(Some(status))),
                Some(first) if on_purpose => at_once(first),
                Some(_) => {}
            }
        })?;
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
        // The guard of the value must not be held while waiting.
        let first = caught.wait_for(Option::is_some).await.map(|status| status.unwrap_or(ExitStatus::Interrupted));
        match first {
            Ok(status) => status,
            // The listener is gone: no signal will come.
            Err(_) => std::future::pending().await,
        }
    }
}
