//! Runs engines: their programs, of which it reads what they print, and Athena.

mod athena;
mod error;
mod log;
mod process;
mod program;

pub(crate) use athena::{AthenaEnd, AthenaRun, AthenaSettings, QueryEnd, TableEnd, list_price};
pub(crate) use error::EngineError;
pub(crate) use process::EngineRun;
pub(crate) use program::EngineProgram;
