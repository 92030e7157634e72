//! The words of the status column, numbered.

use crate::audit::TallyError;
use crate::model::{ReplicationStatus, StatusClass};

/// Numbers for status words. The known words have the same number in every run, other words the next free one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusWords(Vec<ReplicationStatus>);

/// The words whose numbers are known: [`StatusWords::class`] relies on their order.
const KNOWN: [(&str, StatusClass); 7] = [
    ("COMPLETED", StatusClass::Replicated),
    ("REPLICA", StatusClass::Replica),
    ("", StatusClass::NotReplicated),
    ("PENDING", StatusClass::Pending),
    ("FAILED", StatusClass::Failed),
    ("COMPLETE", StatusClass::Replicated),
    ("PROCESSING", StatusClass::Pending),
];

impl Default for StatusWords {
    fn default() -> Self {
        Self(KNOWN.iter().map(|(word, _)| ReplicationStatus::of_report(word)).collect())
    }
}

impl StatusWords {
    #[inline]
    pub(crate) fn class(number: u8) -> StatusClass {
        KNOWN.get(usize::from(number)).map_or(StatusClass::Unknown, |(_, class)| *class)
    }

    /// The number of a word that was seen before.
    #[inline]
    pub(crate) fn find(&self, word: &str) -> Option<u8> {
        // No more words than a byte has values.
        self.0.iter().position(|known| known.is_reported_as(word)).map(|at| at as u8)
    }

    pub(crate) fn number(&mut self, word: &str) -> Result<u8, TallyError> {
        if let Some(number) = self.find(word) {
            return Ok(number);
        }
        let number = u8::try_from(self.0.len()).map_err(|_| TallyError::Words)?;
        self.0.push(ReplicationStatus::of_report(word));
        Ok(number)
    }

    pub(crate) fn status(&self, number: u8) -> Option<&ReplicationStatus> {
        self.0.get(usize::from(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_for_the_classes_of_their_words() {
        let mut words = StatusWords::default();
        for (at, (word, class)) in KNOWN.iter().enumerate() {
            assert_eq!((words.number(word), StatusClass::of_report(word)), (Ok(at as u8), *class));
        }
        assert_eq!(words.find("NONE"), words.find(""));
        assert_eq!(words.find("Odd"), None);
        for other in 0..256 - KNOWN.len() {
            let number = words.number(&format!("odd {other}")).unwrap();
            assert_eq!(StatusWords::class(number), StatusClass::Unknown);
        }
        assert_eq!(words.number("one more"), Err(TallyError::Words));
        assert_eq!(words.status(255).unwrap().reported(), "odd 248");
    }
}
