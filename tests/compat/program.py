"""Runs replaudit as a user would, and sees to it that only what may change something does."""

import csv
import io
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Credentials come through; the developer's own configuration does not.
PASSED_ON = [
    "PATH",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "AWS_ENDPOINT_URL_ATHENA",
]


@dataclass(frozen=True)
class Run:
    args: list[str]
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def ndjson(self) -> list:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def csv(self) -> list[dict]:
        return list(csv.DictReader(io.StringIO(self.out, newline="")))

    @property
    def object(self) -> dict:
        """The only object of a json result."""
        (found,) = self.json["objects"]
        return found


class Replaudit:
    """`replaudit(*args)` runs it; `exits` and `changes` are checked after every run."""

    def __init__(self, binary: Path, endpoint: str | None, home: Path, holdings):
        self.binary = binary
        self.endpoint = endpoint
        self.home = home
        self.holdings = holdings

    def __call__(self, *args: str, exits: int, changes: bool = False, via: str = "flag", signed: bool = True) -> Run:
        """`via`: how the endpoint is given. Without `changes`, every bucket must hold afterwards what it held before."""
        env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        env |= {"HOME": str(self.home), "AWS_EC2_METADATA_DISABLED": "true"}
        if not signed:
            for name in [name for name in env if "KEY" in name or "TOKEN" in name]:
                del env[name]
        command = [str(self.binary), *args]
        if self.endpoint and via == "flag":
            command += ["--endpoint-url", self.endpoint]
        elif self.endpoint:
            env[via] = self.endpoint
        before = self.holdings()
        # A session of its own: there must be no terminal that a prompt could find.
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, start_new_session=True, check=False
        )
        run = Run(list(args), done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "panicked" not in run.err, run
        assert run.code == exits, f"exit {run.code}, expected {exits}: {run}"
        after = self.holdings()
        if changes:
            assert after != before, f"nothing was changed: {run}"
        else:
            assert after == before, f"something was changed: {run}"
        return run
