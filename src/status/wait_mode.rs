//! What `--wait` waited for. A hint does not suggest an option that was given and was not enough.

/// What the run waited for before it took an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WaitMode {
    /// Nothing: `--wait` was not given.
    #[default]
    Off,
    /// `--wait`: for pending objects.
    Pending,
    /// `--wait --wait-through-failed`: for failed objects too.
    PendingAndFailed,
}

impl WaitMode {
    /// What makes a run wait for a pending object, or wait longer.
    pub(super) fn for_pending(self) -> &'static str {
        match self {
            Self::Off => "--wait waits for it, until --timeout",
            Self::Pending | Self::PendingAndFailed => "a longer --timeout waits longer",
        }
    }

    /// What makes a run wait for a failed object that the server retries, or wait longer.
    pub(super) fn for_failed(self) -> &'static str {
        match self {
            Self::Off => "--wait --wait-through-failed waits for that, until --timeout",
            Self::Pending => "--wait-through-failed waits for that, until --timeout",
            Self::PendingAndFailed => "a longer --timeout waits longer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WaitMode::{Off, Pending, PendingAndFailed};

    #[test]
    fn a_hint_names_no_option_that_was_given() {
        for mode in [Pending, PendingAndFailed] {
            assert!(!mode.for_pending().contains("--wait"), "{mode:?}");
            assert!(mode.for_pending().contains("longer --timeout"), "{mode:?}");
        }
        assert!(Off.for_pending().contains("--wait "));
        assert!(Off.for_failed().contains("--wait --wait-through-failed "));
        assert!(!Pending.for_failed().contains("--wait "));
        assert!(Pending.for_failed().contains("--wait-through-failed "));
        assert!(!PendingAndFailed.for_failed().contains("--wait"));
    }
}
