//! Limits: how many objects of each class are acceptable.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::change::CountChange;
use super::class::{ClassWord, LimitClass};
use super::confirm::Confirmed;

/// How many objects of a class are acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Count(u64),
    /// Millionths of a percent of all objects.
    Percent(u64),
    /// Growth since the older report.
    Growth(u64),
    Off,
}

const PER_PERCENT: u64 = 1_000_000;

impl Limit {
    /// Whether `actual` of `objects` is too much, `previous` being the older report's figure: without one, no growth is
    /// within its limit.
    pub(crate) fn is_exceeded(self, actual: u64, objects: u64, previous: Option<u64>) -> bool {
        match self {
            Self::Count(most) => actual > most,
            Self::Percent(most) => {
                u128::from(actual) * 100 * u128::from(PER_PERCENT) > u128::from(most) * u128::from(objects)
            }
            Self::Growth(most) => previous.is_none_or(|previous| actual.saturating_sub(previous) > most),
            Self::Off => false,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => write!(f, "{most}"),
            Self::Percent(most) => {
                let (whole, part) = (most / PER_PERCENT, most % PER_PERCENT);
                let digits = format!("{part:06}");
                match digits.trim_end_matches('0') {
                    "" => write!(f, "{whole}%"),
                    digits => write!(f, "{whole}.{digits}%"),
                }
            }
            Self::Growth(most) => write!(f, "+{most}"),
            Self::Off => f.write_str("off"),
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LimitError {
    #[error("invalid class {class:?}: use one of {words}")]
    Class {
        class: String,
        /// The classes that are known.
        words: String,
    },
    #[error("invalid limit {0:?}: use a number, a percentage such as 0.5%, a growth such as +10, or off")]
    Limit(String),
}

fn class_words<C: ClassWord>() -> String {
    let words: Vec<&str> = C::limited().map(C::word).collect();
    match words.as_slice() {
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
        [] => String::new(),
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let wrong = || LimitError::Limit(text.to_owned());
        let digits = |text: &str| {
            if text.bytes().all(|b| b.is_ascii_digit()) {
                text.parse::<u64>().map_err(|_| wrong())
            } else {
                Err(wrong())
            }
        };
        if text == "off" {
            return Ok(Self::Off);
        }
        if let Some(growth) = text.strip_prefix('+') {
            return Ok(Self::Growth(digits(growth)?));
        }
        let Some(percent) = text.strip_suffix('%') else { return Ok(Self::Count(digits(text)?)) };
        let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
        if part.len() > 6 || part.is_empty() {
            return Err(wrong());
        }
        let part = digits(&format!("{part:0<6}"))?;
        let whole = digits(whole)?.checked_mul(PER_PERCENT).ok_or_else(wrong)?;
        // More than 100 % is a typing error.
        whole.checked_add(part).filter(|sum| *sum <= 100 * PER_PERCENT).map(Self::Percent).ok_or_else(wrong)
    }
}

/// The limits of a run: the defaults, each replaced by an option of its own class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits<C = LimitClass>(Vec<(C, Limit)>);

impl<C: ClassWord> Limits<C> {
    /// The defaults with `options` in their place; options for classes without a default are added, the last option of a
    /// class wins.
    pub(crate) fn with(options: &[(C, Limit)]) -> Self {
        let limits = C::limited().filter_map(|class| {
            let option = options.iter().rev().find(|(of, _)| *of == class).map(|(_, limit)| *limit);
            option.or(class.has_default().then_some(Limit::Count(0))).map(|limit| (class, limit))
        });
        Self(limits.collect())
    }

    /// The class of a growth limit, which needs an older report.
    pub(crate) fn growth(&self) -> Option<C> {
        self.0.iter().find(|(_, limit)| matches!(limit, Limit::Growth(_))).map(|(class, _)| *class)
    }

    /// Whether the class has no limit in this run.
    pub(crate) fn is_off(&self, class: C) -> bool {
        !self.0.iter().any(|(of, limit)| *of == class && *limit != Limit::Off)
    }
}

/// Reads `CLASS[:LIMIT]`; 0 when the limit is left out.
impl<C: ClassWord> FromStr for ClassLimit<C> {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let (class, limit) = text.split_once(':').unwrap_or((text, "0"));
        let class = C::limited()
            .find(|c| c.word() == class)
            .ok_or_else(|| LimitError::Class { class: class.to_owned(), words: class_words::<C>() })?;
        Ok(Self(class, limit.parse()?))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClassLimit<C = LimitClass>(pub C, pub Limit);

/// A limit and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LimitResult")]
pub(crate) struct LimitResult<C = LimitClass> {
    /// The class of objects.
    pub class: C,
    /// How many are acceptable: `N`, `N%`, `+N` or `off`.
    #[schemars(with = "String")]
    pub limit: Limit,
    /// The count; `None` where it can't be known and no limit asks for it.
    pub actual: Option<u64>,
    /// Whether the limit is exceeded; if the objects were confirmed, whether the confirmed number exceeds it.
    pub exceeded: bool,
    /// What S3 says now about the counted objects; only if the figure exceeded its limit and --confirm was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
    /// The number in the older report, and the growth.
    #[serde(flatten)]
    pub change: Option<CountChange>,
}

/// Compares every limit with its figure. Percentages are of `objects`; `previous` is the figure of an older report.
pub(crate) fn evaluate<C: ClassWord>(
    limits: &Limits<C>,
    objects: u64,
    actual: impl Fn(C) -> Option<u64>,
    previous: impl Fn(C) -> Option<u64>,
) -> Vec<LimitResult<C>> {
    let hold = |&(class, limit): &(C, Limit)| {
        let (actual, previous) = (actual(class), previous(class));
        // An unknown figure exceeds every limit except `off`.
        let exceeded = actual.map_or(limit != Limit::Off, |actual| limit.is_exceeded(actual, objects, previous));
        let change = actual.zip(previous).map(|(actual, previous)| CountChange::of(actual, previous));
        LimitResult { class, limit, actual, exceeded, confirmed: None, change }
    };
    limits.0.iter().map(hold).collect()
}

/// Whether no limit is exceeded.
pub(crate) fn passes<C>(limits: &[LimitResult<C>]) -> bool {
    !limits.iter().any(|limit| limit.exceeded)
}

pub(crate) fn verdict<C>(limits: &[LimitResult<C>]) -> &'static str {
    if passes(limits) { "pass" } else { "fail" }
}

/// The classes whose limits the figures exceed, with those figures.
pub(crate) fn exceeded<C: ClassWord>(limits: &[LimitResult<C>]) -> Vec<(C, u64)> {
    let exceeded = limits.iter().filter(|limit| limit.exceeded);
    exceeded.filter_map(|limit| Some((limit.class, limit.actual?))).collect()
}

/// Compares the confirmed counts with their limits; `actual` stays the report's figure.
pub(crate) fn confirm<C: ClassWord>(limits: &mut [LimitResult<C>], of: &[(C, Confirmed)], objects: u64) {
    for limit in limits {
        if let Some((_, confirmed)) = of.iter().find(|(class, _)| *class == limit.class) {
            let previous = limit.change.map(|change| change.previous);
            // An unchecked object may be unchanged.
            let worst = confirmed.still + confirmed.unchecked;
            limit.exceeded = limit.limit.is_exceeded(worst, objects, previous);
            limit.confirmed = Some(*confirmed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(LimitClass, Limit), LimitError> {
        text.parse::<ClassLimit>().map(|limit| (limit.0, limit.1))
    }

    #[test]
    fn limits_are_read_and_written_alike() {
        let table = [
            ("failed", LimitClass::Failed, Limit::Count(0), "0"),
            ("failed:12", LimitClass::Failed, Limit::Count(12), "12"),
            ("not-replicated:5%", LimitClass::NotReplicated, Limit::Percent(5_000_000), "5%"),
            ("overdue:0.25%", LimitClass::Overdue, Limit::Percent(250_000), "0.25%"),
            ("pending:+3", LimitClass::Pending, Limit::Growth(3), "+3"),
            ("replica:off", LimitClass::Replica, Limit::Off, "off"),
        ];
        for (text, class, limit, shown) in table {
            assert_eq!(parse(text), Ok((class, limit)));
            assert_eq!(limit.to_string(), shown);
        }
        for text in [
            "",
            "completed",
            "Failed",
            "failed:",
            "failed:-1",
            "failed:x",
            "failed:%",
            "failed:1.%",
            "failed:1.1234567%",
            "failed:99999999999999999999",
            "failed:+",
            "failed:OFF",
            "failed:1:2",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let words = "failed, overdue, not-replicated, unknown-status, pending, replica or uncovered";
        assert_eq!(
            parse("completed").unwrap_err().to_string(),
            format!("invalid class \"completed\": use one of {words}")
        );
    }

    #[test]
    fn exceeded_means_greater() {
        let table = [
            (Limit::Count(0), 0, 10, false),
            (Limit::Count(0), 1, 10, true),
            (Limit::Count(2), 2, 10, false),
            (Limit::Percent(10 * PER_PERCENT), 1, 10, false),
            (Limit::Percent(10 * PER_PERCENT), 2, 10, true),
            (Limit::Percent(0), 1, u64::MAX, true),
            (Limit::Percent(0), 0, 0, false),
            (Limit::Percent(100 * PER_PERCENT), u64::MAX, u64::MAX, false),
            (Limit::Growth(1), 0, 10, true),
            (Limit::Off, u64::MAX, 1, false),
        ];
        for (limit, actual, objects, exceeded) in table {
            assert_eq!(limit.is_exceeded(actual, objects, None), exceeded, "{limit} {actual} of {objects}");
        }
    }

    #[test]
    fn growth_counts_from_the_older_report() {
        let table = [
            (0, 5, 5, false),
            (0, 6, 5, true),
            (0, 0, 5, false),
            (3, 8, 5, false),
            (3, 9, 5, true),
            (0, u64::MAX, 0, true),
            (u64::MAX, u64::MAX, 0, false),
            (0, 0, u64::MAX, false),
        ];
        for (most, actual, previous, exceeded) in table {
            let found = Limit::Growth(most).is_exceeded(actual, 10, Some(previous));
            assert_eq!(found, exceeded, "{previous} to {actual}, +{most}");
        }
        let limits = Limits::with(&[(LimitClass::Failed, Limit::Growth(1)), (LimitClass::Pending, Limit::Count(5))]);
        assert_eq!((limits.growth(), Limits::<LimitClass>::with(&[]).growth()), (Some(LimitClass::Failed), None));
        let held = evaluate(&limits, 10, |_| Some(4), |class| (class != LimitClass::Overdue).then_some(2));
        let changes: Vec<_> = held.iter().map(|l| (l.exceeded, l.change.map(|c| (c.previous, c.delta)))).collect();
        let two = Some((2, 2));
        assert_eq!(changes, [(true, two), (true, None), (true, two), (true, two), (false, two)]);
    }

    #[test]
    fn an_option_replaces_the_default_of_its_own_class_only() {
        let limits = Limits::with(&[
            (LimitClass::Failed, Limit::Count(5)),
            (LimitClass::Pending, Limit::Count(1)),
            (LimitClass::Failed, Limit::Off),
        ]);
        let held = evaluate(&limits, 100, |_| Some(2), |_| None);
        let shown: Vec<_> = held.iter().map(|l| (l.class.word(), l.limit.to_string(), l.exceeded)).collect();
        let expected = [
            ("failed", "off", false),
            ("overdue", "0", true),
            ("not-replicated", "0", true),
            ("unknown-status", "0", true),
            ("pending", "1", true),
        ];
        assert_eq!(shown, expected.map(|(c, l, e)| (c, l.to_owned(), e)));
        assert!(
            limits.is_off(LimitClass::Failed)
                && limits.is_off(LimitClass::Replica)
                && !limits.is_off(LimitClass::Overdue)
        );
    }

    #[test]
    fn an_unknown_figure_exceeds_every_limit() {
        let held = evaluate(&Limits::with(&[(LimitClass::Failed, Limit::Off)]), 0, |_| None, |_| Some(9));
        assert_eq!(held.iter().map(|l| l.exceeded).collect::<Vec<_>>(), [false, true, true, true]);
    }
}
