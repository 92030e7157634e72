//! Carries out an approved plan, and determines the outcome of every order.
//!
//! Nothing new is decided here: an old check is repeated by the same rule, and must give the same order. An order is sent
//! again only after an answer that proves that it had no effect. Delete markers are created one by one ([`hide`]), and
//! versions are removed in batches ([`batches`]). Each send needs a check, of which [`FreshOrder`] is the proof. After a lost
//! answer, a lookup determines the outcome.

mod answer;
mod batches;
mod conclude;
mod executor;
mod freshness;
mod hidden;
mod hide;
mod items;
mod pending;
mod sending;
mod settle;
#[cfg(test)]
mod tests;
mod verify;

use std::io::{self, Read, Seek};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt, stream};

pub(crate) use answer::{BatchAnswer, DeleteAnswer, IfMatch, MarkerLook};
pub(crate) use executor::{DeleteExecution, Deleter, Journal};
pub(crate) use freshness::CHECKS;
pub(crate) use freshness::{CONNECTS_WITHIN, FreshOrder, may_leave};
pub(crate) use hidden::note_hidden;
pub(crate) use settle::{SettledOrder, settle, still_done};
pub(crate) use verify::VerifyDeleted;

use crate::deletion::decide::DeleteMode;
use crate::deletion::plan::ApprovedPlan;
use crate::deletion::report::DeleteEvent;
use executor::DeleteExecutor;
use items::{PlanWindows, SharedPlanItems};

/// Batches in flight: while one is answered, the next is checked.
const BATCHES_AT_ONCE: usize = 2;

/// Executes the plan with up to `concurrency` requests in flight.
///
/// On a server other than AWS, the first marker delete is sent alone with an ETag that no object has. If the server refuses
/// it with 412, it supports If-Match, and the delete is sent again with its own ETag. If the server deletes, it does not, and
/// the other objects are kept as `unconditional` unless the policy allows them.
pub(crate) fn execute<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    plan: ApprovedPlan<F>,
    execution: DeleteExecution<'a, D, J>,
) -> io::Result<impl Stream<Item = io::Result<DeleteEvent>> + 'a> {
    let concurrency = execution.concurrency.max(1);
    let policy = plan.policy.clone();
    let (items, doubted) = plan.items()?;
    let run = Arc::new(DeleteExecutor {
        policy,
        doubted,
        execution,
        broken: AtomicBool::new(false),
        singly: AtomicBool::new(false),
        stayed: AtomicBool::new(false),
        unseen: Mutex::default(),
        failed_lookups: Mutex::default(),
    });
    let items = SharedPlanItems::new(items);
    let again = items.clone();
    let main = match run.policy.mode {
        DeleteMode::Hide => hide::hide(Arc::clone(&run), items, concurrency).left_stream(),
        DeleteMode::Permanent => remove(Arc::clone(&run), items, concurrency).right_stream(),
    };
    let looked = Arc::clone(&run);
    let not_looked_up = stream::iter(std::iter::from_fn(move || looked.take_failed_lookups()));
    Ok(main
        .chain(look_again(run, again, concurrency))
        .chain(not_looked_up.map(|some| Ok(DeleteEvent::NotLookedUp(some)))))
}

/// Versions, in batches.
fn remove<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let windows = stream::iter(PlanWindows::new(items)).map(move |window| {
        let run = Arc::clone(&run);
        async move {
            let (items, error) = window;
            let mut events: Vec<io::Result<DeleteEvent>> =
                run.window(items, concurrency).await.into_iter().map(Ok).collect();
            events.extend(error.map(Err));
            stream::iter(events)
        }
    });
    windows.buffered(BATCHES_AT_ONCE).flatten()
}

/// Looks up every order that was reported as deleted without a lookup, if one of the others still exists.
fn look_again<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let begun = async move {
        let unseen = run.take_unseen();
        let wanted = run.stayed.load(Ordering::Relaxed) && !unseen.is_empty();
        let rewound = if wanted { items.rewind() } else { Ok(()) };
        let (error, items) = match rewound {
            Ok(()) => (None, wanted.then_some(items)),
            Err(error) => (Some(Err(error)), None),
        };
        let looks = stream::iter(items.into_iter().flatten())
            .filter(move |item| std::future::ready(item.as_ref().map_or(true, |item| unseen.has(item.position.at))))
            .map(move |item| {
                let run = Arc::clone(&run);
                async move {
                    match item {
                        Ok(item) => run.correction(item).await.map(Ok),
                        Err(error) => Some(Err(error)),
                    }
                }
            });
        stream::iter(error).chain(looks.buffered(concurrency).filter_map(std::future::ready))
    };
    stream::once(begun).flatten()
}
