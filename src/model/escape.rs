//! Makes texts from S3 safe for terminals and shells.

pub(crate) use s3_inventory::escape;

fn is_unsafe(c: char) -> bool {
    escape(c.encode_utf8(&mut [0; 4])) != *c.encode_utf8(&mut [0; 4])
}

/// The longest text of a server that is kept, in bytes. S3's own are far shorter.
const MOST_SAID: usize = 4096;

/// A text of a server, cut off if it is very long: one answer may have millions of bytes, and each is kept, shown and written.
pub(crate) fn shortened(text: &str) -> String {
    match text.floor_char_boundary(MOST_SAID) {
        end if end == text.len() => text.to_owned(),
        end => format!("{}…", &text[..end]),
    }
}

/// Quotes a value for a POSIX shell.
pub(crate) fn sh_quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// An equivalent command line of POSIX sh without characters that [`escape`] would change.
///
/// A key may contain a line feed or a character that changes the text direction. A terminal shows those escaped, and the
/// command would name another key. So `printf` writes the whole command, and `eval` runs it. It must be the whole command,
/// because `$(…)` removes line feeds at the end of a single value.
pub(crate) fn sh_command(command: &str) -> String {
    if !command.chars().any(is_unsafe) {
        return command.to_owned();
    }
    let mut out = String::with_capacity(command.len() * 2);
    for c in command.chars() {
        match c {
            '%' => out.push_str("%%"),
            '\\' => out.push_str(r"\\"),
            // An interactive shell expands `!` from its history.
            c if matches!(c, '\'' | '!') || is_unsafe(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => out.push(c),
        }
    }
    format!("eval \"$(printf '{out}')\"")
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_very_long_text_is_cut_off() {
        let long = "ü".repeat(MOST_SAID);
        let table = [("", 0), ("no.", 3), (&long[..MOST_SAID], MOST_SAID), (&long[..], MOST_SAID + "…".len())];
        for (text, bytes) in table {
            let kept = shortened(text);
            assert_eq!(kept.len(), bytes);
            assert!(text.starts_with(kept.trim_end_matches('…')));
        }
    }

    #[test]
    fn quoted_values_are_one_word_of_sh() {
        let table = [
            ("s3://b/k", "s3://b/k"),
            ("", "''"),
            ("a b", "'a b'"),
            ("a'b", r"'a'\''b'"),
            ("$(rm -rf ~)", "'$(rm -rf ~)'"),
            ("ü", "'ü'"),
        ];
        for (text, quoted) in table {
            assert_eq!(sh_quote(text), quoted);
        }
    }

    /// What the shell prints for `printf '%s.'` with this word.
    fn printed_by(shell: &str, word: &str) -> String {
        let command = sh_command(&format!("printf '%s.' {}", sh_quote(word)));
        assert_eq!(escape(&command), command, "a terminal shows it exactly");
        let run = std::process::Command::new(shell).args(["-c", &command]).output().expect("the shell runs");
        assert!(run.status.success(), "{run:?} of {command}");
        String::from_utf8(run.stdout).expect("UTF-8")
    }

    #[test]
    fn a_shown_command_names_the_key_exactly() {
        let mut words: Vec<String> = [
            "plain",
            "a b",
            "a'b",
            "a\nb",
            "a\n",
            "\n",
            "\n\n",
            "\na\n\n",
            "a\rb\t",
            "\u{1b}[2J",
            "\u{7f}",
            "%s%%\\n",
            "\\",
            "\\\n",
            "'\n'",
            "$(x)\n`y`\"",
            "\u{202e}x\u{feff}",
            "\u{85}",
            "ü語😀\n",
            "-n\n",
            "1\u{1}7",
            "\u{e0001}",
        ]
        .map(str::to_owned)
        .to_vec();
        // Mixes of special characters, the same on every run.
        let odd: Vec<char> = "a1 '\"\\%$`\n\r\t\u{1b}\u{202e}ü-!*?~#;&|<>(){}[]".chars().collect();
        let mut state = 42_u64;
        for length in 1..40 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                odd[(state >> 33) as usize % odd.len()]
            };
            words.push((0..length).map(|_| next()).collect());
        }
        for word in words {
            assert_eq!(printed_by("/bin/sh", &word), format!("{word}."), "{word:?}");
        }
    }

    #[test]
    fn a_command_without_special_characters_is_unchanged() {
        let command = "aws s3api delete-object --bucket b --key 'a b%' --version-id v";
        assert_eq!(sh_command(command), command);
    }
}
