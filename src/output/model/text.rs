//! Pieces of text that several rows and formats share.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;

use super::super::terminal::{Style, wrap};
use crate::deletion::OutcomeClass;
use crate::exit::ExitStatus;
pub(crate) use crate::model::plural;
use crate::model::{escape, human_bytes, human_count};

/// A time span: `13h 20m`, `4 days`; negative when the clocks disagree.
pub(crate) fn ago(seconds: i64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        _ => in_hours(seconds),
    }
}

/// The same in hours and minutes, however long it is: for a time span beside its limit.
pub(crate) fn in_hours(seconds: i64) -> String {
    match seconds {
        3_600.. if seconds % 3_600 < 60 => format!("{}h", seconds / 3_600),
        3_600.. => format!("{}h {}m", seconds / 3_600, seconds % 3_600 / 60),
        60.. => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// Never `100.0%` for less than all, never `0.0%` for more than none.
pub(in crate::output) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (u128::from(part) * 2000 / u128::from(whole)).div_ceil(2);
    match tenths {
        0 if part > 0 => "<0.1%".to_owned(),
        1000 if part < whole => ">99.9%".to_owned(),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

pub(in crate::output) fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// A size, or `unknown` where it is not known.
pub(in crate::output) fn size_or(unknown: &str, bytes: Option<u64>) -> String {
    bytes.map_or_else(|| unknown.to_owned(), human_bytes)
}

/// `3 objects: 1 failed, 2 replicated`.
pub(super) fn counted(objects: u64, by: &BTreeMap<&'static str, u64>) -> String {
    counted_apart(objects, by, &BTreeMap::new())
}

/// The same; `aside` are those of them that the exit code does not depend on.
pub(super) fn counted_apart(
    objects: u64,
    by: &BTreeMap<&'static str, u64>,
    aside: &BTreeMap<&'static str, u64>,
) -> String {
    let parts = by.iter().map(|(word, count)| {
        let aside = match aside.get(word) {
            None => String::new(),
            Some(aside) if aside == count => " (not an error)".to_owned(),
            Some(aside) => format!(" ({} of them not an error)", human_count(*aside)),
        };
        format!("{} {word}{aside}", human_count(*count))
    });
    let parts: Vec<String> = parts.collect();
    let counts = if by.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    format!("{}{counts}", plural(objects, "object"))
}

/// What `--only` and `--summary` leave out, at the end of a line: `; 2 of 3 objects are not shown`.
pub(crate) fn not_shown(hidden: u64, objects: u64, by: &BTreeMap<&'static str, u64>) -> String {
    match hidden {
        0 => String::new(),
        _ => format!(
            "; {} of {} {} not shown (in all: {})",
            human_count(hidden),
            plural(objects, "object"),
            if hidden == 1 { "is" } else { "are" },
            by_word(by)
        ),
    }
}

fn by_word(by: &BTreeMap<&'static str, u64>) -> String {
    let parts: Vec<String> = by.iter().map(|(word, count)| format!("{} {word}", human_count(*count))).collect();
    parts.join(", ")
}

/// An object as it is named in a line.
pub(super) fn named(bucket: &str, key: &str, version_id: Option<&str>) -> String {
    let version = version_id.map(|id| format!(" (version {id})")).unwrap_or_default();
    format!("s3://{bucket}/{key}{version}")
}

/// What one row makes of the exit status.
pub(super) fn exit_of(outcome: OutcomeClass) -> ExitStatus {
    match outcome {
        OutcomeClass::Changed | OutcomeClass::Satisfied => ExitStatus::Yes,
        OutcomeClass::Kept | OutcomeClass::Lost => ExitStatus::No,
        OutcomeClass::Failed | OutcomeClass::Unknown => ExitStatus::Unknown,
    }
}

/// Which hints were printed, so that each is printed once.
#[derive(Debug, Default)]
pub(crate) struct PrintedTexts(HashSet<String>);

impl PrintedTexts {
    /// Hints can name objects. Beyond this many, they are printed again rather than remembered.
    const MOST: usize = 1000;

    pub(crate) fn is_new(&mut self, text: &str) -> bool {
        !self.0.contains(text) && (self.0.len() >= Self::MOST || self.0.insert(text.to_owned()))
    }
}

/// The colour of a row, by how its outcome counts.
pub(crate) fn paint_of(outcome: OutcomeClass) -> fn(Style, &str) -> String {
    match outcome {
        OutcomeClass::Changed | OutcomeClass::Satisfied => Style::good,
        OutcomeClass::Kept => Style::warn,
        OutcomeClass::Failed | OutcomeClass::Unknown | OutcomeClass::Lost => Style::bad,
    }
}

/// A sentence, escaped, and wrapped where the terminal is narrower; further lines are indented by two.
pub(in crate::output) fn sentence(text: &str, style: Style) -> Vec<String> {
    let text = escape(text);
    let Some(width) = style.width() else { return vec![text.into_owned()] };
    // Lines are indented by up to six.
    let lines = wrap(&text, width.saturating_sub(6).max(20));
    lines.iter().enumerate().map(|(at, line)| if at == 0 { line.clone() } else { format!("  {line}") }).collect()
}

/// The address of a row after its `columns`, or below them where the terminal is too narrow for both. The version goes to a
/// line of its own if it fits nowhere else. The caller prints the row behind `indent` spaces.
pub(super) fn with_address(columns: (&str, &str), address: &str, version: &str, indent: usize, style: Style) -> String {
    let (plain, painted) = columns;
    let [plain, address_length, version_length] = [plain, address, version].map(|part| part.chars().count());
    let together = address_length + version_length;
    let is_beside = style.fits(indent + plain + 2 + together);
    let gap = if is_beside { "  ".to_owned() } else { format!("\n{:indent$}  ", "") };
    let version = match is_beside || style.fits(indent + 2 + together) {
        true => style.faint(version),
        false => format!("\n{:indent$}    {}", "", style.faint(version.trim_start())),
    };
    format!("{painted}{gap}{address}{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_go_below_where_the_terminal_is_narrow() {
        let line = |style| with_address(("failed  5 B", "failed  5 B"), "s3://b/key", " (version v)", 0, style);
        let below = |style| with_address(("missing", "missing"), "s3://b", "", 4, style);
        assert_eq!(line(Style::PLAIN), "failed  5 B  s3://b/key (version v)");
        assert_eq!(line(Style::of_width(35)), "failed  5 B  s3://b/key (version v)");
        assert_eq!(line(Style::of_width(34)), "failed  5 B\n  s3://b/key (version v)");
        assert_eq!(line(Style::of_width(23)), "failed  5 B\n  s3://b/key\n    (version v)");
        assert_eq!(below(Style::of_width(19)), "missing  s3://b");
        assert_eq!(below(Style::of_width(18)), "missing\n      s3://b");
        assert_eq!(sentence("one two three four five six", Style::of_width(24)), ["one two three four", "  five six"]);
    }

    #[test]
    fn shares_never_round_to_all_or_nothing() {
        for (part, whole, text) in [
            (0, 0, "-"),
            (0, 5, "0.0%"),
            (1, 10_000, "<0.1%"),
            (9_999, 10_000, ">99.9%"),
            (1, 6, "16.7%"),
            (5, 5, "100.0%"),
        ] {
            assert_eq!(share(part, whole), text);
        }
        let table = [(59, "59s"), (3_600, "1h"), (3_659, "1h"), (3_660, "1h 1m"), (86_400, "24h"), (200_000, "2 days")];
        assert!(table.iter().all(|(seconds, text)| ago(*seconds) == *text));
    }
}
