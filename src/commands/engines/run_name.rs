//! What tells a run from all others.

use anyhow::{Result, anyhow};

use crate::model::hex;

/// Enough bytes for no two runs to meet.
const NAME_BYTES: usize = 8;

/// A random name of hexadecimal digits.
pub(in crate::commands) fn run_name() -> Result<String> {
    let mut run = [0; NAME_BYTES];
    getrandom::fill(&mut run).map_err(|error| anyhow!("asking the system for random bytes: {error}"))?;
    Ok(hex(&run))
}
