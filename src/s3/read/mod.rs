//! What is asked of S3, one kind of question in a file. Nothing here changes anything.

mod annotations;
mod body;
mod configuration;
mod head;
mod list;
mod listing;
mod object_head;
mod page_history;

pub use body::Body;
pub use list::ListQuestion;
pub use listing::{ListedObject, ListingScope, ObjectListing};
