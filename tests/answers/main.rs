//! The built program against a server whose answers are cut and damaged at random places, in worlds where an honest run
//! keeps everything and does not exit 0. However an answer was spoilt: the run never exits 0, deletes nothing, and never
//! panics.
//!
//! Only damage that a careful reader can see is done: an answer that lies, whole and well-formed, can deceive anyone.
//!
//! A fixed number of cases in an ordinary run, the same every time; the seed of one is printed when it fails.
//! `REPLAUDIT_ANSWERS_SEED` begins with that seed, `REPLAUDIT_ANSWERS_CASES` ends after that number,
//! `REPLAUDIT_ANSWERS_SECONDS` runs that long instead with other seeds, `REPLAUDIT_ANSWERS_GO_ON` continues after a failure,
//! and `REPLAUDIT_ANSWERS_SHOW` prints every case.
//!
//! `REPLAUDIT_ANSWERS_EVERYWHERE` cuts every answer at every byte, and damages every element; otherwise some of them.

mod case;
mod damage;
mod elements;
mod everywhere;
mod healthy;
mod run;
mod scene;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use case::Case;
use scene::Scene;

/// Cases of an ordinary run: some seconds.
const CASES: u64 = 60;
/// Most cases at a time.
const THREADS: u64 = 4;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::print_stderr, reason = "what a long run is for")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[test]
fn an_honest_run_keeps_everything_and_says_so() {
    for scene in Scene::ALL {
        for seed in 0..3 {
            let case = Case::honest(scene, seed);
            let ran = run::carry_out(&case);
            assert_eq!(run::judge(&ran), Ok(()), "{}", run::story(&case, &ran));
        }
    }
}

#[test]
fn a_damaged_answer_never_makes_a_run_succeed_or_delete() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_micros());
    let until = number("REPLAUDIT_ANSWERS_SECONDS").map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let seed = number("REPLAUDIT_ANSWERS_SEED").unwrap_or_else(|| match until {
        Some(_) => u64::try_from(now % 1_000_000_000).unwrap_or(0),
        None => 1,
    });
    let most = number("REPLAUDIT_ANSWERS_CASES").unwrap_or(if until.is_some() { u64::MAX } else { CASES });
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (failures, tally) = (Mutex::new(Vec::new()), Mutex::new(Tally::default()));
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS.min(most) {
            scope.spawn(|| {
                let over = || stop.load(Ordering::Relaxed) || until.is_some_and(|until| Instant::now() >= until);
                while !over() {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= most {
                        break;
                    }
                    let seed = seed.wrapping_add(at);
                    let case = Case::of(seed);
                    let ran = run::carry_out(&case);
                    lock(&tally).count(&case, &ran, seed);
                    if std::env::var_os("REPLAUDIT_ANSWERS_SHOW").is_some() {
                        say(&run::story(&case, &ran));
                    }
                    if let Err(broken) = run::judge(&ran) {
                        let repeat = format!("REPLAUDIT_ANSWERS_SEED={seed} REPLAUDIT_ANSWERS_CASES=1");
                        let text = format!("{broken}: repeat with {repeat}\n{}", run::story(&case, &ran));
                        lock(&failures).push(text);
                        stop.store(std::env::var_os("REPLAUDIT_ANSWERS_GO_ON").is_none(), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    let tally = tally.into_inner().expect("no thread panicked");
    say(&format!("seed {seed}, {:.1} s: {tally:?}", begin.elapsed().as_secs_f64()));
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n\n"));
    // A run of the test in which nothing was ever damaged would prove nothing.
    assert!(tally.cases < 50 || tally.damaged * 2 > tally.cases, "too little was damaged");
}

/// Counts over all cases.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    /// Cases in which at least one answer was damaged.
    damaged: u64,
    /// Damaged answers by operation.
    answers: BTreeMap<String, u64>,
    codes: BTreeMap<String, u64>,
    slowest: (Duration, u64),
}

impl Tally {
    fn count(&mut self, case: &Case, ran: &run::Ran, seed: u64) {
        self.cases += 1;
        let damaged = ran.requests.iter().filter(|request| request.altered);
        self.damaged += u64::from(damaged.clone().count() > 0);
        for request in damaged {
            *self.answers.entry(request.operation.clone()).or_default() += 1;
        }
        *self.codes.entry(format!("{:?} {:?}", case.scene, ran.code)).or_default() += 1;
        self.slowest = self.slowest.max((ran.took, seed));
    }
}
