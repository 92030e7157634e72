"""Every status word, where the client's PUT decides what HEAD answers."""

import pytest

pytestmark = pytest.mark.needs("status_words")

WORDS = [
    # word, verdict, exit, kept by safe-delete as
    ("COMPLETED", "replicated", 0, None),
    ("COMPLETE", "replicated", 0, None),
    ("PENDING", "pending", 1, "pending"),
    ("PROCESSING", "pending", 1, "pending"),
    ("FAILED", "failed", 1, "failed"),
    ("REPLICA", "replica", 1, "replica"),
    ("completed", "unknown-status", 1, "unknown-status"),
    ("COMPLETED-ish", "unknown-status", 1, "unknown-status"),
    ("NONE", "unknown-status", 1, "unknown-status"),
    (None, "not-replicated", 1, "not-replicated"),
]


@pytest.mark.parametrize(("word", "verdict", "code", "kept"), WORDS)
def test_a_word_and_its_verdict(store, client, replaudit, via, word, verdict, code, kept):
    bucket = store.bucket("Enabled")
    store.put(bucket, "k", word=word)
    assert client.head_object(Bucket=bucket, Key="k").get("ReplicationStatus") == word
    found = replaudit("status", f"s3://{bucket}/k", "-o", "json", exits=code, via=via).object
    assert (found["replication_status"], found["verdict"]) == (word, verdict)


@pytest.mark.parametrize(("word", "verdict", "code", "kept"), WORDS)
def test_only_a_replica_is_accepted_on_request(store, replaudit, word, verdict, code, kept):
    bucket = store.bucket("Enabled")
    store.put(bucket, "k", word=word)
    accepted = 0 if word == "REPLICA" else code
    run = replaudit("status", "--accept-replica", f"s3://{bucket}/k", "-o", "json", exits=accepted)
    assert run.object["verdict"] == verdict


def test_a_replica_is_explained(store, replaudit):
    bucket = store.bucket("Enabled")
    store.put(bucket, "k", word="REPLICA")
    assert "this is the copy" in replaudit("status", f"s3://{bucket}/k", exits=1).out


def test_one_bad_word_decides_for_all(store, replaudit):
    bucket = store.bucket("Enabled")
    for word in ["COMPLETED", "PENDING"]:
        store.put(bucket, word, word=word)
    replaudit("status", f"s3://{bucket}/COMPLETED", f"s3://{bucket}/COMPLETED", exits=0)
    run = replaudit("status", f"s3://{bucket}/COMPLETED", f"s3://{bucket}/PENDING", "-o", "json", exits=1)
    assert run.json["summary"]["by"] == {"pending": 1, "replicated": 1}


def test_versions_of_one_key_have_words_of_their_own(store, replaudit):
    bucket = store.bucket("Enabled")
    old, new = store.put(bucket, "k", b"1", word="COMPLETED"), store.put(bucket, "k", b"2", word="FAILED")
    replaudit("status", "--version-id", old, f"s3://{bucket}/k", exits=0)
    replaudit("status", "--version-id", new, f"s3://{bucket}/k", exits=1)
    replaudit("status", f"s3://{bucket}/k", exits=1)


@pytest.mark.parametrize("mode", ["hide", "permanent"])
@pytest.mark.parametrize(("word", "verdict", "code", "kept"), [row for row in WORDS if row[3]])
def test_safe_delete_keeps_every_other_word(store, replaudit, mode, word, verdict, code, kept):
    bucket = store.bucket("Enabled")
    version = store.put(bucket, "k", word=word)
    permanent = ["--permanent", "--trust-status", "--version-id", version] if mode == "permanent" else []
    found = replaudit("safe-delete", "--yes", *permanent, f"s3://{bucket}/k", "-o", "json", exits=1).object
    assert (found["decision"], found["reason"], found["outcome"]) == ("keep", kept, "kept")
    assert found["replication_status"] == word
    assert store.version_ids(bucket, "k") == [version]
