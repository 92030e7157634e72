//! What objects of a report are grouped by, as `--by` names it.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// The part of the key up to and including this number of slashes, or its last slash if it has fewer.
    Prefix(u32),
    StorageClass,
    Encryption,
    /// Scan time less LastModifiedDate.
    Age,
    /// The replication rule that applies to the key today.
    Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DimensionError {
    #[error("write prefix, prefix:DEPTH, storage-class, encryption, age or rule")]
    Word,
    #[error("the depth of a prefix is a number from 1 to 1024")]
    Depth,
}

impl FromStr for Dimension {
    type Err = DimensionError;

    fn from_str(text: &str) -> Result<Self, DimensionError> {
        match text {
            "prefix" => Ok(Self::Prefix(1)),
            "storage-class" => Ok(Self::StorageClass),
            "encryption" => Ok(Self::Encryption),
            "age" => Ok(Self::Age),
            "rule" => Ok(Self::Rule),
            _ => match text.strip_prefix("prefix:").map(str::parse) {
                Some(Ok(depth @ 1..=1024)) => Ok(Self::Prefix(depth)),
                Some(_) => Err(DimensionError::Depth),
                None => Err(DimensionError::Word),
            },
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(1) => f.write_str("prefix"),
            Self::Prefix(depth) => write!(f, "prefix:{depth}"),
            Self::StorageClass => f.write_str("storage-class"),
            Self::Encryption => f.write_str("encryption"),
            Self::Age => f.write_str("age"),
            Self::Rule => f.write_str("rule"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_read_as_they_are_written() {
        for text in ["prefix", "prefix:2", "prefix:1024", "storage-class", "encryption", "age", "rule"] {
            assert_eq!(text.parse::<Dimension>().unwrap().to_string(), text);
        }
        assert_eq!("prefix:1".parse(), Ok(Dimension::Prefix(1)));
        for text in ["", "prefix:", "prefix:0", "prefix:-1", "prefix:1025", "prefix:x", "Prefix", "size"] {
            assert!(text.parse::<Dimension>().is_err(), "{text}");
        }
    }
}
