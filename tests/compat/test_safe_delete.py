"""`safe-delete`: what may go goes, and nothing else does. Afterwards boto3 says what the server holds."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

BUCKETS = [
    pytest.param(None, id="plain"),
    pytest.param("Enabled", marks=pytest.mark.needs("versioning")),
    pytest.param("Suspended", marks=pytest.mark.needs("versioning")),
]
FIELDS = [
    "bucket",
    "key",
    "version_id",
    "replication_status",
    "decision",
    "reason",
    "outcome",
    "size",
    "etag",
    "new_marker_version_id",
    "error",
    "destinations",
]


def completes(test):
    """The server can be brought to say COMPLETED."""
    return pytest.mark.needs_any("status_words", "replicates")(test)


def permanent(version: str) -> list[str]:
    return ["--permanent", "--trust-status", "--version-id", version]


def outcome(run) -> tuple:
    return run.object["decision"], run.object["reason"], run.object["outcome"]


# --- without a status nothing goes


@pytest.mark.parametrize("versioning", BUCKETS)
def test_without_a_status_nothing_is_hidden(store, replaudit, via, versioning):
    bucket = store.bucket(versioning)
    version = store.put(bucket, "k")
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=1, via=via)
    assert outcome(run) == ("keep", "not-replicated", "kept")
    assert store.version_ids(bucket, "k") == [version]
    assert store.markers(bucket) == []
    assert "not-replicated: S3 gives no status" in replaudit("safe-delete", "--yes", f"s3://{bucket}/k", exits=1).out


@pytest.mark.parametrize("versioning", BUCKETS)
def test_without_a_status_no_version_is_removed(store, can, replaudit, versioning):
    bucket = store.bucket(versioning)
    version = store.put(bucket, "k")
    told = can.head_version_anywhere or versioning == "Enabled"
    code, reason = (1, "not-replicated") if told else (2, "error")
    run = replaudit("safe-delete", "--yes", *permanent(version), f"s3://{bucket}/k", "-o", "json", exits=code)
    assert outcome(run) == ("keep", reason, "kept")
    assert store.version_ids(bucket, "k") == [version]


@pytest.mark.needs("silent", "versioning")
def test_rules_alone_prove_nothing(store, replaudit):
    """The server stores the rule and does not carry it out."""
    source, target = store.bucket("Enabled"), store.bucket("Enabled")
    store.rule(source, target)
    version = store.put(source, "k", word="COMPLETED")
    replaudit("status", f"s3://{source}/k", exits=1)
    for more in [[], permanent(version)]:
        run = replaudit("safe-delete", "--yes", *more, f"s3://{source}/k", "-o", "json", exits=1)
        assert outcome(run) == ("keep", "not-replicated", "kept")
    assert store.versions(target) == []


def test_a_missing_key_is_not_found(store, replaudit):
    bucket = store.bucket()
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/nothing", "-o", "json", exits=1)
    assert outcome(run) == ("keep", "not-found", "kept")


def test_a_missing_bucket_is_unknown(store, replaudit):
    bucket = store.bucket() + "-not"
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=2)
    assert run.object["error"]["code"] == "NoSuchBucket"


@pytest.mark.needs("versioning")
def test_a_delete_marker_stays_as_it_is(store, client, replaudit):
    bucket = store.bucket("Enabled")
    store.put(bucket, "k")
    marker = client.delete_object(Bucket=bucket, Key="k")["VersionId"]
    for more in [[], permanent(marker)]:
        run = replaudit("safe-delete", "--yes", *more, f"s3://{bucket}/k", "-o", "json", exits=1)
        assert outcome(run) == ("keep", "delete-marker", "kept")
    assert store.markers(bucket) == [marker]


# --- what is COMPLETED goes, and only that


@completes
@pytest.mark.needs("versioning", "conditional_delete")
def test_by_default_one_marker_hides_it(store, replaudit, via):
    bucket = store.bucket("Enabled")
    version, other = store.completed(bucket, "k"), store.completed(bucket, "other")
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=0, changes=True, via=via)
    assert outcome(run) == ("delete", "completed", "marker-created")
    assert list(run.object) == FIELDS
    assert (run.object["version_id"], run.object["replication_status"]) == (version, "COMPLETED")
    (marker,) = store.markers(bucket)
    assert run.object["new_marker_version_id"] == marker
    assert store.version_ids(bucket, "k") == [version]
    assert store.version_ids(bucket, "other") == [other]
    again = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=1)
    assert outcome(again) == ("keep", "delete-marker", "kept")


@completes
@pytest.mark.needs("versioning")
@pytest.mark.parametrize("which", ["current", "older"])
def test_permanent_removes_exactly_the_named_version(store, replaudit, which):
    bucket = store.bucket("Enabled")
    older, current = store.completed(bucket, "k", b"1"), store.completed(bucket, "k", b"2")
    gone, stays = (current, older) if which == "current" else (older, current)
    run = replaudit("safe-delete", "--yes", *permanent(gone), f"s3://{bucket}/k", "-o", "json", exits=0, changes=True)
    assert outcome(run) == ("delete", "completed", "version-deleted")
    assert run.object["version_id"] == gone
    assert store.version_ids(bucket, "k") == [stays]
    assert store.markers(bucket) == []
    again = replaudit("safe-delete", "--yes", *permanent(gone), f"s3://{bucket}/k", "-o", "json", exits=1)
    assert outcome(again) == ("keep", "not-found", "kept")


@completes
@pytest.mark.needs("versioning")
@pytest.mark.parametrize("mode", ["hide", "permanent"])
def test_a_dry_run_changes_nothing(store, replaudit, mode):
    bucket = store.bucket("Enabled")
    version = store.completed(bucket, "k")
    more = permanent(version) if mode == "permanent" else []
    for yes in [[], ["--yes"]]:
        run = replaudit("safe-delete", "--dry-run", *yes, *more, f"s3://{bucket}/k", "-o", "json", exits=0)
        assert outcome(run) == ("delete", "completed", "would-delete")


@completes
@pytest.mark.needs("versioning")
def test_without_consent_nothing_goes(store, replaudit):
    bucket = store.bucket("Enabled")
    version = store.completed(bucket, "k")
    for more in [[], permanent(version)]:
        assert "--yes" in replaudit("safe-delete", *more, f"s3://{bucket}/k", exits=2).err


@completes
@pytest.mark.needs("versioning", "conditional_delete")
def test_max_delete_refuses_the_whole_plan(store, replaudit):
    bucket = store.bucket("Enabled")
    addresses = [f"s3://{bucket}/{key}" for key in "ab" if store.completed(bucket, key)]
    run = replaudit("safe-delete", "--yes", "--max-delete", "1", *addresses, "-o", "json", exits=1)
    assert [o["reason"] for o in run.json["objects"]] == ["over-limit"] * 2
    # The same object twice is one order.
    replaudit("safe-delete", "--yes", "--max-delete", "2", *addresses, addresses[0], exits=0, changes=True)
    assert len(store.markers(bucket)) == 2


@completes
@pytest.mark.needs("versioning", "conditional_delete")
def test_a_mixed_list_loses_only_what_is_proven(store, replaudit):
    bucket, plain = store.bucket("Enabled"), store.bucket("Enabled")
    proven, other = store.completed(bucket, "k"), store.put(plain, "k")
    run = replaudit("safe-delete", "--yes", f"s3://{plain}/k", f"s3://{bucket}/k", "-o", "json", exits=1, changes=True)
    assert [o["outcome"] for o in run.json["objects"]] == ["kept", "marker-created"]
    assert (store.version_ids(bucket, "k"), len(store.markers(bucket))) == ([proven], 1)
    assert (store.version_ids(plain, "k"), store.markers(plain)) == ([other], [])


@completes
@pytest.mark.needs("versioning")
def test_only_the_current_version_is_hidden(store, replaudit):
    bucket = store.bucket("Enabled")
    older, _ = store.completed(bucket, "k", b"1"), store.completed(bucket, "k", b"2")
    run = replaudit("safe-delete", "--yes", "--version-id", older, f"s3://{bucket}/k", "-o", "json", exits=1)
    assert outcome(run) == ("keep", "not-current", "kept")


@pytest.mark.needs("versioning", "conditional_delete")
def test_the_server_supports_if_match(store, client):
    """What the marker delete relies on; where this fails, `conditional_delete` may not be claimed."""
    bucket = store.bucket("Enabled")
    store.put(bucket, "k")
    before = store.versions(bucket)
    with pytest.raises(ClientError) as refused:
        client.delete_object(Bucket=bucket, Key="k", IfMatch='"00000000000000000000000000000000"')
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert store.versions(bucket) == before


# --- where a delete destroys, or may


@completes
@pytest.mark.needs("versioning")
def test_a_suspended_bucket_hides_nothing(store, can, replaudit):
    bucket = store.bucket("Enabled")
    version = store.completed(bucket, "k")
    store.suspend(bucket)
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=1)
    assert outcome(run) == ("keep", "bucket-not-versioned", "kept")
    assert store.version_ids(bucket, "k") == [version]
    remove = ["safe-delete", "--yes", *permanent(version), f"s3://{bucket}/k", "-o", "json"]
    if can.head_version_anywhere:
        # A version with an id of its own can't be replaced between check and delete, so it may go.
        assert outcome(replaudit(*remove, exits=0, changes=True)) == ("delete", "completed", "version-deleted")
        assert store.versions(bucket) == []
    else:
        assert outcome(replaudit(*remove, exits=2)) == ("keep", "error", "kept")


@pytest.mark.needs("status_words")
@pytest.mark.parametrize("versioning", [None, "Suspended"])
@pytest.mark.parametrize("mode", ["hide", "permanent"])
def test_a_null_version_stays(store, can, replaudit, versioning, mode):
    bucket = store.bucket(versioning)
    store.put(bucket, "k", word="COMPLETED")
    more = permanent("null") if mode == "permanent" else []
    told = can.head_version_anywhere or mode == "hide"
    code, reason = (1, "bucket-not-versioned") if told else (2, "error")
    run = replaudit("safe-delete", "--yes", *more, f"s3://{bucket}/k", "-o", "json", exits=code)
    assert outcome(run) == ("keep", reason, "kept")
    assert store.version_ids(bucket, "k") == ["null"]


# --- Object Lock


def lock(kind: str) -> dict:
    if kind == "hold":
        return {"ObjectLockLegalHoldStatus": "ON"}
    until = datetime.now(timezone.utc) + timedelta(days=1)
    return {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}


@completes
@pytest.mark.needs("object_lock", "versioning")
@pytest.mark.parametrize("kind", ["retention", "hold"])
def test_a_locked_version_stays(store, client, can, replaudit, kind):
    bucket = store.bucket(lock=True)
    version = store.completed(bucket, "k", **lock(kind))
    with pytest.raises(ClientError) as refused:
        client.delete_object(Bucket=bucket, Key="k", VersionId=version)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    # Where HEAD does not tell, the server's refusal must be reported as one.
    code, expected = (1, ("keep", "locked", "kept")) if can.lock_on_head else (2, ("delete", "completed", "denied"))
    run = replaudit("safe-delete", "--yes", *permanent(version), f"s3://{bucket}/k", "-o", "json", exits=code)
    assert outcome(run) == expected
    assert store.version_ids(bucket, "k") == [version]


@completes
@pytest.mark.needs("object_lock", "versioning", "conditional_delete")
@pytest.mark.parametrize("kind", ["retention", "hold"])
def test_a_locked_object_may_be_hidden(store, replaudit, kind):
    bucket = store.bucket(lock=True)
    version = store.completed(bucket, "k", **lock(kind))
    run = replaudit("safe-delete", "--yes", f"s3://{bucket}/k", "-o", "json", exits=0, changes=True)
    assert outcome(run) == ("delete", "completed", "marker-created")
    assert store.version_ids(bucket, "k") == [version]


# --- outputs


@completes
@pytest.mark.needs("versioning")
def test_every_output_parses(store, replaudit):
    bucket = store.bucket("Enabled")
    store.completed(bucket, "k")
    dry = ["safe-delete", "--dry-run", f"s3://{bucket}/k", f"s3://{bucket}/none"]
    result = replaudit(*dry, "-o", "json", exits=1).json
    assert result["schema"] == "replaudit.safe-delete/1"
    assert [o["outcome"] for o in result["objects"]] == ["would-delete", "kept"]
    assert (result["summary"]["objects"], result["summary"]["exit"]) == (2, 1)
    assert replaudit(*dry, "-o", "ndjson", exits=1).ndjson == result["objects"]
    rows = replaudit(*dry, "-o", "csv", exits=1).csv
    assert list(rows[0]) == FIELDS
    assert [row["outcome"] for row in rows] == ["would-delete", "kept"]
    run = replaudit(*dry, "-q", exits=1)
    assert (run.out, run.err) == ("", "")
