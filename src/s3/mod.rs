//! S3, as far as replaudit talks to it. Types of the SDK stop here.
//!
//! [`S3Store`] asks and never changes anything; the only file that can is `delete.rs`. Each bucket's Region is found when
//! S3 hints at another one, once, and kept.

mod annotations;
mod bucket;
mod clock;
mod config;
mod delete;
mod error;
mod etags;
mod evidence;
mod gate;
mod get;
mod guard;
mod head;
mod http;
mod inventory;
mod list;
mod listing;
mod locks;
mod markers;
mod properties;
mod relist;
mod replicas;
mod store;
mod tags;

pub use crate::status::DestinationOption;
pub use clock::now;
pub use config::{AddressingStyle, ClientSettings};
pub use delete::{DeleteSettings, S3Deleter};
pub use get::Body;
pub use list::ListQuestion;
pub use listing::{ListedObject, ListingScope, ObjectListing};
pub use markers::S3MarkerRemover;
pub use replicas::Replicas;
pub use store::{HeadDetail, RequestEvent, RequestInfo, RequestObserver, RequestOutcome, S3Store};
