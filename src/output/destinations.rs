//! What destinations hold of an object, in lines below its row.

use crate::model::human_bytes;
use crate::status::{Comparison, Destination, NamedBy};

/// A line for each destination; below it what was compared, and what is the matter there.
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
        if to.named_by == NamedBy::OptionOnly {
            lines.push("  named by --destination only: the rules could not be read, and may name more".to_owned());
        }
        if !to.compared.is_empty() {
            let compared: Vec<&str> = to.compared.iter().copied().map(Comparison::text).collect();
            lines.push(format!("  compared: {}", compared.join(", ")));
        }
        lines.extend(to.why.as_ref().map(|why| format!("  {why}")));
    }
    lines
}
