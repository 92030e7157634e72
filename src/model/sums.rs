//! Sums that do not wrap, and numbers formatted for people.

/// A sum that does not fit in 64 bits: the numbers in the report can't be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum is larger than 2^64")]
pub(crate) struct Overflow;

pub(crate) fn add(sum: &mut u64, more: u64) -> Result<(), Overflow> {
    *sum = sum.checked_add(more).ok_or(Overflow)?;
    Ok(())
}

/// Formats bytes in binary units with one decimal: `1.5 MiB`. Exact below 1 KiB.
pub(crate) fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // In integers, because a double would round up the largest u64.
    let mut tenths = u128::from(bytes) * 10 / 1024;
    for unit in UNITS {
        if tenths < 10_240 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        tenths /= 1024;
    }
    unreachable!("2^64 bytes are 16 EiB")
}

/// Formats a count with thousands separators: `1,234,567`.
pub(crate) fn human_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 object`, `2 objects`.
pub(crate) fn plural(count: u64, word: &str) -> String {
    let shown = human_count(count);
    if count == 1 { format!("{shown} {word}") } else { format!("{shown} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_never_wrap() {
        let mut sum = u64::MAX - 1;
        assert_eq!(add(&mut sum, 1), Ok(()));
        assert_eq!(add(&mut sum, 1), Err(Overflow));
        assert_eq!(sum, u64::MAX);
    }

    #[test]
    fn numbers_for_people() {
        let bytes = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (1_048_575, "1023.9 KiB")];
        for (n, text) in bytes {
            assert_eq!(human_bytes(n), text);
        }
        assert_eq!(human_bytes(u64::MAX), "15.9 EiB");
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(human_count(n), text);
        }
    }
}
