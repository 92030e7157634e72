"""Real replication rules: what the server says on both sides, and what safe-delete does about it."""

import pytest

pytestmark = pytest.mark.needs("replicates", "versioning")


@pytest.fixture
def pair(store):
    """A source with a rule whose delete markers stay, and its destination."""
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.rule(source, target)
    return source, target


def permanent(version: str) -> list[str]:
    return ["--permanent", "--trust-status", "--version-id", version]


def outcome(run) -> tuple:
    return run.object["decision"], run.object["reason"], run.object["outcome"]


def test_the_source_is_replicated_and_the_copy_is_a_replica(store, replaudit, via, pair):
    source, target = pair
    store.put(source, "k")
    store.replica_of(source, "k", target)
    found = replaudit("status", f"s3://{source}/k", "-o", "json", exits=0, via=via).object
    assert (found["replication_status"], found["verdict"]) == ("COMPLETED", "replicated")
    found = replaudit("status", f"s3://{target}/k", "-o", "json", exits=1, via=via).object
    assert (found["replication_status"], found["verdict"]) == ("REPLICA", "replica")
    replaudit("status", "--accept-replica", f"s3://{target}/k", f"s3://{source}/k", exits=0, via=via)


def test_quiet_answers_by_its_exit_code(store, replaudit, pair):
    source, target = pair
    store.put(source, "k")
    store.replica_of(source, "k", target)
    run = replaudit("status", "-q", f"s3://{source}/k", exits=0)
    assert (run.out, run.err) == ("", "")


def test_a_suspended_destination_fails(store, replaudit, pair):
    source, target = pair
    store.versioning(target, "Suspended")
    version = store.put(source, "k")
    assert store.settled(source, "k") == "FAILED"
    assert replaudit("status", f"s3://{source}/k", "-o", "json", exits=1).object["verdict"] == "failed"
    for more in [[], permanent(version)]:
        run = replaudit("safe-delete", "--yes", *more, f"s3://{source}/k", "-o", "json", exits=1)
        assert outcome(run) == ("keep", "failed", "kept")
    assert store.version_ids(source, "k") == [version]
    assert store.versions(target) == []


def test_a_key_outside_the_rule_is_not_replicated(store, replaudit):
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.put(source, "in/before")
    store.rule(source, target, prefix="in/")
    for key in ["in/k", "out/k"]:
        store.put(source, key)
    store.replica_of(source, "in/k", target)
    replaudit("status", f"s3://{source}/in/k", exits=0)
    for key in ["out/k", "in/before"]:
        assert replaudit("status", f"s3://{source}/{key}", "-o", "json", exits=1).object["verdict"] == "not-replicated"
        run = replaudit("safe-delete", "--yes", f"s3://{source}/{key}", "-o", "json", exits=1)
        assert outcome(run) == ("keep", "not-replicated", "kept")


@pytest.mark.needs("conditional_delete")
def test_hiding_the_source_leaves_the_replica(store, client, replaudit, pair):
    source, target = pair
    version = store.put(source, "k", b"precious")
    replica = store.replica_of(source, "k", target)
    held = store.versions(target)
    run = replaudit("safe-delete", "--yes", f"s3://{source}/k", "-o", "json", exits=0, changes=True)
    assert outcome(run) == ("delete", "completed", "marker-created")
    assert (store.version_ids(source, "k"), len(store.markers(source))) == ([version], 1)
    assert store.versions(target) == held
    assert client.get_object(Bucket=target, Key="k", VersionId=replica["VersionId"])["Body"].read() == b"precious"


def test_removing_the_source_leaves_the_replica(store, client, replaudit, pair):
    source, target = pair
    version = store.put(source, "k", b"precious")
    store.replica_of(source, "k", target)
    held = store.versions(target)
    run = replaudit("safe-delete", "--yes", *permanent(version), f"s3://{source}/k", "-o", "json", exits=0, changes=True)
    assert outcome(run) == ("delete", "completed", "version-deleted")
    assert store.versions(source) == []
    assert store.versions(target) == held
    assert client.get_object(Bucket=target, Key="k")["Body"].read() == b"precious"


def test_the_replica_stays(store, replaudit, pair):
    source, target = pair
    store.put(source, "k")
    version = store.replica_of(source, "k", target)["VersionId"]
    for more in [[], permanent(version)]:
        run = replaudit("safe-delete", "--yes", *more, f"s3://{target}/k", "-o", "json", exits=1)
        assert outcome(run) == ("keep", "replica", "kept")


@pytest.mark.parametrize("rule", [pytest.param({"markers": "Enabled"}, id="enabled"), pytest.param({"v1": True}, id="v1")])
def test_a_marker_that_would_travel_is_not_made(store, replaudit, rule):
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.rule(source, target, **rule)
    version = store.put(source, "k")
    store.replica_of(source, "k", target)
    run = replaudit("safe-delete", "--yes", f"s3://{source}/k", "-o", "json", exits=1)
    assert outcome(run) == ("keep", "marker-replicates", "kept")
    # By its version ID it may go: that does not travel.
    held = store.versions(target)
    replaudit("safe-delete", "--yes", *permanent(version), f"s3://{source}/k", exits=0, changes=True)
    assert store.versions(source) == []
    assert store.versions(target) == held


@pytest.mark.needs("conditional_delete")
def test_a_marker_that_travels_is_made_on_request(store, replaudit):
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.rule(source, target, markers="Enabled")
    version = store.put(source, "k")
    replica = store.replica_of(source, "k", target)["VersionId"]
    args = ["safe-delete", "--yes", "--allow-marker-replication", f"s3://{source}/k", "-o", "json"]
    assert outcome(replaudit(*args, exits=0, changes=True)) == ("delete", "completed", "marker-created")
    assert (store.version_ids(source, "k"), len(store.markers(source))) == ([version], 1)
    assert store.version_ids(target, "k") == [replica]
