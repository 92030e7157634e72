//! The state of a check.

use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::ExitStatus;

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckState {
    /// It was read, and it is as it should be.
    Ok,
    /// It works, with a limit that somebody should know.
    Warn,
    /// It is wrong.
    Fail,
    /// It could not be read, wholly or in part.
    Unknown,
}

impl CheckState {
    pub(crate) const ALL: [Self; 4] = [Self::Ok, Self::Warn, Self::Fail, Self::Unknown];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }

    /// What the state makes of the exit status; `strict` counts warnings.
    pub(crate) fn exit(self, strict: bool) -> ExitStatus {
        match self {
            Self::Ok => ExitStatus::Yes,
            Self::Warn if strict => ExitStatus::No,
            Self::Warn => ExitStatus::Yes,
            Self::Fail => ExitStatus::No,
            Self::Unknown => ExitStatus::Unknown,
        }
    }
}
