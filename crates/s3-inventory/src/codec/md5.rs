//! MD5 of two files at once, as their bytes arrive.
//!
//! Each step of MD5 waits for the step before, so one digest leaves half of the processor's units idle: two digests side by side
//! take little longer than one. Single digests use the library, and tests compare with it.

use ::md5::block_api::compress;

type State = [u32; 4];

const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// Bytes of a block.
const BLOCK: usize = 64;

/// The MD5 digest of a text that arrives in pieces (RFC 1321).
#[derive(Debug, Clone)]
pub struct Md5 {
    state: State,
    /// Bytes so far.
    length: u64,
    /// The incomplete block; `length` tells how much of it is filled.
    begun: [u8; BLOCK],
}

impl Default for Md5 {
    fn default() -> Self {
        Self::new()
    }
}

impl Md5 {
    /// A digest without any bytes.
    pub fn new() -> Self {
        Self { state: START, length: 0, begun: [0; BLOCK] }
    }

    /// The digest of a text.
    pub fn of(text: &[u8]) -> [u8; 16] {
        let mut md5 = Self::new();
        md5.update(text);
        md5.digest()
    }

    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        let (blocks, rest) = self.complete(piece).as_chunks();
        compress(&mut self.state, blocks);
        self.begin(rest);
    }

    /// Adds the next pieces of two texts. This takes little longer than one of them.
    pub fn update_two(two: [(&mut Self, &[u8]); 2]) {
        let [(left, left_piece), (right, right_piece)] = two;
        let (left_blocks, left_rest) = left.complete(left_piece).as_chunks();
        let (right_blocks, right_rest) = right.complete(right_piece).as_chunks();
        let mut states = [left.state, right.state];
        for (left, right) in left_blocks.iter().zip(right_blocks) {
            states = two_blocks(states, [left, right]);
        }
        [left.state, right.state] = states;
        let both = left_blocks.len().min(right_blocks.len());
        compress(&mut left.state, &left_blocks[both..]);
        compress(&mut right.state, &right_blocks[both..]);
        left.begin(left_rest);
        right.begin(right_rest);
    }

    /// The digest of all pieces so far.
    pub fn digest(&self) -> [u8; 16] {
        // The padding is a one, zeros, and the length in bits.
        let bits = self.length.wrapping_mul(8).to_le_bytes();
        let begun = self.begun_bytes();
        let mut last = [0; 2 * BLOCK];
        last[..begun].copy_from_slice(&self.begun[..begun]);
        last[begun] = 0x80;
        let end = if begun < BLOCK - 8 { BLOCK } else { 2 * BLOCK };
        last[end - 8..end].copy_from_slice(&bits);
        let mut state = self.state;
        compress(&mut state, last[..end].as_chunks().0);
        let mut digest = [0; 16];
        for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
            *bytes = word.to_le_bytes();
        }
        digest
    }

    fn begun_bytes(&self) -> usize {
        (self.length % BLOCK as u64) as usize
    }

    /// Completes the incomplete block, and returns the rest of the piece.
    fn complete<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let begun = self.begun_bytes();
        self.length += piece.len() as u64;
        if begun == 0 {
            return piece;
        }
        let (first, rest) = piece.split_at(piece.len().min(BLOCK - begun));
        self.begun[begun..begun + first.len()].copy_from_slice(first);
        if begun + first.len() == BLOCK {
            compress(&mut self.state, &[self.begun]);
        }
        rest
    }

    /// Keeps the start of a block; nothing if the piece was too short to complete the block before.
    fn begin(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.begun[..rest.len()].copy_from_slice(rest);
        }
    }
}

/// The table T of RFC 1321.
const SINES: [u32; 64] = [
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8,
    0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
    0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87,
    0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
    0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039,
    0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
    0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
    0xeb86d391,
];

/// One word of both lanes.
type Pair = [u32; 2];

/// Adds one block to each state.
fn two_blocks(states: [State; 2], blocks: [&[u8; 64]; 2]) -> [State; 2] {
    let pair = |at: usize| blocks.map(|block| u32::from_le_bytes(block.as_chunks().0[at]));
    let [mut a, mut b, mut c, mut d] = [0, 1, 2, 3].map(|at| states.map(|state| state[at]));
    // Unrolled. A loop would keep the lanes in memory and look up the rotations, and be as slow as two single digests.
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
    // The two halves never share a bit. Adding them shortens the chain of dependencies.
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
    use ::md5::Digest;
    use proptest::collection::vec;
    use proptest::prelude::any;

    use super::*;

    #[test]
    fn the_sines_are_sines() {
        for (at, sine) in SINES.iter().enumerate() {
            assert_eq!(*sine, ((at as f64 + 1.0).sin().abs() * 4_294_967_296.0) as u32, "{at}");
        }
    }

    #[test]
    fn texts_of_every_length_have_the_digest_of_the_library() {
        let text: Vec<u8> = (0..=255).cycle().take(4 * BLOCK).collect();
        for length in 0..=text.len() {
            let mut one = Md5::new();
            one.update(&text[..length]);
            assert_eq!(one.digest(), <[u8; 16]>::from(::md5::Md5::digest(&text[..length])), "{length}");
        }
    }

    /// A text, and the lengths of its pieces, repeated.
    fn text() -> impl proptest::strategy::Strategy<Value = (Vec<u8>, Vec<usize>)> {
        (vec(any::<u8>(), 0..1500), vec(1usize..200, 1..6))
    }

    fn pieces(text: &[u8], lengths: &[usize]) -> Vec<Vec<u8>> {
        let (mut rest, mut pieces) = (text, vec![Vec::new()]);
        for length in lengths.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min(*length));
            pieces.push(piece.to_vec());
            rest = after;
        }
        pieces
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// In any pieces, and in any order.
        #[test]
        fn both_digests_are_those_of_the_library(texts in [text(), text()], waits in vec(0u8..4, 1..6)) {
            let expected = texts.each_ref().map(|(text, _)| <[u8; 16]>::from(::md5::Md5::digest(text)));
            let [mut left, mut right] = [Md5::new(), Md5::new()];
            let [mut lefts, mut rights] = texts.each_ref().map(|(text, lengths)| pieces(text, lengths).into_iter());
            for waits in waits.iter().chain(&[0]).cycle() {
                let piece = if waits & 1 == 0 { lefts.next() } else { None };
                let other = if waits & 2 == 0 { rights.next() } else { None };
                match (piece, other) {
                    (Some(piece), Some(other)) => Md5::update_two([(&mut left, &piece), (&mut right, &other)]),
                    (Some(piece), None) => left.update(&piece),
                    (None, Some(other)) => right.update(&other),
                    (None, None) if lefts.len() + rights.len() == 0 => break,
                    (None, None) => {}
                }
            }
            proptest::prop_assert_eq!([left.digest(), right.digest()], expected);
        }
    }
}
