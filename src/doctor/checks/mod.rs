//! The functions of the checks, by what they look at.

pub(super) mod bucket;
pub(super) mod destinations;
pub(super) mod events;
pub(super) mod inventory;
pub(super) mod kms;
pub(super) mod lifecycle;
pub(super) mod permissions;
pub(super) mod rules;
mod samples;
pub(super) mod server;
