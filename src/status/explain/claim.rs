//! One claim of an explanation, and what is known of it.

use schemars::JsonSchema;
use serde::Serialize;

/// What is known of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    /// It is so now.
    Holds,
    /// It is not so.
    RuledOut,
    /// It can't be known, or what would tell can't be read.
    Unknown,
    /// No question: a fact, or what to do next.
    Info,
}

/// One thing that is said to explain a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claim {
    /// What it is about, in one word that stays: `rule`, `before-rule`, `next` ….
    pub about: &'static str,
    /// What is known of it.
    pub state: ClaimState,
    /// One sentence for a person. Keys, prefixes and tags stand in it as they are.
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
