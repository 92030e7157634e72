"""`doctor`: what it reads of real servers, on both sides of a rule."""

import pytest

pytestmark = pytest.mark.needs("versioning")


@pytest.fixture
def pair(store):
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.rule(source, target)
    store.put(source, "k")
    return source, target


@pytest.fixture
def doctor(replaudit, can):
    def run(*args: str, fails: bool) -> dict:
        # moto lists inventory configurations in a document of its own, which may mean anything; ministack does not know them.
        exits = int(fails) if can.replicates else 2
        rows = replaudit("doctor", *args, "-o", "json", exits=exits).json["checks"]
        return {row["id"]: row for row in rows}

    return run


def state_of(checks: dict, *ids: str) -> set:
    return {checks[id]["state"] for id in ids}


def test_both_sides_of_a_rule_are_read(doctor, pair):
    checks = doctor(pair[0], fails=False)
    assert state_of(checks, "credentials.valid", "bucket.exists", "versioning.source", "server.if-match") == {"ok"}
    assert state_of(checks, "replication.configured", "rule.enabled", "rule.coverage", "rule.kms.opt-in") == {"ok"}
    assert state_of(checks, "rule.destination.exists", "rule.destination.versioning") == {"ok"}
    assert state_of(checks, "permission.status", "permission.safe-delete", "permission.undo") == {"ok"}
    assert state_of(checks, "lifecycle.expires-hidden", "lifecycle.destination") == {"ok"}
    assert state_of(checks, "metrics.enabled", "events.failure") == {"warn"}


def test_the_status_header_is_looked_for(doctor, pair, can):
    checks = doctor(pair[0], fails=False)
    assert checks["server.status-header"]["state"] == ("ok" if can.replicates else "warn")


def test_a_suspended_destination_fails(doctor, store, pair):
    source, target = pair
    store.versioning(target, "Suspended")
    row = doctor(source, fails=True)["rule.destination.versioning"]
    assert row["state"] == "fail"
    assert f"put-bucket-versioning --bucket {target}" in row["next"]


def test_a_bucket_without_rules_fails(doctor, store):
    source = store.bucket("Enabled")
    store.put(source, "k")
    assert doctor(source, fails=True)["replication.configured"]["state"] == "fail"


def test_every_bucket_is_walked(replaudit, pair, can):
    rows = replaudit("doctor", "--all-buckets", "-o", "ndjson", exits=2 if not can.replicates else 1).ndjson
    assert set(pair) <= {row["bucket"] for row in rows}
