//! The script for bash.

use super::pages::{Page, Pages, SED, Values, Word};

const TEMPLATE: &str = include_str!("template.bash");

pub(super) fn script(pages: &Pages) -> String {
    let (mut options, mut operands, mut values) = (String::new(), String::new(), String::new());
    for Page { command, switches, operand } in &pages.pages {
        let names: Vec<&str> = switches.iter().flat_map(|switch| &switch.names).map(String::as_str).collect();
        if !names.is_empty() {
            options += &arm(&format!("'{command}'"), &format!("_replaudit_words {}", names.join(" ")));
        }
        if let Some(call) = operand.as_ref().and_then(|(_, values)| call(values)) {
            operands += &arm(&format!("'{command}'"), &call);
        }
    }
    for name in pages.with_value() {
        values += &value_arms(pages, name);
    }
    let filled = TEMPLATE
        .replace("@LETTERS@", &pages.letters())
        .replace("@WITH_VALUE@", &pages.with_value().join(" | "))
        .replace("            @OPTIONS@\n", &options)
        .replace("            @OPERANDS@\n", &operands)
        .replace("            @VALUES@\n", &values);
    SED.iter().fold(filled, |text, (mark, script)| text.replace(mark, script))
}

/// The arms for the values of an option: one if they are the same in every command, else one per command.
fn value_arms(pages: &Pages, name: &str) -> String {
    let value = |page: &Page| {
        let switch = page.switches.iter().find(|switch| switch.names.iter().any(|known| known == name));
        let values = switch.and_then(|switch| switch.value.as_ref()).and_then(|(_, values)| call(values));
        values.map(|call| (page.command.clone(), call))
    };
    let arms: Vec<(String, String)> = pages.pages.iter().filter_map(value).collect();
    match arms.first() {
        Some((_, call)) if arms.iter().all(|(_, other)| other == call) => arm(&format!("*' {name}'"), call),
        _ => arms.iter().map(|(command, call)| arm(&format!("'{command} {name}'"), call)).collect(),
    }
}

fn arm(patterns: &str, call: &str) -> String {
    format!("            {patterns}) {call} ;;\n")
}

fn call(values: &Values) -> Option<String> {
    let words = |words: &[Word]| words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" ");
    Some(match values {
        Values::Unknown => return None,
        Values::Files => "_replaudit_paths -f".to_owned(),
        Values::Folders => "_replaudit_paths -d".to_owned(),
        Values::Words(all) => format!("_replaudit_words {}", words(all)),
        Values::List(all) => format!("_replaudit_list {}", words(all)),
        Values::WordAndFile(all) => format!("_replaudit_word_and_file {}", words(all)),
        Values::Profiles => "_replaudit_words $(_replaudit_aws profiles)".to_owned(),
        Values::Regions => "_replaudit_words $(_replaudit_aws regions)".to_owned(),
    })
}
