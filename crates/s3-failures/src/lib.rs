#![doc = include_str!("../README.md")]

mod completion;
mod error;
mod events;
mod fields;
mod json;
mod read;
mod task;
mod trail;
mod unique;
mod vocabulary;

pub use completion::{CompletionManifest, KeyEncoding, ResultFile};
pub use error::{InputFault, ReadFault, TakeError};
pub use read::{Content, ReadingOptions, read_failures};
pub use task::{FailedObject, LateObject, Task, TaskSource};
pub use trail::TrailOptions;
pub use vocabulary::{Actor, Meaning, NO_CODE, Side, meaning, operation};
