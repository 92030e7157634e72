//! A hash of reports and of the options of a question, so that figures are not taken for those of another.

use sha2::{Digest, Sha256};

use super::table::SqlReport;
use crate::audit::Question;
use crate::model::hex;

/// Changes with the meaning of a row of figures.
const FORM: &str = "replaudit.sql/1";

/// Takes the parts of a question.
pub(super) struct QuestionHash(Sha256);

impl QuestionHash {
    pub(super) fn new(form: &str) -> Self {
        let mut hash = Self(Sha256::new());
        hash.add(form);
        hash
    }

    pub(super) fn add(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    pub(super) fn add_report(&mut self, report: &SqlReport<'_>) {
        let manifest = report.manifest;
        self.add(&manifest.source_bucket);
        self.add(&manifest.scanned_at.to_string());
        self.add(manifest.format.word());
        self.add(&manifest.schema);
        for file in &manifest.files {
            self.add(&file.key);
            self.add(&format!("{} {:?}", file.size, file.md5));
        }
    }

    /// In hexadecimal digits.
    pub(super) fn finish(self) -> String {
        hex(&self.0.finalize()[..16])
    }
}

/// The hash of a question about one report. It follows the dialect in the row that says which question the figures answer.
pub(crate) fn question_hash(report: &SqlReport<'_>, question: &Question) -> String {
    let mut hash = QuestionHash::new(FORM);
    hash.add_report(report);
    hash.add(&format!("{} {}", question.filter.current, question.overdue_seconds));
    hash.add(question.filter.prefix.as_deref().unwrap_or_default());
    for by in &question.by {
        hash.add(&by.to_string());
    }
    if let Some(rules) = &question.rules {
        let (cases, otherwise) = rules.cases();
        cases.iter().for_each(|(prefix, name)| {
            hash.add(prefix);
            hash.add(name);
        });
        hash.add(otherwise);
    }
    hash.finish()
}
