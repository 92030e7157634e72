//! A hash of a report and of the options of a question, so that figures are not taken for those of another.

use sha2::{Digest, Sha256};

use super::table::SqlReport;
use crate::audit::Question;
use crate::model::hex;

/// Changes with the meaning of a row of figures.
const FORM: &str = "replaudit.sql/1";

/// The hash, in hexadecimal digits. It follows the dialect in the row that says which question the figures answer.
pub(crate) fn question_hash(report: &SqlReport<'_>, question: &Question) -> String {
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
    hex(&hash.finalize()[..16])
}
