"""Fixtures, and the choice of the tests that apply to the server under test."""

import os
from collections import Counter
from pathlib import Path

import pytest

import store as s3
from program import Replaudit
from servers import SetupError, server_from_environment

ROOT = Path(__file__).resolve().parents[2]


def pytest_configure(config):
    try:
        config.compat_server = server_from_environment()
    except SetupError as error:
        raise pytest.UsageError(str(error)) from error
    config.compat_dropped = Counter()


def pytest_report_header(config):
    server = config.compat_server
    has = ", ".join(sorted(name for name, value in vars(server.capabilities).items() if value))
    return f"server: {server.name} at {server.endpoint or 'AWS'}; it has: {has}"


def why_not(item, capabilities) -> str | None:
    """Why a test does not apply to this server."""
    reasons = []
    for mark in item.iter_markers("needs"):
        reasons += [f"needs {name}" for name in mark.args if not capabilities.has(name)]
    for mark in item.iter_markers("needs_any"):
        if not any([capabilities.has(name) for name in mark.args]):
            reasons.append(f"needs {' or '.join(mark.args)}")
    return ", ".join(sorted(reasons)) or None


def pytest_collection_modifyitems(config, items):
    try:
        reasons = {item: why_not(item, config.compat_server.capabilities) for item in items}
    except SetupError as error:
        raise pytest.UsageError(str(error)) from error
    dropped = [item for item in items if reasons[item]]
    config.compat_dropped = Counter(reasons[item] for item in dropped)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if not reasons[item]]


def pytest_report_collectionfinish(config):
    return [f"not for this server: {count} ({reason})" for reason, count in sorted(config.compat_dropped.items())]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport():
    # Which tests apply is known beforehand; a skip would hide that one did not run.
    report = yield
    if report.skipped:
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def server(pytestconfig):
    return pytestconfig.compat_server


@pytest.fixture(scope="session")
def can(server):
    return server.capabilities


@pytest.fixture(scope="session")
def client(server):
    return s3.connect(server.endpoint)


@pytest.fixture
def store(client, can):
    held = s3.Store(client, can.replicates)
    yield held
    held.clean_up()


@pytest.fixture
def replaudit(server, store, tmp_path_factory):
    binary = Path(os.environ.get("REPLAUDIT_BIN") or ROOT / "target/debug/replaudit")
    assert binary.is_file(), f"{binary} is missing: build it, or set REPLAUDIT_BIN"
    return Replaudit(binary.resolve(), server.endpoint, tmp_path_factory.mktemp("home"), store.holdings)


@pytest.fixture(params=["flag", "AWS_ENDPOINT_URL_S3"])
def via(request):
    """How the program learns where the server is."""
    return request.param
