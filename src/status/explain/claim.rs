//! One claim of an explanation, and what is known of it.

use schemars::JsonSchema;
use serde::Serialize;

/// What is known of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    /// It is true now.
    Holds,
    /// It is not true.
    RuledOut,
    /// It can't be known, or the answer can't be read.
    Unknown,
    /// A fact, or what to do next.
    Info,
}

/// One claim that explains a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claim {
    /// The subject, in one word that does not change: `rule`, `before-rule`, `next` ….
    pub about: &'static str,
    /// What is known of it.
    pub state: ClaimState,
    /// One or two sentences for a person. Keys, prefixes and tags are not escaped.
    pub text: String,
}

impl Claim {
    pub(super) fn holds(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Holds, text: text.into() }
    }

    pub(super) fn ruled_out(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::RuledOut, text: text.into() }
    }

    pub(super) fn unknown(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Unknown, text: text.into() }
    }

    pub(super) fn info(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Info, text: text.into() }
    }
}
