//! Runs the programs of engines, and reads what they print.

mod error;
mod log;
mod process;
mod program;

pub(crate) use error::EngineError;
pub(crate) use process::EngineRun;
pub(crate) use program::EngineProgram;
