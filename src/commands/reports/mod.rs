//! What commands about reports share: finding and opening them, their age, exports, and the metrics of a run without answer.

mod age;
mod alarm;
mod exports;
mod find;
mod input;
mod open;
mod question;
mod rules;

pub(crate) use age::MaxAge;
pub(super) use age::{check_prefix, check_time, facts, scope};
pub(super) use alarm::UnansweredAlarm;
pub(crate) use exports::ExportOptions;
pub(super) use exports::{ExportFile, Exports};
pub(crate) use find::{DESTINATION_ID, ID, ReportChoice};
pub(super) use find::{LocatedReport, locate, locate_older};
pub(super) use input::{InputFile, files_of, read_input};
pub(super) use open::{ReportOpener, check_about, footers, progress};
pub(crate) use question::{ReadChoice, ReportQuestion};
pub(super) use rules::read_rules_for;
