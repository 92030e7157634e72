//! The resolved arguments of `reasons`.

use std::path::PathBuf;

use s3_failures::ReadingOptions;

use super::input::ReasonsInput;

/// Objects between two looks at signals.
pub(super) const PAUSE_AFTER: usize = 1024;

#[derive(Debug)]
pub(crate) struct ReasonsOptions {
    pub(crate) inputs: Vec<ReasonsInput>,
    pub(crate) read: ReadingOptions,
    /// How many slashes a prefix has.
    pub(crate) depth: u32,
    /// The number of prefixes that are shown.
    pub(crate) top: usize,
    pub(crate) join: Option<JoinOptions>,
}

/// `--join` and `--memory`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JoinOptions {
    pub(crate) file: PathBuf,
    /// The most bytes that the failed objects may take.
    pub(crate) memory: u64,
}
