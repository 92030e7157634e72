//! Arguments of `completions`, and the scripts that it prints.
//!
//! The scripts are static: replaudit does not run while a word is completed. They work where `replaudit` is an alias of a
//! container, and do not need the engine of clap_complete, which is unstable. The stable generators of clap_complete serve
//! PowerShell and Elvish. For the other shells they do too little: they know no values such as `failed:` and `json=FILE`,
//! take the value name `CLASS[:LIMIT]` for a command (zsh), and complete an empty word to `-` (bash).

mod bash;
mod fish;
mod pages;
mod zsh;

use clap::{Args, ValueEnum};
use clap_complete::aot;

use pages::Pages;

/// Shell completion script on stdout
///
/// The script completes commands, options and their values (PowerShell and Elvish: commands and options). It reads profiles
/// and Regions from the AWS configuration files, and sends no request.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit completions bash > ~/.local/share/bash-completion/completions/replaudit
  replaudit completions zsh > ~/.zfunc/_replaudit     # a folder in $fpath
  replaudit completions fish > ~/.config/fish/completions/replaudit.fish"))]
pub(super) struct CompletionsArgs {
    /// Shell that the script is for
    #[arg(value_name = "SHELL")]
    shell: ShellKind,
}

impl CompletionsArgs {
    pub(super) fn resolve(self, tree: clap::Command) -> String {
        self.shell.script(tree)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ShellKind {
    Bash,
    Zsh,
    Fish,
    #[value(name = "powershell")]
    PowerShell,
    Elvish,
}

impl ShellKind {
    fn script(self, tree: clap::Command) -> String {
        match self {
            Self::Bash => bash::script(&Pages::of(tree)),
            Self::Zsh => zsh::script(&Pages::of(tree)),
            Self::Fish => fish::script(&Pages::of(tree)),
            Self::PowerShell => generated(aot::PowerShell, tree),
            Self::Elvish => generated(aot::Elvish, tree),
        }
    }

    /// The file name that the shell looks for, or that is usual.
    fn file_name(self) -> &'static str {
        match self {
            Self::Bash => "replaudit.bash",
            Self::Zsh => "_replaudit",
            Self::Fish => "replaudit.fish",
            Self::PowerShell => "_replaudit.ps1",
            Self::Elvish => "replaudit.elv",
        }
    }
}

/// Every script with its file name.
pub(super) fn scripts(tree: &clap::Command) -> impl Iterator<Item = (&'static str, String)> {
    ShellKind::value_variants().iter().map(|shell| (shell.file_name(), shell.script(tree.clone())))
}

fn generated(shell: impl aot::Generator, mut tree: clap::Command) -> String {
    let mut text = Vec::new();
    aot::generate(shell, &mut tree, "replaudit", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}
