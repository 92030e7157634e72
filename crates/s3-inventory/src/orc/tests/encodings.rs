//! Integers, bits and blocks: the specification's examples, and what is damaged.

use proptest::prelude::*;

use super::super::CompressionKind;
use super::super::bits::Bits;
use super::super::blocks::{BlockInflater, Compression, inflate};
use super::super::integers::{Integers, Version};
use super::super::packed::{unpack, width, width_for};
use super::{blocks, stored, text};
use crate::fault::Feature;
use bytes::Bytes;

fn integers(bytes: &[u8], version: Version, signed: bool, count: usize) -> Result<Vec<i64>, String> {
    let mut numbers = vec![0; count];
    text(Integers::new(blocks(bytes), version, signed).read(&mut numbers, &mut BlockInflater::new()))?;
    Ok(numbers)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut packed = vec![0; packer.deflate_compress_bound(bytes.len())];
    let length = packer.deflate_compress(bytes, &mut packed).expect("it has room");
    packed.truncate(length);
    packed
}

#[test]
fn version_1_is_as_specified() {
    let run = integers(&[0x61, 0x00, 0x07], Version::V1, false, 100);
    assert_eq!(run, Ok(vec![7; 100]));
    let falling = integers(&[0x61, 0xff, 0x64], Version::V1, false, 100);
    assert_eq!(falling, Ok((1..=100).rev().collect()));
    let literals = integers(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], Version::V1, false, 5);
    assert_eq!(literals, Ok(vec![2, 3, 6, 7, 11]));
    let signed = integers(&[0xfb, 0x02, 0x03, 0x06, 0x07, 0x0b], Version::V1, true, 5);
    assert_eq!(signed, Ok(vec![1, -2, 3, -4, -6]));
}

#[test]
fn version_2_is_as_specified() {
    let repeat = integers(&[0x0a, 0x27, 0x10], Version::V2, false, 5);
    assert_eq!(repeat, Ok(vec![10_000; 5]));
    let direct = [0x5e, 0x03, 0x5c, 0xa1, 0xab, 0x1e, 0xde, 0xad, 0xbe, 0xef];
    assert_eq!(integers(&direct, Version::V2, false, 4), Ok(vec![23_713, 43_806, 57_005, 48_879]));
    let patched = [
        0x8e, 0x13, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0x00, 0x14, 0x70, 0x28, 0x32, 0x3c, 0x46, 0x50, 0x5a, 0x64, 0x6e,
        0x78, 0x82, 0x8c, 0x96, 0xa0, 0xaa, 0xb4, 0xbe, 0xfc, 0xe8,
    ];
    let numbers = [2030, 2000, 2020, 1_000_000].into_iter().chain((2040..=2190).step_by(10)).collect();
    assert_eq!(integers(&patched, Version::V2, false, 20), Ok(numbers));
    let delta = [0xc6, 0x09, 0x02, 0x02, 0x22, 0x42, 0x42, 0x46];
    assert_eq!(integers(&delta, Version::V2, false, 10), Ok(vec![2, 3, 5, 7, 11, 13, 17, 19, 23, 29]));
    assert_eq!(integers(&[0xc0, 0x02, 0x08, 0x03], Version::V2, false, 3), Ok(vec![8, 6, 4]));
    assert_eq!(integers(&[0xc0, 0x02, 0x07, 0x04], Version::V2, true, 3), Ok(vec![-4, -2, 0]));
}

#[test]
fn damaged_numbers_are_refused() {
    let table: [(&[u8], Version); 12] = [
        (&[], Version::V1),
        (&[0x61, 0x00], Version::V1),
        (&[0xfb, 0x02], Version::V1),
        (&[0x00, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02], Version::V1),
        (&[0x0a, 0x27], Version::V2),
        (&[0x5e], Version::V2),
        (&[0x5e, 0x03, 0x5c], Version::V2),
        // A patch behind the last number, and one of more than 64 bits.
        (&[0x8e, 0x00, 0x2b, 0x21, 0x07, 0xd0, 0x1e, 0xfc, 0xe8], Version::V2),
        (&[0x8e, 0x00, 0x3f, 0x21, 0x07, 0xd0, 0x1e], Version::V2),
        // A step without room for it.
        (&[0xc6, 0x00, 0x02, 0x02], Version::V2),
        (&[0xc0, 0x01, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00], Version::V2),
        (&[0xc0, 0x09, 0x02], Version::V2),
    ];
    for (at, (bytes, version)) in table.into_iter().enumerate() {
        let found = integers(bytes, version, true, 3);
        assert!(found.is_err(), "{at}: {found:?}");
    }
    // Three numbers of 56 bits, and a patch of 12 on top of the first: eight fit, more would be lost.
    let patched = |patch: [u8; 2]| {
        let run = [&[0xbc, 0x02, 0x0b, 0x01, 0x00][..], &[0; 21], &patch].concat();
        integers(&run, Version::V2, true, 3)
    };
    assert_eq!(patched([0x00, 0x08]), Ok(vec![1 << 56, 0, 0]));
    assert!(patched([0x7f, 0xf8]).expect_err("it is too wide").contains("64 bits"));
    let far =
        integers(&[0xc0, 0x02, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x02], Version::V2, true, 3);
    assert_eq!(far, Err("a number has more than 64 bits".to_owned()));
}

#[test]
fn bits_are_as_specified() {
    let read = |bytes: &[u8], counts: &[usize]| {
        let (mut bits, mut inflater) = (Bits::new(blocks(bytes)), BlockInflater::new());
        counts.iter().map(|count| text(bits.read(*count, &mut inflater)).map(|bits| bits.iter().collect())).collect()
    };
    let all: Result<Vec<Vec<bool>>, String> = read(&[0xff, 0x80], &[8]);
    assert_eq!(all, Ok(vec![vec![true, false, false, false, false, false, false, false]]));
    let parts = read(&[0x61, 0x00, 0xfe, 0x44, 0x45], &[799, 3, 0, 4, 8, 2]).expect("they are there");
    assert_eq!(parts[0], vec![false; 799]);
    assert_eq!(parts[1], [false, false, true]);
    assert_eq!(parts[3], [false, false, false, true]);
    assert_eq!(parts[4], [false, false, false, true, false, false, false, true]);
    assert_eq!(parts[5], [false, true]);
    for bytes in [&[][..], &[5], &[0xfe, 1]] {
        assert!(read(bytes, &[16]).is_err(), "{bytes:?}");
    }
}

#[test]
fn blocks_are_inflated_one_by_one() {
    let text: Vec<u8> = (0..100_000u32).flat_map(|number| number.wrapping_mul(number).to_le_bytes()).collect();
    let snappy = |bytes: &[u8]| snap::raw::Encoder::new().compress_vec(bytes).ok();
    let table: [(CompressionKind, Bytes); 5] = [
        (CompressionKind::None, text.clone().into()),
        (CompressionKind::Zlib, stored(&text, 1 << 12, |block| Some(deflated(block)))),
        (CompressionKind::Zlib, stored(&text, 1 << 12, |_| None)),
        (CompressionKind::Snappy, stored(&text, 1 << 12, snappy)),
        (CompressionKind::Zstd, stored(&text, 1 << 12, |block| zstd::bulk::compress(block, 1).ok())),
    ];
    for (kind, bytes) in table {
        let fits = Compression::new(kind, Some(1 << 12)).expect("it is supported");
        assert_eq!(inflate(bytes.clone(), fits, text.len()).ok().as_ref(), Some(&text), "{kind:?}");
        assert!(inflate(bytes.clone(), fits, text.len() - 1).is_err(), "{kind:?}");
        if kind != CompressionKind::None {
            let smaller = Compression::new(kind, Some((1 << 12) - 1)).expect("it is supported");
            assert!(inflate(bytes.clone(), smaller, text.len()).is_err(), "{kind:?}");
            assert!(inflate(bytes.slice(..bytes.len() - 1), fits, text.len()).is_err(), "{kind:?}");
            assert!(inflate(bytes.slice(..2), fits, text.len()).is_err(), "{kind:?}");
        }
    }
    assert!(Compression::new(CompressionKind::Zlib, Some((16 << 20) + 1)).is_err());
    let lz4 = Compression::new(CompressionKind::Lz4, None);
    assert_eq!(lz4, Err(Feature::OrcCodec("LZ4")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_width_is_unpacked_bit_by_bit(code in 0..32u8, packed in prop::collection::vec(any::<u8>(), 0..600)) {
        let bits = usize::from(width(code));
        let count = packed.len() * 8 / bits;
        let mut numbers = vec![0; count];
        prop_assert_eq!(unpack(&packed, width(code), &mut numbers), Some((count * bits).div_ceil(8)));
        for (at, number) in numbers.iter().enumerate() {
            let slow = (at * bits..(at + 1) * bits)
                .fold(0u64, |number, bit| number << 1 | u64::from(packed[bit / 8] >> (7 - bit % 8) & 1));
            prop_assert_eq!(number.cast_unsigned(), slow);
        }
        numbers.resize(count + 8, 0);
        prop_assert_eq!(unpack(&packed, width(code), &mut numbers), None);
        prop_assert!(width_for(width(code)) == width(code));
    }
}
