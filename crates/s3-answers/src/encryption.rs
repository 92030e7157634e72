//! GetBucketEncryption: how new objects are encrypted unless their writer says otherwise.

use crate::element::document;
use crate::error::AnswerError;

/// The default encryption of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultEncryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`, as it was written.
    pub algorithm: String,
    /// The KMS key; `None` means the one that AWS manages.
    pub kms_key: Option<String>,
}

impl DefaultEncryption {
    /// Whether new objects are encrypted with a KMS key.
    pub fn is_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }
}

/// Reads the answer of [GetBucketEncryption]: the default of the only rule that has one.
///
/// [GetBucketEncryption]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
pub fn read_default_encryption(answer: &[u8]) -> Result<DefaultEncryption, AnswerError> {
    document(answer, &["ServerSideEncryptionConfiguration"], |root| {
        root.no_other_entries(&["Rule"])?;
        let mut found = None;
        for rule in root.all("Rule") {
            let Some(default) = rule.fields()?.maybe("ApplyServerSideEncryptionByDefault")? else { continue };
            let default = default.fields()?;
            let algorithm = default.one("SSEAlgorithm")?.word()?.into_owned();
            let default = DefaultEncryption { algorithm, kms_key: default.maybe_word("KMSMasterKeyID")? };
            if found.replace(default).is_some() {
                return Err(AnswerError::contradiction("two rules say how objects are encrypted by default"));
            }
        }
        found.ok_or(AnswerError::Missing { parent: root.name().to_owned(), name: "Rule" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_default_is_read() {
        let read = |rules: &str| {
            let answer = format!("<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>");
            read_default_encryption(answer.as_bytes()).map(|found| (found.is_kms(), found.kms_key))
        };
        let rule = |inner: &str| {
            format!("<Rule><ApplyServerSideEncryptionByDefault>{inner}</ApplyServerSideEncryptionByDefault></Rule>")
        };
        let plain = rule("<SSEAlgorithm>AES256</SSEAlgorithm>");
        let kms = rule("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/a</KMSMasterKeyID>");
        assert_eq!(read(&plain), Ok((false, None)));
        assert_eq!(read(&kms), Ok((true, Some("alias/a".to_owned()))));
        assert_eq!(read(&rule("<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>")), Ok((true, None)));
        for wrong in [String::new(), rule(""), format!("{plain}{kms}"), "<Rule/>".to_owned()] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }
}
