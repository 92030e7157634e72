//! Opens the journal of a run, and says which runs are the same.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::Context;
use super::gather::hash_of;
use crate::deletion::{DeleteMode, JournalHeader, JournalKind, Policy};
use crate::journal::{JournalWriter, OpenedJournal, WriterMode};
use crate::s3::ListingScope;
use crate::status::DestinationOption;

/// Opens the journal at `path`, and unless this is a dry run continues it. Without a path there is none.
pub(super) fn open_journal<K: JournalKind>(
    path: Option<&Path>,
    header: &JournalHeader,
    dry_run: bool,
    context: &Context,
) -> Result<(Option<OpenedJournal<K>>, Option<JournalWriter>)> {
    let Some(path) = path else { return Ok((None, None)) };
    let why = || format!("the journal {}", path.display());
    if dry_run {
        return Ok((Some(OpenedJournal::look(path, header).with_context(why)?), None));
    }
    let opened = OpenedJournal::open(path, header).with_context(why)?;
    // A thread knows no simulated clock.
    let mode = if context.machine.simulated.is_some() { WriterMode::Inline } else { WriterMode::OwnThread };
    let writer = opened.resume(header, &context.now().to_string(), mode).with_context(why)?;
    Ok((Some(opened), Some(writer)))
}

/// Identifies a safe-delete: its list, and the options that decide.
///
/// A journal holds it, so these texts may never change. They are those of the first program that wrote format 2, which
/// took them from the names of its types.
pub(super) fn hash_of_arguments(list: &str, policy: &Policy, verify: Option<&[DestinationOption]>) -> String {
    hash_of(&arguments_text(list, policy, verify))
}

fn arguments_text(list: &str, policy: &Policy, verify: Option<&[DestinationOption]>) -> String {
    let Policy {
        mode,
        verify_replica,
        allow_marker_replication,
        allow_replicated_delete,
        allow_annotation_loss,
        allow_unconditional,
        custom_endpoint,
    } = policy;
    let mode = match mode {
        DeleteMode::Hide => "Hide",
        DeleteMode::Permanent => "Permanent",
    };
    let destination = |to: &DestinationOption| {
        let DestinationOption { bucket, region, endpoint, profile } = to;
        let bucket = bucket.as_str();
        format!(
            "DestinationOption {{ bucket: Bucket({bucket:?}), region: {region:?}, endpoint: {endpoint:?}, profile: {profile:?} }}"
        )
    };
    let verify = verify.map_or_else(
        || "None".to_owned(),
        |all| format!("Some([{}])", all.iter().map(destination).collect::<Vec<_>>().join(", ")),
    );
    format!(
        "{list}\nPolicy {{ mode: {mode}, verify_replica: {verify_replica}, \
         allow_marker_replication: {allow_marker_replication}, allow_replicated_delete: {allow_replicated_delete}, \
         allow_annotation_loss: {allow_annotation_loss}, allow_unconditional: {allow_unconditional}, \
         custom_endpoint: {custom_endpoint} }}\n{verify}"
    )
}

/// Identifies objects by their prefixes, because hidden objects are not listed again.
pub(super) fn text_of_scopes(scopes: &[ListingScope]) -> String {
    let text = |scope: &ListingScope| {
        let ListingScope { bucket, prefix, exact, versions } = scope;
        let bucket = bucket.as_str();
        format!("Under {{ bucket: Bucket({bucket:?}), prefix: {prefix:?}, exact: {exact}, versions: {versions} }}")
    };
    format!("[{}]", scopes.iter().map(text).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bucket;

    #[test]
    fn a_run_is_identified_by_the_same_text_in_every_version_of_the_program() {
        let policy = Policy {
            mode: DeleteMode::Permanent,
            verify_replica: true,
            allow_marker_replication: false,
            allow_replicated_delete: true,
            allow_annotation_loss: false,
            allow_unconditional: true,
            custom_endpoint: false,
        };
        let bucket = Bucket::new("dst").unwrap();
        let to = |region: Option<&str>| DestinationOption {
            bucket: bucket.clone(),
            region: region.map(str::to_owned),
            endpoint: None,
            profile: Some("p\"".to_owned()),
        };
        let begin = "hash\nPolicy { mode: Permanent, verify_replica: true, allow_marker_replication: false, \
                     allow_replicated_delete: true, allow_annotation_loss: false, allow_unconditional: true, \
                     custom_endpoint: false }\n";
        let first =
            "DestinationOption { bucket: Bucket(\"dst\"), region: None, endpoint: None, profile: Some(\"p\\\"\") }";
        let second = "DestinationOption { bucket: Bucket(\"dst\"), region: Some(\"r\"), endpoint: None, profile: Some(\"p\\\"\") }";
        let table = [
            (None, "None".to_owned()),
            (Some(vec![]), "Some([])".to_owned()),
            (Some(vec![to(None), to(Some("r"))]), format!("Some([{first}, {second}])")),
        ];
        for (verify, end) in table {
            assert_eq!(arguments_text("hash", &policy, verify.as_deref()), format!("{begin}{end}"));
        }
        let scope = ListingScope { bucket, prefix: "a\"/".to_owned(), exact: false, versions: true };
        let one = "Under { bucket: Bucket(\"dst\"), prefix: \"a\\\"/\", exact: false, versions: true }";
        assert_eq!(text_of_scopes(&[scope.clone(), scope]), format!("[{one}, {one}]"));
    }
}
