//! Strict access to an XML document: an element contains either text or elements, and each is requested by name.
//!
//! Namespaces are not compared, because not all servers declare S3's.

use std::borrow::Cow;
use std::str::FromStr;

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::AnswerError;

/// The most elements and texts of one answer: a page of 1,000 versions has about 30,000. Limits the memory for one answer to
/// some 100 MB.
const MOST_NODES: u32 = 1_000_000;

/// Parses an answer whose root element has one of these names; the first is S3's own.
pub(crate) fn document<T>(
    answer: &[u8],
    roots: &[&'static str],
    read: impl FnOnce(Fields<'_>) -> Result<T, AnswerError>,
) -> Result<T, AnswerError> {
    let text = std::str::from_utf8(answer).map_err(|_| AnswerError::NotUtf8)?;
    let document =
        Document::parse_with_options(text, ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() })
            .map_err(|error| AnswerError::NotXml(error.to_string()))?;
    let root = Element(document.root_element());
    if !roots.contains(&root.name()) {
        let found = root.name().chars().take(200).collect();
        return Err(AnswerError::Root { found, expected: roots.first().copied().unwrap_or_default() });
    }
    read(root.fields()?)
}

#[derive(Clone, Copy)]
pub(crate) struct Element<'a>(Node<'a, 'a>);

impl<'a> Element<'a> {
    pub(crate) fn name(&self) -> &'a str {
        self.0.tag_name().name()
    }

    /// Its child elements, if it has no text.
    pub(crate) fn fields(self) -> Result<Fields<'a>, AnswerError> {
        let mut children = Vec::new();
        for child in self.0.children() {
            if child.is_element() {
                children.push(Self(child));
            } else if child.is_text() && child.text().is_some_and(|text| !text.trim_ascii().is_empty()) {
                return Err(AnswerError::StrayText(self.name().to_owned()));
            }
        }
        Ok(Fields { name: self.name(), children })
    }

    pub(crate) fn has_elements(self) -> bool {
        self.0.children().any(|child| child.is_element())
    }

    /// Its exact text, if it has no child elements.
    pub(crate) fn text(self) -> Result<Cow<'a, str>, AnswerError> {
        if self.has_elements() {
            return Err(AnswerError::NotText(self.name().to_owned()));
        }
        // Comments split a text.
        let mut texts = self.0.children().filter_map(|child| child.text().filter(|_| child.is_text()));
        let first = texts.next().unwrap_or_default();
        Ok(texts.fold(Cow::Borrowed(first), |all, more| all + more))
    }

    /// Its text without surrounding white space: for words and numbers, never for keys.
    pub(crate) fn word(self) -> Result<Cow<'a, str>, AnswerError> {
        Ok(match self.text()? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        })
    }

    /// `true` or `false`.
    pub(crate) fn flag(self) -> Result<bool, AnswerError> {
        match &*self.word()? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(AnswerError::invalid(self.name(), other)),
        }
    }

    /// A number that has only decimal digits.
    pub(crate) fn number<N: FromStr>(self) -> Result<N, AnswerError> {
        let word = self.word()?;
        let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        word.parse().ok().filter(|_| digits).ok_or_else(|| AnswerError::invalid(self.name(), &word))
    }

    /// `Enabled` or `Disabled` in its single `Status`.
    pub(crate) fn switch(self) -> Result<bool, AnswerError> {
        self.fields()?.one("Status")?.enabled()
    }

    /// `Enabled` or `Disabled`; any other word is an error.
    pub(crate) fn enabled(self) -> Result<bool, AnswerError> {
        match &*self.word()? {
            "Enabled" => Ok(true),
            "Disabled" => Ok(false),
            other => Err(AnswerError::invalid(self.name(), other)),
        }
    }

    /// `Key` and `Value` of a tag. S3 allows an empty value, and no empty key.
    pub(crate) fn tag(self) -> Result<(String, String), AnswerError> {
        let tag = self.fields()?;
        let key = tag.one("Key")?.text()?.into_owned();
        if key.is_empty() {
            return Err(AnswerError::invalid("Key", &key));
        }
        Ok((key, tag.one("Value")?.text()?.into_owned()))
    }

    /// The bucket's name from an ARN of any partition (`arn:aws:s3:::name`). Some servers write the bare name.
    pub(crate) fn bucket_of_arn(self) -> Result<String, AnswerError> {
        let word = self.word()?;
        let name = match word.split_once(":s3:::") {
            Some((partition, name)) if partition.starts_with("arn:") => name,
            _ => &*word,
        };
        if name.is_empty() { Err(AnswerError::invalid(self.name(), &word)) } else { Ok(name.to_owned()) }
    }
}

/// The child elements of an element, requested by name.
pub(crate) struct Fields<'a> {
    name: &'a str,
    children: Vec<Element<'a>>,
}

impl<'a> Fields<'a> {
    /// The name of the parent.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = Element<'a>> + '_ {
        self.children.iter().copied()
    }

    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = Element<'a>> + '_ {
        self.each().filter(move |child| child.name() == name)
    }

    /// The only element with this name, if there is one.
    pub(crate) fn maybe(&self, name: &'static str) -> Result<Option<Element<'a>>, AnswerError> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(AnswerError::Doubled { parent: self.name.to_owned(), name }),
        }
    }

    /// The only element with this name.
    pub(crate) fn one(&self, name: &'static str) -> Result<Element<'a>, AnswerError> {
        self.maybe(name)?.ok_or_else(|| AnswerError::Missing { parent: self.name.to_owned(), name })
    }

    pub(crate) fn maybe_text(&self, name: &'static str) -> Result<Option<String>, AnswerError> {
        self.maybe(name)?.map(|element| element.text().map(Cow::into_owned)).transpose()
    }

    pub(crate) fn maybe_number<N: FromStr>(&self, name: &'static str) -> Result<Option<N>, AnswerError> {
        self.maybe(name)?.map(Element::number).transpose()
    }

    /// An empty word counts as missing.
    pub(crate) fn maybe_word(&self, name: &'static str) -> Result<Option<String>, AnswerError> {
        let word = self.maybe(name)?.map(|element| element.word().map(Cow::into_owned)).transpose()?;
        Ok(word.filter(|word| !word.is_empty()))
    }

    /// The elements with other names.
    pub(crate) fn others<'s>(&'s self, known: &'s [&'s str]) -> impl Iterator<Item = Element<'a>> + 's {
        self.each().filter(move |child| !known.contains(&child.name()))
    }

    /// Refuses elements with other names.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), AnswerError> {
        self.others(known).next().map_or(Ok(()), |other| Err(self.unknown(other)))
    }

    /// Refuses elements with other names that contain elements, because they may be a new kind of entry.
    pub(crate) fn no_other_entries(&self, known: &[&str]) -> Result<(), AnswerError> {
        self.others(known).find(|other| other.has_elements()).map_or(Ok(()), |other| Err(self.unknown(other)))
    }

    fn unknown(&self, other: Element<'_>) -> AnswerError {
        let name = other.name().chars().take(200).collect();
        AnswerError::Unknown { parent: self.name.to_owned(), name }
    }

    /// `token` if `IsTruncated` is true. Otherwise there must be none.
    pub(crate) fn next_page<T>(&self, token: Option<T>) -> Result<Option<T>, AnswerError> {
        match (self.one("IsTruncated")?.flag()?, token) {
            (false, None) => Ok(None),
            (true, Some(token)) => Ok(Some(token)),
            (true, None) => {
                Err(AnswerError::contradiction("the list is truncated, and has no token for the next page"))
            }
            (false, Some(_)) => Err(AnswerError::contradiction("the list ends, and has a token for the next page")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_arn_is_parsed() {
        for (text, bucket) in
            [("arn:aws:s3:::dst", "dst"), ("arn:aws-cn:s3:::dst", "dst"), ("dst", "dst"), ("x:s3:::dst", "x:s3:::dst")]
        {
            let xml = format!("<A><Bucket>{text}</Bucket></A>");
            let found = document(xml.as_bytes(), &["A"], |root| root.one("Bucket")?.bucket_of_arn());
            assert_eq!(found.as_deref(), Ok(bucket), "{text}");
        }
    }

    #[test]
    fn the_elements_of_an_answer_are_limited() {
        let read = |elements: u32| {
            let xml = format!("<A>{}</A>", "<B/>".repeat(elements as usize));
            document(xml.as_bytes(), &["A"], |_| Ok(()))
        };
        // The document itself and its root are two more.
        assert_eq!(read(MOST_NODES - 2), Ok(()));
        assert!(matches!(read(MOST_NODES), Err(AnswerError::NotXml(_))));
    }
}
