//! The error of all readers.

/// Why an answer can't be used. It then shows nothing, not even that something is absent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum AnswerError {
    #[error("the answer is not UTF-8")]
    NotUtf8,
    #[error("the answer is not complete XML: {0}")]
    NotXml(String),
    #[error("the answer is {found:?} instead of {expected:?}")]
    Root { found: String, expected: &'static str },
    #[error("{parent} has no {name}")]
    Missing { parent: String, name: &'static str },
    #[error("{parent} has more than one {name}")]
    Doubled { parent: String, name: &'static str },
    #[error("{0} has text between its elements")]
    StrayText(String),
    #[error("{0} has elements instead of text")]
    NotText(String),
    #[error("invalid {name}: {text:?}")]
    Invalid { name: String, text: String },
    /// An unknown element that may change the meaning of the answer.
    #[error("{parent} has an unknown element {name:?}")]
    Unknown { parent: String, name: String },
    #[error("{0}")]
    Contradiction(String),
}

impl AnswerError {
    pub(crate) fn contradiction(text: &str) -> Self {
        Self::Contradiction(text.to_owned())
    }

    pub(crate) fn invalid(name: &str, text: &str) -> Self {
        Self::Invalid { name: name.to_owned(), text: text.chars().take(200).collect() }
    }
}
