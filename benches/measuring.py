"""What the benchmark scripts share: the cost of whole processes, and a sandbox to ask."""

import os
import re
import select
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SANDBOX_PRINTS = {"AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


class Cost(NamedTuple):
    cpu: float
    wall: float
    peak: float


def die(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


def run(*command, **options):
    """Runs a step whose failure ends everything; returns what it printed."""
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, **options)
    if done.returncode:
        die(f"{command[0]} failed with {done.returncode}")
    return done.stdout


def peak_so_far(pid):
    # wait4's ru_maxrss can't be used: it begins with the pages of the Python that started the process.
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def start(commands, env):
    processes, before = [], subprocess.DEVNULL
    for at, command in enumerate(commands):
        out = subprocess.DEVNULL if at + 1 == len(commands) else subprocess.PIPE
        processes.append(subprocess.Popen([str(word) for word in command], stdin=before, stdout=out, env=env))
        if at:
            before.close()
        before = processes[-1].stdout
    return processes


def measure(commands, good=(0,), env=None):
    """The cost of one pipeline: CPU and peak memory are the sums over its processes."""
    began = time.monotonic()
    running = {os.pidfd_open(process.pid): process for process in start(commands, env)}
    poll, cpu, peaks = select.poll(), 0.0, {}
    for fd in running:
        poll.register(fd, select.POLLIN)
    while running:
        for fd, _ in poll.poll(10):
            poll.unregister(fd)
            os.close(fd)
            process = running.pop(fd)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            cpu += usage.ru_utime + usage.ru_stime
            if process.returncode not in good:
                die(f"{process.args[0]} failed with {process.returncode}: {' '.join(process.args)[:300]}")
        for process in running.values():
            peaks[process.pid] = max(peaks.get(process.pid, 0), peak_so_far(process.pid))
    return Cost(cpu, time.monotonic() - began, sum(peaks.values()) / 1024)


def medians(costs):
    return Cost(*map(median, zip(*costs)))


@contextmanager
def sandbox(*options, cores=()):
    """A server with what the options put there, on these cores; gives the environment that leads to it."""
    binary = ROOT / "target/release/replaudit-sandbox"
    if not binary.exists():
        die(f"{binary} is missing: cargo build --release -p replaudit-sandbox")
    pinned = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
    command = [*pinned, binary, "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
            yield clean | printed(server.stdout)
        finally:
            server.terminate()


def printed(lines):
    """The environment that the sandbox prints, once it serves, as lines of `export NAME='VALUE'`."""
    found = {}
    for line in lines:
        name, _, value = shlex.split(line)[-1].partition("=")
        found[name] = value
        if found.keys() >= SANDBOX_PRINTS:
            return found
    die("the sandbox ended before it served")


def machine():
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024**2
    return f"{model[1] if model else 'unknown CPU'}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory"
