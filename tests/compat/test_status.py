"""`status` on objects, versions and keys of every kind."""

import json

import pytest

NO_STATUS = "not replicated: S3 gives no status"
FIELDS = [
    "bucket",
    "key",
    "version_id",
    "replication_status",
    "verdict",
    "size",
    "etag",
    "last_modified",
    "storage_class",
    "delete_marker",
    "error",
    "rule",
    "destinations",
]
ODD_KEYS = [
    "with space",
    "a+b",
    "100%25 %2F",
    "ü/漢字🪣",
    "c\u0301",  # not the composed letter
    "a//b",
    "/leading",
    "trailing/",
    "./x/../y",
    "?versionId=1&x#y",
    "<&>'\"",
    "a=b;c,d:e@f$g~*!()",
    "tab\there",
    pytest.param("line\nfeed", marks=pytest.mark.needs("newline_keys")),
]
BUCKETS = [
    pytest.param(None, id="plain"),
    pytest.param("Enabled", marks=pytest.mark.needs("versioning")),
    pytest.param("Suspended", marks=pytest.mark.needs("versioning")),
]


@pytest.mark.parametrize("versioning", BUCKETS)
def test_without_a_status_it_is_not_replicated(store, replaudit, via, versioning):
    bucket = store.bucket(versioning)
    store.put(bucket, "k")
    run = replaudit("status", f"s3://{bucket}/k", exits=1, via=via)
    assert NO_STATUS in run.out
    assert run.err == "exit code 1: not replicated: 1 of 1 object (1 not-replicated)\n"


@pytest.mark.parametrize("versioning", BUCKETS)
def test_json_says_what_head_says(store, client, replaudit, versioning):
    bucket = store.bucket(versioning)
    store.put(bucket, "k", b"12345")
    head = client.head_object(Bucket=bucket, Key="k")
    run = replaudit("status", "--bucket", bucket, "--key", "k", "-o", "json", exits=1)
    assert list(run.object) == FIELDS
    assert run.object == {
        "bucket": bucket,
        "key": "k",
        "version_id": head.get("VersionId"),
        "replication_status": None,
        "verdict": "not-replicated",
        "size": 5,
        "etag": head["ETag"].strip('"'),
        "last_modified": head["LastModified"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "storage_class": "STANDARD",
        "delete_marker": False,
        "error": None,
        "rule": None,
        "destinations": [],
    }
    assert run.json["schema"] == "replaudit.status/1"
    assert run.json["summary"] == {"objects": 1, "by": {"not-replicated": 1}, "exit": 1}


@pytest.mark.parametrize("key", ODD_KEYS)
def test_keys_are_taken_exactly(store, client, replaudit, key):
    bucket = store.bucket()
    store.put(bucket, key, b"right one")
    assert [o["Key"] for o in client.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    address = f"s3://{bucket}/{key}"
    found = replaudit("status", address, "-o", "json", exits=1).object
    assert (found["key"], found["verdict"], found["size"]) == (key, "not-replicated", 9)
    (line,) = replaudit("status", address, "-o", "ndjson", exits=1).ndjson
    (row,) = replaudit("status", address, "-o", "csv", exits=1).csv
    assert line["key"] == row["key"] == key


def test_a_key_of_white_space_is_an_error_and_not_a_verdict(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, " ")
    found = replaudit("status", f"s3://{bucket}/ ", "-o", "json", exits=2).object
    assert (found["verdict"], found["error"]["code"]) == ("error", "RequestNotBuilt")


@pytest.mark.needs("versioning")
def test_a_version_is_asked_by_its_id(store, replaudit):
    bucket = store.bucket("Enabled")
    old, new = store.put(bucket, "k", b"old"), store.put(bucket, "k", b"newer")
    for version, size in [(old, 3), (new, 5)]:
        found = replaudit("status", f"s3://{bucket}/k", "--version-id", version, "-o", "json", exits=1).object
        assert (found["version_id"], found["size"], found["verdict"]) == (version, size, "not-replicated")
    assert replaudit("status", f"s3://{bucket}/k", "-o", "json", exits=1).object["version_id"] == new


@pytest.mark.needs("versioning")
def test_the_null_version_is_asked_by_its_name(store, can, replaudit):
    bucket = store.bucket("Suspended")
    store.put(bucket, "k")
    code, verdict = (1, "not-replicated") if can.head_version_anywhere else (2, "error")
    found = replaudit("status", f"s3://{bucket}/k", "--version-id", "null", "-o", "json", exits=code).object
    assert (found["version_id"], found["verdict"]) == ("null", verdict)


@pytest.mark.needs("versioning")
def test_a_version_that_is_gone_is_not_found(store, client, replaudit):
    bucket = store.bucket("Enabled")
    gone, stays = store.put(bucket, "k", b"old"), store.put(bucket, "k", b"newer")
    client.delete_object(Bucket=bucket, Key="k", VersionId=gone)
    found = replaudit("status", f"s3://{bucket}/k", "--version-id", gone, "-o", "json", exits=1).object
    assert (found["verdict"], found["version_id"]) == ("not-found", gone)
    assert store.version_ids(bucket, "k") == [stays]


@pytest.mark.needs("versioning")
def test_a_delete_marker_is_named(store, client, replaudit):
    bucket = store.bucket("Enabled")
    store.put(bucket, "k")
    marker = client.delete_object(Bucket=bucket, Key="k")["VersionId"]
    for more in [(), ("--version-id", marker)]:
        found = replaudit("status", f"s3://{bucket}/k", *more, "-o", "json", exits=1).object
        assert (found["verdict"], found["delete_marker"], found["version_id"]) == ("delete-marker", True, marker)


@pytest.mark.parametrize("versioning", BUCKETS)
def test_a_missing_key_is_not_found(store, replaudit, via, versioning):
    bucket = store.bucket(versioning)
    found = replaudit("status", f"s3://{bucket}/nothing", "-o", "json", exits=1, via=via).object
    assert (found["verdict"], found["error"]) == ("not-found", None)


def test_a_missing_bucket_is_unknown(store, replaudit, via):
    bucket = store.bucket() + "-not"
    found = replaudit("status", f"s3://{bucket}/k", "-o", "json", exits=2, via=via).object
    assert (found["verdict"], found["error"]["code"]) == ("error", "NoSuchBucket")
    assert "does not exist" in replaudit("status", f"s3://{bucket}/k", exits=2, via=via).out


def test_every_output_parses(store, replaudit, tmp_path):
    bucket = store.bucket()
    store.put(bucket, "k")
    address = [f"s3://{bucket}/k", f"s3://{bucket}/none"]
    verdicts = ["not-replicated", "not-found"]
    written = tmp_path / "result.json"
    run = replaudit("status", *address, "-o", "json", "--write", f"json={written}", exits=1)
    assert [o["verdict"] for o in run.json["objects"]] == verdicts
    assert json.loads(written.read_text()) == run.json
    assert run.json["summary"] == {"objects": 2, "by": {"not-found": 1, "not-replicated": 1}, "exit": 1}
    assert replaudit("status", *address, "-o", "ndjson", exits=1).ndjson == run.json["objects"]
    rows = replaudit("status", *address, "-o", "csv", exits=1).csv
    assert list(rows[0]) == FIELDS
    assert [(row["key"], row["verdict"]) for row in rows] == [("k", "not-replicated"), ("none", "not-found")]
    table = replaudit("status", *address, exits=1).out
    assert all(word in table for word in verdicts)


def test_quiet_prints_nothing(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, "k")
    run = replaudit("status", "-q", f"s3://{bucket}/k", exits=1)
    assert (run.out, run.err) == ("", "")


def test_one_unknown_object_makes_the_whole_unknown(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, "k")
    run = replaudit("status", f"s3://{bucket}/k", f"s3://{bucket}-not/k", "-o", "json", exits=2)
    assert [o["verdict"] for o in run.json["objects"]] == ["not-replicated", "error"]


@pytest.mark.needs("refuses_unsigned")
def test_a_refused_unsigned_request_is_denied(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, "k")
    found = replaudit("status", f"s3://{bucket}/k", "--no-sign-request", "-o", "json", exits=2, signed=False).object
    assert (found["verdict"], found["error"]["http_status"]) == ("denied", 403)


@pytest.mark.needs("public_read")
def test_a_public_object_answers_unsigned(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, "k", ACL="public-read")
    assert NO_STATUS in replaudit("status", f"s3://{bucket}/k", "--no-sign-request", exits=1, signed=False).out


@pytest.mark.needs("serves_unsigned")
def test_an_open_server_answers_unsigned(store, replaudit):
    bucket = store.bucket()
    store.put(bucket, "k")
    assert NO_STATUS in replaudit("status", f"s3://{bucket}/k", "--no-sign-request", exits=1, signed=False).out
