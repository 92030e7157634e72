//! A short text that stands for a report and the options of a question, so that figures are not taken for those of another.

use sha2::{Digest, Sha256};

use super::dialect::Dialect;
use super::table::SqlReport;
use crate::audit::Question;

/// Changes with the meaning of a row of figures.
const FORM: &str = "replaudit.sql/1";

/// The `value` of the row that says which question the figures answer: the dialect, and a hash of the report and the options.
pub(crate) fn question_mark(report: &SqlReport<'_>, question: &Question, dialect: Dialect) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    let manifest = report.manifest;
    add(FORM);
    add(&manifest.source_bucket);
    add(&manifest.scanned_at.to_string());
    add(manifest.format.word());
    add(&manifest.schema);
    for file in &manifest.files {
        add(&file.key);
        add(&format!("{} {:?}", file.size, file.md5));
    }
    add(&format!("{} {}", question.filter.current, question.overdue_seconds));
    add(question.filter.prefix.as_deref().unwrap_or_default());
    for by in &question.by {
        add(&by.to_string());
    }
    if let Some(rules) = &question.rules {
        let (cases, otherwise) = rules.cases();
        cases.iter().for_each(|(prefix, name)| {
            add(prefix);
            add(name);
        });
        add(otherwise);
    }
    let hash: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}/{hash}", dialect.word())
}
