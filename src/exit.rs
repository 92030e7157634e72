//! The exit codes. 0 means proven. A check that could not be made never exits 0.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExitStatus {
    /// The command was completed, and the answer is yes.
    Yes,
    /// The check was completed, and the answer is no: something is not replicated, exceeds a limit, or was kept.
    No,
    /// Could not be answered; nothing was changed.
    Unknown,
    /// Something was or may have been changed, and at least one object failed or has an unknown outcome.
    Incomplete,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl ExitStatus {
    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Unknown => 2,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The worse of two: an interrupt beats 3, 3 beats 2, 2 beats 1.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.code() >= other.code() { self } else { other }
    }
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    use super::ExitStatus::*;

    #[test]
    fn the_worse_one_wins() {
        let order = [Yes, No, Unknown, Incomplete, Interrupted, Terminated];
        assert_eq!(order.map(super::ExitStatus::code), [0, 1, 2, 3, 130, 143]);
        for (at, better) in order.iter().enumerate() {
            for worse in &order[at..] {
                assert_eq!((better.worse(*worse), worse.worse(*better)), (*worse, *worse));
            }
        }
    }
}
