//! S3's errors. What they say is read by the SDK, and only of those that are whole.

use super::element::document;

/// Whether an answer is an error of S3, whole and with one code: a code decides what an answer means, and what was cut off or
/// says two things has none.
pub(in crate::s3) fn is_whole_error(answer: &[u8]) -> bool {
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
