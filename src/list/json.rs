//! Lines of JSON: `bucket`, `key`, and `version_id` where one version is meant. Other fields are left alone, so that what
//! our own commands write can be read again.

use serde::Deserialize;

use crate::model::{Bucket, ObjectId, VersionId};

#[derive(Deserialize)]
struct Line {
    bucket: String,
    key: String,
    /// `"null"` is the null version; null and absent mean whichever is current.
    version_id: Option<String>,
}

pub(super) fn read(line: &str) -> Result<ObjectId, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| format!("as JSON: {error}"))?;
    if line.key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    Ok(ObjectId {
        bucket: Bucket::new(&line.bucket).map_err(|error| error.to_string())?,
        key: line.key,
        version_id: line.version_id.map(VersionId::new).transpose().map_err(|error| error.to_string())?,
    })
}
