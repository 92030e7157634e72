//! Values of options of the commands about reports.

use std::path::PathBuf;

use super::common::duration;
use super::error::ValueError;
use crate::commands::MaxAge;
use crate::export::ExportForm;
use crate::output::ExportPlace;

pub(super) fn export(text: &str) -> Result<(ExportPlace, ExportForm), ValueError> {
    if text == "-" {
        return Ok((ExportPlace::Stdout, ExportForm::Ndjson));
    }
    let path = PathBuf::from(text);
    let form = match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("csv") => ExportForm::Manifest,
        Some("ndjson") => ExportForm::Ndjson,
        Some(_) | None => return Err(ValueError::ExportFile),
    };
    Ok((ExportPlace::File(path), form))
}

pub(super) fn max_age(text: &str) -> Result<MaxAge, ValueError> {
    match text {
        "none" => Ok(MaxAge::None),
        _ => duration(text).map(MaxAge::Limit).map_err(|error| ValueError::MaxAge(error.into())),
    }
}
