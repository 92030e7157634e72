//! Elements of replication rules that the typed document of `s3s` drops or refuses: `Not` in filters, and the
//! `DeleteReplication` of other servers. They are taken out on the way in and put back on the way out.

use s3s::dto;
use s3s::xml::{DeResult, Deserialize, DeserializeContent, Deserializer};

use crate::text::xml_escaped;

/// The elements of a rule that its typed document lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ForeignElements {
    /// The `DeleteReplication` element; None where the rule has none.
    pub(crate) version_deletes: Option<bool>,
    pub(crate) excluded: Exclusions,
}

/// `Filter/Not` or `Filter/And/Not`: an object that matches any of these is not replicated by the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exclusions {
    pub(crate) prefixes: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
}

impl Exclusions {
    pub(crate) fn is_empty(&self) -> bool {
        self.prefixes.is_empty() && self.tags.is_empty()
    }

    pub(crate) fn covers(&self, key: &str, tags: &[(String, String)]) -> bool {
        self.prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
            || self.tags.iter().any(|tag| tags.contains(tag))
    }

    fn xml(&self) -> String {
        let prefixes = self.prefixes.iter().map(|prefix| format!("<Prefix>{}</Prefix>", xml_escaped(prefix)));
        let tags = self.tags.iter().map(|(key, value)| {
            format!("<Tag><Key>{}</Key><Value>{}</Value></Tag>", xml_escaped(key), xml_escaped(value))
        });
        let conditions: String = prefixes.chain(tags).collect();
        match self.prefixes.len() + self.tags.len() {
            1 => format!("<Not>{conditions}</Not>"),
            _ => format!("<Not><Or>{conditions}</Or></Not>"),
        }
    }
}

impl<'xml> Deserialize<'xml> for Exclusions {
    fn deserialize(d: &mut Deserializer<'xml>) -> DeResult<Self> {
        d.named_element("Not", Deserializer::content)
    }
}

impl<'xml> DeserializeContent<'xml> for Exclusions {
    fn deserialize_content(d: &mut Deserializer<'xml>) -> DeResult<Self> {
        let mut excluded = Self::default();
        let mut elements = 0;
        d.for_each_element(|d, name| {
            elements += 1;
            match name {
                b"Or" => d.for_each_element(|d, name| excluded.condition(d, name)),
                name => excluded.condition(d, name),
            }
        })?;
        match elements {
            1 if !excluded.is_empty() => Ok(excluded),
            _ => Err(s3s::xml::DeError::InvalidContent),
        }
    }
}

impl Exclusions {
    fn condition(&mut self, d: &mut Deserializer<'_>, name: &[u8]) -> DeResult {
        match name {
            b"Prefix" => self.prefixes.push(d.text(|text| Ok(text.to_owned()))?),
            b"Tag" => {
                let tag: dto::Tag = d.content()?;
                self.tags.push((tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
            }
            _ => return Err(s3s::xml::DeError::UnexpectedTagName),
        }
        Ok(())
    }
}

/// Reads the elements of each rule that the typed document lacks.
pub(crate) fn foreign_elements(xml: &str) -> DeResult<Vec<ForeignElements>> {
    xml.split("</Rule>")
        .map(|rule| {
            let not = inside(rule, "Not").map(|(_, not, _)| format!("<Not>{not}</Not>"));
            let excluded =
                not.map(|not| Exclusions::deserialize(&mut Deserializer::new(not.as_bytes()))).transpose()?;
            Ok(ForeignElements {
                version_deletes: inside(rule, "DeleteReplication").map(|(_, inner, _)| inner.contains("Enabled")),
                excluded: excluded.unwrap_or_default(),
            })
        })
        .collect()
}

/// The configuration without those elements, as the typed reader needs it; `DeleteReplication` is removed only if
/// the dialect knows it.
pub(crate) fn without_foreign(xml: &str, version_deletes: bool) -> String {
    let plain = without(xml, "Not");
    if version_deletes { without(&plain, "DeleteReplication") } else { plain }
}

fn without(xml: &str, name: &str) -> String {
    let mut plain = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, _, after)) = inside(rest, name) {
        plain.push_str(before);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// What is before, in and after the first element of a name.
fn inside<'a>(xml: &'a str, name: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let (before, rest) = xml.split_once(&format!("<{name}>"))?;
    let (inner, after) = rest.split_once(&format!("</{name}>"))?;
    Some((before, inner, after))
}

/// Puts the elements back into an answer that lacks them.
pub(crate) fn insert_foreign<'a>(
    xml: &str,
    mut rules: impl Iterator<Item = &'a ForeignElements>,
    version_deletes: bool,
) -> String {
    let mut answer = String::with_capacity(2 * xml.len());
    let mut pieces = xml.split("</Rule>").peekable();
    while let Some(piece) = pieces.next() {
        let rule = if pieces.peek().is_some() { rules.next() } else { None };
        let Some(rule) = rule else {
            answer.push_str(piece);
            break;
        };
        match rule.excluded.is_empty() {
            true => answer.push_str(piece),
            false => answer.push_str(&with_not(piece, &rule.excluded.xml())),
        }
        if let Some(on) = rule.version_deletes.filter(|_| version_deletes) {
            let status = if on { "Enabled" } else { "Disabled" };
            answer.push_str(&format!("<DeleteReplication><Status>{status}</Status></DeleteReplication>"));
        }
        answer.push_str("</Rule>");
    }
    answer
}

fn with_not(rule: &str, not: &str) -> String {
    let end = if rule.contains("</And>") { "</And>" } else { "</Filter>" };
    rule.replacen("<Filter/>", "<Filter></Filter>", 1).replacen(end, &format!("{not}{end}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_elements_are_returned_as_they_were_sent() {
        let with = "<C><Rule><ID>a</ID></Rule><Rule><ID>b</ID><DeleteReplication>\
                    <Status>Enabled</Status></DeleteReplication></Rule></C>";
        let without = "<C><Rule><ID>a</ID></Rule><Rule><ID>b</ID></Rule></C>";
        let found = foreign_elements(with).unwrap();
        assert_eq!([found[0].version_deletes, found[1].version_deletes], [None, Some(true)]);
        assert_eq!(without_foreign(with, true), without);
        assert_eq!(without_foreign(with, false), with);
        assert_eq!(insert_foreign(without, found.iter(), true), with);
        assert_eq!(insert_foreign(without, found.iter(), false), without);
    }

    #[test]
    fn exclusions_are_returned_as_they_were_sent() {
        let with = "<C><Rule><Filter><Not><Prefix>a&amp;b/</Prefix></Not></Filter></Rule><Rule><Filter><And>\
                    <Prefix>x</Prefix><Not><Or><Prefix>x/1</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Or></Not>\
                    </And></Filter></Rule></C>";
        let without =
            "<C><Rule><Filter></Filter></Rule><Rule><Filter><And><Prefix>x</Prefix></And></Filter></Rule></C>";
        let found = foreign_elements(with).unwrap();
        assert_eq!(found[0].excluded.prefixes, ["a&b/"]);
        assert!(found[1].excluded.covers("x/12", &[]) && !found[1].excluded.covers("x/2", &[]));
        assert!(found[1].excluded.covers("x/2", &[("k".to_owned(), "v".to_owned())]));
        assert_eq!(without_foreign(with, false), without);
        assert_eq!(insert_foreign(without, found.iter(), false), with);
    }

    #[test]
    fn an_exclusion_that_s3_would_refuse_is_refused() {
        for inner in ["", "<Prefix>a</Prefix><Prefix>b</Prefix>", "<Or></Or>", "<And></And>", "<Size>1</Size>"] {
            let xml = format!("<C><Rule><Filter><Not>{inner}</Not></Filter></Rule></C>");
            assert!(foreign_elements(&xml).is_err(), "{inner}");
        }
    }
}
