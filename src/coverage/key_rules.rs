//! The rules of a bucket, compiled: what they say of a key follows from the longest of their prefixes that it begins with.
//!
//! Tags are not in a report, so rules that depend on them are unsure. Encryption is left out: whether a rule is for a key does
//! not depend on it, and KMS without the opt-in is one of the reasons why an object has no status.

use std::sync::Arc;

use s3_answers::{Exclusion, Fit, Misfit, ReplicationRules, Subject};
use s3_inventory::{KeyClasses, key_escapes};

/// No enabled rule has a prefix of the key.
const NO_RULE: &str = "no-rule";
/// A rule has a prefix of the key, and excludes the key.
const EXCLUDED: &str = "excluded";
/// A rule may be for the key: its tags decide.
const BY_TAGS: &str = "depends-on-tags";

/// What the rules say of a key, as an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRuling(u32);

impl KeyRuling {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Ruling {
    /// IDs of rules, or one of the words above.
    name: String,
    /// Whether a rule applies for certain.
    applies: bool,
    /// Whether no rule applies to objects that are encrypted with KMS, for certain.
    leaves_out_kms: bool,
}

/// A prefix of a rule or of an exclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RulePrefix {
    text: Box<[u8]>,
    /// The longest other prefix that this one begins with.
    parent: Option<usize>,
    ruling: KeyRuling,
}

/// The compiled rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyRules {
    rulings: Vec<Ruling>,
    /// Sorted.
    prefixes: Vec<RulePrefix>,
    /// For keys without any of the prefixes.
    without: KeyRuling,
    /// The length of the longest prefix: what comes after it decides nothing.
    longest: usize,
    /// The unknown elements of enabled rules, each with the rule: with one, the rule may or may not apply to any key.
    unknown: Vec<String>,
}

impl KeyRules {
    pub(crate) fn new(rules: &ReplicationRules) -> Self {
        let mut texts: Vec<&str> = Vec::new();
        for rule in rules.rules.iter().filter(|rule| rule.enabled) {
            texts.push(&rule.scope.prefix);
            texts.extend(rule.scope.except.iter().filter_map(|one| match one {
                Exclusion::Prefix(prefix) => Some(prefix.as_str()),
                Exclusion::Tag(..) => None,
            }));
        }
        texts.sort_unstable();
        texts.dedup();
        let mut rulings = vec![Ruling { name: NO_RULE.to_owned(), applies: false, leaves_out_kms: false }];
        // A rule with an unknown element may be for any key.
        let without = ruling_of(rules, None, &mut rulings);
        let mut prefixes: Vec<RulePrefix> = Vec::with_capacity(texts.len());
        for text in texts {
            let mut parent = prefixes.len().checked_sub(1);
            while let Some(at) = parent
                && !text.as_bytes().starts_with(&prefixes[at].text)
            {
                parent = prefixes[at].parent;
            }
            let ruling = ruling_of(rules, Some(text), &mut rulings);
            prefixes.push(RulePrefix { text: text.as_bytes().into(), parent, ruling });
        }
        let longest = prefixes.iter().map(|prefix| prefix.text.len()).max().unwrap_or(0);
        let unknown = rules.rules.iter().filter(|rule| rule.enabled).flat_map(|rule| {
            let name = rule.id.as_ref().map_or_else(|| "a rule without ID".to_owned(), |id| format!("rule {id:?}"));
            rule.unknown.iter().map(move |element| format!("element {element:?} of {name}"))
        });
        let unknown = unknown.collect();
        Self { rulings, prefixes, without, longest, unknown }
    }

    /// What is not known about the rules, in words.
    pub(crate) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The number of different rulings.
    pub(crate) fn len(&self) -> usize {
        self.rulings.len()
    }

    /// The ruling of every key, where no prefix tells them apart.
    pub(crate) fn only(&self) -> Option<KeyRuling> {
        match self.prefixes.as_slice() {
            [] => Some(self.without),
            [all] if all.text.is_empty() => Some(all.ruling),
            _ => None,
        }
    }

    /// Prefixes with the names of their rulings, the longest first: the first prefix that a key begins with decides. The last
    /// name is for keys without any of the prefixes.
    pub(crate) fn cases(&self) -> (Vec<(String, &str)>, &str) {
        let name = |ruling: KeyRuling| self.name(ruling.at());
        let case = |prefix: &RulePrefix| (String::from_utf8_lossy(&prefix.text).into_owned(), name(prefix.ruling));
        let mut cases: Vec<_> = self.prefixes.iter().map(case).collect();
        cases.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        (cases, name(self.without))
    }

    /// The only ruling of this name; `None` if there is none, or if there are several.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        let mut found = (0..self.rulings.len()).filter(|ruling| self.name(*ruling) == name);
        found.next().filter(|_| found.next().is_none())
    }

    /// IDs of rules, `no-rule`, `excluded` or `depends-on-tags`.
    pub(crate) fn name(&self, ruling: usize) -> &str {
        &self.rulings[ruling].name
    }

    /// Whether a rule applies for certain.
    pub(crate) fn applies(&self, ruling: usize) -> bool {
        self.rulings[ruling].applies
    }

    /// Whether rules apply, and for certain to no object that is encrypted with KMS.
    pub(crate) fn leaves_out_kms(&self, ruling: usize) -> bool {
        self.rulings[ruling].leaves_out_kms
    }

    /// The ruling of a decoded key.
    pub(crate) fn of(&self, key: &[u8]) -> KeyRuling {
        self.decided(key).0
    }

    /// The ruling of every key from `smallest` to `largest`; `None` if they may have different ones.
    pub(crate) fn between(&self, smallest: &[u8], largest: &[u8]) -> Option<KeyRuling> {
        let found = |key: &[u8]| {
            let after = self.prefixes.partition_point(|prefix| &*prefix.text <= key);
            let mut found = after.checked_sub(1);
            while let Some(at) = found
                && !key.starts_with(&self.prefixes[at].text)
            {
                found = self.prefixes[at].parent;
            }
            (after, found)
        };
        // No prefix begins between them, and the longest that one begins with is that of the other.
        let same = found(smallest);
        (smallest <= largest && same == found(largest))
            .then(|| same.1.map_or(self.without, |at| self.prefixes[at].ruling))
    }

    /// The ruling, and after how many bytes of the key it is certain: every key that begins with them has the same. `None` if
    /// the end of the key decides.
    fn decided(&self, key: &[u8]) -> (KeyRuling, Option<usize>) {
        let after = self.prefixes.partition_point(|prefix| &*prefix.text <= key);
        let mut found = after.checked_sub(1);
        let mut bytes = 0;
        while let Some(at) = found
            && !key.starts_with(&self.prefixes[at].text)
        {
            bytes = bytes.max(common(key, &self.prefixes[at].text) + 1);
            found = self.prefixes[at].parent;
        }
        if let Some(next) = self.prefixes.get(after) {
            bytes = bytes.max(common(key, &next.text) + 1);
        }
        let ruling = match found {
            Some(at) => {
                bytes = bytes.max(self.prefixes[at].text.len());
                self.prefixes[at].ruling
            }
            None => self.without,
        };
        (ruling, (bytes <= key.len()).then_some(bytes))
    }
}

/// How many bytes two texts begin with in common.
fn common(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// The ruling of keys that begin with this and no longer prefix, or with none.
fn ruling_of(rules: &ReplicationRules, prefix: Option<&str>, rulings: &mut Vec<Ruling>) -> KeyRuling {
    // No key begins with this.
    let subject = Subject { key: prefix.unwrap_or("\u{10ffff}\0"), tags: None, encryption: Some("AES256") };
    let applying = rules.applying(&subject);
    let excluded = || rules.rules.iter().any(|rule| rule.fit(&subject) == Fit::Not(Misfit::Excluded));
    let ids = || {
        let id = |rule: &&s3_answers::ReplicationRule| match &rule.id {
            Some(id) => id.clone(),
            None => format!("(no ID, to {})", rule.destination.bucket),
        };
        applying.rules.iter().map(id).collect::<Vec<_>>().join(", ")
    };
    let (name, applies) = match (applying.rules.is_empty(), applying.unsure.is_empty()) {
        (false, _) => (ids(), true),
        (true, false) => (BY_TAGS.to_owned(), false),
        (true, true) if excluded() => (EXCLUDED.to_owned(), false),
        (true, true) => (NO_RULE.to_owned(), false),
    };
    // The ID of a rule can be one of the words for keys without a rule.
    let name = if applies && [NO_RULE, EXCLUDED, BY_TAGS].contains(&&*name) { format!("(rule {name})") } else { name };
    let of_kms = rules.applying(&Subject { encryption: Some("aws:kms"), ..subject });
    let leaves_out_kms = applies && of_kms.rules.is_empty() && of_kms.unsure.is_empty();
    let ruling = Ruling { name, applies, leaves_out_kms };
    let same = |known: &Ruling| known.name == ruling.name && known.applies == ruling.applies;
    let at = rulings.iter().position(same).unwrap_or(rulings.len());
    match rulings.get_mut(at) {
        // The same rules, beside others that may apply: what is not certain for one of the prefixes is not certain.
        Some(known) => known.leaves_out_kms &= ruling.leaves_out_kms,
        None => rulings.push(ruling),
    }
    KeyRuling(u32::try_from(at).unwrap_or(0))
}

/// The last rulings: neighbouring rows of a report mostly have the same, and few begins of keys have others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleMemo {
    /// Whether keys are those of a CSV report.
    encoded: bool,
    /// A row's key that begins with this has that ruling.
    known: Vec<(Vec<u8>, KeyRuling)>,
    /// The one that was used last.
    last: usize,
    /// The one that is replaced next.
    next: usize,
    /// The begin of a decoded key.
    decoded: Vec<u8>,
}

/// Rulings as classes of keys, for reports whose keys are not encoded.
pub(crate) struct RulingClasses {
    rules: Arc<KeyRules>,
    memo: RuleMemo,
}

impl RulingClasses {
    pub(crate) fn new(rules: Arc<KeyRules>) -> Self {
        Self { rules, memo: RuleMemo::new(false) }
    }
}

impl KeyClasses for RulingClasses {
    #[inline]
    fn class(&mut self, key: &[u8]) -> u32 {
        // A key that is not encoded always has a ruling.
        self.memo.ruling(&self.rules, key).unwrap_or(self.rules.without).0
    }

    fn class_between(&mut self, smallest: &[u8], largest: &[u8]) -> Option<u32> {
        self.rules.between(smallest, largest).map(|ruling| ruling.0)
    }
}

/// This number of begins is looked through faster than the rules.
const MOST_KNOWN: usize = 16;

impl RuleMemo {
    pub(crate) fn new(encoded: bool) -> Self {
        Self { encoded, known: Vec::new(), last: 0, next: 0, decoded: Vec::new() }
    }

    /// The ruling of a row's key; `None` if the key can't be decoded.
    #[inline]
    pub(crate) fn ruling(&mut self, rules: &KeyRules, key: &[u8]) -> Option<KeyRuling> {
        if let Some((begin, ruling)) = self.known.get(self.last)
            && let Some(rest) = key.strip_prefix(begin.as_slice())
        {
            return self.can_be_decoded(rest).then_some(*ruling);
        }
        self.look_up(rules, key)
    }

    /// Whether what follows a known begin can be decoded. It does not change the ruling, but shows a damaged report.
    #[inline]
    fn can_be_decoded(&self, rest: &[u8]) -> bool {
        !self.encoded || key_escapes(rest).all(|byte| byte.is_some())
    }

    fn look_up(&mut self, rules: &KeyRules, key: &[u8]) -> Option<KeyRuling> {
        if !self.can_be_decoded(key) {
            return None;
        }
        if let Some(at) = self.known.iter().position(|(begin, _)| key.starts_with(begin)) {
            self.last = at;
            return Some(self.known[at].1);
        }
        let (ruling, bytes) = match self.encoded {
            true => {
                decode_begin(key, rules.longest + 1, &mut self.decoded)?;
                rules.decided(&self.decoded)
            }
            false => rules.decided(key),
        };
        let Some(bytes) = bytes else { return Some(ruling) };
        // Of an encoded key, the cell up to there.
        let begin = &key[..if self.encoded { encoded_length(key, bytes) } else { bytes }];
        if self.known.len() < MOST_KNOWN {
            self.known.push((begin.to_vec(), ruling));
            self.last = self.known.len() - 1;
        } else {
            self.known[self.next] = (begin.to_vec(), ruling);
            self.last = self.next;
            self.next = (self.next + 1) % MOST_KNOWN;
        }
        Some(ruling)
    }
}

/// Decodes a cell until there are `enough` bytes of its key; `None` if it can't be decoded up to there.
fn decode_begin(cell: &[u8], enough: usize, decoded: &mut Vec<u8>) -> Option<()> {
    decoded.clear();
    let mut at = 0;
    while decoded.len() < enough
        && let Some(byte) = cell.get(at)
    {
        match byte {
            b'%' => {
                let digit = |at: usize| char::from(*cell.get(at)?).to_digit(16);
                decoded.push((digit(at + 1)? * 16 + digit(at + 2)?) as u8);
                at += 3;
            }
            byte => {
                decoded.push(if *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    Some(())
}

/// How many bytes of a sound cell hold the first `bytes` of its key.
fn encoded_length(cell: &[u8], bytes: usize) -> usize {
    let mut at = 0;
    for _ in 0..bytes {
        at += if cell.get(at) == Some(&b'%') { 3 } else { 1 };
    }
    at.min(cell.len())
}

#[cfg(test)]
mod tests;
