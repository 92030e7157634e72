"""`--engine athena` against a server that has Athena and Glue, as far as its engine goes.

ministack creates and drops tables as the statements say. It reads no symlink.txt, and its engine, DuckDB, does not know all
functions of Trino: the query fails. So the tests with it are about the table, and the query itself runs in DuckDB, with
macros instead of Trino's functions (`trino.py`).
"""

import json
import os
import random
import re
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest

import athena_by_duckdb
import engine_reports
import report
import test_pairs
import trino

pytestmark = pytest.mark.needs("athena")
FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
LIMITED = ["failed", "overdue", "not-replicated", "unknown-status"]
COLUMNS = "bucket key version_id is_latest is_delete_marker size last_modified_date e_tag storage_class replication_status"


@pytest.fixture
def glue(server):
    client = boto3.client("glue", endpoint_url=server.endpoint, region_name=os.environ.get("AWS_REGION", "us-east-1"))
    client.create_database(DatabaseInput={"Name": "replaudit_compat"})
    yield client
    client.delete_database(Name="replaudit_compat")


@pytest.fixture
def athena(server):
    return boto3.client("athena", endpoint_url=server.endpoint, region_name=os.environ.get("AWS_REGION", "us-east-1"))


@pytest.fixture
def results(client):
    """An output location. Athena writes there, not replaudit, so the store does not watch it."""
    name = f"replaudit-compat-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    yield f"s3://{name}/out/"
    for held in client.list_objects_v2(Bucket=name).get("Contents", []):
        client.delete_object(Bucket=name, Key=held["Key"])
    client.delete_bucket(Bucket=name)


@pytest.fixture
def delivered(store, client):
    bucket = store.bucket()
    return report.make(bucket).upload(client, bucket), bucket


def tables(glue) -> list[str]:
    return [table["Name"] for table in glue.get_tables(DatabaseName="replaudit_compat")["TableList"]]


def options(results: str, database: str = "replaudit_compat") -> list[str]:
    return ["--engine", "athena", "--athena-database", database, "--athena-output", results]


def history(athena) -> list[dict]:
    """The statements that were started and their states, the first one first."""
    ids = athena.list_query_executions(WorkGroup="primary")["QueryExecutionIds"]
    found = [athena.get_query_execution(QueryExecutionId=one)["QueryExecution"] for one in ids]
    found = [one for one in found if one["QueryExecutionContext"].get("Database") == "replaudit_compat"]
    return sorted(found, key=lambda one: one["Status"]["SubmissionDateTime"])


def test_a_query_that_fails_leaves_no_table(replaudit, glue, athena, delivered, results):
    address, _ = delivered
    before = len(history(athena))
    run = replaudit("inventory", address, *options(results), exits=2, via="AWS_ENDPOINT_URL")
    assert "running the query: Athena says FAILED" in run.err, run
    assert all(text not in run.err for text in ("is left", "may be left", "may still be running")) and not run.out, run
    assert tables(glue) == []
    done = [(one["Query"].split()[0], one["Status"]["State"]) for one in history(athena)[before:]]
    assert sorted(done) == [("CREATE", "SUCCEEDED"), ("DROP", "SUCCEEDED"), ("WITH", "FAILED")]


def test_a_database_that_is_not_there_is_named(replaudit, delivered, results):
    address, _ = delivered
    run = replaudit("inventory", address, *options(results, "nowhere"), exits=2, via="AWS_ENDPOINT_URL")
    assert "creating the table: Athena says FAILED" in run.err and "'nowhere' does not exist" in run.err, run


def test_a_limit_refuses_before_anything_is_created(replaudit, glue, athena, delivered, results):
    address, _ = delivered
    before = len(history(athena))
    run = replaudit("inventory", address, *options(results), "--athena-max-scan", "1B", exits=2, via="AWS_ENDPOINT_URL")
    assert "nothing was created" in run.err, run
    assert len(history(athena)) == before and tables(glue) == []


def test_the_table_is_the_one_of_the_statement(replaudit, glue, athena, delivered, results):
    """Glue holds what the statement says: the columns in their order, the reader, and the folder of symlink.txt."""
    address, bucket = delivered
    script = replaudit("sql", address, "--dialect", "athena", exits=0).out
    create, drop = script.split(";\n", 1)[0], script.rstrip().rstrip(";").rsplit(";\n", 1)[1]
    for statement, expected in [(create, 1), (drop, 0)]:
        athena.start_query_execution(
            QueryString=statement,
            QueryExecutionContext={"Database": "replaudit_compat"},
            ResultConfiguration={"OutputLocation": results},
        )
        for _ in range(100):
            if len(tables(glue)) == expected:
                break
            time.sleep(0.1)
        found = glue.get_tables(DatabaseName="replaudit_compat")["TableList"]
        assert len(found) == expected
        if found:
            (table,) = found
    storage = table["StorageDescriptor"]
    assert [column["Name"] for column in storage["Columns"]] == [*COLUMNS.split(), "replaudit_rest"]
    assert {column["Type"] for column in storage["Columns"]} == {"string"}
    assert storage["InputFormat"].endswith(".SymlinkTextInputFormat")
    assert storage["SerdeInfo"]["SerializationLibrary"].endswith(".OpenCSVSerde")
    assert re.fullmatch(rf"s3://{bucket}/reports/the-source/daily/hive/dt=[-0-9]+/?", storage["Location"]), storage


ODD = ["it's/a'b", 'q"uo/"te"', "new\nline/x\ny", "tab\t/x", "100%/%41%zz", "back\\slash/\\n", "a b+c/d=e&f", "中文/😀", "top", "//x"]
STATUSES = ["COMPLETED", "COMPLETED", "PENDING", "FAILED", "REPLICA", "", "COMPLETE"]
AGES = [timedelta(seconds=seconds) for seconds in (10, 3599, 3600, 86400, 86401, 10**6, 10**7, 4 * 10**7, -50)]
QUESTIONS = [
    [],
    ["--by", "prefix:2", "--by", "storage-class", "--by", "age", "--top", "100000"],
    ["--current", "--by", "prefix", "--overdue", "1h", "--top", "100"],
    ["--prefix", "it's", "--by", "prefix"],
    ["--prefix", "中文", "--by", "prefix"],
]


def many_rows() -> list[list[report.Row]]:
    rows = []
    for at in range(1000):
        marker = at % 13 == 0
        status = "" if marker else STATUSES[at % 7]
        rows.append(report.Row(f"{ODD[at % 10]}/{at}", status, at * 2**20, f"v{at}", AGES[at % 9], marker))
    return [rows[:300], rows[300:]]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_the_query_gives_the_figures_of_replaudit(store, client, replaudit, tmp_path, form, question):
    bucket = store.bucket()
    if form == "CSV":
        made = report.make(bucket, files=many_rows())
        address, data = made.upload(client, bucket), made.data
        bodies = [made.objects[key] for key in data]
    else:
        folder = FIXTURES / "parquet"
        address, data = deliver(client, bucket, folder)
        bodies = [path.read_bytes() for path in data]
    files = []
    for at, body in enumerate(bodies):
        files.append(tmp_path / f"{at}.{'csv.gz' if form == 'CSV' else 'parquet'}")
        files[-1].write_bytes(body)
    any_age, json_result = ["--max-age", "none"], ["--allow-empty", "-o", "json", *(f"--fail-on={name}:off" for name in LIMITED)]
    asked = question[: question.index("--top")] if "--top" in question else question
    script = replaudit("sql", address, "--dialect", "athena", *any_age, *asked, exits=0).out
    trino.figures(script, [files], tmp_path / "figures.csv")
    local = replaudit("inventory", address, *any_age, *question, *json_result, exits=0).json
    by_query = ["--figures", str(tmp_path / "figures.csv")]
    figures = replaudit("inventory", address, *any_age, *question, *json_result, *by_query, exits=0).json
    for result in (local, figures):
        for name in ("verified", "figures", "age_seconds"):
            result["report"].pop(name, None)
    assert figures == local


def folder_time(folder: Path) -> str:
    """The name of the folder in which S3 delivers such a report."""
    millis = int(json.loads((folder / "manifest.json").read_text())["creationTimestamp"])
    return f"{datetime.fromtimestamp(millis / 1000, timezone.utc):%Y-%m-%dT%H-%MZ}"


def deliver(client, bucket: str, folder: Path) -> tuple[str, list[Path]]:
    """Puts a report of a local folder into a bucket as S3 delivers it; returns its address and its data files."""
    time = folder_time(folder)
    for name in ("manifest.json", "manifest.checksum"):
        client.put_object(Bucket=bucket, Key=f"inv/src/daily/{time}/{name}", Body=(folder / name).read_bytes())
    keys = [file["key"] for file in json.loads((folder / "manifest.json").read_text())["files"]]
    files = [next(path for path in folder.rglob("*") if path.name == Path(key).name) for key in keys]
    for key, path in zip(keys, files):
        client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    listed = "\n".join(f"s3://{bucket}/{key}" for key in keys)
    hive = time.replace("T", "-").removesuffix("Z")
    client.put_object(Bucket=bucket, Key=f"inv/src/daily/hive/dt={hive}/symlink.txt", Body=listed.encode())
    return f"s3://{bucket}/inv/src/daily/{time}/manifest.json", files


@pytest.mark.parametrize("question", test_pairs.QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("forms", [("CSV", "CSV"), ("Parquet", "CSV")], ids=str)
def test_the_query_compares_two_reports_as_replaudit_does(store, client, replaudit, tmp_path, forms, question):
    chance = random.Random(17)
    source = test_pairs.source_rows(chance, versions=True)
    sides = [source, test_pairs.replicas(chance, source, versions=True)]
    folders = [
        engine_reports.report(tmp_path / name, form, rows, scan)
        for name, form, rows, scan in zip(("src", "dst"), forms, sides, (engine_reports.SCAN, test_pairs.EARLIER))
    ]
    (one, files), (other, more) = [deliver(client, store.bucket(), folder) for folder in folders]
    asked = question[: question.index("--top")] + question[question.index("--top") + 2 :] if "--top" in question else question
    common = ["reconcile", one, other, "--max-age", "none"]
    script = replaudit(*common, *asked, "--print-sql", "--dialect", "athena", exits=0).out
    trino.figures(script, [files, more], tmp_path / "figures.csv")
    results = [
        replaudit(*common, *question, "-o", "json", *args, exits=1).json
        for args in ([], ["--figures", str(tmp_path / "figures.csv")])
    ]
    for result in results:
        for side in ("source", "destination"):
            for name in ("verified", "figures", "age_seconds"):
                result[side].pop(name, None)
    assert results[0] == results[1] and results[0]["classes"]["missing"]["objects"]


def test_a_comparison_that_fails_leaves_no_tables(store, client, replaudit, glue, athena, results, tmp_path):
    made = [engine_reports.report(tmp_path / name, "CSV", [dict(row, bucket=name) for row in ROWS]) for name in ("src", "dst")]
    (one, _), (other, _) = [deliver(client, store.bucket(), folder) for folder in made]
    before = len(history(athena))
    args = ["reconcile", one, other, "--max-age", "none", *options(results)]
    run = replaudit(*args, exits=2, via="AWS_ENDPOINT_URL")
    assert "running the query: Athena says FAILED" in run.err, run
    assert all(text not in run.err for text in ("is left", "may be left", "may still be running")) and not run.out, run
    assert tables(glue) == []
    done = [(one["Query"].split()[0], one["Status"]["State"]) for one in history(athena)[before:]]
    assert sorted(done) == [("CREATE", "SUCCEEDED")] * 2 + [("DROP", "SUCCEEDED")] * 2 + [("WITH", "FAILED")]


ROWS = test_pairs.source_rows(random.Random(1), versions=True)[:30]


def without_facts(result: dict) -> dict:
    for side in ("report", "source", "destination"):
        for name in ("verified", "figures", "age_seconds"):
            result.get(side, {}).pop(name, None)
    return result | {"spilled_bytes": 0}


@pytest.mark.parametrize("forms", [("CSV", "CSV"), ("Parquet", "CSV")], ids=str)
def test_figures_and_exports_are_those_of_replaudit(store, client, replaudit, tmp_path, monkeypatch, forms):
    """Whole runs: tables, figures, lines, their number, and no tables."""
    chance = random.Random(19)
    source = test_pairs.source_rows(chance, versions=True)
    sides = [source, test_pairs.replicas(chance, source, versions=True)]
    files, addresses = {}, []
    for name, form, rows, scan in zip(("src", "dst"), forms, sides, (engine_reports.SCAN, test_pairs.EARLIER)):
        address, paths = deliver(client, store.bucket(), engine_reports.report(tmp_path / name, form, rows, scan))
        configuration, time, _ = address.rsplit("/", 2)
        files[f"{configuration}/hive/dt={time.replace('T', '-').removesuffix('Z')}/"] = paths
        addresses.append(address)
    server = athena_by_duckdb.AthenaByDuckDB(files)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ATHENA", server.endpoint)
    for command, classes in [
        (["inventory", addresses[0], "--by", "prefix:2", "--top", "10000"], "failed,overdue,not-replicated,replica"),
        (["reconcile", *addresses, "--by", "prefix", "--top", "10000"], "missing,size-differs,unsure,in-sync"),
    ]:
        asked = [*command, "--max-age", "none", "-o", "json", "--export-class", classes]
        local = replaudit(*asked, "--export", str(tmp_path / "local.csv"), exits=1).json
        run = replaudit(*asked, "--engine", "athena", "--export", "s3://exports/audit/", exits=1)
        assert without_facts(run.json) == without_facts(local)
        expected = (tmp_path / "local.csv").read_text().splitlines()
        (folder,) = [folder for folder in server.unloaded if folder in run.err]
        assert len(expected) > 100 and sorted(server.unloaded[folder]) == sorted(expected)
        assert not server.tables
