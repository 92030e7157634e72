//! The arguments of this run for another command that is printed.

use crate::model::{hide_userinfo, sh_command, sh_quote};

/// The command with these arguments and `more`, as somebody pastes it into a shell.
pub(super) fn command(arguments: &[String], more: &[&str]) -> String {
    let words = arguments.iter().map(String::as_str).chain(more.iter().copied());
    let quoted: Vec<String> = words.map(|word| sh_quote(&hide_userinfo(word))).collect();
    sh_command(&format!("replaudit {}", quoted.join(" ")))
}

/// Options that say where results go: a second run must not replace the files of this one.
const OUTPUT: [&str; 5] = ["--write", "--output", "-o", "--export", "--export-class"];
/// Options that say how S3 is reached.
const CONNECTION: [&str; 7] = [
    "--profile",
    "--region",
    "--endpoint-url",
    "--ca-bundle",
    "--addressing-style",
    "--request-payer",
    "--expected-bucket-owner",
];

/// The arguments of this run without those about its output; `None` where they can't be repeated.
pub(super) fn arguments_again(arguments: &[String]) -> Option<Vec<String>> {
    let (_, arguments) = arguments.split_first()?;
    let mut again = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        match name {
            "-q" | "--quiet" => {}
            name if OUTPUT.contains(&name) => {
                if name == argument {
                    rest.next();
                }
            }
            name if name.starts_with("-o") => {}
            _ => again.push(argument.clone()),
        }
    }
    Some(again)
}

/// The arguments that say how S3 is reached.
pub(super) fn connection(arguments: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        if name == "--no-sign-request" || CONNECTION.contains(&name) {
            found.push(argument.clone());
            if name == argument && name != "--no-sign-request" {
                found.extend(rest.next().cloned());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_second_run_is_asked_the_same_and_replaces_no_file() {
        let typed = "/bin/replaudit inventory m.json -o json --write=html=x -ojson --write prometheus=y -q --by age --profile p";
        let again = arguments_again(&words(typed)).unwrap();
        assert_eq!(again, words("inventory m.json --by age --profile p"));
        assert_eq!(connection(&again), words("--profile p"));
        let url = words("x --endpoint-url https://me:secret@host/");
        assert_eq!(command(&url, &["--prefix", "a b/"]), "replaudit x --endpoint-url https://host/ --prefix 'a b/'");
        assert_eq!(arguments_again(&[]), None);
    }
}
