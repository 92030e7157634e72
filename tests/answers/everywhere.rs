//! Each answer of each scene, cut at every byte, and with something done to every element.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use replaudit_sandbox::Fault;

use crate::case::Case;
use crate::damage::Way;
use crate::elements::{ElementDamage, count};
use crate::scene::Scene;
use crate::{THREADS, lock, run, say};

/// Cases of an ordinary run, spread over all of them.
const SOME: usize = 60;

/// The most bytes and elements of an answer to this operation.
fn size(scene: Scene, operation: &'static str) -> (usize, usize) {
    let (bytes, elements) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = (Arc::clone(&bytes), Arc::clone(&elements));
    let look = Fault::on(operation).rewrite(move |body| {
        seen.0.fetch_max(body.len(), Ordering::Relaxed);
        seen.1.fetch_max(count(&body), Ordering::Relaxed);
        body
    });
    run::carry_out_with(&Case::honest(scene, 0), [look]);
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
            let (bytes, elements) = size(scene, operation);
            cases.extend((0..bytes).map(|at| Case::with(scene, operation, Way::CutAt(at))));
            let damages = (0..elements).flat_map(|at| ElementDamage::ALL.map(|damage| Way::Element(damage, at)));
            cases.extend(damages.map(|way| Case::with(scene, operation, way)));
        }
    }
    cases
}

#[test]
fn an_answer_cut_at_any_byte_or_damaged_at_any_element_never_makes_a_run_succeed_or_delete() {
    let begin = Instant::now();
    let all = cases();
    assert!(all.len() > 5_000, "{} cases", all.len());
    let step = if std::env::var_os("REPLAUDIT_ANSWERS_EVERYWHERE").is_some() { 1 } else { all.len() / SOME };
    let (next, failures) = (AtomicUsize::new(step / 2), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = all.get(next.fetch_add(step, Ordering::Relaxed)) {
                    let ran = run::carry_out(case);
                    if let Err(broken) = run::judge(&ran) {
                        lock(&failures).push(format!("{broken}\n{}", run::story(case, &ran)));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no thread panicked");
    say(&format!("{} of {} cases, {:.1} s", all.len() / step, all.len(), begin.elapsed().as_secs_f64()));
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures[..failures.len().min(5)].join("\n\n"));
}
