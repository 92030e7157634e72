//! Why replication failed, from what S3 writes about it: completion reports of S3 Batch Operations, event notifications, and
//! CloudTrail records of a replication role.
//!
//! It reads text that the caller opens, and knows no files and no network. [`read`] detects the kind of a text by its
//! content and hands out its tasks one by one; [`ReasonTally`] adds them up; [`vocabulary`] knows what the codes mean. Memory
//! does not grow with the number of tasks, but for [`JoinTable`], which holds each failed object once.

mod completion;
mod error;
mod events;
mod fields;
mod join;
mod json;
mod read;
mod report;
mod tally;
mod task;
mod trail;
mod vocabulary;

pub(crate) use completion::{CompletionManifest, KeyEncoding, ResultFile};
pub(crate) use error::{InputFault, ReadFault};
pub(crate) use join::{JoinTable, JoinedLine};
pub(crate) use read::{Content, ReadingOptions, read};
pub(crate) use report::{JoinSums, ReasonGroup, ReasonsReport, UnreadFile};
pub(crate) use tally::{ReasonTally, TallyLimit};
pub(crate) use task::{FailedObject, Task};
pub(crate) use trail::TrailOptions;
