//! Every option with a value has a variable in the environment, `REPLAUDIT_<OPTION>`, except for those that decide about a
//! deletion: a variable that was set for another run must not choose or allow what is deleted.
//!
//! A variable is a default. clap treats it like the option itself, and would refuse a run that the option does not go with.
//! Such variables are left out of the run.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, Id};

/// The commands that delete, with their options that choose, allow or confirm a deletion.
const DECIDE_ABOUT_DELETION: [(&str, &[&str]); 2] =
    [("safe-delete", &["bucket", "key", "version_id", "from", "destination", "max_delete"]), ("undo", &["max_delete"])];

/// Options that mean nothing without another one.
const NEEDS: [(&str, &str); 7] = [
    ("key", "bucket"),
    ("id", "bucket"),
    ("top", "by"),
    ("confirm_max", "confirm"),
    ("export_class", "export"),
    ("timeout", "wait"),
    ("destination", "verify_replica"),
];

/// Options that have no effect unless another option has this value.
const NEEDS_VALUE: [(&str, &str, &str); 6] = [
    ("replication", "by", "rule"),
    ("engine_command", "engine", "spark"),
    ("athena_workgroup", "engine", "athena"),
    ("athena_output", "engine", "athena"),
    ("athena_database", "engine", "athena"),
    ("athena_max_scan", "engine", "athena"),
];

/// Arguments and the options that don't go with them, beside the conflicts that clap knows.
const REPLACES: [(&str, &str); 5] = [
    ("addresses", "bucket"),
    ("addresses", "key"),
    ("addresses", "version_id"),
    ("recursive", "version_id"),
    ("all_versions", "version_id"),
];

pub(super) fn with_variables(tree: Command) -> Command {
    tree.mut_args(with_variable).mut_subcommands(|command| {
        let decides = DECIDE_ABOUT_DELETION.iter().find(|(name, _)| *name == command.get_name());
        let decides = decides.map_or(&[][..], |(_, options)| options);
        command.mut_args(|arg| if decides.contains(&arg.get_id().as_str()) { arg } else { with_variable(arg) })
    })
}

fn with_variable(arg: Arg) -> Arg {
    match arg.get_long().filter(|_| arg.get_action().takes_values()) {
        // The value may hold a password, as a URL does, so the help does not show it.
        Some(long) => {
            let name = variable(long);
            arg.env(name).hide_env_values(true)
        }
        None => arg,
    }
}

fn variable(long: &str) -> String {
    format!("REPLAUDIT_{}", long.replace('-', "_").to_uppercase())
}

/// Adds to an error about a value the name of the variable that it came from.
pub(super) fn with_origin(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    // The option as the usage shows it, such as `--top <N>`.
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else { return error };
    let option = shown.split(' ').next().unwrap_or_default();
    let name = variable(option.trim_start_matches('-'));
    let is_typed = args.iter().any(|arg| arg.to_string_lossy().starts_with(option));
    if !is_typed && std::env::var_os(&name).is_some() {
        let tip = format!("the environment variable {name} is set");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// The tree for a run with these arguments, without the variables that do not go with it.
pub(super) fn without_idle(tree: Command, args: &[OsString]) -> Command {
    if !std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("REPLAUDIT_")) {
        return tree;
    }
    let mut built = tree.clone().ignore_errors(true);
    built.build();
    // What is wrong is found and reported when the arguments are read by the caller.
    let Ok(matches) = built.clone().try_get_matches_from(args) else { return tree };
    let Some((name, matches)) = matches.subcommand() else { return tree };
    let Some(command) = built.find_subcommand(name) else { return tree };
    let idle: Vec<&Id> =
        command.get_arguments().filter(|arg| is_idle(arg, command, matches)).map(Arg::get_id).collect();
    let leave_out = |arg: Arg| if idle.contains(&arg.get_id()) { arg.env(Resettable::Reset) } else { arg };
    tree.mut_args(leave_out).mut_subcommand(name, |command| command.mut_args(leave_out))
}

/// Whether a report is named that is not in S3.
fn has_local_report(matches: &ArgMatches) -> bool {
    let is_single = matches.try_get_raw("report").is_ok();
    let reports = if is_single { ["report", "since"] } else { ["source_report", "destination_report"] };
    let named = reports.iter().filter_map(|id| matches.try_get_raw(id).ok().flatten()).flatten();
    named.into_iter().any(|report| !report.to_string_lossy().starts_with("s3://"))
}

/// Whether the reader of the rows writes such an export: this program to a file, an engine to a folder.
fn fits_engine(export: &str, matches: &ArgMatches) -> bool {
    let is_set = |id: &str| matches.try_get_raw(id).ok().flatten().is_some();
    let engine = matches.try_get_raw("engine").ok().flatten().and_then(Iterator::last);
    match engine.and_then(OsStr::to_str) {
        _ if is_set("figures") => false,
        Some("spark") => export.ends_with('/'),
        Some("athena") => export.ends_with('/') && export.starts_with("s3://"),
        _ => !export.ends_with('/'),
    }
}

fn is_idle(arg: &Arg, command: &Command, matches: &ArgMatches) -> bool {
    let Some(value) = arg.get_env().and_then(std::env::var_os) else { return false };
    let source = |id: &str| matches.try_contains_id(id).is_ok().then(|| matches.value_source(id)).flatten();
    let typed = |other: &Arg| source(other.get_id().as_str()) == Some(ValueSource::CommandLine);
    let conflicts = |one: &Arg, other: &Arg| {
        // clap knows the conflicts of a global option in the program's own command only; today there are none.
        !one.is_global_set() && command.get_arg_conflicts_with(one).iter().any(|found| found.get_id() == other.get_id())
    };
    let id = arg.get_id().as_str();
    let is_needed_set =
        |other: &str| matches!(source(other), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
    let lacks = |(option, other): &(&str, &str)| {
        *option == id && command.get_arguments().any(|arg| arg.get_id() == other) && !is_needed_set(other)
    };
    let lacks_value = |(option, other, value): &(&str, &str, &str)| {
        let mut values = matches.try_get_raw(other).ok().flatten().into_iter().flatten();
        *option == id && !values.any(|given| given == *value)
    };
    value.is_empty()
        // They print one text, which does not depend on options.
        || ["completions", "schema"].contains(&command.get_name())
        || id == "data_dir" && !has_local_report(matches)
        || id == "export" && !fits_engine(&value.to_string_lossy(), matches)
        || NEEDS.iter().any(lacks)
        || NEEDS_VALUE.iter().any(lacks_value)
        || command.get_arguments().filter(|other| typed(other)).any(|other| {
            conflicts(arg, other) || conflicts(other, arg) || REPLACES.contains(&(other.get_id().as_str(), id))
        })
}
