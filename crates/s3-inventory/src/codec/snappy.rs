//! Snappy for columns of numbers: takes 0.6 of the time of the `snap` crate for the sizes and dates of a report, and the same
//! time for texts.
//!
//! Numbers of eight bytes with equal upper bytes are stored as short texts and short copies in turn ("Snappy compressed format
//! description"). Each tag must be decoded before the next one can be found, and that latency is most of the time. So a text and
//! the copy after it are decoded in one step, from one word, without a branch on their lengths. All bounds are checked by slices
//! and arrays.

/// How far back a copy of one or two bytes of offset may reach.
const FARTHEST: usize = u16::MAX as usize;
/// The part of the output for short steps. A constant size, so that a step needs one comparison with a constant; longer than
/// the farthest copy, so that it is seldom moved.
const WINDOW: usize = 96 << 10;
/// The most bytes that a step writes.
const STEP: usize = 32;
/// The longest copy of a step.
const COPY: usize = 16;
/// What is written at once for a longer text or copy.
const BLOCK: usize = 64;
/// The longest text that leaves room for both tags in a word.
const TEXT: u8 = 6;

/// An output must be at least this long for the fast path.
pub const ROOM_FOR_SNAPPY: usize = WINDOW;

/// A copy by its tag: its length, bits 8 to 10 of the offset, and above the lowest 16 bits the mask of the offset in the two
/// bytes after the tag. The length 255, which no copy has, leaves the tag to [`Run::any`].
static COPIES: [u32; 256] = {
    let mut copies = [255; 256];
    let mut tag = 0;
    while tag < 256 {
        match tag & 3 {
            1 => copies[tag as usize] = (4 + (tag >> 2 & 7)) | (tag & 0xe0) << 3 | 0xff << 16,
            2 => copies[tag as usize] = (1 + (tag >> 2)) | 0xffff << 16,
            _ => {}
        }
        tag += 1;
    }
    copies
};

/// Inflates to the first `length` bytes of `out`. Bytes after them may be overwritten. `None` if the stream is damaged or has
/// another length.
pub fn inflate_snappy(stored: &[u8], length: usize, out: &mut [u8]) -> Option<()> {
    let (claimed, rest) = claimed_length(stored)?;
    if u64::try_from(length) != Ok(claimed) || length > out.len() {
        return None;
    }
    let mut run = Run { rest, out, at: 0, length };
    while !run.rest.is_empty() {
        if run.short().is_none() || !run.rest.is_empty() {
            if run.long().is_none() {
                run.any()?;
            }
            while run.long().is_some() {}
        }
    }
    (run.at == length).then_some(())
}

/// The length at the start of the stream, and the rest.
fn claimed_length(stored: &[u8]) -> Option<(u64, &[u8])> {
    let mut length = 0;
    for (at, byte) in stored.iter().take(5).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            return u32::try_from(length).ok().map(|length| (length.into(), &stored[at + 1..]));
        }
    }
    None
}

struct Run<'a> {
    rest: &'a [u8],
    out: &'a mut [u8],
    /// Bytes written so far.
    at: usize,
    length: usize,
}

impl Run<'_> {
    /// Decodes texts and copies while they are short and far from the ends. `None` if the output is too short.
    #[inline]
    fn short(&mut self) -> Option<()> {
        let start = self.at.saturating_sub(FARTHEST).min(self.out.len().checked_sub(WINDOW)?);
        let window: &mut [u8; WINDOW] = self.out.get_mut(start..)?.first_chunk_mut()?;
        let (mut rest, mut at) = (self.rest, self.at - start);
        while let (Some(here), true) = (rest.first_chunk::<16>(), at < WINDOW - STEP) {
            // As slices, because patterns of arrays become loads of single bytes.
            let Some(word) = here.first_chunk() else { break };
            let word = u64::from_le_bytes(*word);
            // Length minus one, with the kind in the upper two bits: 0 for texts.
            let less = here[0].rotate_right(2);
            if less < TEXT {
                let text = usize::from(less) + 1;
                // Shifts out the text and its tag: the tag is four times the length minus one.
                let tag = (word >> 16) >> (word.wrapping_mul(2) & 63);
                let Some(into) = window[at..].first_chunk_mut() else { break };
                *into = (word >> 8).to_le_bytes();
                let Some(copied) = copy(window, tag, &here[text + 2..], at + text) else { break };
                at += text + copied;
                rest = &rest[text + 2 + (tag & 3) as usize..];
            } else if word & 3 == 0 {
                break;
            } else {
                let Some(copied) = copy(window, word, &here[1..], at) else { break };
                at += copied;
                rest = &rest[1 + (word & 3) as usize..];
            }
        }
        (self.rest, self.at) = (rest, start + at);
        Some(())
    }

    /// Decodes one text or copy of at most 64 bytes, as one block. `None` if it is short, near an end, or a copy of bytes that are
    /// near.
    #[inline(always)]
    fn long(&mut self) -> Option<()> {
        let tag = *self.rest.first()?;
        let upper = usize::from(tag >> 2);
        let (length, used, block): (usize, usize, [u8; BLOCK]) = match tag & 3 {
            0 if upper >= usize::from(TEXT) && upper < 60 => {
                (upper + 1, upper + 2, *self.rest.get(1..)?.first_chunk()?)
            }
            kind @ (1 | 2) => {
                let number = usize::from(u16::from_le_bytes(*self.rest.get(1..)?.first_chunk()?));
                let (length, offset) = if kind == 1 {
                    (4 + (upper & 7), (upper & 0x38) << 5 | number & 0xff)
                } else {
                    (1 + upper, number)
                };
                let from = self.at.checked_sub(offset).filter(|_| offset >= BLOCK)?;
                (length, usize::from(kind) + 1, *self.out.get(from..)?.first_chunk()?)
            }
            _ => return None,
        };
        if length > self.length.checked_sub(self.at)? {
            return None;
        }
        *self.out.get_mut(self.at..)?.first_chunk_mut()? = block;
        self.rest = self.rest.get(used..)?;
        self.at += length;
        Some(())
    }

    /// Decodes one text or copy of any kind.
    fn any(&mut self) -> Option<()> {
        let (tag, rest) = self.rest.split_first()?;
        let upper = usize::from(tag >> 2);
        let kind = tag & 3;
        // Bytes of the number after the tag.
        let more = match kind {
            0 => upper.saturating_sub(59),
            1 | 2 => usize::from(kind),
            _ => 4,
        };
        let (number, rest) = rest.split_at_checked(more)?;
        let number = number.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte));
        let left = self.length.checked_sub(self.at)?;
        if kind == 0 {
            let length = 1 + if more == 0 { upper } else { number };
            let (text, rest) = rest.split_at_checked(length)?;
            self.out[self.at..][..left].get_mut(..length)?.copy_from_slice(text);
            (self.rest, self.at) = (rest, self.at + length);
            return Some(());
        }
        let (length, offset) =
            if kind == 1 { (4 + (upper & 7), (upper & 0x38) << 5 | number) } else { (1 + upper, number) };
        let from = self.at.checked_sub(offset)?;
        if offset == 0 || length > left {
            return None;
        }
        // A copy longer than its offset repeats itself: each round can copy more.
        let mut done = 0;
        while done < length {
            let now = (offset + done).min(length - done);
            self.out.copy_within(from..from + now, self.at + done);
            done += now;
        }
        (self.rest, self.at) = (rest, self.at + length);
        Some(())
    }
}

/// Makes a copy if it is short and does not overlap itself; returns its length.
#[inline(always)]
fn copy(window: &mut [u8; WINDOW], tag: u64, more: &[u8], at: usize) -> Option<usize> {
    let copy = COPIES[(tag & 0xff) as usize];
    let length = (copy & 0xff) as usize;
    let more = u16::from_le_bytes(*more.first_chunk()?);
    let offset = ((u32::from(more) & copy >> 16) | (copy & 0x700)) as usize;
    // Wraps to a large number if it is before the start.
    let from = at.wrapping_sub(offset);
    if length > COPY || length > offset || from > WINDOW - STEP {
        return None;
    }
    let bytes: [u8; COPY] = *window[from..].first_chunk()?;
    *window.get_mut(at..)?.first_chunk_mut()? = bytes;
    Some(length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The result of the `snap` crate.
    fn theirs(stored: &[u8]) -> Option<Vec<u8>> {
        // It allocates any length.
        snap::raw::decompress_len(stored).ok().filter(|length| *length < 1 << 20)?;
        snap::raw::Decoder::new().decompress_vec(stored).ok()
    }

    /// Our result, in an output that is longer by `more` and full of other bytes.
    fn ours(stored: &[u8], more: usize) -> Option<Vec<u8>> {
        let length = usize::try_from(claimed_length(stored)?.0).ok().filter(|length| *length < 1 << 20)?;
        let mut out = vec![0xa5; length + more];
        inflate_snappy(stored, length, &mut out)?;
        out.truncate(length);
        Some(out)
    }

    fn assert_same(stored: &[u8]) {
        let theirs = theirs(stored);
        for more in [0, 1, STEP, WINDOW] {
            assert_eq!(ours(stored, more), theirs, "{more} more, {stored:?}");
        }
    }

    fn stored(text: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(text).unwrap()
    }

    /// Columns of equal, few, rising or random numbers.
    fn numbers() -> impl Strategy<Value = Vec<u8>> {
        let bits = prop::sample::select(vec![1u32, 8, 20, 44, 64]);
        (bits, 0usize..20_000, any::<u64>(), any::<bool>()).prop_map(|(bits, count, seed, is_rising)| {
            let mut number = seed | 1;
            let mut sum = 0u64;
            let next = |_| {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let small = number >> (64 - bits);
                sum = if is_rising { sum.wrapping_add(small) } else { small };
                sum.to_le_bytes()
            };
            (0..count).flat_map(next).collect()
        })
    }

    /// Texts and copies of all kinds, most of them valid: short and long, near and far.
    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let text = (1usize..100, any::<u8>()).prop_map(|(length, byte)| {
            let head = if length <= 60 { vec![((length - 1) << 2) as u8] } else { vec![60 << 2, (length - 1) as u8] };
            [head, (0..length).map(|at| byte.wrapping_add(at as u8)).collect()].concat()
        });
        let near = (4u8..12, 1u8..80).prop_map(|(length, offset)| vec![(length - 4) << 2 | 1, offset]);
        let far =
            (0u8..64, 1u16..300).prop_map(|(upper, offset)| [&[upper << 2 | 2][..], &offset.to_le_bytes()].concat());
        let farther =
            (0u8..64, 1u32..900).prop_map(|(upper, offset)| [&[upper << 2 | 3][..], &offset.to_le_bytes()].concat());
        prop::collection::vec(prop_oneof![4 => text, 4 => near, 2 => far, 1 => farther], 0..60)
            .prop_map(|it| it.concat())
    }

    fn with_length(length: usize, pieces: &[u8]) -> Vec<u8> {
        let mut all = Vec::new();
        let mut rest = length;
        while rest >= 0x80 {
            all.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        all.push(rest as u8);
        [&all, pieces].concat()
    }

    /// The inflated length of valid pieces.
    fn length(mut pieces: &[u8]) -> usize {
        let mut sum = 0;
        while let Some(tag) = pieces.first() {
            let upper = usize::from(tag >> 2);
            let (length, bytes) = match tag & 3 {
                0 if upper < 60 => (upper + 1, upper + 2),
                0 => (usize::from(pieces[1]) + 1, usize::from(pieces[1]) + 3),
                1 => (4 + (upper & 7), 2),
                2 => (upper + 1, 3),
                _ => (upper + 1, 5),
            };
            (sum, pieces) = (sum + length, &pieces[bytes..]);
        }
        sum
    }

    proptest! {
        #[test]
        fn columns_are_inflated(text in numbers()) {
            prop_assert_eq!(ours(&stored(&text), 0), Some(text.clone()));
            assert_same(&stored(&text));
        }

        #[test]
        fn damage_gets_the_same_verdict_as_from_another_library(
            text in numbers(),
            at: prop::sample::Index,
            byte: u8,
            end: prop::sample::Index,
        ) {
            let mut stored = stored(&text);
            let at = at.index(stored.len());
            stored[at] = byte;
            assert_same(&stored);
            assert_same(&stored[..end.index(stored.len())]);
        }

        #[test]
        fn every_kind_of_piece_is_taken(pieces in pieces(), less in 0usize..3, start in prop::sample::select(vec![0, 300, WINDOW])) {
            // After this many bytes, every copy is valid.
            let text = vec![7; start];
            let front = &stored(&text)[with_length(start, &[]).len()..];
            let pieces = [front, &pieces].concat();
            let length = start + length(&pieces[front.len()..]);
            assert_same(&with_length(length.saturating_sub(less), &pieces));
            assert_same(&with_length(length + less, &pieces));
        }

        #[test]
        fn any_bytes_give_what_another_library_gives(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            assert_same(&bytes);
            for length in [0, 1, 20, 64, 200] {
                assert_same(&with_length(length, &bytes));
            }
        }
    }

    #[test]
    fn the_length_must_match() {
        let stored = stored(b"0123456789");
        let mut out = [0; 11];
        assert!(inflate_snappy(&stored, 10, &mut out).is_some());
        assert!(inflate_snappy(&stored, 9, &mut out).is_none() && inflate_snappy(&stored, 11, &mut out).is_none());
        assert!(inflate_snappy(&stored, 10, &mut out[..9]).is_none());
        assert!(inflate_snappy(&[], 0, &mut out).is_none() && inflate_snappy(&[0], 0, &mut out).is_some());
    }
}
