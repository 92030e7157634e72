"""`--engine athena` against a server that has Athena and Glue, as far as its engine goes.

ministack creates and drops tables as the statements say. It reads no symlink.txt, and its engine, DuckDB, does not know all
functions of Trino: the query fails. So these tests are about the table. The query itself is in `test_engines.py`.
"""

import os
import re
import time
import uuid

import boto3
import pytest

import report

pytestmark = pytest.mark.needs("athena")
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
    """An output location. What Athena writes there is no change by replaudit, so the store does not watch it."""
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
    assert "is left" not in run.err and not run.out, run
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
