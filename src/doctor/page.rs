//! The page of the documentation about the checks, written from the table.

use std::collections::BTreeMap;

use super::check::Check;
use super::location::is_about_objects;
use super::needs::PolicyTarget;
use super::table::all;

const HEAD: &str = "# Checks of doctor

<!-- Written from src/doctor by `REPLAUDIT_REGENERATE=1 cargo test --test generated`. -->

`replaudit doctor` makes these checks, in this order. Each has one state:

| state | meaning |
|---|---|
| `ok` | It was read, and it is as it should be. |
| `warn` | It works, with a limit that you should know. `--strict` counts it as failed. |
| `fail` | It is wrong. |
| `unknown` | It could not be read, wholly or in part. If S3 denied it, the field `permission` names the permission. |

A check that looks at several rules, destinations or configurations has the state of the worst one. `unknown` is worse than `fail`,
because what could not be read may be anything. If a destination bucket does not exist, or no enabled rule names one, the checks of
destinations fail.

If S3 refuses a read, the checks that need it are `unknown`. Only the `permission.*` checks are different: there a
refusal can also be `fail` or `warn`, as each check says.
";

/// The page, as Markdown.
#[must_use]
pub fn checks_page() -> String {
    let sections: String = all().map(section).collect();
    format!("{HEAD}{sections}{}", policies())
}

fn section(check: &Check) -> String {
    let Check { id, title, otherwise, meaning, repair, needs, .. } = check;
    let otherwise = otherwise.map(|state| format!(" Otherwise: `{}`.", state.word())).unwrap_or_default();
    let needs: Vec<String> = needs.iter().map(|(action, side)| format!("`{action}` on {}", side.text())).collect();
    let needs = if needs.is_empty() { "nothing of its own".to_owned() } else { needs.join(", ") };
    let repair = wrapped(&format!("**To repair:** {repair}"));
    let needs = wrapped(&format!("**Needs** {needs}."));
    format!("\n## `{id}`\n\nOk if: {title}{otherwise}\n\n{}\n\n{repair}\n\n{needs}\n", wrapped(meaning))
}

/// Lines of at most 130 columns, as on the other pages.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line > 0 && line + 1 + word.chars().count() > 130 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// The policy for all checks, by what it is for.
fn policies() -> String {
    let mut by_side: BTreeMap<PolicyTarget, Vec<&str>> = BTreeMap::new();
    for (action, side) in all().flat_map(|check| check.needs) {
        let actions = by_side.entry(*side).or_default();
        if !actions.contains(action) {
            actions.push(action);
        }
    }
    let mut text = String::from(
        "\n## Permissions\n\nAll checks together read this. Replace SOURCE, DESTINATION and REPORTS with your bucket names.\n`--all-buckets` also needs `s3:ListAllMyBuckets`.\n",
    );
    for (side, mut actions) in by_side {
        actions.sort_unstable();
        let bucket = match side {
            PolicyTarget::Source => "SOURCE",
            PolicyTarget::Destination => "DESTINATION",
            PolicyTarget::Reports => "REPORTS",
        };
        let list = |of: &mut dyn Iterator<Item = &&str>| {
            of.map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(", ")
        };
        let buckets = list(&mut actions.iter().filter(|action| !is_about_objects(action)));
        let objects = list(&mut actions.iter().filter(|action| is_about_objects(action)));
        text += &format!(
            "\nOn {}:\n\n```json\n{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\"Effect\": \"Allow\", \"Action\": [{buckets}], \"Resource\": \"arn:aws:s3:::{bucket}\"}},\n    {{\"Effect\": \"Allow\", \"Action\": [{objects}], \"Resource\": \"arn:aws:s3:::{bucket}/*\"}}\n  ]\n}}\n```\n",
            side.text()
        );
    }
    text
}
