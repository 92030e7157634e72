//! Lines of an S3 Batch Operations manifest: `Bucket,Key[,VersionId]`, no header, keys URL-encoded ("Specifying a
//! manifest" in the S3 User Guide).
//!
//! S3's examples write a space as `%20`. That and `%2B` mean the same to readers that
//! decode `+` as a space and to those that do not.

use memchr::{memchr, memchr3};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// All but the unreserved characters of RFC 3986, and slashes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Writes one line about a bucket with this cell; `version_id` is `None` where the report has no version IDs.
pub(super) fn line(out: &mut Vec<u8>, bucket: &[u8], key: &[u8], version_id: Option<&str>) {
    out.extend_from_slice(bucket);
    out.push(b',');
    // An encoded key holds nothing that CSV would have to quote.
    percent_encode(key, ENCODED).for_each(|part| out.extend_from_slice(part.as_bytes()));
    if let Some(version_id) = version_id {
        out.push(b',');
        cell(out, version_id);
    }
    out.push(b'\n');
}

/// A cell of a line.
pub(crate) fn manifest_cell(text: &str) -> String {
    let mut out = Vec::new();
    cell(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

/// Quotes only what needs it: S3's own buckets and version IDs never do.
fn cell(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if memchr3(b'"', b',', b'\n', bytes).or_else(|| memchr(b'\r', bytes)).is_none() {
        return out.extend_from_slice(bytes);
    }
    out.push(b'"');
    out.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lined(bucket: &str, key: &[u8], version_id: Option<&str>) -> String {
        let mut out = Vec::new();
        line(&mut out, manifest_cell(bucket).as_bytes(), key, version_id);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn keys_are_encoded_as_s3_encodes_them() {
        let table: [(&[u8], &str); 8] = [
            (b"a b", "a%20b"),
            (b"a+b", "a%2Bb"),
            (b"a%20b", "a%2520b"),
            (b"a//b/", "a//b/"),
            ("ü/😀".as_bytes(), "%C3%BC/%F0%9F%98%80"),
            (b"\n\",", "%0A%22%2C"),
            (b"az-AZ_09.~", "az-AZ_09.~"),
            (b"!*'()=&\xff", "%21%2A%27%28%29%3D%26%FF"),
        ];
        for (key, encoded) in table {
            assert_eq!(lined("b", key, None), format!("b,{encoded}\n"));
        }
        assert_eq!(lined("b", b"k", Some("null")), "b,k,null\n");
        assert_eq!(lined("x,\"y", b"k", Some("a\nb")), "\"x,\"\"y\",k,\"a\nb\"\n");
    }

    proptest::proptest! {
        /// Another reader of CSV, and any reader of URL encoding, gets back what went in.
        #[test]
        fn what_was_written_can_be_read(
            rows in proptest::collection::vec(
                (".*", proptest::collection::vec(proptest::prelude::any::<u8>(), 1..40), ".*"),
                1..8,
            ),
            plus_is_space: bool,
            versions: bool,
        ) {
            let mut out = Vec::new();
            for (bucket, key, version) in &rows {
                // A line with one empty cell looks like an empty line; bucket names are never empty.
                let bucket = manifest_cell(&format!("b{bucket}"));
                line(&mut out, bucket.as_bytes(), key, versions.then_some(version));
            }
            let mut csv = csv::ReaderBuilder::new().has_headers(false).from_reader(out.as_slice());
            let mut found = Vec::new();
            for record in csv.records() {
                let record = record.unwrap();
                let key = if plus_is_space { record[1].replace('+', " ") } else { record[1].to_owned() };
                let key: Vec<u8> = percent_encoding::percent_decode_str(&key).collect();
                let version = record.get(2).map(str::to_owned);
                found.push((record[0].to_owned(), key, version));
            }
            let expected: Vec<_> = rows
                .into_iter()
                .map(|(bucket, key, version)| (format!("b{bucket}"), key, versions.then_some(version)))
                .collect();
            proptest::prop_assert_eq!(found, expected);
        }
    }
}
