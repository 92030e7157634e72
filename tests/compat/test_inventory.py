"""`inventory` of a report that lies in a bucket of the server, and of a copy of it on disk."""

import gzip
import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

import report

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
DEFAULTS = ["failed", "overdue", "not-replicated", "unknown-status"]


def fail_on(*limits: str) -> list[str]:
    return [f"--fail-on={limit}" for limit in limits]


ANY = fail_on(*(f"{name}:off" for name in DEFAULTS))
LINE = ["dimension", "value", "status", "objects", "bytes", "oldest", "newest"]
BUCKETS = [pytest.param(None, id="plain"), pytest.param("Enabled", marks=pytest.mark.needs("versioning"))]


@pytest.fixture
def delivered(store, client):
    """A report, uploaded; and its address."""
    bucket = store.bucket()
    made = report.make(bucket)
    return made, made.upload(client, bucket), bucket


def sums(result) -> dict:
    return {word: (of["objects"], of["bytes"]) for word, of in result["statuses"].items() if of["objects"]}


@pytest.mark.parametrize("versioning", BUCKETS)
def test_the_bucket_and_the_disk_say_the_same(store, client, replaudit, via, versioning, tmp_path):
    bucket = store.bucket(versioning)
    made = report.make(bucket)
    there = replaudit("inventory", made.upload(client, bucket), *ANY, "-o", "json", exits=0, via=via).json
    here = replaudit("inventory", made.save(tmp_path), *ANY, "-o", "json", exits=0, via=via).json
    for result in (there, here):
        del result["report"]["manifest"], result["report"]["age_seconds"]
    assert there == here
    assert there["schema"] == "replaudit.inventory/1"
    assert sums(there) == report.SUMS
    assert (there["rows_scanned"], there["rows"], there["delete_markers"], there["verdict"]) == (8, 8, 1, "pass")
    assert (there["overdue"]["objects"], there["overdue"]["bytes"]) == (1, 11)
    facts = there["report"]
    assert (facts["source_bucket"], facts["destination_bucket"]) == (report.SOURCE, bucket)
    assert (facts["format"], facts["files"], facts["verified"]) == ("CSV", 2, "md5")
    assert facts["bytes"] == sum(len(made.objects[key]) for key in made.data)


@pytest.mark.parametrize("columns", ["parquet", "orc"])
def test_columns_are_read_there_and_on_the_disk(store, client, replaudit, columns):
    """By Range requests with If-Match, over several connections."""
    bucket = store.bucket()
    here = FIXTURES / columns / "manifest.json"
    manifest = json.loads(here.read_bytes())
    for file in manifest["files"]:
        client.put_object(Bucket=bucket, Key=file["key"], Body=(here.parent / file["key"].rsplit("/", 1)[1]).read_bytes())
    for name in ("manifest.json", "manifest.checksum"):
        client.put_object(Bucket=bucket, Key=f"daily/{name}", Body=(here.parent / name).read_bytes())

    def read(address: str, *more: str):
        result = replaudit("inventory", address, *ANY, "--max-age", "none", "-o", "json", *more, exits=0).json
        del result["report"]["manifest"], result["report"]["age_seconds"]
        return result["report"].pop("verified"), result

    there = f"s3://{bucket}/daily/manifest.json"
    # The server lists each file with its MD5 as the ETag, and every range is read on condition of that.
    assert (read(there)[0], read(str(here))[0]) == ("etag", "footer")
    assert read(there)[1] == read(str(here))[1]
    assert read(there, "--verify") == read(str(here), "--verify")


@pytest.mark.parametrize(
    ("limit", "code"),
    [("failed:0", 1), ("failed:1", 0), ("pending:1", 1), ("pending:2", 0), ("replica:0", 1), ("overdue:0", 1), ("overdue:1", 0)],
)
def test_an_exceeded_limit_is_no(delivered, replaudit, limit, code):
    _, address, _ = delivered
    off = [f"{name}:off" for name in DEFAULTS if name != limit.split(":")[0]]
    result = replaudit("inventory", address, *fail_on(*off, limit), "-o", "json", exits=code).json
    assert result["verdict"] == ("fail" if code else "pass")


def test_by_default_what_is_not_replicated_fails(delivered, replaudit):
    _, address, _ = delivered
    run = replaudit("inventory", address, exits=1)
    assert "FAIL: " in run.out
    assert "--fail-on failed:1" in run.out


def test_a_prefix_is_of_decoded_keys(delivered, replaudit):
    _, address, _ = delivered
    result = replaudit("inventory", address, *ANY, "--prefix", "a/b c+", "-o", "json", exits=0).json
    assert (sums(result), result["rows_scanned"], result["rows"]) == ({"COMPLETED": (1, 5)}, 8, 1)


def test_every_output_parses(delivered, replaudit):
    _, address, _ = delivered
    lines = replaudit("inventory", address, *ANY, "-o", "ndjson", exits=0).ndjson
    rows = replaudit("inventory", address, *ANY, "-o", "csv", exits=0).csv
    assert list(lines[0]) == list(rows[0]) == LINE
    assert {of["status"]: (of["objects"], of["bytes"]) for of in lines if of["objects"]} == report.SUMS
    assert {of["status"]: (int(of["objects"]), int(of["bytes"])) for of in rows if of["objects"] != "0"} == report.SUMS
    run = replaudit("inventory", "-q", address, *ANY, exits=0)
    assert (run.out, run.err) == ("", "")


def promtool(text: str) -> None:
    tool = shutil.which("promtool")
    assert tool, "promtool is missing: .ci/compat installs it"
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), text


def test_prometheus_takes_it_with_and_without_an_answer(delivered, client, replaudit, tmp_path):
    made, address, bucket = delivered
    labels = f'{{bucket="{report.SOURCE}",config="daily"}}'
    file = tmp_path / "replaudit.prom"
    for exits in (1, 2):
        run = replaudit("inventory", address, "-o", "prometheus", "--write", f"prometheus={file}", exits=exits)
        up = f"replaudit_inventory_up{labels} {2 - exits}\n"
        for text in (run.out, file.read_text()):
            promtool(text)
            assert up in text, text
            assert ("replaudit_inventory_objects" in text) == (exits == 1)
        assert "replaudit_inventory_last_success_timestamp_seconds" in file.read_text()
        client.delete_object(Bucket=bucket, Key=made.data[0])


def untrusted(replaudit, address, *more) -> str:
    """Refused, and nothing on stdout that looks like a total."""
    run = replaudit("inventory", address, *ANY, "-o", "json", *more, exits=2)
    assert run.out == ""
    return run.err


@pytest.mark.parametrize("damage", ["flipped", "truncated", "other"])
def test_a_damaged_data_file_is_refused(delivered, client, replaudit, damage):
    made, address, bucket = delivered
    key = made.data[1]
    body = made.objects[key]
    body = {
        "flipped": body[:-9] + bytes([body[-9] ^ 1]) + body[-8:],
        "truncated": body[:-4],
        "other": gzip.compress(b""),
    }[damage]
    client.put_object(Bucket=bucket, Key=key, Body=body)
    assert key.rsplit("/", 1)[1] in untrusted(replaudit, address)


@pytest.mark.parametrize("part", ["checksum", "data"])
def test_a_missing_part_is_refused(delivered, client, replaudit, part):
    made, address, bucket = delivered
    key = made.checksum if part == "checksum" else made.data[0]
    client.delete_object(Bucket=bucket, Key=key)
    assert key.rsplit("/", 1)[1] in untrusted(replaudit, address)


def test_a_changed_manifest_is_refused(delivered, client, replaudit):
    made, address, bucket = delivered
    changed = made.objects[made.manifest].replace(b"the-source", b"the-sourse")
    client.put_object(Bucket=bucket, Key=made.manifest, Body=changed)
    assert "manifest" in untrusted(replaudit, address)


def test_a_missing_report_or_bucket_is_unknown(delivered, replaudit):
    _, address, bucket = delivered
    untrusted(replaudit, address.replace("T", "t"))
    assert f"{bucket}-not" in untrusted(replaudit, address.replace(bucket, f"{bucket}-not"))


def test_a_report_of_another_bucket_is_refused(delivered, replaudit):
    _, address, _ = delivered
    replaudit("inventory", address, *ANY, "--bucket", report.SOURCE, exits=0)
    assert report.SOURCE in untrusted(replaudit, address, "--bucket", "another")


def test_the_newest_whole_report_of_a_place_is_found(delivered, client, replaudit, tmp_path):
    made, address, bucket = delivered
    report.make(bucket, age=timedelta(hours=40)).upload(client, bucket)
    half = report.make(bucket, age=timedelta(hours=10))
    half.upload(client, bucket)
    client.delete_object(Bucket=bucket, Key=half.checksum)
    top = made.manifest.rsplit("/", 2)[0]
    for place in (f"s3://{bucket}/{top}", f"s3://{bucket}/{top}/"):
        run = replaudit("inventory", place, *ANY, "-o", "json", exits=0)
        assert run.json["report"]["manifest"] == address
        assert "is being delivered" in run.err
    assert "only daily/" in untrusted(replaudit, f"s3://{bucket}/{top.rsplit('/', 1)[0]}")
    here = made.save(tmp_path)
    run = replaudit("inventory", str(tmp_path / top), *ANY, "-o", "json", exits=0)
    assert run.json["report"]["manifest"] == here


def test_an_old_report_is_refused(store, client, replaudit):
    bucket = store.bucket()
    address = report.make(bucket, age=timedelta(hours=80)).upload(client, bucket)
    assert "--max-age" in untrusted(replaudit, address)
    replaudit("inventory", address, *ANY, "--max-age", "90h", exits=0)


def test_an_empty_report_is_unknown(store, client, replaudit):
    bucket = store.bucket()
    untrusted(replaudit, report.make(bucket, files=[[]]).upload(client, bucket))
