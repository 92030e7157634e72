//! The gzip reader on any stream: the same verdict and the same rows as another library.
//!
//! Bit 0 of the first byte selects a stream or a text to compress, and the next bits the compression level. The second and
//! third byte are the place and the mask of a changed byte.
#![no_main]

use std::convert::Infallible;
use std::io::{Read, Write};

use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use flate2::{Compression, read};
use libfuzzer_sys::fuzz_target;
use s3_inventory::{Columns, CsvPiece, CsvReader, FileFormat, InflatedText, Record, RowCells, TextInflater};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Text,
    Gzip,
    /// As if another thread inflated the stream.
    InflatedApart,
}

fuzz_target!(|data: &[u8]| {
    let Some(([choice, at, to], rest)) = data.split_first_chunk() else { return };
    let stream = if choice & 1 == 0 {
        rest.to_vec()
    } else {
        // Repeated texts reach more code than short ones.
        let text = rest.repeat(1 + usize::from(choice >> 5) * 40);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(u32::from(choice >> 1 & 15).min(9)));
        encoder.write_all(&text).expect("a vector takes everything");
        let mut stream = encoder.finish().expect("a vector takes everything");
        let place = stream.len() * usize::from(*at) / 256;
        stream[place] ^= to;
        stream
    };
    let columns = Columns::of(FileFormat::Csv, "Key, Bucket, ReplicationStatus").expect("these are columns");
    let rows = |pieces: std::slice::Chunks<'_, u8>, reading: Reading| -> Result<Vec<Vec<u8>>, String> {
        let mut keys = Vec::new();
        let mut rows = CsvReader::new(&columns, "b");
        let mut inflater = TextInflater::default();
        rows.begin("f", reading != Reading::Text);
        let mut take = |piece: CsvPiece<'_>, last| {
            let taken = rows.take_piece(piece, last, |record: &Record<'_>, _: RowCells<'_>| {
                keys.push(record.key.to_vec());
                Ok::<_, Infallible>(())
            });
            taken.map_err(|error| error.to_string())
        };
        for mut piece in pieces.chain([&[][..]]) {
            let last = piece.is_empty();
            if reading != Reading::InflatedApart {
                take(CsvPiece::Stored(piece), last)?;
                continue;
            }
            let spare = InflatedText::default;
            while let Some(text) = inflater.take(&mut piece, spare).map_err(|error| error.to_string())? {
                take(CsvPiece::Inflated(&text), false)?;
            }
            if last {
                take(CsvPiece::Inflated(&inflater.end().map_err(|error| error.to_string())?), true)?;
            }
        }
        assert_eq!(rows.count(), keys.len() as u64);
        Ok(keys)
    };
    let mut text = Vec::new();
    let theirs = match MultiGzDecoder::new(&stream[..]).read_to_end(&mut text) {
        Ok(_) => rows(text.chunks(1 << 20), Reading::Text),
        Err(error) => Err(error.to_string()),
    };
    let pieces = [1 << 20, 1 + usize::from(*at)];
    for (piece, reading) in pieces.iter().flat_map(|piece| [(*piece, Reading::Gzip), (*piece, Reading::InflatedApart)]) {
        // Both must find damage, but maybe at another row.
        match (&theirs, rows(stream.chunks(piece), reading)) {
            (Ok(theirs), Ok(ours)) => assert_eq!(theirs, &ours),
            (Err(_), Err(_)) => {}
            (theirs, ours) => panic!("they: {theirs:?}, we: {ours:?}, plain: {:?}", plain(&stream)),
        }
    }
});

/// The text of the first member, for the failure message.
fn plain(stream: &[u8]) -> String {
    let mut text = Vec::new();
    let read = std::io::Read::read_to_end(&mut read::GzDecoder::new(stream), &mut text);
    format!("{read:?} {}", String::from_utf8_lossy(&text))
}
