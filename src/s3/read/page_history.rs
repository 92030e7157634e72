//! Detects lists without an end.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Allowed empty pages in a row: S3 may send some when it skips many deleted keys.
const MOST_EMPTY_PAGES: u32 = 10_000;

/// Why a list has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndlessList {
    #[error("the server sent the same page again")]
    SamePage,
    #[error("the list continues where it was before")]
    SameToken,
    #[error("the list has too many empty pages in a row")]
    EmptyPages,
}

/// The first entries and tokens of the pages of one list. A list has each entry once, so a page that begins like an earlier
/// one, or a repeated token, means a list without an end. Stores hashes, some 32 bytes per page of 1,000 keys. Two equal hashes
/// by chance end a list with an error, never with a wrong answer.
#[derive(Debug, Default)]
pub(crate) struct PageHistory {
    firsts: HashSet<u64>,
    tokens: HashSet<u64>,
    empty: u32,
}

impl PageHistory {
    /// Adds a page: its first entry, and its token for the next page.
    pub(crate) fn check(&mut self, first: Option<&impl Hash>, next: Option<&impl Hash>) -> Result<(), EndlessList> {
        if first.is_some_and(|first| !self.firsts.insert(hash(first))) {
            return Err(EndlessList::SamePage);
        }
        if next.is_some_and(|next| !self.tokens.insert(hash(next))) {
            return Err(EndlessList::SameToken);
        }
        self.empty = if first.is_some() { 0 } else { self.empty + 1 };
        match self.empty > MOST_EMPTY_PAGES {
            true => Err(EndlessList::EmptyPages),
            false => Ok(()),
        }
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these pages, given as first entry and token, are accepted.
    fn followed(pages: &[(Option<&str>, Option<&str>)]) -> usize {
        let mut history = PageHistory::default();
        pages.iter().take_while(|(first, next)| history.check(first.as_ref(), next.as_ref()).is_ok()).count()
    }

    #[test]
    fn a_list_without_an_end_is_ended() {
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (c, None)]), 3);
        assert_eq!(followed(&[(a, Some("1")), (b, Some("1")), (c, None)]), 1, "the token again");
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (c, Some("1"))]), 2, "after two pages");
        assert_eq!(followed(&[(a, Some("1")), (b, Some("2")), (a, Some("3"))]), 2, "the same page, another token");
        assert_eq!(followed(&[(None, Some("1")), (None, Some("2")), (a, None)]), 3, "empty pages are pages");
        let names: Vec<String> = (0..20_000).map(|at| at.to_string()).collect();
        let empty: Vec<_> = names.iter().map(|name| (None, Some(name.as_str()))).collect();
        assert_eq!(followed(&empty), 10_000);
    }
}
