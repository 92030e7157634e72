//! The program in this process: one run of a command line on the simulated machine.

use std::cell::RefCell;
use std::ffi::OsString;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::retry::RetryPartition;
use aws_smithy_async::rt::sleep::TokioSleep;
use futures_util::FutureExt;
use replaudit::ExitStatus;
use replaudit::simulation::{CommandLineReader, Machine, SimulatedConnection, simulate};
use tokio::sync::{Notify, watch};

use crate::clock;
use crate::history::Action;
use crate::network::Network;

/// No run takes so long on the simulated clock unless it hangs.
const PATIENCE: Duration = Duration::from_secs(7200);

thread_local! {
    static SDK: SdkConfig = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .time_source(clock::SdkClock)
        .sleep_impl(TokioSleep::new())
        .build();
    static READER: RefCell<CommandLineReader> = RefCell::default();
    /// What panicked on this thread.
    static PANICS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Signals to the program.
pub(crate) struct Signals {
    caught: watch::Sender<Option<ExitStatus>>,
    killed: Notify,
    /// By the second of two signals.
    at_once: AtomicBool,
}

impl Signals {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { caught: watch::channel(None).0, killed: Notify::new(), at_once: AtomicBool::default() })
    }

    /// The second signal ends the program at once, as a kill does.
    pub(crate) fn send(self: &Arc<Self>, action: Action) {
        let first = |status: ExitStatus| {
            let is_second = self.caught.borrow().is_some();
            if is_second {
                self.at_once.store(true, Ordering::Relaxed);
                self.killed.notify_one();
            } else {
                self.caught.send_replace(Some(status));
            }
        };
        match action {
            Action::Kill => self.killed.notify_one(),
            Action::KillSoon(micros) => {
                let signals = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_micros(micros)).await;
                    signals.killed.notify_one();
                });
            }
            Action::Interrupt => first(ExitStatus::Interrupted),
            Action::Terminate => first(ExitStatus::Terminated),
            _ => {}
        }
    }
}

/// How a run ended.
pub(crate) struct Ended {
    /// None: it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) in_time: bool,
    /// What panicked.
    pub(crate) panics: String,
}

/// Notes panics instead of printing them.
pub(crate) fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| PANICS.with_borrow_mut(|panics| panics.push(format!("panicked: {panic}")))));
}

pub(crate) async fn run(line: &[String], network: &Arc<Network>, signals: &Signals) -> Ended {
    let sdk = SDK.with(|sdk| sdk.to_builder().http_client(network.client()).build());
    let retries = RetryPartition::custom("simulation").build();
    let machine = Machine { clock: clock::CLOCK, simulated: Some(SimulatedConnection { sdk, retries }) };
    let args = std::iter::once("replaudit").chain(line.iter().map(String::as_str)).map(OsString::from);
    let args: Vec<OsString> = args.collect();
    let program = READER.with_borrow_mut(|reader| simulate(reader, args, machine, signals.caught.subscribe()));
    let program = AssertUnwindSafe(program).catch_unwind();
    let ended = tokio::select! {
        biased;
        () = signals.killed.notified() => Some(None),
        ended = program => Some(Some(ended.map_or(101, |status| status.code().into()))),
        () = tokio::time::sleep(PATIENCE) => None,
    };
    let panics = PANICS.take().join("\n");
    let first = *signals.caught.borrow();
    let at_once = signals.at_once.load(Ordering::Relaxed);
    let code =
        ended.flatten().or_else(|| first.filter(|_| ended.is_some() && at_once).map(|status| status.code().into()));
    Ended { code, in_time: ended.is_some(), panics }
}
