//! What is asked of S3, one kind of question in a file. Nothing here changes anything.

mod annotations;
mod body;
mod configuration;
mod head;
mod list;
mod listing;
mod object_head;
mod page_history;

pub(crate) use body::Body;
pub(crate) use list::ListQuestion;
pub(crate) use listing::{ListedObject, ListingScope, ObjectListing};
