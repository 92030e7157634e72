//! The rules for `--by rule`: those of the source bucket today, or of a file.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::super::Context;
use super::input::read_input;
use super::question::ReportQuestion;
use crate::audit::Dimension;
use crate::coverage::{KeyRules, read_rules};
use crate::model::Bucket;

/// S3 takes configurations of up to 2 MB.
const LONGEST: u64 = 16 << 20;

/// The compiled rules, if the question needs them.
pub(in crate::commands) async fn read_rules_for(
    asked: &ReportQuestion,
    bucket: &str,
    context: &Context,
) -> Result<Option<Arc<KeyRules>>> {
    if !asked.by.contains(&Dimension::Rule) {
        return Ok(None);
    }
    let rules = match &asked.replication {
        Some(path) => {
            let file = path.display();
            let text = read_input(path, LONGEST)
                .await
                .with_context(|| format!("reading the rules in {file} (--replication)"))?;
            read_rules(&text).with_context(|| format!("reading the rules in {file} (--replication)"))?
        }
        None => {
            let what =
                || format!("reading the rules of bucket {bucket} for --by rule (--replication FILE reads a copy)");
            let bucket = Bucket::new(bucket).with_context(what)?;
            let store = context.connect().await.with_context(what)?;
            store.replication(&bucket, Duration::ZERO).await.with_context(what)?
        }
    };
    if rules.rules.is_empty() {
        context
            .printer
            .note(format!("bucket {bucket} has no replication configuration today: no rule applies to any key"));
    }
    Ok(Some(Arc::new(KeyRules::new(&rules))))
}
