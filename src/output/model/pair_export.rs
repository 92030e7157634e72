//! What the table says of an export of `reconcile`, and what to do with it.
//!
//! S3 Batch Replication refuses a replica that was deleted by its version ID (`DstObjectHardDeleted`, see "Receiving replication
//! failure events with Amazon S3 Event Notifications" in the S3 User Guide). Such an object has to be copied.

use std::io::{self, Write};
use std::path::PathBuf;

use super::super::terminal::Style;
use super::batch_job::{is_bucket, known, local_file, write_exported};
use super::text::sentence;
use crate::export::ExportForm;
use crate::model::sh_quote;
use crate::reconcile::PairClass;

/// An export that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairExport {
    /// Where it went; `None` for stdout.
    pub(crate) path: Option<PathBuf>,
    pub(crate) form: ExportForm,
    pub(crate) objects: u64,
    pub(crate) classes: Vec<PairClass>,
    pub(crate) source_bucket: String,
    pub(crate) destination_bucket: String,
}

impl PairExport {
    /// Says how much was exported where, and what to do with it.
    pub(in crate::output) fn write(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        write_exported(self.objects, self.path.as_deref(), out)?;
        if self.objects == 0 {
            return Ok(());
        }
        match self.classes.as_slice() {
            [PairClass::InSync] if self.form == ExportForm::Ndjson => self.deletable(out),
            classes if classes.iter().any(|class| *class != PairClass::InSync) => self.copy(out, style),
            _ => Ok(()),
        }
    }

    fn deletable(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(path) = self.path.as_deref().and_then(local_file) else { return Ok(()) };
        writeln!(
            out,
            "safe-delete checks each of them again: replaudit safe-delete --dry-run --from {}",
            sh_quote(&path)
        )
    }

    fn copy(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        let source = known(&self.source_bucket, is_bucket, "SOURCE");
        let destination = known(&self.destination_bucket, is_bucket, "DESTINATION");
        let why = "S3 Batch Replication does not bring back a replica that was deleted by its version ID (DstObjectHardDeleted). Copy such an object instead, and replace the words in capitals:";
        for line in sentence(why, style) {
            writeln!(out, "{}", style.strong(&line))?;
        }
        let copy_source = sh_quote(&format!("{source}/KEY?versionId=VERSION"));
        writeln!(out, "  aws s3api copy-object --copy-source {copy_source} --bucket {destination} --key KEY")?;
        let note = format!(
            "The copy gets a version ID of its own, and its status is not REPLICA: reconcile and safe-delete do not take it for a replica. A copy of the object onto itself in bucket {source} makes a new version, which S3 replicates. For many objects, give a .csv export to S3 Batch Operations as the manifest of a copy job (S3PutObjectCopy)."
        );
        for line in sentence(&note, style) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
