//! DeleteObjects: one result per key. The status 200 of the answer says nothing about the keys.

use std::collections::HashSet;

use crate::element::{Fields, document};
use crate::error::AnswerError;

/// The answer about one key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields have S3's names")]
pub struct KeyAnswer {
    pub key: String,
    pub version_id: Option<String>,
    pub result: KeyResult,
}

/// The result for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields have S3's names")]
pub enum KeyResult {
    /// S3 also sends this for a missing key. `delete_marker`: whether a delete marker was removed or created.
    Deleted { delete_marker: bool },
    /// S3 refused or failed.
    Error { code: String, message: String },
}

/// Reads the results of [DeleteObjects].
///
/// The caller must check that every key that it sent has a result, and no other key: a result for another key does not make
/// the rest invalid. Two results for one version are an error.
///
/// [DeleteObjects]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
pub fn read_delete_result(answer: &[u8]) -> Result<Vec<KeyAnswer>, AnswerError> {
    document(answer, &["DeleteResult"], |root| {
        root.no_other_entries(&["Deleted", "Error"])?;
        let mut answers = Vec::new();
        for element in root.each() {
            match element.name() {
                "Deleted" => {
                    let fields = element.fields()?;
                    let marker = fields.maybe("DeleteMarker")?.map(|marker| marker.flag()).transpose()?;
                    // Either element says that it was a marker.
                    let is_named = fields.maybe_text("DeleteMarkerVersionId")?.is_some_and(|id| !id.is_empty());
                    let delete_marker = is_named || marker == Some(true);
                    answers.push(answer_of(&fields, KeyResult::Deleted { delete_marker })?);
                }
                "Error" => {
                    let fields = element.fields()?;
                    let code = fields.one("Code")?.word()?.into_owned();
                    let message = fields.maybe_text("Message")?.unwrap_or_default();
                    answers.push(answer_of(&fields, KeyResult::Error { code, message })?);
                }
                _ => {}
            }
        }
        let mut seen = HashSet::new();
        if let Some(double) = answers.iter().find(|one| !seen.insert((&one.key, &one.version_id))) {
            return Err(AnswerError::Contradiction(format!("the answer has {:?} twice", double.key)));
        }
        Ok(answers)
    })
}

fn answer_of(fields: &Fields<'_>, result: KeyResult) -> Result<KeyAnswer, AnswerError> {
    let key = fields.one("Key")?.text()?.into_owned();
    if key.is_empty() {
        return Err(AnswerError::invalid("Key", ""));
    }
    Ok(KeyAnswer { key, version_id: fields.maybe_word("VersionId")?, result })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(inner: &str) -> Result<Vec<KeyAnswer>, AnswerError> {
        read_delete_result(format!("<DeleteResult xmlns=\"x\">{inner}</DeleteResult>").as_bytes())
    }

    #[test]
    fn each_key_has_its_result() {
        let answers = read(
            "<Deleted><Key>a &amp; b</Key><VersionId>1</VersionId></Deleted>\
             <Deleted><Key>m</Key><VersionId>2</VersionId><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>2</DeleteMarkerVersionId></Deleted>\
             <Deleted><Key>n</Key><VersionId>3</VersionId><DeleteMarkerVersionId>3</DeleteMarkerVersionId></Deleted>\
             <Deleted><Key>o</Key><DeleteMarker>false</DeleteMarker><DeleteMarkerVersionId/></Deleted>\
             <Error><Key>e</Key><Code>AccessDenied</Code><Message>no</Message></Error>",
        );
        let answer = |key: &str, version_id: Option<&str>, result| KeyAnswer {
            key: key.to_owned(),
            version_id: version_id.map(str::to_owned),
            result,
        };
        assert_eq!(
            answers,
            Ok(vec![
                answer("a & b", Some("1"), KeyResult::Deleted { delete_marker: false }),
                answer("m", Some("2"), KeyResult::Deleted { delete_marker: true }),
                answer("n", Some("3"), KeyResult::Deleted { delete_marker: true }),
                answer("o", None, KeyResult::Deleted { delete_marker: false }),
                answer("e", None, KeyResult::Error { code: "AccessDenied".into(), message: "no".into() }),
            ])
        );
        assert_eq!(read(""), Ok(vec![]));
    }

    #[test]
    fn incomplete_answers_are_refused() {
        for inner in [
            "<Deleted><VersionId>1</VersionId></Deleted>",
            "<Deleted><Key>a</Key><Key>b</Key></Deleted>",
            "<Deleted><Key>a</Key><DeleteMarker>maybe</DeleteMarker></Deleted>",
            "<Deleted><Key>a</Key></Deleted><Deleted><Key>a</Key></Deleted>",
            "<Deleted><Key>a</Key></Deleted><Error><Key>a</Key><Code>X</Code></Error>",
            "<Error><Key>a</Key></Error>",
            "<Deleted><Key/></Deleted>",
            "<Kept><Key>a</Key></Kept>",
            "Deleted",
        ] {
            assert!(read(inner).is_err(), "{inner}");
        }
        assert!(read_delete_result(b"").is_err());
        assert!(read_delete_result(b"<Error><Code>InternalError</Code></Error>").is_err());
        assert!(read_delete_result(b"<html><body>done</body></html>").is_err());
    }
}
