//! Error responses of S3.

use crate::element::document;

/// Whether an answer is an error of S3, whole and with one code (API Reference, [Error responses]).
///
/// A code decides what an answer means. An error that was cut off, or that has two codes, decides nothing.
///
/// [Error responses]: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
pub fn is_whole_error(answer: &[u8]) -> bool {
    document(answer, &["Error"], |root| root.one("Code")?.word().map(drop)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_counts_only_whole() {
        let whole = "<?xml version=\"1.0\"?>\n<Error xmlns=\"x\"><Code>NoSuchKey</Code><Message>a &amp; b</Message><Resource/><New><Thing/></New></Error>\n";
        assert!(is_whole_error(whole.as_bytes()));
        for at in 0..whole.len() - 1 {
            assert!(!is_whole_error(&whole.as_bytes()[..at]), "cut at {at}");
        }
        for other in [
            "<Error/>",
            "<Error><Message>m</Message></Error>",
            "<Error><Code>a</Code><Code>b</Code></Error>",
            "<Error><Code><b/></Code></Error>",
            "<html><Code>NoSuchKey</Code></html>",
            "NoSuchKey",
        ] {
            assert!(!is_whole_error(other.as_bytes()), "{other}");
        }
    }
}
