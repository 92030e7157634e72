//! `schema`: what the json output of a command looks like.

use anyhow::Result;

use super::Context;
use crate::exit::ExitStatus;
use crate::output::Document;

pub(super) fn run(document: Document, context: &Context) -> Result<ExitStatus> {
    let mut targets = context.targets()?;
    let text = format!("{:#}\n", document.schema());
    let written = targets.iter_mut().try_for_each(|target| target.with(|out, _, _| out.write_all(text.as_bytes())));
    Ok(match written.and_then(|()| targets.commit()) {
        Ok(()) => ExitStatus::Yes,
        Err(error) => context.undelivered(&error, false),
    })
}
