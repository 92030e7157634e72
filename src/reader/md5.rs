//! MD5 of two files at once.
//!
//! Each step of MD5 waits for the one before, so a processor computes one digest with half of its units idle: two side by
//! side take hardly longer than one. The library, which has only one lane, finishes each file and is what this is held
//! against.

use ::md5::block_api::compress;

type State = [u32; 4];

const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The digests of both texts (RFC 1321).
pub(super) fn of_two(texts: [&[u8]; 2]) -> [[u8; 16]; 2] {
    let [left, right] = texts.map(|text| text.as_chunks::<64>().0);
    let both = left.len().min(right.len());
    let mut states = [START; 2];
    for (left, right) in left.iter().zip(right) {
        states = two_blocks(states, [left, right]);
    }
    let [left_state, right_state] = states;
    [finish(left_state, texts[0], both), finish(right_state, texts[1], both)]
}

/// The digest of `text`, of which `done` blocks are in `state` already.
fn finish(mut state: State, text: &[u8], done: usize) -> [u8; 16] {
    let (blocks, rest) = text.as_chunks::<64>();
    compress(&mut state, &blocks[done..]);
    // A one, zeros, and the length in bits as the end of the last block.
    let mut last = [0; 128];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    let end = if rest.len() < 56 { 64 } else { 128 };
    last[end - 8..end].copy_from_slice(&(text.len() as u64).wrapping_mul(8).to_le_bytes());
    compress(&mut state, last[..end].as_chunks().0);
    let mut digest = [0; 16];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *bytes = word.to_le_bytes();
    }
    digest
}

/// The sines that RFC 1321 asks for.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// The same word of both lanes.
type Pair = [u32; 2];

/// Adds one block to each state.
fn two_blocks(states: [State; 2], blocks: [&[u8; 64]; 2]) -> [State; 2] {
    let pair = |at: usize| blocks.map(|block| u32::from_le_bytes(block.as_chunks().0[at]));
    let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|at| states.map(|state| state[at]));
    // Written out, or the lanes would be kept in memory and the turns looked up: that takes as long as one lane twice.
    macro_rules! round {
        ($at:literal, $turns:expr, $mix:expr, $($w:literal $x:literal $y:literal $z:literal),+) => {
            let mut at = $at;
            $(
                a = step(a, b, c, d, pair($w), SINES[at], $turns[0], $mix);
                d = step(d, a, b, c, pair($x), SINES[at + 1], $turns[1], $mix);
                c = step(c, d, a, b, pair($y), SINES[at + 2], $turns[2], $mix);
                b = step(b, c, d, a, pair($z), SINES[at + 3], $turns[3], $mix);
                at += 4;
            )+
            let _ = at;
        };
    }
    round!(0, [7, 12, 17, 22], |b, c, d| d ^ (b & (c ^ d)), 0 1 2 3, 4 5 6 7, 8 9 10 11, 12 13 14 15);
    // The two halves never share a bit: adding lets the first wait for nothing.
    let mix = |b: u32, c: u32, d: u32| (c & !d).wrapping_add(b & d);
    round!(16, [5, 9, 14, 20], mix, 1 6 11 0, 5 10 15 4, 9 14 3 8, 13 2 7 12);
    round!(32, [4, 11, 16, 23], |b, c, d| b ^ (c ^ d), 5 8 11 14, 1 4 7 10, 13 0 3 6, 9 12 15 2);
    round!(48, [6, 10, 15, 21], |b, c, d| c ^ (b | !d), 0 7 14 5, 12 3 10 1, 8 15 6 13, 4 11 2 9);
    [0, 1].map(|lane| {
        let [before, now] = [states[lane], [a[lane], b[lane], c[lane], d[lane]]];
        [0, 1, 2, 3].map(|at| before[at].wrapping_add(now[at]))
    })
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "as RFC 1321 has it")]
fn step(
    a: Pair,
    b: Pair,
    c: Pair,
    d: Pair,
    word: Pair,
    sine: u32,
    turn: u32,
    mix: impl Fn(u32, u32, u32) -> u32,
) -> Pair {
    [0, 1].map(|lane| {
        let sum = a[lane].wrapping_add(word[lane]).wrapping_add(sine).wrapping_add(mix(b[lane], c[lane], d[lane]));
        b[lane].wrapping_add(sum.rotate_left(turn))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::md5::{Digest, Md5};

    #[test]
    fn the_sines_are_sines() {
        for (at, sine) in SINES.iter().enumerate() {
            assert_eq!(*sine, ((at as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32, "{at}");
        }
    }

    proptest::proptest! {
        #[test]
        fn both_digests_are_those_of_the_library(
            left in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
            right in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
        ) {
            let expected: [[u8; 16]; 2] = [&left, &right].map(|text| Md5::digest(text).into());
            proptest::prop_assert_eq!(of_two([&left, &right]), expected);
        }
    }
}
