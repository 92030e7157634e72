//! GetObjectTagging.

use std::collections::HashSet;

use crate::element::document;
use crate::error::AnswerError;

/// Reads the tags of an object from an answer of [GetObjectTagging]. A duplicate tag is an error.
///
/// [GetObjectTagging]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html
pub fn read_tags(answer: &[u8]) -> Result<Vec<(String, String)>, AnswerError> {
    document(answer, &["Tagging"], |root| {
        root.no_other_entries(&["TagSet"])?;
        let set = root.one("TagSet")?.fields()?;
        set.only(&["Tag"])?;
        let mut tags: Vec<(String, String)> = Vec::new();
        let mut seen = HashSet::new();
        for tag in set.all("Tag") {
            let (key, value) = tag.tag()?;
            if !seen.insert(key.clone()) {
                return Err(AnswerError::Contradiction(format!("the tag {key:?} occurs twice")));
            }
            tags.push((key, value));
        }
        Ok(tags)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &str) -> Result<Vec<(String, String)>, AnswerError> {
        read_tags(format!("<Tagging xmlns=\"x\"><TagSet>{set}</TagSet></Tagging>").as_bytes())
    }

    #[test]
    fn incomplete_tags_are_refused() {
        let tag = |key: &str, value: &str| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(read(""), Ok(vec![]));
        assert_eq!(
            read(&(tag("team", " a&amp;b ") + &tag("empty", ""))),
            Ok(vec![pair("team", " a&b "), pair("empty", "")])
        );
        for set in [
            tag("a", "1") + &tag("a", "2"),
            "<Tag><Key>a</Key></Tag>".to_owned(),
            "<Tag><Value>a</Value></Tag>".to_owned(),
            "<Tag><Key>a</Key><Key>b</Key><Value>1</Value></Tag>".to_owned(),
            "<Tag><Key>a</Key><Value>1</Value>x</Tag>".to_owned(),
            "<Label><Key>a</Key><Value>1</Value></Label>".to_owned(),
        ] {
            assert!(read(&set).is_err(), "{set}");
        }
        assert!(read_tags(b"<Tagging/>").is_err());
        assert!(read_tags(b"<Tagging><TagSet/><TagSet/></Tagging>").is_err());
    }
}
