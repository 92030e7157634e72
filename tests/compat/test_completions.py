"""The completion scripts in real shells. They need no server: `.ci/compat` runs this file once."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from shells import SHELLS, Elvish, environment

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("REPLAUDIT_BIN") or ROOT / "target/debug/replaudit").resolve()

FORMATS = ["csv", "github", "html", "json", "junit", "markdown", "ndjson", "prometheus", "table"]
ROWS = ["csv", "github", "json", "junit", "markdown", "ndjson", "table"]
CLASSES = ["failed", "not-replicated", "overdue", "pending", "replica", "uncovered", "unknown-status"]
COMMANDS = [
    "completions",
    "doctor",
    "help",
    "inventory",
    "reasons",
    "reconcile",
    "safe-delete",
    "schema",
    "sql",
    "status",
    "undo",
]
SCHEMAS = ["doctor", "inventory", "reasons", "reconcile", "safe-delete", "status", "undo"]
PROFILES = ["default", "dev/a.b@c", "team-a", "work"]
REGIONS = ["eu-west-1", "us-west-2"]
FILES = ["data", "list.ndjson", "odd $(touch ran)", "odd;touch ran", "result.json"]

CONFIG = """\
[default]
region = eu-west-1
[profile work]
region=us-west-2
sso_region = eu-north-1
[ profile  dev/a.b@c ]
region = $(touch ran)
[profile $(touch ran)]
[profile `touch ran`]
[sso-session company]
"""
CREDENTIALS = """\
[default]
aws_access_key_id = x
[team-a]
region = us-west-2
[;touch ran;]
"""


def run(*args: str) -> str:
    return subprocess.run([BINARY, *args], capture_output=True, text=True, check=True, timeout=60).stdout


def options(command: str) -> dict[str, bool]:
    """The long options of a command, and whether each takes a value."""
    page = run(*([command] if command else []), "--help")
    return {name: bool(value) for name, value in re.findall(r"^ {2,6}(?:-\w, )?(--[a-z-]+)( <.*>)?", page, re.MULTILINE)}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    (home / ".aws/config").write_text(CONFIG)
    (home / ".aws/credentials").write_text(CREDENTIALS)
    return home


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folder")
    (folder / "data/inner").mkdir(parents=True)
    for name in FILES[1:]:
        (folder / name).touch()
    return folder


@pytest.fixture(scope="module", params=SHELLS)
def shell(request, home, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("path")
    # The scripts run none of these. If one runs, it leaves a file.
    for name in ["replaudit", "LIMIT]", "[:LIMIT]", "CLASS"]:
        (path / name).write_text(f"#!/bin/sh\ntouch {folder}/ran\n")
        (path / name).chmod(0o755)
    own = tmp_path_factory.mktemp(request.param)
    started = SHELLS[request.param](own, environment(home, folder, path), run("completions", request.param))
    yield started
    started.close()


@pytest.fixture
def offers(shell, folder):
    def offers(line: str, becomes: str | None = None) -> list[str]:
        """The words offered for a line. Fails on a command that runs, on text on stderr, and unless one TAB makes the line `becomes`."""
        ran = folder / "ran"
        ran.unlink(missing_ok=True)
        done = shell.complete(line)
        assert not ran.exists(), f"completing {line!r} ran a command"
        assert done.errors == "", line
        if becomes is not None and done.line is not None:
            assert done.line == becomes, line
        return done.words

    return offers


def each(before: str, words: list[str]) -> list[str]:
    return sorted(before + word for word in words)


def test_commands_and_their_arguments(offers):
    assert offers("replaudit ") == COMMANDS
    assert offers("replaudit sta", "replaudit status ") == ["status"]
    assert offers("replaudit --color never sta", "replaudit --color never status ") == ["status"]
    # The value of an option is not the command.
    assert offers("replaudit --profile status sch") == ["schema"]
    assert offers("replaudit schema ") == SCHEMAS
    assert offers("replaudit schema status ", "replaudit schema status ") == []
    assert offers("replaudit completions ") == ["bash", "elvish", "fish", "powershell", "zsh"]
    assert offers("replaudit help ") == COMMANDS
    assert offers("replaudit undo ") == FILES
    assert offers("replaudit undo res", "replaudit undo result.json ") == ["result.json"]
    assert offers("replaudit undo -y -- ") == FILES
    assert offers("replaudit inventory ") == FILES
    assert offers("replaudit inventory data/") == ["data/inner"]


def test_an_address_is_not_completed_to_an_option(offers):
    for line in ["replaudit status ", "replaudit safe-delete ", "replaudit status --recursive ", "replaudit status s3://a/b "]:
        assert offers(line, line) == [], line


@pytest.mark.parametrize("command", ["", *[command for command in COMMANDS if command != "help"]])
def test_options_are_those_of_the_help(offers, command):
    line = f"replaudit {command} --".replace("  ", " ")
    assert offers(line) == sorted(options(command))


def test_options(offers):
    assert offers("replaudit status --out") == ["--output"]
    assert offers("replaudit status --bucket b --no-s") == ["--no-sign-request"]
    assert offers("replaudit status -- --o", "replaudit status -- --o") == []


def test_formats(offers):
    assert offers("replaudit status --output ") == ROWS
    assert offers("replaudit status -qo ") == ROWS
    assert offers("replaudit status --output=") == each("--output=", ROWS)
    assert offers("replaudit status --output=js", "replaudit status --output=json ") == ["--output=json"]
    assert offers("replaudit inventory -o ") == FORMATS
    assert offers("replaudit status --color ") == ["always", "auto", "never"]


def test_a_second_file_has_a_format_and_a_path(offers):
    assert offers("replaudit inventory --write ") == each("", [f"{format}=" for format in FORMATS])
    assert offers("replaudit status --write js", "replaudit status --write json=") == ["json="]
    assert offers("replaudit status --write json=") == each("json=", FILES)
    assert offers("replaudit status --write json=res", "replaudit status --write json=result.json ") == ["json=result.json"]
    assert offers("replaudit status --write=json=res", "replaudit status --write=json=result.json ") == ["--write=json=result.json"]


def test_limits_and_dimensions(offers):
    words = sorted([*CLASSES, *each("", [f"{word}:" for word in CLASSES])])
    assert offers("replaudit inventory --fail-on ") == words
    assert offers("replaudit inventory --fail-on fai", "replaudit inventory --fail-on failed") == ["failed", "failed:"]
    assert offers("replaudit inventory --fail-on=fai", "replaudit inventory --fail-on=failed") == each("--fail-on=", ["failed", "failed:"])
    assert offers("replaudit inventory --fail-on pending --fail-on ove") == ["overdue", "overdue:"]
    assert offers("replaudit reconcile --fail-on not-a") == ["not-a-replica", "not-a-replica:"]
    assert offers("replaudit reconcile --by ") == ["prefix", "prefix:2"]
    assert offers("replaudit inventory --by ") == ["age", "encryption", "prefix", "prefix:2", "rule", "storage-class"]
    assert offers("replaudit inventory --by prefix:", "replaudit inventory --by prefix:2 ") == ["prefix:2"]
    assert offers("replaudit inventory --export-class ") == sorted([*CLASSES, "completed"])
    assert offers("replaudit inventory --export-class failed,ov") == ["failed,overdue"]


def test_profiles_and_regions_are_those_of_the_configuration_files(offers):
    assert offers("replaudit --profile ") == PROFILES
    assert offers("replaudit status --profile wo", "replaudit status --profile work ") == ["work"]
    assert offers("replaudit status --profile=te", "replaudit status --profile=team-a ") == ["--profile=team-a"]
    assert offers("replaudit status --region ") == REGIONS


def test_files_and_folders(offers):
    assert offers("replaudit status --from ") == FILES
    assert offers("replaudit status --from=li", "replaudit status --from=list.ndjson ") == ["--from=list.ndjson"]
    for option in ["safe-delete --journal", "inventory --export", "inventory --since", "status --ca-bundle"]:
        assert offers(f"replaudit {option} ") == FILES, option
    assert offers("replaudit inventory --data-dir ") == ["data"]
    assert offers("replaudit status --from odd") == ["odd $(touch ran)", "odd;touch ran"]
    assert offers("replaudit status --from odd\\ ", r"replaudit status --from odd\ \$\(touch\ ran\) ") == ["odd $(touch ran)"]


@pytest.mark.parametrize("command", ["", *[command for command in COMMANDS if command != "help"]])
def test_every_option_is_silent_and_takes_its_value_after_a_space_or_an_equals_sign(offers, command):
    for option, has_value in options(command).items():
        if has_value:
            before = f"replaudit {command} {option}".replace("  ", " ")
            assert offers(f"{before} ") == [word.removeprefix(f"{option}=") for word in offers(f"{before}=")]


@pytest.mark.parametrize("name", SHELLS)
def test_the_files_of_the_environment_are_honoured(name, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    own = tmp_path / name
    own.mkdir()
    where = environment(home, home, own)
    (home / "my config").write_text("[profile far]\nregion = ap-south-1")
    where |= {"AWS_CONFIG_FILE": "~/my config", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    shell = SHELLS[name](own, where, run("completions", name))
    try:
        for option, word in [("profile", "far"), ("region", "ap-south-1")]:
            done = shell.complete(f"replaudit --{option} ")
            assert (done.words, done.errors) == ([word], "")
    finally:
        shell.close()


def test_elvish_offers_the_commands_and_the_options_of_the_help(home, folder, tmp_path):
    shell = Elvish(tmp_path, environment(home, folder, tmp_path), run("completions", "elvish"))
    try:
        for command in ["", *[command for command in COMMANDS if command != "help"]]:
            words = shell.complete(["replaudit", *([command] if command else []), ""])
            offered, known = {word for word in words if word.startswith("--")}, set(options(command))
            # clap's script also offers the options that the help of these two commands hides.
            assert offered >= known if command in ("schema", "completions") else offered == known, command
            assert sorted(word for word in words if not word.startswith("-")) == ([] if command else COMMANDS)
    finally:
        shell.close()
