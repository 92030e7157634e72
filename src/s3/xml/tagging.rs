//! GetObjectTagging.

use std::collections::HashSet;

use super::element::document;
use super::unreadable::Unreadable;

/// The object's tags.
pub(in crate::s3) fn tags(answer: &[u8]) -> Result<Vec<(String, String)>, Unreadable> {
    document(answer, &["Tagging"], |root| {
        root.no_other_entries(&["TagSet"])?;
        let set = root.one("TagSet")?.fields()?;
        set.only(&["Tag"])?;
        let mut tags: Vec<(String, String)> = Vec::new();
        let mut seen = HashSet::new();
        for tag in set.all("Tag") {
            let tag = tag.fields()?;
            let key = tag.one("Key")?.text()?.into_owned();
            if !seen.insert(key.clone()) {
                return Err(Unreadable::Contradiction(format!("the tag {key:?} is there twice")));
            }
            tags.push((key, tag.one("Value")?.text()?.into_owned()));
        }
        Ok(tags)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &str) -> Result<Vec<(String, String)>, Unreadable> {
        tags(format!("<Tagging xmlns=\"x\"><TagSet>{set}</TagSet></Tagging>").as_bytes())
    }

    #[test]
    fn tags_are_read_whole_or_not_at_all() {
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
        assert!(tags(b"<Tagging/>").is_err());
        assert!(tags(b"<Tagging><TagSet/><TagSet/></Tagging>").is_err());
    }
}
