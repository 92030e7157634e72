"""Completes lines in real shells. Records the offered words, the line after one TAB, and stderr."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pexpect


@dataclass(frozen=True)
class Completed:
    """The offered words, each in full; the line after one TAB (None for fish, which is asked by `complete -C`); stderr."""

    words: list[str]
    line: str | None
    errors: str


class Terminal:
    """A shell that is typed into."""

    # The keys that clear the line.
    clear = ""

    def __init__(self, folder: Path, environment: dict[str, str], command: list[str], setup: str):
        self.errors, self.words, self.line = (folder / name for name in ["errors", "words", "line"])
        self.errors.touch()
        start = folder / "setup"
        start.write_text(setup.format(errors=self.errors, words=self.words, line=self.line))
        self.child = pexpect.spawn(
            command[0], command[1:], env=environment, cwd=environment["PWD"], dimensions=(400, 400), timeout=20, encoding="utf-8"
        )
        self.child.sendline(f" . {start}")
        self.child.sendline(" echo set' 'up")
        self.child.expect("set up")

    def complete(self, line: str) -> Completed:
        for file in [self.words, self.line]:
            file.unlink(missing_ok=True)
        self.errors.write_text("")
        self.child.send(f"{line}\t\x18\x10")
        deadline = time.monotonic() + 20
        while not (self.line.exists() and self.line.read_text().endswith("\n")):
            assert time.monotonic() < deadline, f"no answer to {line!r}: {self.child.before!r}"
            self.child.expect([pexpect.TIMEOUT, ".+"], timeout=0.01)
        words = self.words.read_text().splitlines() if self.words.exists() else []
        self.child.send(self.clear)
        return Completed(self.whole(words, line), self.line.read_text().removesuffix("\n"), self.errors.read_text())

    def whole(self, words: list[str], line: str) -> list[str]:
        return sorted(set(words))

    def close(self):
        self.child.close(force=True)


class Bash(Terminal):
    clear = "\x05\x15"

    def __init__(self, folder: Path, environment: dict[str, str], script: str):
        (folder / "replaudit.bash").write_text(script)
        super().__init__(
            folder,
            environment | {"INPUTRC": "/dev/null"},
            ["bash", "--norc", "--noprofile", "-i"],
            f". {folder}/replaudit.bash 2>>{{errors}}\n"
            "[[ $(complete -p replaudit) == 'complete -o nosort -F _replaudit replaudit' ]] || echo unregistered >>{errors}\n"
            "recorded() {{ _replaudit \"$@\" 2>>{errors}; (( ${{#COMPREPLY[@]}} )) && printf '%s\\n' \"${{COMPREPLY[@]}}\" >{words}; }}\n"
            "complete -o nosort -F recorded replaudit\n"
            "bind 'set bell-style none'\n"
            "bind -x '\"\\C-x\\C-p\": printf \"%s\\n\" \"$READLINE_LINE\" >{line}'\n",
        )

    def whole(self, words: list[str], line: str) -> list[str]:
        # Readline keeps the part up to the last word break.
        word = line.rpartition(" ")[2]
        kept = word[: max(word.rfind("="), word.rfind(":")) + 1]
        return sorted({kept + word for word in words})


class Zsh(Terminal):
    clear = "\x15"

    def __init__(self, folder: Path, environment: dict[str, str], script: str):
        functions = folder / "functions"
        functions.mkdir()
        (functions / "_replaudit").write_text(script)
        super().__init__(
            folder,
            environment | {"LISTMAX": "100000"},
            ["zsh", "-f", "-i"],
            f"fpath=({functions} $fpath)\n"
            "autoload -U compinit; compinit -u -D\n"
            "[[ $_comps[replaudit] == _replaudit ]] || echo unregistered >>{errors}\n"
            "recorded() {{ _replaudit \"$@\" 2>>{errors} }}\n"
            "compdef recorded replaudit\n"
            # Every offered word passes through compadd. With -O, -A or -D it offers nothing.
            "compadd() {{\n"
            "  local -a offered; local at=${{@[(I)-p]}} folder=\n"
            "  (( at )) && folder=${{@[at+1]}}\n"
            "  if (( ! ${{@[(I)-[a-zA-Z0-9]#[OAD]]}} )); then\n"
            "    builtin compadd -A offered \"$@\"; (( $#offered )) && print -rl -- $IPREFIX$folder${{(Q)^offered}} >>{words}\n"
            "  fi\n"
            "  builtin compadd \"$@\"\n"
            "}}\n"
            "bindkey -e; setopt nobeep\n"
            "written() {{ print -r -- $BUFFER >{line} }}\n"
            "zle -N written; bindkey '^X^P' written\n",
        )


class Fish:
    def __init__(self, folder: Path, environment: dict[str, str], script: str):
        self.environment = environment
        self.script = folder / "replaudit.fish"
        self.script.write_text(script)

    def complete(self, line: str) -> Completed:
        code = 'source $argv[1]; complete -C "$argv[2]"'
        done = subprocess.run(
            ["fish", "--no-config", "-c", code, self.script, line],
            env=self.environment,
            cwd=self.environment["PWD"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        words = sorted({offered.split("\t")[0].removesuffix("/") for offered in done.stdout.splitlines()})
        return Completed(words, None, done.stderr)

    def close(self):
        pass


class Elvish:
    """Its script, which clap generates, offers commands and options, but no values. The completer is called, no line is typed."""

    def __init__(self, folder: Path, environment: dict[str, str], script: str):
        self.typed, self.words, ask = (folder / name for name in ["typed", "words", "ask.elv"])
        (folder / "replaudit.elv").write_text(script)
        ask.write_text(
            f"var typed = [(from-lines < {self.typed})]\n"
            f"for offered [($edit:completion:arg-completer[replaudit] $@typed)] {{ echo $offered[stem] }} > {self.words}\n"
            "echo was' 'answered\n"
        )
        self.ask = f"eval (slurp < {ask})"
        self.child = pexpect.spawn(
            "elvish", ["-norc"], env=environment, cwd=environment["PWD"], dimensions=(100, 200), timeout=20, encoding="utf-8"
        )
        self.child.sendline(f"eval (slurp < {folder}/replaudit.elv); echo set' 'up")
        self.child.expect("set up")

    def complete(self, words: list[str]) -> list[str]:
        self.typed.write_text("".join(f"{word}\n" for word in words))
        self.child.sendline(self.ask)
        # It is not printed after an exception.
        self.child.expect("was answered")
        return self.words.read_text().splitlines()

    def close(self):
        self.child.close(force=True)


SHELLS = {"bash": Bash, "zsh": Zsh, "fish": Fish}


def environment(home: Path, folder: Path, path: Path) -> dict[str, str]:
    path = f"{path}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(home), "PWD": str(folder), "TERM": "dumb", "LANG": "C.UTF-8"}
