//! Inflating on any stream: the same verdict and the same rows as with another library that inflates.
//!
//! Bit 0 of the first byte says whether the rest is a stream or a text to be compressed, at the level of the next bits; the
//! second and third byte then say where a byte of the stream is changed, and to what.
#![no_main]

use std::io::{BufReader, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, read};
use libfuzzer_sys::fuzz_target;
use replaudit_fuzz::inventory::{Columns, Damage, FileFormat, Inflater, Record, scan, scan_gzip};

fuzz_target!(|data: &[u8]| {
    let Some(([choice, at, to], rest)) = data.split_first_chunk() else { return };
    let stream = if choice & 1 == 0 {
        rest.to_vec()
    } else {
        // Long texts, of which short ones are made the pattern, reach what short ones do not.
        let text = rest.repeat(1 + usize::from(choice >> 5) * 40);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(u32::from(choice >> 1 & 15).min(9)));
        encoder.write_all(&text).expect("a vector takes everything");
        let mut stream = encoder.finish().expect("a vector takes everything");
        let place = stream.len() * usize::from(*at) / 256;
        stream[place] ^= to;
        stream
    };
    let columns = Columns::of(FileFormat::Csv, "Key, Bucket, ReplicationStatus").expect("these are columns");
    let rows = |ours: bool, piece: usize| -> Result<Vec<Vec<u8>>, Damage> {
        let mut keys = Vec::new();
        let each = |record: &Record<'_>| {
            keys.push(record.key.to_vec());
            Ok(())
        };
        let many = match ours {
            true => {
                let pieces = BufReader::with_capacity(piece, &stream[..]);
                scan_gzip(&mut Inflater::default(), pieces, "f", &columns, "b", each)
            }
            false => scan(MultiGzDecoder::new(&stream[..]), "f", &columns, "b", each),
        }?;
        assert_eq!(many, keys.len() as u64);
        Ok(keys)
    };
    let theirs = rows(false, 1);
    for piece in [1 << 20, 1 + usize::from(*at)] {
        // What is damaged may be noticed at another row, but it is noticed.
        match (&theirs, rows(true, piece)) {
            (Ok(theirs), Ok(ours)) => assert_eq!(theirs, &ours),
            (Err(_), Err(_)) => {}
            (theirs, ours) => panic!("they: {theirs:?}, we: {ours:?}, plain: {:?}", plain(&stream)),
        }
    }
});

/// The text of the first member, for whoever looks at a finding.
fn plain(stream: &[u8]) -> String {
    let mut text = Vec::new();
    let read = std::io::Read::read_to_end(&mut read::GzDecoder::new(stream), &mut text);
    format!("{read:?} {}", String::from_utf8_lossy(&text))
}
