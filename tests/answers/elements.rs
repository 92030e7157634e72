//! Damage to one element of an answer, for elements of every name.

use roxmltree::{Document, Node};

/// What no server does to an element. A removed element is not here: whole and well-formed, such an answer can deceive anyone;
/// what each reader makes of it is tested in `crates/s3-answers/tests/damage.rs`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ElementDamage {
    Doubled,
    /// It is after the next element.
    Moved,
    UnknownBefore,
    EntryBefore,
    TextBefore,
}

impl ElementDamage {
    pub(crate) const ALL: [Self; 5] =
        [Self::Doubled, Self::Moved, Self::UnknownBefore, Self::EntryBefore, Self::TextBefore];

    /// The answer with damage to this element; `None` if it has no such element.
    pub(crate) fn apply(self, answer: &[u8], at: usize) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(answer).ok()?;
        let document = Document::parse(text).ok()?;
        let node = elements(&document).nth(at)?;
        let (range, next) = (node.range(), node.next_sibling_element().map(|next| next.range()));
        let (before, own, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
        let new = match (self, next) {
            (Self::Doubled, _) => format!("{before}{own}{own}{after}"),
            (Self::Moved, Some(next)) => format!("{before}{}{own}{}", &text[range.end..next.end], &text[next.end..]),
            (Self::Moved, None) => return None,
            (Self::UnknownBefore, _) => format!("{before}<New>word</New>{own}{after}"),
            (Self::EntryBefore, _) => format!("{before}<New><Key>k</Key></New>{own}{after}"),
            (Self::TextBefore, _) => format!("{before}text{own}{after}"),
        };
        Some(new.into_bytes())
    }
}

/// How many elements it has besides its root.
pub(crate) fn count(answer: &[u8]) -> usize {
    let text = std::str::from_utf8(answer).unwrap_or_default();
    Document::parse(text).map_or(0, |document| elements(&document).count())
}

fn elements<'a>(document: &'a Document<'_>) -> impl Iterator<Item = Node<'a, 'a>> {
    let root = document.root_element();
    document.descendants().filter(move |node| node.is_element() && *node != root)
}
