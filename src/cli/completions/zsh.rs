//! The script for zsh.

use super::pages::{Page, Pages, SED, Switch, Values, Word};

const TEMPLATE: &str = include_str!("template.zsh");

pub(super) fn script(pages: &Pages) -> String {
    let (program, commands) = pages.pages.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
    let program: String = program.iter().flat_map(|page| &page.switches).map(specs).collect();
    let arm = |page: &Page| {
        let (name, values) = page.operand.as_ref().map_or(("", &Values::Unknown), |(name, values)| (name, values));
        // Without a description of the arguments zsh offers the options, and completes an empty word to "-".
        let others = "                '*: :'";
        let operand = match values {
            Values::Unknown => others.to_owned(),
            values => format!("                '::{}' \\\n{others}", value(name, values)),
        };
        let specs: String = page.switches.iter().map(specs).collect();
        format!(
            "            ({})\n                _arguments -s -S : \\\n{specs}{operand} && ret=0\n                ;;\n",
            page.command
        )
    };
    let filled = TEMPLATE
        .replace("                @PROGRAM@\n", &program)
        .replace("            @ARGUMENTS@\n", &commands.iter().map(arm).collect::<String>())
        .replace("@COMMANDS@", &described(&pages.commands));
    SED.iter().fold(filled, |text, (mark, script)| text.replace(mark, script))
}

/// The lines that describe an option to `_arguments`.
fn specs(switch: &Switch) -> String {
    let mut excluded = switch.conflicts.clone();
    if !switch.repeatable {
        excluded.extend(switch.names.iter().cloned());
    }
    let excluded = if excluded.is_empty() { String::new() } else { format!("({})", excluded.join(" ")) };
    let line = |name: &String| {
        let (end, value) = match &switch.value {
            Some((value_name, values)) => {
                (if name.starts_with("--") { "=" } else { "+" }, format!(":{}", value(value_name, values)))
            }
            None => ("", String::new()),
        };
        let star = if switch.repeatable { "*" } else { "" };
        let help = escaped(&switch.help, "\\[]:");
        format!("                '{excluded}{star}{name}{end}[{help}]{value}' \\\n")
    };
    switch.names.iter().map(line).collect()
}

/// The message and the action of a value. A colon in either would end it.
fn value(name: &str, values: &Values) -> String {
    let words = |words: &[Word]| words.iter().map(|(word, _)| format!(" {}", escaped(word, ":"))).collect::<String>();
    let action = match values {
        Values::Unknown => String::new(),
        Values::Files => "_files".to_owned(),
        Values::Folders => "_files -/".to_owned(),
        Values::Words(all) if all.iter().any(|(_, meaning)| !meaning.is_empty()) => {
            let word = |(word, meaning): &Word| format!(" \"{word}\\:{}\"", escaped(meaning, "\\\"$`:"));
            format!(" _replaudit_described{}", all.iter().map(word).collect::<String>())
        }
        Values::Words(all) => format!(" _replaudit_words{}", words(all)),
        Values::List(all) => format!(" _replaudit_list{}", words(all)),
        Values::WordAndFile(all) => format!(" _replaudit_word_and_file{}", words(all)),
        Values::Profiles => " _replaudit_aws profiles".to_owned(),
        Values::Regions => " _replaudit_aws regions".to_owned(),
    };
    format!("{}:{action}", escaped(name, "\\:"))
}

fn described(words: &[Word]) -> String {
    let line = |(word, meaning): &Word| format!("'{word}:{}'", escaped(meaning, "\\:"));
    words.iter().map(line).collect::<Vec<_>>().join("\n                ")
}

/// Text within single quotes, with a backslash before each of `special`.
fn escaped(text: &str, special: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push(' '),
            '\'' => out.push_str("'\\''"),
            c if special.contains(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
