//! What destinations hold of an object, in lines below its row.

use crate::model::human_bytes;
use crate::status::Destination;

/// A line for each destination, and one more where something is the matter.
pub(super) fn lines(of: &[Destination]) -> Vec<String> {
    let mut lines = Vec::new();
    for to in of {
        let version = to.version_id.as_ref().map(|id| format!(" (version {id})")).unwrap_or_default();
        lines.push(format!(
            "{:<14}  {:<10}  {:>10}  {:<20}  s3://{}{version}",
            to.verdict.word(),
            to.replication_status.as_deref().unwrap_or("-"),
            to.size.map_or_else(|| "-".to_owned(), human_bytes),
            to.region.as_deref().unwrap_or("-"),
            to.bucket,
        ));
        lines.extend(to.why.as_ref().map(|why| format!("  {why}")));
    }
    lines
}
