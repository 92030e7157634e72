//! Data files whose ETag in a listing is the MD5 from the manifest.
//!
//! An object that is uploaded in one piece and not encrypted by KMS has its MD5 as ETag. If a listing shows that ETag, and
//! each range is read with it as a condition, no byte of another object is read. That is as good as a digest of the file.

use std::collections::HashSet;

use s3_inventory::{DataFile, FileFormat};

use super::report::{Report, ReportLocation, md5_in_hex};

/// The most pages that are listed, because the folder holds the files of all reports. More for a report of more files.
const LEAST_PAGES: usize = 20;
const FILES_FOR_A_PAGE: usize = 10;

impl Report {
    /// Finds the data files that S3 lists with the MD5 from the manifest, once per report. If the bucket can't be listed,
    /// there are none.
    pub(super) async fn list_files(&self) {
        let ReportLocation::S3 { store, bucket } = &self.location else { return };
        if self.manifest.format == FileFormat::Csv || !self.options.verify || self.options.whole {
            return;
        }
        self.listed
            .get_or_init(|| async {
                let files = &self.manifest.files;
                let keys = || files.iter().map(|file| file.key.as_str());
                let most = LEAST_PAGES + files.len() / FILES_FOR_A_PAGE;
                let Some(prefix) = common_prefix(keys()) else { return HashSet::new() };
                let etags = store.etags(bucket, prefix, keys(), most).await.unwrap_or_default();
                let is_same = |file: &DataFile| {
                    let listed = etags.get(file.key.as_str()).map(|etag| etag.trim_matches('"'));
                    md5_in_hex(file).is_some_and(|md5| listed == Some(&md5))
                };
                (0..files.len()).filter(|at| is_same(&files[*at])).collect()
            })
            .await;
    }
}

/// The longest common prefix; `None` without keys.
fn common_prefix<'a>(mut keys: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = keys.next()?;
    Some(keys.fold(first, |prefix, key| {
        let same = prefix.char_indices().zip(key.chars()).take_while(|((_, one), other)| one == other);
        &prefix[..same.last().map_or(0, |((at, one), _)| at + one.len_utf8())]
    }))
}

#[cfg(test)]
mod tests {
    use super::common_prefix;

    #[test]
    fn keys_have_a_prefix_in_common() {
        for (keys, prefix) in [
            (vec![], None),
            (vec!["data/a.orc"], Some("data/a.orc")),
            (vec!["data/a.orc", "data/b.orc"], Some("data/")),
            (vec!["data/ä.orc", "data/ö.orc"], Some("data/")),
            (vec!["data/aa", "data/a", "data/ab"], Some("data/a")),
            (vec!["a", "b"], Some("")),
        ] {
            assert_eq!(common_prefix(keys.iter().copied()), prefix, "{keys:?}");
        }
    }
}
