//! Values of options of the commands about reports.

use std::path::PathBuf;

use super::common::duration;
use super::error::ValueError;
use crate::commands::MaxAge;
use crate::export::ExportForm;
use crate::model::bucket_and_rest;
use crate::output::ExportPlace;
use crate::sql::FilePlace;

/// What `--export` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ExportAddress {
    /// Written by this program.
    File(ExportPlace, ExportForm),
    /// Written by an engine. With its last slash.
    Folder(FilePlace),
}

pub(super) fn export(text: &str) -> Result<ExportAddress, ValueError> {
    if text == "-" {
        return Ok(ExportAddress::File(ExportPlace::Stdout, ExportForm::Ndjson));
    }
    if text.ends_with('/') {
        return folder(text).map(ExportAddress::Folder);
    }
    let path = PathBuf::from(text);
    let form = match path.extension().and_then(std::ffi::OsStr::to_str) {
        Some("csv") => ExportForm::Manifest,
        Some("ndjson") => ExportForm::Ndjson,
        Some(_) | None => return Err(ValueError::ExportFile),
    };
    Ok(ExportAddress::File(ExportPlace::File(path), form))
}

fn folder(text: &str) -> Result<FilePlace, ValueError> {
    if text.starts_with("s3://") {
        let (bucket, key) = bucket_and_rest(text)?;
        // Hadoop would write elsewhere.
        let is_plain = |part: &str| !["", ".", ".."].contains(&part);
        if !key.is_empty() && !key.trim_end_matches('/').split('/').all(is_plain) || key.ends_with("//") {
            return Err(ValueError::ExportFolder);
        }
        return Ok(FilePlace::S3 { bucket: bucket.to_string(), key: key.to_owned() });
    }
    if text.split('/').any(|part| part == "..") {
        return Err(ValueError::ExportFolder);
    }
    let absolute = std::path::absolute(text).ok().and_then(|path| path.to_str().map(str::to_owned));
    let absolute = absolute.ok_or(ValueError::ExportFile)?;
    Ok(FilePlace::Local(if absolute.ends_with('/') { absolute } else { format!("{absolute}/") }))
}

pub(super) fn max_age(text: &str) -> Result<MaxAge, ValueError> {
    match text {
        "none" => Ok(MaxAge::None),
        _ => duration(text).map(MaxAge::Limit).map_err(|error| ValueError::MaxAge(error.into())),
    }
}
