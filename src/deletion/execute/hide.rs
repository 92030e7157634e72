//! Hides objects by delete markers, one request each, and learns whether the server supports If-Match.

use std::io::{self, Read, Seek};
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};

use super::answer::{DeleteAnswer, IfMatch};
use super::executor::{DeleteExecutor, Deleter, Journal};
use super::items::SharedPlanItems;
use super::pending::PendingDelete;
use crate::deletion::decide::{DeleteMode, KeepReason};
use crate::deletion::plan::PlanItem;
use crate::deletion::report::{DeleteEntry, DeleteEvent};
use crate::model::reached;

/// Markers, one request each.
pub(super) fn hide<'a, D: Deleter, J: Journal, F: Read + Seek + 'a>(
    run: Arc<DeleteExecutor<'a, D, J>>,
    mut items: SharedPlanItems<F>,
    concurrency: usize,
) -> impl Stream<Item = io::Result<DeleteEvent>> + 'a {
    let probed = async move {
        let (mut entries, mut binding) = (Vec::new(), run.binding_without_probe());
        while binding.is_none() {
            match items.next() {
                None => break,
                Some(Err(error)) => {
                    entries.push(Err(error));
                    break;
                }
                Some(Ok(item)) => {
                    let marks = item.marks;
                    let (entry, learned) = run.probe(item).await;
                    entries.push(Ok(marks.event(entry)));
                    binding = learned;
                }
            }
        }
        let binding = binding.unwrap_or(IfMatchSupport::Refused);
        let rest = stream::iter(items).map(move |item| {
            let run = Arc::clone(&run);
            async move {
                let item = item?;
                let marks = item.marks;
                Ok(marks.event(run.carry_out(item, binding).await))
            }
        });
        stream::iter(entries).chain(rest.buffered(concurrency))
    };
    stream::once(probed).flatten()
}

/// Whether this server supports If-Match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfMatchSupport {
    /// If-Match is supported.
    Honoured,
    /// If-Match is not supported, and that is accepted.
    Accepted,
    /// If-Match is not supported, and that is not accepted.
    Refused,
}

impl<D: Deleter, J: Journal> DeleteExecutor<'_, D, J> {
    /// AWS supports If-Match, and a permanent delete has none.
    fn binding_without_probe(&self) -> Option<IfMatchSupport> {
        let bound = self.policy.mode == DeleteMode::Permanent || !self.policy.custom_endpoint;
        bound.then_some(IfMatchSupport::Honoured)
    }

    fn when_not_supported(&self) -> IfMatchSupport {
        if self.policy.allow_unconditional { IfMatchSupport::Accepted } else { IfMatchSupport::Refused }
    }

    /// Carries out one order to hide an object.
    async fn carry_out(&self, item: PlanItem, binding: IfMatchSupport) -> DeleteEntry {
        let mut pending = match PendingDelete::of(item) {
            Ok(pending) => pending,
            Err(kept) => return kept.entry,
        };
        let condition = if binding == IfMatchSupport::Honoured { IfMatch::Checked } else { IfMatch::None };
        if binding == IfMatchSupport::Refused {
            pending.entry.keep(KeepReason::Unconditional, None);
            if pending.marks.resumed {
                self.note(&pending);
            }
        } else if let Some(answer) = self.send_alone(&mut pending, condition).await {
            self.conclude(&mut pending, answer, condition).await;
        }
        pending.entry
    }

    /// Carries out one order and learns from it whether If-Match is supported; `None` if its answer did not show it.
    async fn probe(&self, item: PlanItem) -> (DeleteEntry, Option<IfMatchSupport>) {
        let mut pending = match PendingDelete::of(item) {
            Ok(pending) => pending,
            Err(kept) => return (kept.entry, None),
        };
        let mut condition = IfMatch::Impossible;
        let Some(answer) = self.send_alone(&mut pending, condition).await else { return (pending.entry, None) };
        let mut answer = self.confirmed(&pending.order, answer).await;
        let mut learned = None;
        let again = match answer {
            DeleteAnswer::Mismatch(_) => {
                learned = Some(IfMatchSupport::Honoured);
                Some(IfMatch::Checked)
            }
            DeleteAnswer::Done { .. } => {
                reached!("the server ignores If-Match");
                learned = Some(self.when_not_supported());
                None
            }
            DeleteAnswer::Unsupported(_) => {
                reached!("the server refuses If-Match");
                learned = Some(self.when_not_supported());
                self.policy.allow_unconditional.then_some(IfMatch::None)
            }
            DeleteAnswer::MismatchByGateway(_)
            | DeleteAnswer::UnsupportedByGateway(_)
            | DeleteAnswer::Conflict(_)
            | DeleteAnswer::Absent(_)
            | DeleteAnswer::Denied(_)
            | DeleteAnswer::Aged
            | DeleteAnswer::NotTaken(_)
            | DeleteAnswer::NoEffect(_)
            | DeleteAnswer::Errored(_)
            | DeleteAnswer::Lost(_) => None,
        };
        if let Some(next) = again {
            condition = next;
            match self.send_alone(&mut pending, condition).await {
                Some(second) => answer = second,
                None => return (pending.entry, learned),
            }
        }
        self.conclude(&mut pending, answer, condition).await;
        (pending.entry, learned)
    }
}
