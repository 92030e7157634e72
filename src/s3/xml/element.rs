//! One XML document, read without tolerance: an element holds either text or elements, and each is asked for by name.
//!
//! Namespaces are not compared: servers differ in whether they declare S3's.

use std::borrow::Cow;
use std::str::FromStr;

use roxmltree::{Document, Node, ParsingOptions};

use super::unreadable::Unreadable;

/// Elements and texts of one answer at the most: a page of 1,000 versions has about 30,000. Bounds the memory that one answer
/// takes here to some 100 MB.
const MOST_NODES: u32 = 1_000_000;

/// Reads an answer whose root element has one of these names; the first is S3's own.
pub(super) fn document<T>(
    answer: &[u8],
    roots: &[&'static str],
    read: impl FnOnce(Fields<'_>) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    let text = std::str::from_utf8(answer).map_err(|_| Unreadable::NotUtf8)?;
    let document =
        Document::parse_with_options(text, ParsingOptions { nodes_limit: MOST_NODES, ..ParsingOptions::default() })?;
    let root = Element(document.root_element());
    if !roots.contains(&root.name()) {
        let found = root.name().chars().take(200).collect();
        return Err(Unreadable::Root { found, expected: roots.first().copied().unwrap_or_default() });
    }
    read(root.fields()?)
}

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a>(Node<'a, 'a>);

impl<'a> Element<'a> {
    pub(super) fn name(&self) -> &'a str {
        self.0.tag_name().name()
    }

    /// The elements in it, where it holds no text.
    pub(super) fn fields(self) -> Result<Fields<'a>, Unreadable> {
        let mut children = Vec::new();
        for child in self.0.children() {
            if child.is_element() {
                children.push(Self(child));
            } else if child.is_text() && child.text().is_some_and(|text| !text.trim_ascii().is_empty()) {
                return Err(Unreadable::StrayText(self.name().to_owned()));
            }
        }
        Ok(Fields { name: self.name(), children })
    }

    /// Whether it holds elements.
    pub(super) fn has_elements(self) -> bool {
        self.0.children().any(|child| child.is_element())
    }

    /// Its text exactly, where it holds no elements.
    pub(super) fn text(self) -> Result<Cow<'a, str>, Unreadable> {
        if self.has_elements() {
            return Err(Unreadable::NotText(self.name().to_owned()));
        }
        // Comments divide a text into several.
        let mut texts = self.0.children().filter_map(|child| child.text().filter(|_| child.is_text()));
        let first = texts.next().unwrap_or_default();
        Ok(texts.fold(Cow::Borrowed(first), |all, more| all + more))
    }

    /// Its text without the white space around it: for words and numbers, never for keys.
    pub(super) fn word(self) -> Result<Cow<'a, str>, Unreadable> {
        Ok(match self.text()? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
        })
    }

    /// `true` or `false`.
    pub(super) fn flag(self) -> Result<bool, Unreadable> {
        match &*self.word()? {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(Unreadable::invalid(self.name(), other)),
        }
    }

    /// A number of decimal digits alone.
    pub(super) fn number<N: FromStr>(self) -> Result<N, Unreadable> {
        let word = self.word()?;
        let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        word.parse().ok().filter(|_| digits).ok_or_else(|| Unreadable::invalid(self.name(), &word))
    }

    /// `Enabled` or `Disabled` in its only `Status`.
    pub(super) fn switch(self) -> Result<bool, Unreadable> {
        self.fields()?.one("Status")?.enabled()
    }

    /// `Enabled` or `Disabled`: a word that is neither is not taken for one of them.
    pub(super) fn enabled(self) -> Result<bool, Unreadable> {
        match &*self.word()? {
            "Enabled" => Ok(true),
            "Disabled" => Ok(false),
            other => Err(Unreadable::invalid(self.name(), other)),
        }
    }
}

/// The elements in an element, asked for by name.
pub(super) struct Fields<'a> {
    name: &'a str,
    children: Vec<Element<'a>>,
}

impl<'a> Fields<'a> {
    /// The name of the element that holds them.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// All of them.
    pub(super) fn each(&self) -> impl Iterator<Item = Element<'a>> + '_ {
        self.children.iter().copied()
    }

    /// All of one name.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = Element<'a>> + '_ {
        self.each().filter(move |child| child.name() == name)
    }

    /// The one of this name, if there is one.
    pub(super) fn maybe(&self, name: &'static str) -> Result<Option<Element<'a>>, Unreadable> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Unreadable::Doubled { parent: self.name.to_owned(), name }),
        }
    }

    /// The one of this name.
    pub(super) fn one(&self, name: &'static str) -> Result<Element<'a>, Unreadable> {
        self.maybe(name)?.ok_or_else(|| Unreadable::Missing { parent: self.name.to_owned(), name })
    }

    /// The text of the one of this name, if there is one.
    pub(super) fn maybe_text(&self, name: &'static str) -> Result<Option<String>, Unreadable> {
        self.maybe(name)?.map(|element| element.text().map(Cow::into_owned)).transpose()
    }

    /// The word of the one of this name, if there is one that is not empty.
    pub(super) fn maybe_word(&self, name: &'static str) -> Result<Option<String>, Unreadable> {
        let word = self.maybe(name)?.map(|element| element.word().map(Cow::into_owned)).transpose()?;
        Ok(word.filter(|word| !word.is_empty()))
    }

    /// Those with none of these names.
    pub(super) fn others<'s>(&'s self, known: &'s [&'s str]) -> impl Iterator<Item = Element<'a>> + 's {
        self.each().filter(move |child| !known.contains(&child.name()))
    }

    /// Refuses every element with none of these names.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Unreadable> {
        self.others(known).next().map_or(Ok(()), |other| Err(self.unknown(other)))
    }

    /// Refuses elements with none of these names that hold elements: a new kind of entry would be one.
    pub(super) fn no_other_entries(&self, known: &[&str]) -> Result<(), Unreadable> {
        self.others(known).find(|other| other.has_elements()).map_or(Ok(()), |other| Err(self.unknown(other)))
    }

    fn unknown(&self, other: Element<'_>) -> Unreadable {
        let name = other.name().chars().take(200).collect();
        Unreadable::Unknown { parent: self.name.to_owned(), name }
    }
}
