//! `completions`. What the scripts do in the shells is tested by `tests/compat/test_completions.py`.

use std::fs;
use std::path::Path;

use crate::support::alone;

#[test]
fn completions_prints_the_committed_scripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let table = [
        ("bash", "replaudit.bash"),
        ("zsh", "_replaudit"),
        ("fish", "replaudit.fish"),
        ("powershell", "_replaudit.ps1"),
        ("elvish", "replaudit.elv"),
    ];
    for (shell, file) in table {
        let run = alone(&["completions", shell]).expect(0).silent();
        assert!(run.stdout == fs::read_to_string(folder.join(file)).unwrap(), "{shell}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), table.len());
}

#[test]
fn completions_needs_a_shell_that_it_knows() {
    alone(&["completions"]).expect(2).says(&["SHELL"]);
    alone(&["completions", "tcsh"]).expect(2).says(&["bash, zsh, fish, powershell, elvish"]);
    alone(&["completions", "bash", "-o", "json"]).expect(2).says(&["completions does not write json", "table"]);
}
