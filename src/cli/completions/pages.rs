//! Reads from clap's tree what can be completed: commands, options and the kinds of their values.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command, ValueHint};

use crate::audit::{ClassWord, LimitClass};
use crate::cli::common::formats_of;
use crate::output::{FORMATS, Format};
use crate::reconcile::PairClass;

/// The command whose objects are in other classes than those of `inventory`.
const RECONCILE: &str = "reconcile";

/// Values of `--by`, with one depth as an example.
const DIMENSIONS: [&str; 6] = ["prefix", "prefix:2", "storage-class", "encryption", "age", "rule"];

/// The scripts of `sed` that print the profiles and Regions of the AWS configuration files, with their marks in the templates.
///
/// They print only names that the SDK accepts. Such names need no quotes in any shell.
pub(super) const SED: [(&str, &str); 3] = [
    (
        "@PROFILES_OF_CONFIG@",
        r"s/^[[:space:]]*\[[[:space:]]*profile[[:space:]]\{1,\}\([A-Za-z0-9_/.%@:+-]\{1,\}\)[[:space:]]*\].*/\1/p; s/^[[:space:]]*\[[[:space:]]*\(default\)[[:space:]]*\].*/\1/p",
    ),
    ("@PROFILES_OF_CREDENTIALS@", r"s/^[[:space:]]*\[[[:space:]]*\([A-Za-z0-9_/.%@:+-]\{1,\}\)[[:space:]]*\].*/\1/p"),
    ("@REGIONS@", r"s/^[[:space:]]*region[[:space:]]*=[[:space:]]*\([A-Za-z0-9-]\{1,\}\)[[:space:]]*$/\1/p"),
];

/// A word and its meaning; the meaning may be empty.
pub(super) type Word = (String, String);

/// The kind of a value.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// Not known to a shell: a key, a number, a URL.
    Unknown,
    Files,
    Folders,
    Words(Vec<Word>),
    /// Words separated by commas.
    List(Vec<Word>),
    /// A word that ends in `=`, then a file.
    WordAndFile(Vec<Word>),
    /// Profiles of the AWS configuration files.
    Profiles,
    /// Regions named in the AWS configuration files.
    Regions,
}

pub(super) struct Switch {
    /// `-o`, `--output`.
    pub(super) names: Vec<String>,
    pub(super) help: String,
    pub(super) repeatable: bool,
    /// Names of the options that conflict with it.
    pub(super) conflicts: Vec<String>,
    /// The name and kind of its value, if it takes one.
    pub(super) value: Option<(String, Values)>,
}

/// A command with its options.
pub(super) struct Page {
    /// Empty for the program itself.
    pub(super) command: String,
    pub(super) switches: Vec<Switch>,
    /// The name and kind of the first argument that is not an option.
    pub(super) operand: Option<(String, Values)>,
}

pub(super) struct Pages {
    /// The program itself is the first.
    pub(super) pages: Vec<Page>,
    /// The commands with what they are for.
    pub(super) commands: Vec<Word>,
}

impl Pages {
    pub(super) fn of(mut tree: Command) -> Self {
        tree.build();
        let commands = subcommands(&tree);
        let mut pages = vec![page(&tree, "")];
        pages.extend(tree.get_subcommands().map(|command| page(command, command.get_name())));
        Self { pages, commands }
    }

    /// The names of the options that take a value. An option takes one in every command or in none.
    pub(super) fn with_value(&self) -> Vec<&str> {
        let all = self.pages.iter().flat_map(|page| &page.switches).filter(|switch| switch.value.is_some());
        let mut names: Vec<&str> = Vec::new();
        for name in all.flat_map(|switch| &switch.names) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// The letters of the short options that take a value.
    pub(super) fn letters(&self) -> String {
        self.with_value().into_iter().filter(|name| !name.starts_with("--")).map(|name| &name[1..]).collect()
    }
}

fn page(command: &Command, name: &str) -> Page {
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    let operand = match command.get_subcommands().next() {
        Some(_) => Some(("COMMAND".to_owned(), Values::Words(subcommands(command)))),
        None => shown().find(|arg| arg.is_positional()).map(|arg| (value_name(arg), values(arg, name))),
    };
    let switches = shown().filter(|arg| !arg.is_positional()).map(|arg| switch(command, arg, name)).collect();
    Page { command: name.to_owned(), switches, operand }
}

fn subcommands(command: &Command) -> Vec<Word> {
    let text = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    command.get_subcommands().map(|command| (command.get_name().to_owned(), text(command))).collect()
}

fn switch(command: &Command, arg: &Arg, name: &str) -> Switch {
    // clap knows the conflicts of a global option in the program's own command only; today there are none.
    let conflicts = if arg.is_global_set() { Vec::new() } else { command.get_arg_conflicts_with(arg) };
    Switch {
        names: names(arg),
        help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
        repeatable: matches!(arg.get_action(), ArgAction::Append | ArgAction::Count),
        conflicts: conflicts.into_iter().flat_map(names).collect(),
        value: arg.get_action().takes_values().then(|| (value_name(arg), values(arg, name))),
    }
}

fn names(arg: &Arg) -> Vec<String> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    short.into_iter().chain(arg.get_long().map(|long| format!("--{long}"))).collect()
}

fn value_name(arg: &Arg) -> String {
    arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default()
}

fn values(arg: &Arg, command: &str) -> Values {
    let plain = |word: &str| (word.to_owned(), String::new());
    let formats = |end: &str| {
        let fits = formats_of(command);
        let word = |format: &Format| (format!("{}{end}", format.word), format.about.to_owned());
        FORMATS.into_iter().filter(|format| fits(format)).map(word).collect()
    };
    match arg.get_id().as_str() {
        "profile" => Values::Profiles,
        "region" => Values::Regions,
        "output" => Values::Words(formats("")),
        "write" => Values::WordAndFile(formats("=")),
        // Only prefixes of objects are compared.
        "by" if command == RECONCILE => Values::Words(DIMENSIONS[..2].iter().copied().map(plain).collect()),
        "by" => Values::Words(DIMENSIONS.map(plain).into()),
        "fail_on" if command == RECONCILE => limits(PairClass::limited().map(PairClass::word)),
        "fail_on" => limits(LimitClass::limited().map(LimitClass::word)),
        _ => {
            let possible = arg.get_possible_values();
            let words = possible.iter().filter(|value| !value.is_hide_set()).map(PossibleValue::get_name).map(plain);
            match (possible.is_empty(), arg.get_value_delimiter(), arg.get_value_hint()) {
                (false, None, _) => Values::Words(words.collect()),
                (false, Some(_), _) => Values::List(words.collect()),
                (true, _, ValueHint::FilePath | ValueHint::AnyPath) => Values::Files,
                (true, _, ValueHint::DirPath) => Values::Folders,
                (true, ..) => Values::Unknown,
            }
        }
    }
}

/// Each class alone, and before a limit.
fn limits(classes: impl Iterator<Item = &'static str>) -> Values {
    let words = classes.flat_map(|class| [class.to_owned(), format!("{class}:")]);
    Values::Words(words.map(|word| (word, String::new())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Dimension;

    #[test]
    fn the_special_options_exist_and_their_words_are_valid() {
        let pages = Pages::of(crate::cli::tree());
        let of_command = |command: &str, option: &str| {
            let mut all = pages.pages.iter().filter(|page| page.command == command).flat_map(|page| &page.switches);
            let found = all.find(|switch| switch.names.iter().any(|name| name == option)).unwrap();
            found.value.clone().unwrap().1
        };
        let of = |option: &str| of_command("inventory", option);
        assert!(of("--profile") == Values::Profiles && of("--region") == Values::Regions);
        assert!(matches!(of("--write"), Values::WordAndFile(words) if words.len() == FORMATS.len()));
        assert!(matches!(of("--fail-on"), Values::Words(words) if words.len() == 2 * LimitClass::ALL.len()));
        assert!(matches!(of_command(RECONCILE, "--fail-on"), Values::Words(words) if words[0].0 == "missing"));
        assert!(matches!(of_command(RECONCILE, "--by"), Values::Words(words) if words.len() == 2));
        assert!(matches!(of("--export-class"), Values::List(_)) && of("--export") == Values::Files);
        assert!(DIMENSIONS.iter().all(|word| word.parse::<Dimension>().is_ok()));
    }

    #[test]
    fn an_option_takes_a_value_everywhere_or_nowhere() {
        let pages = Pages::of(crate::cli::tree());
        let with_value = pages.with_value();
        for switch in pages.pages.iter().flat_map(|page| &page.switches) {
            for name in &switch.names {
                assert_eq!(with_value.contains(&name.as_str()), switch.value.is_some(), "{name}");
            }
        }
    }

    #[test]
    fn words_need_no_quotes_in_any_shell() {
        let pages = Pages::of(crate::cli::tree());
        let all =
            pages.pages.iter().flat_map(|page| page.switches.iter().map(|switch| &switch.value).chain([&page.operand]));
        for (_, values) in all.flatten() {
            if let Values::Words(words) | Values::List(words) | Values::WordAndFile(words) = values {
                for (word, _) in words {
                    assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:=".contains(&b)), "{word}");
                }
            }
        }
    }
}
