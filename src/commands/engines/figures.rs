//! Figures that an engine computed before: `--figures`.

use std::io::BufReader;

use anyhow::{Context as _, Result};

use super::source::FiguresInput;
use crate::audit::FigureTaker;
use crate::sql::read_figures;

/// Reads figures to their end.
pub(in crate::commands) async fn figures<S: FigureTaker>(input: &FiguresInput, sums: S) -> Result<S::Output> {
    let name = input.name();
    let input = input.clone();
    // A pipe may block without end, so another thread reads it: the command can still end after a signal.
    let read = tokio::task::spawn_blocking(move || {
        let text = input.open()?;
        anyhow::Ok(read_figures(BufReader::new(text), sums))
    });
    let read = read.await?.with_context(|| format!("opening the figures in {name} (--figures)"))?;
    read.with_context(|| format!("the figures in {name} can't be trusted"))
}
