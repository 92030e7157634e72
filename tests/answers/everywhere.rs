//! Each answer of each scene, cut at every byte, and with something done to every element; and each answer that a run needs to
//! succeed, cut at every byte.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use replaudit_sandbox::Fault;

use crate::case::Case;
use crate::damage::{Damage, Way};
use crate::elements::{ElementDamage, count};
use crate::healthy::Healthy;
use crate::scene::Scene;
use crate::{THREADS, lock, run, say};

/// Cases of an ordinary run, spread over all of them.
const SOME: usize = 60;
const SHOWN: usize = 5;

/// The most bytes and elements of an answer to this operation, in a run with these faults.
fn size(operation: &'static str, carry_out: impl FnOnce(Fault)) -> (usize, usize) {
    let (bytes, elements) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = (Arc::clone(&bytes), Arc::clone(&elements));
    carry_out(Fault::on(operation).rewrite(move |body| {
        seen.0.fetch_max(body.len(), Ordering::Relaxed);
        seen.1.fetch_max(count(&body), Ordering::Relaxed);
        body
    }));
    (bytes.load(Ordering::Relaxed), elements.load(Ordering::Relaxed))
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for scene in Scene::ALL {
        let mut operations = scene.targets().to_vec();
        operations.sort_unstable();
        operations.dedup();
        // HEAD has no body.
        for operation in operations.into_iter().filter(|operation| *operation != "HeadObject") {
            let honest = Case::honest(scene, 0);
            let (bytes, elements) = size(operation, |look| drop(run::carry_out_with(&honest, [look])));
            cases.extend((0..bytes).map(|at| Case::with(scene, operation, Way::CutAt(at))));
            let damages = (0..elements).flat_map(|at| ElementDamage::ALL.map(|damage| Way::Element(damage, at)));
            cases.extend(damages.map(|way| Case::with(scene, operation, way)));
        }
    }
    cases
}

/// Carries out every case, or some of them in an ordinary run; `look` says what does not hold.
fn each<C: Sync>(all: &[C], look: impl Fn(&C) -> Result<(), String> + Sync) {
    let begin = Instant::now();
    let every = std::env::var_os("REPLAUDIT_ANSWERS_EVERYWHERE").is_some();
    let step = if every { 1 } else { all.len() / SOME };
    let (next, done, failures) = (AtomicUsize::new(step / 2), AtomicUsize::new(0), Mutex::new(0_usize));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = all.get(next.fetch_add(step, Ordering::Relaxed)) {
                    if let Err(broken) = look(case) {
                        let mut failures = lock(&failures);
                        // Of thousands, only some are shown.
                        if *failures < SHOWN {
                            say(&broken);
                        }
                        *failures += 1;
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if done.is_multiple_of(1_000) {
                        say(&format!(
                            "{done} cases, {} failures, {:.1} s",
                            *lock(&failures),
                            begin.elapsed().as_secs_f64()
                        ));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    say(&format!("{} of {} cases, {:.1} s", done.into_inner(), all.len(), begin.elapsed().as_secs_f64()));
    assert_eq!(failures, 0, "failures");
}

#[test]
fn an_answer_cut_at_any_byte_or_damaged_at_any_element_never_makes_a_run_succeed_or_delete() {
    let all = cases();
    assert!(all.len() > 5_000, "{} cases", all.len());
    each(&all, |case| {
        let ran = run::carry_out(case);
        run::judge(&ran).map_err(|broken| format!("{broken}\n{}", run::story(case, &ran)))
    });
}

#[test]
fn a_run_that_would_succeed_never_does_if_an_answer_that_it_needs_is_cut() {
    let mut all = Vec::new();
    for scene in Healthy::ALL {
        let honest = run::carry_out_line(|s3| scene.build(s3), []);
        assert_eq!(honest.code, Some(0), "{}", run::story(&scene, &honest));
        for operation in scene.needs() {
            let (bytes, _) = size(operation, |look| drop(run::carry_out_line(|s3| scene.build(s3), [look])));
            assert!(bytes > 0, "{scene:?} does not need {operation}");
            all.extend((0..bytes).map(|at| (scene, Damage::every(operation, Way::CutAt(at)))));
        }
    }
    each(&all, |(scene, damage)| {
        let ran = run::carry_out_line(|s3| scene.build(s3), [damage.fault()]);
        run::judge(&ran).map_err(|broken| format!("{broken}\n{}", run::story(&(scene, damage), &ran)))
    });
}
