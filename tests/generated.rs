//! Completions and man pages are what the command line says; `REPLAUDIT_REGENERATE=1 cargo test --test generated`
//! rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every generated file, by its path.
fn generated() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (name, text) in replaudit::completion_scripts() {
        files.insert(Path::new("completions").join(name), text.into_bytes());
    }
    let mut tree = replaudit::command_line().disable_help_subcommand(true);
    tree.build();
    let commands: Vec<String> =
        tree.get_subcommands().map(|command| format!("replaudit-{}", command.get_name())).collect();
    let see_also = |page: &str| {
        let others = commands.iter().map(String::as_str).chain(["replaudit"]).filter(|other| *other != page);
        let mut others: Vec<String> = others.map(|other| format!("\\fB{}\\fR(1)", escaped(other))).collect();
        others.sort();
        others.join(", ")
    };
    files.insert("man/replaudit.1".into(), page(tree.clone(), &see_also("replaudit")));
    for (command, name) in tree.get_subcommands().zip(&commands) {
        files.insert(format!("man/{name}.1").into(), page(command.clone().name(name.clone()), &see_also(name)));
    }
    files
}

/// What a page says of the environment, in the order of use.
const VARIABLES: [(&str, &str); 7] = [
    ("AWS_PROFILE, AWS_REGION, AWS_DEFAULT_REGION", "Profile and Region, as with the AWS CLI."),
    (
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
        "Credentials. Without them, the default chain of the AWS SDK looks for some.",
    ),
    ("AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL", "A server other than AWS. --endpoint-url takes precedence."),
    ("AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE", "The paths of the AWS configuration files."),
    ("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy for requests, and the hosts that are reached without one."),
    ("NO_COLOR", "If set and not empty, the output has no colors, unless --color=always is given."),
    (
        "CLICOLOR_FORCE",
        "If set and not 0, the output has colors also if it does not go to a terminal, unless NO_COLOR is set or --color=never is given.",
    ),
];
const FILES: [(&str, &str); 2] = [
    (
        "~/.aws/config, ~/.aws/credentials",
        "Profiles, Regions and credentials. replaudit reads them and does not change them.",
    ),
    ("~/.aws/sso/cache/, ~/.aws/login/cache/", "Sessions of aws sso login and aws login."),
];

/// A page of sections. Those from the examples on are not of clap_mangen, which has one section EXTRA for all.
fn page(command: clap::Command, see_also: &str) -> Vec<u8> {
    let connects = |arg: &clap::Arg| arg.get_long() == Some("profile") && !arg.is_hide_set();
    let connects = command.get_arguments().any(connects);
    let has_variables = command.get_arguments().any(|arg| arg.get_env().is_some() && !arg.is_hide_set());
    let has_subcommands = command.has_subcommands();
    let usage = command.clone().render_usage().to_string();
    let help = command.get_after_help().expect("every command has examples or exit codes").to_string();
    let man = clap_mangen::Man::new(command);
    let mut text = Vec::new();
    let mut rendered = man.render_title(&mut text).and_then(|()| man.render_name_section(&mut text));
    text.extend(format!(".SH SYNOPSIS\n{}\n", escaped(usage.trim_start_matches("Usage: "))).into_bytes());
    rendered = rendered
        .and_then(|()| man.render_description_section(&mut text))
        .and_then(|()| man.render_options_section(&mut text));
    if has_subcommands {
        rendered = rendered.and_then(|()| man.render_subcommands_section(&mut text));
    }
    rendered.expect("a page is rendered");
    for section in help.split("\n\n") {
        let (title, lines) = section.split_once(":\n").expect("a title and lines");
        let lines = lines.lines().map(str::trim);
        match title {
            "Examples" => {
                let lines: String = lines.map(|line| format!("{}\n", escaped(line))).collect();
                text.extend(format!(".SH EXAMPLES\n.nf\n{lines}.fi\n").into_bytes());
            }
            "Exit codes" => {
                let codes = lines.map(|line| line.split_once(' ').expect("a code and its meaning"));
                text.extend(list("EXIT STATUS", codes).into_bytes());
            }
            _ => panic!("a section for {title:?}"),
        }
    }
    let option = (
        "REPLAUDIT_<OPTION>",
        "Default of an option: REPLAUDIT_ and the name of the option in capitals, with _ instead of -. --help names each variable.",
    );
    let variables = VARIABLES.into_iter().filter(|(name, _)| connects || name.contains("COLOR"));
    text.extend(list("ENVIRONMENT", variables.chain(has_variables.then_some(option))).into_bytes());
    if connects {
        text.extend(list("FILES", FILES.into_iter()).into_bytes());
    }
    text.extend(format!(".SH SEE ALSO\n{see_also}\n").into_bytes());
    text
}

fn list<'a>(title: &str, items: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let items = items.map(|(name, text)| format!(".TP\n\\fB{}\\fR\n{}\n", escaped(name), escaped(text.trim())));
    format!(".SH \"{title}\"\n{}", items.collect::<String>())
}

/// A text in roff, where hyphens, backslashes and what begins a line may be commands.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}

#[test]
fn every_man_page_has_its_sections_and_no_options_without_use() {
    for (path, text) in generated().into_iter().filter(|(path, _)| path.starts_with("man")) {
        let text = String::from_utf8(text).expect("UTF-8");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let connects = !["replaudit-schema", "replaudit-completions"].contains(&name.as_str());
        let has =
            |title: &str| text.contains(&format!(".SH {title}\n")) || text.contains(&format!(".SH \"{title}\"\n"));
        for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"] {
            assert!(has(title), "{name}: {title}");
        }
        assert_eq!(has("EXAMPLES"), name != "replaudit", "{name}");
        assert!(!has("EXTRA"), "{name}");
        for only in ["FILES", "CONNECTION OPTIONS"] {
            assert_eq!(has(only), connects, "{name}: {only}");
        }
        assert_eq!(text.contains("endpoint"), connects, "{name}");
    }
}

#[test]
fn the_page_about_the_checks_of_doctor_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/checks.md");
    let expected = replaudit::checks_page();
    if std::env::var_os("REPLAUDIT_REGENERATE").is_some() {
        fs::write(&path, &expected).expect("the page is written");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "stale; run REPLAUDIT_REGENERATE=1 cargo test --test generated");
}

#[test]
fn completions_and_man_pages_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected = generated();
    if std::env::var_os("REPLAUDIT_REGENERATE").is_some() {
        for folder in ["completions", "man"] {
            let _ = fs::remove_dir_all(root.join(folder));
            fs::create_dir(root.join(folder)).expect("the folder is made");
        }
        for (path, text) in &expected {
            fs::write(root.join(path), text).expect("the file is written");
        }
    }
    let mut found = BTreeMap::new();
    for folder in ["completions", "man"] {
        for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
            let name = entry.expect("an entry").file_name();
            let path = Path::new(folder).join(name);
            found.insert(path.clone(), fs::read(root.join(path)).expect("the file is read"));
        }
    }
    let stale: Vec<&PathBuf> = expected
        .iter()
        .filter(|(path, text)| found.get(*path) != Some(text))
        .map(|(path, _)| path)
        .chain(found.keys().filter(|path| !expected.contains_key(*path)))
        .collect();
    assert!(stale.is_empty(), "stale: {stale:?}; run REPLAUDIT_REGENERATE=1 cargo test --test generated");
}
