//! `schema`: what the json output of a command looks like.

use anyhow::Result;

use super::Context;
use crate::exit::ExitStatus;
use crate::output::Document;

pub(super) fn run(document: Document, context: &Context) -> Result<ExitStatus> {
    let targets = context.targets()?;
    let text = format!("{:#}\n", document.schema());
    Ok(match targets.deliver(|out, _, _| out.write_all(text.as_bytes())) {
        Ok(()) => ExitStatus::Yes,
        Err(error) => context.undelivered(&error),
    })
}
