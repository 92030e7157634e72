//! Lines of `s3://bucket/key`: the key is everything behind the first slash, literally.

use crate::model::ObjectId;

pub(super) fn read(line: &str) -> Result<ObjectId, String> {
    ObjectId::parse(line).map_err(|error| error.to_string())
}
