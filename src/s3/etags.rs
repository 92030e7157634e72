//! What a listing says of the content of objects: their ETags, at the cost of some pages instead of a request for each.

use std::collections::HashMap;

use super::list::ListQuestion;
use super::store::S3Store;
use crate::model::{Bucket, Failure};

impl S3Store {
    /// The ETags of these keys, which all begin with `prefix`, as far as `most` pages of a listing show them. A key that is
    /// left out may exist.
    ///
    /// # Errors
    /// S3 refused (`s3:ListBucket`), or a page can't be relied on.
    pub async fn etags<'a>(
        &self,
        bucket: &Bucket,
        prefix: &str,
        keys: impl Iterator<Item = &'a str>,
        most: usize,
    ) -> Result<HashMap<&'a str, String>, Failure> {
        let why = "whether the data files have the MD5 of the manifest";
        let question = ListQuestion { bucket, prefix, delimiter: None, why };
        let mut wanted: HashMap<&str, Option<String>> = keys.map(|key| (key, None)).collect();
        let (mut missing, mut after) = (wanted.len(), None);
        for _ in 0..most {
            let page = self.list_page(question, after.as_deref()).await?;
            for (key, etag) in page.keys.iter().zip(page.etags) {
                if let Some(found) = wanted.get_mut(key.as_str())
                    && found.is_none()
                {
                    *found = Some(etag);
                    missing -= 1;
                }
            }
            after = page.next;
            if after.is_none() || missing == 0 {
                break;
            }
        }
        Ok(wanted.into_iter().filter_map(|(key, etag)| Some((key, etag?))).collect())
    }
}
