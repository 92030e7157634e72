//! Streams that no encoder writes, and random codes.

use super::super::code::{Code, END};
use super::*;

/// Writes deflate streams that no encoder writes.
#[derive(Default)]
struct Encoder {
    bits: Vec<bool>,
    text: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Symbol {
    Literal(u8),
    /// Distance and length.
    Match(usize, usize),
    /// A symbol of the first code, with extra bits, then one of the second.
    Raw(usize, usize, Option<usize>),
}

impl Encoder {
    fn put(&mut self, number: usize, many: usize) -> &mut Self {
        self.bits.extend((0..many).map(|at| number.checked_shr(at as u32).unwrap_or(0) & 1 == 1));
        self
    }

    /// Writes a symbol's code, first bit first; nothing if it has none.
    fn code(&mut self, lengths: &[u8], symbol: usize) -> &mut Self {
        let length = lengths[symbol];
        let mut code = 0usize;
        for bits in 1..=length {
            code = 2 * (code + if bits > 1 { lengths.iter().filter(|of| **of == bits - 1).count() } else { 0 });
        }
        code += lengths[..symbol].iter().filter(|of| **of == length).count();
        self.bits.extend((0..length).rev().map(|at| code >> at & 1 == 1));
        self
    }

    /// Writes the header of a block with these codes. Each length takes 4 bits, without repetition.
    fn header(&mut self, last: bool, literals: &[u8], distances: &[u8]) -> &mut Self {
        self.put(last.into(), 1).put(2, 2);
        self.put(literals.len() - 257, 5).put(distances.len() - 1, 5).put(15, 4);
        // Sixteen lengths of four bits.
        let mut own = [0u8; 19];
        own[..16].fill(4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.put(own[symbol].into(), 3);
        }
        for length in literals.iter().chain(distances) {
            self.code(&own, (*length).into());
        }
        self
    }

    fn symbols(&mut self, literals: &[u8], distances: &[u8], symbols: &[Symbol]) -> &mut Self {
        let find = |ranges: &[Range], number: usize| {
            let at = ranges.iter().rposition(|range| usize::from(range.base) <= number).unwrap();
            (at, number - usize::from(ranges[at].base), usize::from(ranges[at].extra))
        };
        for symbol in symbols {
            match *symbol {
                Symbol::Literal(byte) => {
                    self.text.push(byte);
                    self.code(literals, byte.into());
                }
                Symbol::Match(distance, length) => {
                    let (at, more, extra) = find(&LENGTHS, length);
                    self.code(literals, 257 + at).put(more, extra);
                    let (at, more, extra) = find(&DISTANCES, distance);
                    self.code(distances, at).put(more, extra);
                    for _ in 0..length {
                        let from = self.text.len().saturating_sub(distance);
                        self.text.push(self.text.get(from).copied().unwrap_or(0));
                    }
                }
                Symbol::Raw(symbol, more, distance) => {
                    let extra = LENGTHS.get(symbol.wrapping_sub(257)).map_or(0, |range| range.extra);
                    self.code(literals, symbol).put(more, extra.into());
                    if let Some(distance) = distance {
                        self.code(distances, distance);
                    }
                }
            }
        }
        self.code(literals, END)
    }

    fn member(&self) -> Vec<u8> {
        let bytes = self.bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
        member(&bytes.collect::<Vec<u8>>(), &self.text)
    }
}

fn fixed() -> (Vec<u8>, Vec<u8>) {
    let mut literals = vec![8; 144];
    literals.extend([9; 112]);
    literals.extend([7; 24]);
    literals.extend([8; 8]);
    (literals, vec![5; 32])
}

/// Code lengths of `size` symbols, of which `of` have one.
fn lengths(size: usize, of: &[(usize, u8)]) -> Vec<u8> {
    let mut lengths = vec![0; size];
    of.iter().for_each(|(symbol, length)| lengths[*symbol] = *length);
    lengths
}

#[test]
fn streams_that_no_encoder_writes() {
    use Symbol::{Literal as L, Match as M, Raw};
    let dynamic = |literals: &[u8], distances: &[u8], symbols: &[Symbol]| {
        let mut encoder = Encoder::default();
        encoder.header(true, literals, distances).symbols(literals, distances, symbols);
        encoder
    };
    let in_fixed = |symbols: &[Symbol]| {
        let mut encoder = Encoder::default();
        encoder.put(1, 1).put(1, 2).symbols(&fixed().0, &fixed().1, symbols);
        encoder
    };
    let pair = lengths(257, &[(97, 1), (END, 1)]);
    let with_match = lengths(286, &[(97, 1), (END, 2), (257, 2)]);
    let longest: Vec<(usize, u8)> = (1..=15).map(|length| (96 + usize::from(length), length)).collect();
    let deep = lengths(286, &[&longest[..14], &[(END, 15), (285, 15)]].concat());
    let deep_lengths = lengths(286, &[&longest[..13], &[(END, 14), (284, 15), (270, 15)]].concat());
    let deep_distances: Vec<u8> = (1..=15).chain([15]).chain([0; 14]).collect();
    let far_distances: Vec<u8> = [vec![0; 14], (1..=15).chain([15]).collect()].concat();
    let text: Vec<Symbol> = longest[..13].iter().map(|(symbol, _)| L(*symbol as u8)).collect();
    let mut other_258 = in_fixed(&[L(b'x'), Raw(284, 31, Some(0))]);
    other_258.text = vec![b'x'; 259];
    let mut stored_behind = Encoder::default();
    stored_behind.header(false, &pair, &[1]).symbols(&pair, &[1], &[L(97)]).put(1, 3);
    stored_behind.bits.resize(stored_behind.bits.len().next_multiple_of(8), false);
    stored_behind.put(2, 16).put(0xfffd, 16).put(usize::from(b'b'), 8).put(usize::from(b'c'), 8);
    stored_behind.text.extend(b"bc");
    let counts = |literals: usize, distances: usize| {
        let mut encoder = Encoder::default();
        encoder.put(1, 1).put(2, 2).put(literals - 257, 5).put(distances - 1, 5).put(15, 4).put(0, 2000);
        encoder
    };
    let mut wrong_stored = Encoder::default();
    wrong_stored.put(1, 8).put(1, 16).put(0xffff, 16).put(7, 8);
    let mut third_kind = Encoder::default();
    third_kind.put(7, 3);
    let mut repeat_first = Encoder::default();
    repeat_first.put(1, 1).put(2, 2).put(0, 5).put(0, 5).put(0, 4).put(1, 3).put(1, 3).put(0, 6).put(0, 100);
    let mut repeat_beyond = Encoder::default();
    // 18 and 1, of one bit each: 258 lengths in three steps that go beyond.
    let order = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    repeat_beyond.put(1, 1).put(2, 2).put(0, 5).put(0, 5).put(14, 4);
    for length in order {
        repeat_beyond.put(length, 3);
    }
    repeat_beyond.put(1, 1).put(127, 7).put(1, 1).put(127, 7).put(0, 200);
    let bad = |literals: &[(usize, u8)], distances: &[u8]| dynamic(&lengths(286, literals), distances, &[]);
    let table: [(&str, Encoder, bool); 34] = [
        ("two codes", dynamic(&pair, &[0], &[L(97), L(97)]), true),
        ("no code but the end's", dynamic(&lengths(257, &[(END, 1)]), &[0], &[]), true),
        ("one distance", dynamic(&with_match, &[1], &[L(97), M(1, 3)]), true),
        ("one distance of two bits", dynamic(&with_match, &[2], &[L(97)]), false),
        ("no distance, and a match", dynamic(&with_match, &[0], &[L(97), Raw(257, 0, None)]), false),
        (
            "the other bit of one distance",
            {
                let mut encoder = Encoder::default();
                encoder.header(true, &with_match, &[1]).code(&with_match, 97).code(&with_match, 257).put(1, 1);
                encoder.code(&with_match, END).put(0, 300);
                encoder
            },
            false,
        ),
        (
            "the other bit of one literal",
            {
                let only = lengths(257, &[(END, 1)]);
                let mut encoder = Encoder::default();
                encoder.header(true, &only, &[0]).put(1, 1).put(0, 300);
                encoder
            },
            false,
        ),
        (
            "the longest codes",
            dynamic(&deep, &deep_distances, &[&text[..], &[M(1, 258), M(129, 258), M(1, 258)]].concat()),
            true,
        ),
        (
            "the longest codes of lengths",
            dynamic(&deep_lengths, &deep_distances, &[&text[..], &[M(4, 250), M(192, 24), M(13, 23)]].concat()),
            true,
        ),
        (
            "the longest of all",
            dynamic(
                &deep_lengths,
                &far_distances,
                &[vec![text[12]; 200], vec![M(193, 257); 200], vec![M(32_768, 257), L(97), M(24_577, 24)]].concat(),
            ),
            true,
        ),
        ("258 in its other form", other_258, true),
        ("stored behind symbols", stored_behind, true),
        ("nothing in fixed codes", in_fixed(&[]), true),
        ("a match at the beginning", in_fixed(&[M(1, 3)]), false),
        ("a match from before the beginning", in_fixed(&[L(1), L(2), M(3, 3)]), false),
        ("a match from the beginning", in_fixed(&[L(1), L(2), M(2, 258)]), true),
        ("length 286", in_fixed(&[L(1), Raw(286, 0, Some(0))]), false),
        ("length 287", in_fixed(&[L(1), Raw(287, 0, Some(0))]), false),
        ("distance 30", in_fixed(&[L(1), Raw(257, 0, Some(30))]), false),
        ("distance 31", in_fixed(&[L(1), Raw(257, 0, Some(31))]), false),
        ("more lengths than there are", counts(287, 1), false),
        ("more distances than there are", counts(257, 31), false),
        ("no codes for lengths", counts(257, 1), false),
        ("a wrong stored length", wrong_stored, false),
        ("a block of the fourth kind", third_kind, false),
        ("a repetition at first", repeat_first, false),
        ("a repetition beyond the end", repeat_beyond, false),
        ("no end", bad(&[(97, 1), (98, 1)], &[0]), false),
        ("too few codes", bad(&[(97, 2), (END, 1)], &[0]), false),
        ("only an end of two bits", bad(&[(END, 2)], &[0]), false),
        ("too many codes", bad(&[(97, 1), (98, 1), (END, 1)], &[0]), false),
        ("too few distances", bad(&[(97, 1), (END, 1)], &[2, 1]), false),
        ("two distances", bad(&[(97, 1), (END, 1)], &[1, 1]), true),
        ("too many distances", bad(&[(97, 1), (END, 1)], &[1, 1, 1]), false),
    ];
    for (name, encoder, sound) in table {
        let stored = encoder.member();
        assert_eq!(same(&stored, name), sound, "{name}");
        // With more input, the quick loop is used.
        let behind = [&stored[..], &gzip(&rows(3), 6)].concat();
        assert_eq!(same(&behind, name), sound, "{name}, with more behind");
        if sound {
            assert!(ours(&stored) == (encoder.text, true), "{name}");
        }
    }
}

#[test]
fn matches_of_every_distance_and_length() {
    let (literals, distances) = fixed();
    let mut encoder = Encoder::default();
    encoder.put(1, 1).put(1, 2);
    let start: Vec<Symbol> = (0..80).map(|at| Symbol::Literal(at * 3)).collect();
    let matches = (1..80).flat_map(|distance| (3..=258).step_by(5).map(move |length| (distance, length)));
    let matches = matches.map(|(distance, length)| Symbol::Match(distance, length));
    encoder.symbols(&literals, &distances, &start.into_iter().chain(matches).collect::<Vec<_>>());
    assert!(same(&encoder.member(), "matches"));
    assert!(ours(&encoder.member()) == (encoder.text, true));
}

/// Lengths of a complete code, made by splitting codes in two.
fn complete(size: usize, parts: &[usize]) -> Vec<u8> {
    let mut codes = vec![1u8, 1];
    for part in parts {
        let at = part % codes.len();
        if codes[at] < 15 && codes.len() < size {
            codes[at] += 1;
            codes.push(codes[at]);
        }
    }
    codes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    /// Any text at any level, in any pieces.
    #[test]
    fn any_text_comes_out(
        members in prop::collection::vec(
            (prop::collection::vec((any::<u8>(), 0usize..300, 0usize..40), 0..40), 0u32..10, any::<bool>()), 1..4),
        step in 1usize..5000,
        kept in 0usize..70_000,
    ) {
        let (mut stored, mut whole) = (Vec::new(), Vec::new());
        for (parts, level, is_raw) in &members {
            let mut text = Vec::new();
            for (byte, times, back) in parts {
                for at in 0..*times {
                    let from = text.len().wrapping_sub(back * 7 + 1);
                    let next = text.get(from).copied().unwrap_or(*byte);
                    text.push(if at % (back + 2) == 0 { byte.wrapping_add(at as u8) } else { next });
                }
            }
            if *is_raw {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(*level));
                // Blocks and empty blocks where it is flushed.
                for part in text.chunks(1000) {
                    encoder.write_all(part).unwrap();
                    encoder.flush().unwrap();
                }
                stored.extend(member(&encoder.finish().unwrap(), &text));
            } else {
                stored.extend(gzip(&text, *level));
            }
            whole.extend(text);
        }
        prop_assert_eq!(theirs(&stored), (whole.clone(), true));
        prop_assert_eq!(ours(&stored), (whole.clone(), true));
        prop_assert_eq!(ours_with(&mut GzipInflater::default(), &stored, step, kept), (whole, true));
    }

    /// Blocks with any codes and any of their symbols.
    #[test]
    fn any_codes_are_read(
        parts in prop::collection::vec(any::<usize>(), 2..300),
        distance_parts in prop::collection::vec(any::<usize>(), 0..40),
        rotate in 0usize..286,
        picks in prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>()), 0..600),
        damaged in any::<prop::sample::Index>(),
    ) {
        let spread = |codes: Vec<u8>, size: usize, by: usize| {
            let mut lengths = vec![0; size];
            for (at, length) in codes.iter().enumerate() {
                lengths[(END + at * 7 + by * usize::from(at > 0)) % size] = *length;
            }
            lengths
        };
        // 7 and 286 have no common divisor, nor have 7 and 30.
        let codes = complete(200, &parts);
        let mut literals = spread(codes.clone(), 286, 0);
        literals[..256].rotate_left(rotate % 256);
        let distances = spread(complete(30, &distance_parts), 30, 0);
        let of = |lengths: &[u8], range: std::ops::Range<usize>| -> Vec<usize> { range.filter(|at| lengths[*at] > 0).collect() };
        let (bytes, matches, back) = (of(&literals, 0..256), of(&literals, 257..286), of(&distances, 0..30));
        prop_assume!(!bytes.is_empty());
        let mut encoder = Encoder::default();
        encoder.header(true, &literals, &distances);
        let mut written = 0;
        let mut symbols = Vec::new();
        for (kind, a, b) in picks {
            let length = matches.get(a % matches.len().max(1)).map(|at| LENGTHS[at - 257]);
            let distance = DISTANCES[back[b % back.len()]];
            let far = usize::from(distance.base) + (b >> 16) % (1 << distance.extra);
            match length {
                Some(range) if kind % 3 == 0 && far <= written => {
                    let mut long = usize::from(range.base) + (a >> 16) % (1 << range.extra);
                    if range.extra == 5 && long == 258 {
                        long = 257;
                    }
                    symbols.push(Symbol::Match(far, long));
                    written += long;
                }
                _ => {
                    symbols.push(Symbol::Literal(bytes[kind % bytes.len()] as u8));
                    written += 1;
                }
            }
        }
        encoder.symbols(&literals, &distances, &symbols);
        let mut stored = encoder.member();
        prop_assert!(same(&stored, "any codes"));
        prop_assert_eq!(ours(&stored), (encoder.text, true));
        let bit = damaged.index(8 * stored.len());
        stored[bit / 8] ^= 1 << (bit % 8);
        same(&stored, "any codes, damaged");
    }

    /// Both readers agree on any bytes.
    #[test]
    fn any_bytes_are_judged_alike(kind in 0u8..3, bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut deflated = bytes;
        if let Some(first) = deflated.first_mut() {
            *first = *first & !7 | kind << 1;
        }
        same(&member(&deflated, b""), "any bytes");
    }

    /// A code reads each of its symbols, and needs all bits for it.
    #[test]
    fn codes_read_their_own_symbols(parts in prop::collection::vec(any::<usize>(), 0..300)) {
        let lengths = complete(288, &parts);
        let mut code = Code::<288>::default();
        code.set(&lengths, false).unwrap();
        for length in 1..=15 {
            for (symbol, word) in code.of_length(length) {
                let mut bits = Bits { word: word as u64, count: length as u32 };
                prop_assert_eq!(code.read(&mut bits), Ok(Some(symbol)));
                prop_assert_eq!(bits.count, 0);
                let mut fewer = Bits { word: word as u64 & !(u64::MAX << (length - 1)), count: length as u32 - 1 };
                prop_assert_eq!(code.read(&mut fewer), Ok(None));
            }
        }
    }
}
