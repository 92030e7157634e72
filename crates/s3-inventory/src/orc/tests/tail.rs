//! What the end of a file and of a stripe say, and what they can't say.

use prost::Message;

use super::super::blocks::Compression;
use super::super::stripe::{ColumnKind, WantedColumn};
use super::super::tail::FileEnd;
use super::super::{
    Footer, PostScript, StreamInformation, StreamKind, StripeFooter, StripeInformation, Type, TypeKind,
};
use super::{ENOUGH, PLAIN, damaged, no_room};
use crate::fault::{FaultKind, Feature};

fn end(footer_length: u64, magic: &str) -> Vec<u8> {
    let script = PostScript { footer_length: Some(footer_length), magic: Some(magic.to_owned()), ..Default::default() };
    let mut end = script.encode_to_vec();
    end.push(u8::try_from(end.len()).expect("it is short"));
    end
}

#[test]
fn the_end_of_a_file_is_held_against_what_is_there() {
    let length = end(10, "ORC").len() as u64;
    assert_eq!(FileEnd::read(&end(10, "ORC"), 10 + length).expect("it is the end of a file").footer, (0, 10));
    let claims = "longer than the file";
    let cases: [(Vec<u8>, u64, &str); 6] = [
        (end(11, "ORC"), 10 + length, claims),
        (end(u64::MAX, "ORC"), 1000, claims),
        (end(10, "PAR1"), 1000, "does not end like"),
        (end(10, "ORC")[5..].to_vec(), 1000, "too short"),
        (Vec::new(), 0, "too short"),
        (vec![0], 1, "does not end like"),
    ];
    for (end, size, what) in cases {
        let error = damaged(FileEnd::read(&end, size));
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_footer_says_what_is_wanted_and_nothing_that_can_t_be() {
    let plain = Compression::new(PLAIN, None).expect("it is supported");
    let of = |kind: TypeKind| Type { kind: Some(kind.into()), ..Default::default() };
    let row = |names: &[&str]| Type {
        kind: Some(TypeKind::Struct.into()),
        subtypes: vec![1, 2],
        field_names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let stripes = vec![StripeInformation { number_of_rows: Some(5), ..Default::default() }];
    let good = Footer {
        stripes,
        types: vec![row(&["size", "key"]), of(TypeKind::Long), of(TypeKind::List)],
        number_of_rows: Some(5),
        encryption: None,
    };
    let read = |footer: &Footer| Footer::read(footer.encode_to_vec().into(), plain, ENOUGH);
    assert_eq!(read(&good).expect("it is good").columns(&["size"]).expect("it is there")[0].column, 1);
    let twice = Footer { types: vec![row(&["size", "size"]), of(TypeKind::Long), of(TypeKind::Long)], ..good.clone() };
    let cut = Footer { types: vec![row(&["size", "key"])], ..good.clone() };
    for (footer, name, what) in [
        (&good, "key", "which no report has"),
        (&good, "c", "no column c"),
        (&twice, "size", "twice"),
        (&cut, "size", "which no report has"),
    ] {
        let error = damaged(read(footer).expect("it is a footer").columns(&[name]));
        assert!(error.contains(what), "{error}");
    }
    // Of a column that S3 does not document, nothing is known that it should be.
    let new = Footer { types: vec![row(&["size", "new"]), of(TypeKind::Long), of(TypeKind::List)], ..good.clone() };
    let error = read(&new).expect("it is a footer").columns(&["new"]).expect_err("it holds a list");
    assert!(matches!(error.0.kind, FaultKind::Unsupported(Feature::ColumnType { column, .. }) if column == "new"));
    let more = Footer { number_of_rows: Some(6), ..good.clone() };
    assert!(damaged(read(&more)).contains("rows"));
    let secret = Footer { encryption: Some(Vec::new()), ..good.clone() };
    assert!(matches!(read(&secret).expect_err("it is").0.kind, FaultKind::Unsupported(Feature::EncryptedColumns)));
    // Statistics are skipped, however many there are; but a footer has an end.
    let with = |statistics: usize| [good.encode_to_vec(), [0x3a, 0].repeat(statistics)].concat();
    assert_eq!(Footer::read(with(500_000).into(), plain, 4 << 20).ok(), Some(good.clone()));
    assert!(no_room(Footer::read(with(600_000).into(), plain, 4 << 20)).contains("its inflated footer"));
    // Two bytes each, and some forty times as many when they are decoded.
    let stripes = [good.encode_to_vec(), [0x1a, 0].repeat(20_000)].concat();
    assert!(Footer::read(stripes.clone().into(), plain, 8 << 20).is_ok());
    assert!(no_room(Footer::read(stripes.into(), plain, 4 << 20)).contains("its decoded footer"));
}

#[test]
fn streams_lie_within_their_stripe() {
    let stream =
        |kind: i32, column, length| StreamInformation { kind: Some(kind), column: Some(column), length: Some(length) };
    let wanted = [WantedColumn { name: "a".to_owned(), column: 1, kind: ColumnKind::Integer }];
    let stripe =
        StripeInformation { offset: Some(3), index_length: Some(10), data_length: Some(20), ..Default::default() };
    let footer = |streams| StripeFooter { streams, ..Default::default() };
    // An index, another column's, then ours.
    let good = footer(vec![stream(6, 1, 10), stream(1, 2, 5), stream(0, 1, 5), stream(1, 1, 10)]);
    let found = good.streams(&stripe, &wanted).expect("they fit");
    assert_eq!(found, [(1, StreamKind::Present, (18, 23)), (1, StreamKind::Data, (23, 33))]);
    for streams in [vec![stream(1, 1, 31)], vec![stream(1, 2, 20), stream(1, 1, 11)], vec![stream(1, 1, u64::MAX)]] {
        assert!(footer(streams).streams(&stripe, &wanted).is_err());
    }
    let nowhere = StripeInformation { offset: Some(u64::MAX), ..stripe };
    assert!(nowhere.footer().is_none() && footer(vec![stream(1, 1, 1)]).streams(&nowhere, &wanted).is_err());
}
