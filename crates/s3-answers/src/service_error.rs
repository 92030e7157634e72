//! Error responses of S3.

use crate::element::document;

/// Whether an answer is a complete S3 error with one code (API Reference, [Error responses]).
///
/// The code decides what an answer means, so a truncated error, or one with two codes, must not count.
///
/// [Error responses]: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
pub fn is_whole_error(answer: &[u8]) -> bool {
    document(answer, &["Error"], |root| root.one("Code")?.word().map(drop)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_complete_error_counts() {
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
