//! The script for fish.

use super::pages::{Page, Pages, SED, Switch, Values, Word};

const TEMPLATE: &str = include_str!("template.fish");

pub(super) fn script(pages: &Pages) -> String {
    let lines: String = pages.pages.iter().map(page).collect();
    let filled = TEMPLATE
        .replace("@LETTERS@", &pages.letters())
        .replace("@WITH_VALUE@", &pages.with_value().join(" "))
        .replace("@COMPLETE@\n", &lines);
    SED.iter().fold(filled, |text, (mark, script)| text.replace(mark, &script.replace('\\', "\\\\")))
}

fn page(page: &Page) -> String {
    let command = quoted(&page.command);
    let operand = page.operand.as_ref().map(|(_, values)| arguments(values)).filter(|arguments| !arguments.is_empty());
    let operand = operand.map(|arguments| {
        format!("complete -c replaudit -n {}{arguments}\n", quoted(&format!("__replaudit_first {command}")))
    });
    let condition = quoted(&format!("__replaudit_in {command}"));
    let option = |switch: &Switch| {
        let names: String = switch
            .names
            .iter()
            .map(|name| match name.strip_prefix("--") {
                Some(long) => format!(" -l {long}"),
                None => format!(" -s {}", &name[1..]),
            })
            .collect();
        let value = switch
            .value
            .as_ref()
            .map(|(_, values)| match values {
                Values::Files => " -r -F".to_owned(),
                values => format!(" -x{}", arguments(values)),
            })
            .unwrap_or_default();
        format!("complete -c replaudit -n {condition}{names}{value} -d {}\n", quoted(&switch.help.replace('\n', " ")))
    };
    let options: String = page.switches.iter().map(option).collect();
    format!("\n{}{options}", operand.unwrap_or_default())
}

fn arguments(values: &Values) -> String {
    let words = |words: &[Word]| words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" ");
    let described = |(word, meaning): &Word| match meaning.as_str() {
        "" => word.clone(),
        meaning => format!("{word}\\t{}", quoted(meaning)),
    };
    let text = match values {
        Values::Unknown => return String::new(),
        Values::Files => return " -F".to_owned(),
        Values::Folders => "(__fish_complete_directories (__replaudit_value) '')".to_owned(),
        Values::Words(all) => all.iter().map(described).collect::<Vec<_>>().join(" "),
        Values::List(all) => format!("(__replaudit_list {})", words(all)),
        Values::WordAndFile(all) => format!("(__replaudit_word_and_file {})", words(all)),
        Values::Profiles => "(__replaudit_aws profiles)".to_owned(),
        Values::Regions => "(__replaudit_aws regions)".to_owned(),
    };
    format!(" -a {}", quoted(&text))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
