//! Why an answer can't be used.

/// Why an answer can't be used. It then says nothing, not even that something is absent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// Bytes that are not UTF-8.
    #[error("the answer is not UTF-8")]
    NotUtf8,
    /// Not XML, or cut before the end of the root element.
    #[error("the answer is not whole XML: {0}")]
    NotXml(String),
    /// A document of another kind.
    #[error("the answer is {found:?} instead of {expected:?}")]
    Root {
        /// The root element.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A required element is not there.
    #[error("{parent} has no {name}")]
    Missing {
        /// Where it should be.
        parent: String,
        /// Which element.
        name: &'static str,
    },
    /// An element that should be there once is there more often.
    #[error("{parent} has more than one {name}")]
    Doubled {
        /// Where it is.
        parent: String,
        /// Which element.
        name: &'static str,
    },
    /// Text where only elements belong.
    #[error("{0} has text between its elements")]
    StrayText(String),
    /// Elements where only text belongs.
    #[error("{0} has elements instead of text")]
    NotText(String),
    /// A text that is not one of those allowed.
    #[error("invalid {name}: {text:?}")]
    Invalid {
        /// The element.
        name: String,
        /// Its text, cut to a length that can be shown.
        text: String,
    },
    /// An element that may decide something, and that no known server writes.
    #[error("{parent} has an unknown element {name:?}")]
    Unknown {
        /// Where it is.
        parent: String,
        /// Which element.
        name: String,
    },
    /// Parts of the answer contradict each other, or the question.
    #[error("{0}")]
    Contradiction(String),
}

impl AnswerError {
    /// A text that is not one of those allowed.
    pub(crate) fn invalid(name: &str, text: &str) -> Self {
        Self::Invalid { name: name.to_owned(), text: text.chars().take(200).collect() }
    }
}
