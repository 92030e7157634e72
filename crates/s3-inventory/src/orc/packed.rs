//! Unpacks integers of a fixed number of bits, without gaps, the highest bit first.

/// Integers that are unpacked at once: a group ends at a byte boundary for any width.
const GROUP: usize = 8;
/// Bytes of the widest group, and those that are read together with its last number.
const WIDEST: usize = 64 + 8;

/// The widths that 5 bits can name.
const WIDTHS: [u8; 32] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 30, 32, 40, 48, 56,
    64,
];

/// The width with the code in the lowest 5 bits.
pub(super) fn width(code: u8) -> u8 {
    WIDTHS[usize::from(code & 31)]
}

/// The smallest width with a code for `bits` bits, at most 64.
pub(super) fn width_for(bits: u8) -> u8 {
    WIDTHS.into_iter().find(|width| *width >= bits).unwrap_or(64)
}

/// Fills `out` with the numbers at the start of `packed`; returns their length in bytes, `None` if there are too few. Numbers of
/// 64 bits keep their bits.
pub(super) fn unpack(packed: &[u8], width: u8, out: &mut [i64]) -> Option<usize> {
    let taken = (out.len() * usize::from(width)).div_ceil(8);
    if taken > packed.len() {
        return None;
    }
    macro_rules! by_width {
        ($($width:literal)*) => {
            match width {
                $($width => unpack_as::<$width>(packed, out),)*
                64 => {
                    for (number, bytes) in out.iter_mut().zip(packed.as_chunks::<8>().0) {
                        *number = i64::from_be_bytes(*bytes);
                    }
                }
                _ => return None,
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 26 28 30 32 40 48 56);
    Some(taken)
}

/// For at most 56 bits: then a number and the bits before it in its first byte fit in 8 bytes.
// A function per width, because shifts by constants are several times faster.
fn unpack_as<const WIDTH: usize>(packed: &[u8], out: &mut [i64]) {
    let (groups, rest) = out.as_chunks_mut::<GROUP>();
    let mut at = 0;
    for group in groups {
        match packed.get(at..at + WIDTH + 8) {
            Some(bytes) => unpack_group::<WIDTH>(bytes, group),
            None => unpack_last::<WIDTH>(packed.get(at..).unwrap_or_default(), group),
        }
        at += WIDTH;
    }
    if !rest.is_empty() {
        let mut group = [0; GROUP];
        unpack_last::<WIDTH>(packed.get(at..).unwrap_or_default(), &mut group);
        rest.copy_from_slice(&group[..rest.len()]);
    }
}

/// For the last bytes, when fewer are left than are read at once.
#[cold]
fn unpack_last<const WIDTH: usize>(packed: &[u8], group: &mut [i64; GROUP]) {
    let mut padded = [0; WIDEST];
    let there = packed.len().min(WIDEST);
    padded[..there].copy_from_slice(&packed[..there]);
    unpack_group::<WIDTH>(&padded[..WIDTH + 8], group);
}

/// `bytes` has 8 more than the group takes.
#[inline(always)]
fn unpack_group<const WIDTH: usize>(bytes: &[u8], group: &mut [i64; GROUP]) {
    let load =
        |at: usize| bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_be_bytes(*bytes));
    if WIDTH <= 8 {
        let word = load(0);
        for (at, number) in group.iter_mut().enumerate() {
            *number = (word << (at * WIDTH) >> (64 - WIDTH)).cast_signed();
        }
    } else {
        for (at, number) in group.iter_mut().enumerate() {
            let first = at * WIDTH;
            *number = (load(first / 8) << (first % 8) >> (64 - WIDTH)).cast_signed();
        }
    }
}
