//! Read requests, one kind per file. Nothing here changes anything in S3.

mod annotations;
mod body;
mod bucket_settings;
mod configuration;
mod head;
mod list;
mod listing;
mod object_head;
mod page_history;

pub(crate) use body::Body;
pub(crate) use list::ListQuestion;
pub(crate) use listing::{ListedObject, ListingScope, ObjectListing};
pub(crate) use page_history::{EndlessList, PageHistory};
