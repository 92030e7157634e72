//! Lengths of bars, in thousandths. Anything above zero is visible.

pub(super) const WHOLE: u32 = 1000;

/// The least length of anything above zero.
const LEAST: u32 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BarSegment {
    pub(super) class: &'static str,
    pub(super) start: u32,
    pub(super) length: u32,
}

/// `part` of `whole` in thousandths.
fn length(part: u64, whole: u64) -> u32 {
    if part == 0 || whole == 0 {
        return 0;
    }
    let exact = u128::from(part) * u128::from(WHOLE) / u128::from(whole);
    u32::try_from(exact).unwrap_or(WHOLE).clamp(LEAST, WHOLE)
}

/// All objects of a report fit 64 bits.
pub(super) fn sum(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0, u64::saturating_add)
}

/// Separate bars; the longest is a whole one.
pub(super) fn lengths(parts: impl Iterator<Item = u64> + Clone) -> impl Iterator<Item = u32> {
    let longest = parts.clone().max().unwrap_or(0);
    parts.map(move |part| length(part, longest))
}

/// The pieces of one bar that is as long as `whole`. What the least length adds to small pieces, the largest one gives.
pub(super) fn bar(parts: impl Iterator<Item = (&'static str, u64)>, whole: u64) -> Vec<BarSegment> {
    let parts: Vec<_> = parts.filter(|(_, part)| *part > 0).collect();
    let mut pieces: Vec<u32> = parts.iter().map(|(_, part)| length(*part, whole)).collect();
    let taken: u32 = pieces.iter().sum();
    let is_whole = sum(parts.iter().map(|(_, part)| *part)) >= whole;
    if let Some(largest) = pieces.iter_mut().max().filter(|_| is_whole || taken > WHOLE) {
        *largest = (*largest + WHOLE).saturating_sub(taken);
    }
    let mut start = 0;
    let mut place = |((class, _), length): ((&'static str, u64), u32)| {
        let segment = BarSegment { class, start, length };
        start += length;
        segment
    };
    parts.into_iter().zip(pieces).map(&mut place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_whole_and_show_what_is_there() {
        let pieces = |parts: &[u64]| {
            let segments = bar(parts.iter().map(|part| ("x", *part)), sum(parts.iter().copied()));
            let end = segments.last().map_or(0, |last| last.start + last.length);
            assert!(end == 0 || end == WHOLE, "{segments:?}");
            segments.iter().map(|segment| segment.length).collect::<Vec<_>>()
        };
        assert_eq!(pieces(&[]), [0u32; 0]);
        assert_eq!(pieces(&[0, 5]), [1000]);
        assert_eq!(pieces(&[1, 1, 2]), [250, 250, 500]);
        assert_eq!(pieces(&[1, 1_000_000_000]), [6, 994]);
        assert_eq!(pieces(&[1, 1, 1]), [333, 333, 334]);
        assert_eq!(pieces(&[u64::MAX, u64::MAX]).len(), 2);
        let part = bar([("a", 10), ("b", 0), ("c", 1)].into_iter(), 100);
        assert_eq!(
            part.iter().map(|segment| (segment.start, segment.length)).collect::<Vec<_>>(),
            [(0, 100), (100, 10)]
        );
        let most = bar([("a", 999_999), ("b", 1)].into_iter(), 1_000_001);
        assert_eq!(most[1], BarSegment { class: "b", start: 994, length: 6 });
        assert_eq!(lengths([0, 1, 1000, 500].into_iter()).collect::<Vec<_>>(), [0, 6, 1000, 500]);
        assert_eq!(lengths([0, 0].into_iter()).collect::<Vec<_>>(), [0, 0]);
    }
}
