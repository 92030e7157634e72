//! Compares with flate2: the same verdict and the same bytes.

mod crafted;

use std::io::{Read, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc, GzBuilder};
use proptest::prelude::*;

use super::code::{DISTANCES, LENGTHS, Range};
use super::*;

/// The text up to the end or the damage, and whether the stream is valid.
type Text = (Vec<u8>, bool);

/// Reads with this many bytes of input at once, and leaves this many of each piece for the next.
fn ours_with(inflater: &mut GzipInflater, stored: &[u8], step: usize, kept: usize) -> Text {
    inflater.restart();
    let (mut all, mut seen) = (Vec::new(), 0);
    let mut see = |text: &[u8], kept: usize| {
        assert_eq!(all[all.len() - seen..], text[..seen], "unused text is returned again");
        all.extend_from_slice(&text[seen..]);
        seen = text.len().min(kept);
        text.len() - seen
    };
    for mut input in stored.chunks(step) {
        loop {
            match inflater.take(&mut input) {
                Err(_) => return (all, false),
                Ok(false) => break,
                Ok(true) => {
                    let used = see(inflater.text(), kept);
                    inflater.make_room(used);
                }
            }
        }
    }
    if inflater.is_between_members() {
        see(inflater.text(), 0);
        return (all, true);
    }
    (all, false)
}

fn ours(stored: &[u8]) -> Text {
    ours_with(&mut GzipInflater::default(), stored, stored.len().max(1), 0)
}

fn theirs(stored: &[u8]) -> Text {
    let mut all = Vec::new();
    let ended = MultiGzDecoder::new(stored).read_to_end(&mut all);
    (all, ended.is_ok())
}

/// Compares both readers with pieces of several lengths.
fn same(stored: &[u8], name: &str) -> bool {
    let theirs = theirs(stored);
    for (step, kept) in [(stored.len().max(1), 0), (1, 3), (7, 100)] {
        let ours = ours_with(&mut GzipInflater::default(), stored, step, kept);
        assert_eq!(ours.1, theirs.1, "{name}, {step} bytes at once");
        // Before damage, some of the text may be missing.
        assert!(!ours.1 || ours.0 == theirs.0, "{name}, {step} bytes at once");
    }
    theirs.1
}

fn gzip(text: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// A gzip member with this deflate stream.
fn member(deflated: &[u8], text: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(text);
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    [&header[..], deflated, &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat()
}

/// Rows like those of inventories, all different.
fn rows(many: u64) -> Vec<u8> {
    let mut random = 1u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        random >> 16
    };
    let mut text = Vec::new();
    for at in 0..many {
        let (a, b, c) = (next(), next(), next() % 1_000_000);
        writeln!(text, "\"bucket\",\"data/{a:x}/object-{at:09}\",\"{b:x}\",\"true\",\"{c}\",\"COMPLETED\"").unwrap();
    }
    text
}

#[test]
fn members_and_headers() {
    let text = rows(20);
    let mut named =
        GzBuilder::new().filename("x.csv").comment("c").extra(vec![0, 2, 3]).write(Vec::new(), Compression::best());
    named.write_all(&text).unwrap();
    let named = named.finish().unwrap();
    let (one, two, empty) = (gzip(&text, 6), gzip(b"second", 1), gzip(b"", 6));
    let with_flags = |flags: u8, fields: &[u8]| {
        let mut stored = one.clone();
        stored[3] = flags;
        stored.splice(10..10, fields.iter().copied());
        stored
    };
    let checked = |flags: u8, fields: &[u8], off: u16| {
        let mut stored = with_flags(flags, fields);
        let mut crc = Crc::new();
        crc.update(&stored[..10 + fields.len()]);
        let sum = (crc.sum() as u16).wrapping_add(off).to_le_bytes();
        stored.splice(10 + fields.len()..10 + fields.len(), sum);
        stored
    };
    let long = |many: usize| [vec![b'x'; many], vec![0]].concat();
    let table: [(&str, Vec<u8>, bool); 22] = [
        ("one", one.clone(), true),
        ("named", named.clone(), true),
        ("several", [&one[..], &named, &empty, &two, &empty].concat(), true),
        ("empty", empty.clone(), true),
        ("nothing", Vec::new(), false),
        ("zeros at the end", [&one[..], &[0; 16]].concat(), false),
        ("one zero at the end", [&one[..], &[0]].concat(), false),
        ("half a header at the end", [&one[..], &[0x1f]].concat(), false),
        ("no gzip", b"\"a\",\"b\"\n".to_vec(), false),
        ("text flag", with_flags(1, b""), true),
        ("no extra bytes", with_flags(4, &[0, 0]), true),
        ("extra bytes", with_flags(4, &[2, 0, 1, 0]), true),
        ("extra bytes and a name", with_flags(12, b"\x01\0x\0"), true),
        ("a name and a comment", with_flags(24, b"a\0b\0"), true),
        ("empty name", with_flags(8, b"\0"), true),
        ("reserved flag", with_flags(32, b""), false),
        ("header checksum", checked(2, b"", 0), true),
        ("header checksum of all fields", checked(31 & !1, b"\x02\0abname\0\0", 0), true),
        ("wrong header checksum", checked(2 | 8, b"n\0", 1), false),
        ("long name", with_flags(8, &long(0xffff)), true),
        ("too long a name", with_flags(8, &long(0x1_0000)), false),
        ("too long a comment", with_flags(16, &long(0x1_0000)), false),
    ];
    for (name, stored, sound) in table {
        assert_eq!(same(&stored, name), sound, "{name}");
    }
}

#[test]
fn damage_and_truncation_at_any_place() {
    let mut inflater = GzipInflater::default();
    for (text, level) in [(rows(12), 6), (rows(12), 0), (b"aaaaaaaaaaaaabaaaa".to_vec(), 6), (b"short".to_vec(), 1)] {
        let stored = [gzip(&text, level), gzip(b"behind", 6)].concat();
        for at in 0..stored.len() {
            for step in [1, stored.len()] {
                let (ours, theirs) = (ours_with(&mut inflater, &stored[..at], step, 0), theirs(&stored[..at]));
                assert_eq!(ours.1, theirs.1, "cut at {at}");
                assert!(!ours.1 || ours.0 == theirs.0);
            }
            for bit in 0..8 {
                let mut damaged = stored.clone();
                damaged[at] ^= 1 << bit;
                for step in [1, stored.len()] {
                    let (ours, theirs) = (ours_with(&mut inflater, &damaged, step, 5), theirs(&damaged));
                    assert_eq!(ours.1, theirs.1, "byte {at} bit {bit}");
                    assert!(!ours.1 || ours.0 == theirs.0, "byte {at} bit {bit}");
                }
            }
        }
    }
}

#[test]
fn texts_longer_than_the_window() {
    let text = rows(40_000);
    let mut inflater = GzipInflater::default();
    for level in [0, 1, 6, 9] {
        let stored = [gzip(&text, level), gzip(&text[..100_000], level)].concat();
        let whole = [&text[..], &text[..100_000]].concat();
        for (step, kept) in [(256 << 10, 0), (1000, 250), (stored.len(), 40_000), (stored.len(), usize::MAX)] {
            assert!(ours_with(&mut inflater, &stored, step, kept) == (whole.clone(), true), "{level} {step} {kept}");
        }
    }
    // Zeros shrink to a thousandth.
    let zeros = vec![0; 3 << 20];
    assert!(ours(&gzip(&zeros, 9)) == (zeros, true));
}

#[test]
fn ranges_are_those_of_the_standard() {
    let ends = |ranges: &[Range]| {
        let ends: Vec<u32> = ranges.iter().map(|range| u32::from(range.base) + (1 << range.extra)).collect();
        assert!(ranges.iter().skip(1).zip(&ends).all(|(range, end)| u32::from(range.base) == *end));
        ends.last().copied()
    };
    assert_eq!((ends(&LENGTHS[..28]), ends(&DISTANCES)), (Some(259), Some(32_769)));
    assert_eq!((LENGTHS[28].base, LENGTHS[28].extra), (258, 0));
}
