//! Parses single cells.

use jiff::Timestamp;
use wide::u8x16;

use crate::text::quoted;

/// S3's own words have at most nine letters, and those of other servers are not much longer.
const LONGEST_WORD: usize = 64;

/// Why a row is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages describe the variants")]
pub enum RowError {
    #[error("this is a header row, which S3 never writes: remove it, and fix the program that wrote it")]
    Header,
    #[error("the row is about bucket {0}, the manifest about {1}")]
    OtherBucket(String, String),
    #[error(
        "the row is a delete marker and has the {column} {cell}, which only objects have: does fileSchema name the columns in their order?"
    )]
    Contradiction { column: &'static str, cell: String },
    #[error("{column} {cell} is not UTF-8 text")]
    NotText { column: String, cell: String },
    #[error("{column}: invalid {kind}: {cell}")]
    Cell { column: &'static str, cell: String, kind: &'static str },
}

#[cold]
pub(crate) fn bad(column: &'static str, cell: &[u8], kind: &'static str) -> RowError {
    RowError::Cell { column, cell: quoted(cell), kind }
}

/// Whether a text has an ASCII control character. Compares 16 bytes at a time.
#[inline]
pub(crate) fn has_control(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<16>() else { return text.iter().any(u8::is_ascii_control) };
    let (space, delete) = (u8x16::splat(b' '), u8x16::splat(0x7f));
    let controls = |part: &[u8; 16]| {
        let part = u8x16::new(*part);
        // Bytes below a space.
        !part.max(space).simd_eq(part) | part.simd_eq(delete)
    };
    // The last 16 overlap with those before.
    let (parts, _) = text.as_chunks::<16>();
    parts.iter().fold(controls(last), |found, part| found | controls(part)).any()
}

/// A status as text: S3's own words quickly, any other word if it is valid text.
#[inline]
pub(crate) fn word(cell: &[u8]) -> Option<&str> {
    match cell {
        b"COMPLETED" => Some("COMPLETED"),
        b"REPLICA" => Some("REPLICA"),
        b"FAILED" => Some("FAILED"),
        b"PENDING" => Some("PENDING"),
        b"" => Some(""),
        _ => {
            let word = std::str::from_utf8(cell).ok().filter(|word| word.len() <= LONGEST_WORD)?;
            (!word.bytes().any(|byte| byte.is_ascii_control())).then_some(word)
        }
    }
}

/// S3 writes `true`; its guide writes `True` and `TRUE`.
#[inline]
pub(crate) fn boolean(cell: &[u8]) -> Option<bool> {
    match cell {
        b"true" => Some(true),
        b"false" => Some(false),
        _ if cell.eq_ignore_ascii_case(b"true") => Some(true),
        _ if cell.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// Only digits. The library's parser would also accept a sign.
#[inline(always)]
pub(crate) fn integer(cell: &[u8]) -> Option<u64> {
    /// The factor of the first eight digits, by the number of digits after them.
    const TENS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let (8..=16, Some(first), Some(last)) = (cell.len(), cell.first_chunk(), cell.last_chunk()) else {
        return other_integer(cell);
    };
    // Reads the first eight digits and the last eight. A loop over the digits would end with a mispredicted branch, because
    // sizes differ in length. If there are fewer than 16 digits, the two parts overlap: in the last part, each digit that is
    // also in the first part becomes a zero.
    let more = cell.len() - 8;
    let only_in_last = u64::MAX.checked_shl(8 * (8 - more as u32)).unwrap_or(0);
    let (first, wrong) = eight_digits(u64::from_le_bytes(*first));
    let (last, wrong_too) =
        eight_digits(u64::from_le_bytes(*last) & only_in_last | u64::from_le_bytes(*b"00000000") & !only_in_last);
    (wrong | wrong_too == 0).then_some(first * TENS[more] + last)
}

/// Returns the value of eight ASCII digits, the first in the lowest byte. The second number is 0 only if all bytes are digits.
#[inline(always)]
fn eight_digits(text: u64) -> (u64, u64) {
    let digits = text ^ 0x3030_3030_3030_3030;
    let wrong = digits & 0xf0f0_f0f0_f0f0_f0f0 | digits.wrapping_add(0x0606_0606_0606_0606) & 0x1010_1010_1010_1010;
    // Joins neighbors: digits to pairs, pairs to fours, fours to all eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff, wrong)
}

fn other_integer(cell: &[u8]) -> Option<u64> {
    if cell.is_empty() || cell.len() > 16 {
        let text = std::str::from_utf8(cell).ok()?;
        return if text.starts_with('+') { None } else { text.parse().ok() };
    }
    cell.iter().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u64::from(byte - b'0')))
}

/// Parses S3's own form quickly, and other forms of RFC 3339 with the library.
#[inline(always)]
pub(crate) fn time(cell: &[u8]) -> Option<Timestamp> {
    match s3_time(cell) {
        None => other_time(cell),
        found => found,
    }
}

#[cold]
fn other_time(cell: &[u8]) -> Option<Timestamp> {
    std::str::from_utf8(cell).ok()?.parse().ok()
}

/// Parses `YYYY-MM-DDTHH:MM:SS.000Z`, which every row has: with the library, this took a seventh of the scan.
#[inline(always)]
fn s3_time(cell: &[u8]) -> Option<Timestamp> {
    const FORM: [&[u8; 8]; 3] = [b"0000-00-", b"00T00:00", b":00.000Z"];
    const DIGITS: [&[u8; 8]; 3] =
        [b"\x0f\x0f\x0f\x0f\0\x0f\x0f\0", b"\x0f\x0f\0\x0f\x0f\0\x0f\x0f", b"\0\x0f\x0f\0\0\0\0\0"];
    /// Days before each month of a year without a leap day, and days of the month; zero at 0 and after 12.
    const MONTHS: [(u16, u8); 16] = {
        let lengths = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0];
        let mut months = [(0, 0); 16];
        let mut at = 1;
        while at < 16 {
            months[at] = (months[at - 1].0 + months[at - 1].1 as u16, lengths[at]);
            at += 1;
        }
        months
    };
    let parts = cell.as_chunks::<8>().0.first_chunk::<3>().filter(|_| cell.len() == 24)?;
    let mut wrong = 0;
    let mut pairs = [0; 3];
    for at in 0..3 {
        // Digits become their values, and the other characters become zero.
        let left = u64::from_le_bytes(parts[at]) ^ u64::from_le_bytes(*FORM[at]);
        // The second part finds values above nine.
        wrong |=
            left & !u64::from_le_bytes(*DIGITS[at]) | left.wrapping_add(0x0606_0606_0606_0606) & 0x1010_1010_1010_1010;
        // Each byte and the next one become a number of two digits.
        pairs[at] = left.wrapping_mul(10).wrapping_add(left >> 8);
    }
    let pair = |part: usize, byte: u32| (pairs[part] >> (8 * byte)) as u32 & 0xff;
    let (century, year, month, day) = (pair(0, 0), pair(0, 2), pair(0, 5), pair(1, 0));
    let (hour, minute, second) = (pair(1, 3), pair(1, 6), pair(2, 1));
    let (days_before, length) = MONTHS[(month & 15) as usize];
    // The first year of a century has a leap day only in every fourth century.
    let is_leap = year % 4 == 0 && (year != 0 || century % 4 == 0);
    let length = u32::from(length) + u32::from(is_leap && month == 2);
    if wrong != 0 || month > 12 || day.wrapping_sub(1) >= length || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let leap_days = century.div_ceil(4) + year.div_ceil(4) - u32::from(year != 0 && century % 4 != 0);
    let days =
        century * 36_524 + year * 365 + leap_days + u32::from(days_before) + u32::from(is_leap && month > 2) + day - 1;
    let seconds = (hour * 60 + minute) * 60 + second;
    Timestamp::from_second((i64::from(days) - 719_528) * 86_400 + i64::from(seconds)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_is_found_at_any_place() {
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 70] {
            for at in 0..length {
                for byte in 0..=255u8 {
                    let mut text = vec![b'x'; length];
                    text[at] = byte;
                    assert_eq!(has_control(&text), byte.is_ascii_control(), "{byte} at {at} of {length}");
                }
            }
            assert!(!has_control(&vec![b'x'; length]));
        }
    }

    proptest::proptest! {
        #[test]
        fn sizes_are_parsed_like_the_library(text in "[0-9]{0,21}|[0-9]{0,9}[^0-9][0-9]{0,9}|[+-]?[0-9]{1,20}") {
            let library = text.parse::<u64>().ok().filter(|_| !text.starts_with('+'));
            proptest::prop_assert_eq!(integer(text.as_bytes()), library);
        }
    }

    #[test]
    fn every_day_is_parsed_like_the_library() {
        // Every day of the first years of each century, every 29th of the others.
        let mut day = jiff::civil::date(0, 1, 1);
        let last = jiff::civil::date(9999, 11, 30);
        while day < last {
            let text = format!("{day}T12:34:56.000Z");
            let library = text.parse::<Timestamp>().unwrap();
            assert_eq!(s3_time(text.as_bytes()), Some(library), "{text}");
            day = day.checked_add(jiff::Span::new().days(if day.year() % 100 == 0 { 1 } else { 29 })).unwrap();
        }
    }

    #[test]
    fn times_are_parsed_like_the_library() {
        let library = |text: &str| text.parse::<Timestamp>().ok();
        for text in [
            "2024-05-06T22:44:22.000Z",
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.000Z",
            "9999-12-30T00:00:00.000Z",
            "0000-01-01T00:00:00.000Z",
            "2023-02-29T00:00:00.000Z",
            "2024-13-01T00:00:00.000Z",
            "2024-04-31T00:00:00.000Z",
            "2024-05-06T24:00:00.000Z",
            "2024-05-06T22:60:00.000Z",
            "2024-05-06T22:44:60.000Z",
            "2024-05-06T22:44:22.001Z",
            "2024-05-06 22:44:22.000Z",
            "2024-05-06T22:44:22Z",
            "2024-05-06T22:44:22+01:00",
            "20x4-05-06T22:44:22.000Z",
            "2024/05/06T22:44:22.000Z",
            "2024-05-06T22:44:22.000z",
            "",
        ] {
            assert_eq!(time(text.as_bytes()), library(text), "{text}");
        }
        assert!(s3_time(b"2024-05-06T22:44:22.000Z").is_some() && s3_time(b"2024-05-06T22:44:60.000Z").is_none());
    }
}
