"""The figures of DuckDB and Spark are those of replaudit itself, to the last row, for the same rows in three formats.

Needs no server. Spark starts four times, because that takes half a minute: by `--engine spark` for a report that is
whole and for two that are not, and once for all formats.
"""

import csv
import gzip
import hashlib
import json
import os
import random
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote_plus

import duckdb
import pyarrow as pa
import pytest
from pyarrow import orc, parquet

FORMATS = ["CSV", "Parquet", "ORC"]
SPARK_SQL = Path(os.environ["SPARK_HOME"], "bin/spark-sql")
COLUMNS = {
    "bucket": ("Bucket", "string"),
    "key": ("Key", "string"),
    "is_latest": ("IsLatest", "boolean"),
    "is_delete_marker": ("IsDeleteMarker", "boolean"),
    "size": ("Size", "bigint"),
    "last_modified_date": ("LastModifiedDate", "timestamp"),
    "e_tag": ("ETag", "string"),
    "storage_class": ("StorageClass", "string"),
    "replication_status": ("ReplicationStatus", "string"),
}
ODD = ["it's/a'b", 'q"uo/"te"', "new\nline/x\ny", "tab\t/x", "100%/%41%zz", "back\\slash/\\n", "'); DROP TABLE x; --/k"]
ODD += ["${env:HOME}/k", "中文/😀", "a b+c/d=e&f", "top", "//x", "*?[x]/{a,b}", "NULL/k", ".shell ls/k", "\r/k", "~/~"]
QUESTIONS = [
    [],
    ["--by", "prefix:2", "--by", "storage-class", "--by", "age", "--top", "100000"],
    ["--current", "--by", "prefix", "--overdue", "1h", "--top", "100"],
    ["--prefix", "'); DROP TABLE x; --/", "--by", "prefix"],
]
SCAN = datetime(2026, 11, 25, 1, tzinfo=timezone.utc)


def rows(count: int) -> list[dict]:
    chance = random.Random(7)
    made = []
    for at in range(count):
        marker = at % 13 == 0
        age = chance.choice([10, 3599, 3600, 86400, 86401, 10**6, 10**7, 4 * 10**7, -50])
        status = chance.choice(["COMPLETED"] * 6 + ["PENDING", "FAILED", "REPLICA", None, "COMPLETE", "Odd'word"])
        made.append({
            "bucket": "src",
            "key": ODD[at % len(ODD)] + str(at) if at % 3 else f"logs/{at % 7}/{at}",
            "is_latest": at % 4 != 0,
            "is_delete_marker": marker,
            "size": None if marker else chance.choice([0, 5, 2**40, at]),
            "last_modified_date": None if at % 97 == 1 and status != "PENDING" else SCAN - timedelta(seconds=age),
            "e_tag": None if marker else f"e{at}",
            "storage_class": None if marker else chance.choice(["STANDARD", "GLACIER"]),
            "replication_status": None if marker else status,
        })
    return made


def cell(column: str, value) -> str:
    if value is None:
        return ""
    if column == "key":
        return quote_plus(value, safe="/*-._")
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(value, datetime) else str(value)


def write(part: list[dict], form: str, path: Path) -> str:
    """Writes a data file; returns fileSchema."""
    if form == "CSV":
        lines = [",".join('"' + cell(name, row[name]) + '"' for name in COLUMNS) + "\n" for row in part]
        # Two members, as some writers make them.
        path.write_bytes(gzip.compress("".join(lines[:9]).encode()) + gzip.compress("".join(lines[9:]).encode()))
        return ", ".join(name for name, _ in COLUMNS.values())
    zone = "UTC" if form == "Parquet" else None
    types = {"string": pa.string(), "boolean": pa.bool_(), "bigint": pa.int64(), "timestamp": pa.timestamp("ms", zone)}
    arrays = []
    for name, (_, kind) in COLUMNS.items():
        values = [row[name] for row in part]
        if kind == "timestamp" and zone is None:
            values = [value and value.replace(tzinfo=None) for value in values]
        arrays.append(pa.array(values, types[kind]))
    table = pa.table(arrays, names=list(COLUMNS))
    if form == "ORC":
        orc.write_table(table, path, compression="zlib")
        return f"struct<{','.join(f'{name}:{kind}' for name, (_, kind) in COLUMNS.items())}>"
    parquet.write_table(table, path, compression="snappy")
    words = {"string": "binary {} (STRING)", "boolean": "boolean {}", "bigint": "int64 {}"}
    words["timestamp"] = "int64 {} (TIMESTAMP(MILLIS,true))"
    fields = [f"optional {words[kind].format(name)};" for name, (_, kind) in COLUMNS.items()]
    return f"message s3.inventory {{ {' '.join(fields)} }}"


def report(folder: Path, form: str, count: int = 3000) -> Path:
    folder.mkdir()
    made, files = rows(count), []
    for at, part in enumerate([made[: count // 3], made[count // 3 :]]):
        end = "csv.gz" if form == "CSV" else form.lower()
        path = folder / f"it's, {at}{{x}}.{end}"
        schema = write(part, form, path)
        body = path.read_bytes()
        files.append({"key": f"d/{path.name}", "size": len(body), "MD5checksum": hashlib.md5(body).hexdigest()})
    manifest = json.dumps({
        "sourceBucket": "src",
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": str(int(SCAN.timestamp() * 1000)),
        "fileFormat": form,
        "fileSchema": schema,
        "files": files,
    })
    (folder / "manifest.json").write_text(manifest)
    (folder / "manifest.checksum").write_text(hashlib.md5(manifest.encode()).hexdigest() + "\n")
    return folder


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return {form: report(folder / form, form) for form in FORMATS}


def replaudit(*args, exits=(0, 1)) -> str:
    # Without a locale, Spark prints ASCII only.
    env = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "SPARK_HOME") if name in os.environ}
    program = [os.environ["REPLAUDIT_BIN"], *map(str, args)]
    run = subprocess.run(program, capture_output=True, text=True, env=env, timeout=300)
    assert run.returncode in exits, run
    return run.stdout if exits != (2,) else run.stderr


def inventory(report: Path, *args) -> dict:
    found = json.loads(replaudit("inventory", report, "--max-age", "none", "-o", "json", *args))
    for name in ("verified", "figures", "age_seconds"):
        found["report"].pop(name, None)
    return found


def statements(report: Path, dialect: str, question: list[str], *args) -> str:
    # --top chooses what is shown.
    asked = question[: question.index("--top")] if "--top" in question else question
    return replaudit("sql", report, "--max-age", "none", "--dialect", dialect, *asked, *args)


def by_duckdb(sql: str, path: Path) -> None:
    result = duckdb.connect().execute(sql)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column[0] for column in result.description])
        writer.writerows(result.fetchall())


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_duckdb_adds_up_the_same(reports, tmp_path, form, question):
    by_duckdb(statements(reports[form], "duckdb", question), tmp_path / "figures.csv")
    figures = inventory(reports[form], *question, "--figures", tmp_path / "figures.csv")
    assert figures == inventory(reports[form], *question)


def test_a_row_that_is_refused_is_found_by_duckdb(tmp_path):
    folder = report(tmp_path / "report", "CSV")
    path = next(folder.glob("*0{x}*"))
    text = gzip.decompress(path.read_bytes()).decode()
    for damaged, reason in [
        (text.replace('"src"', '"other"', 1), "bucket"),
        (text.replace('"5"', '"-5"', 1), "size"),
        (text.replace(".000Z", "", 1), "last-modified"),
        ('"Bucket","Key","IsLatest","IsDeleteMarker","Size","LastModifiedDate","ETag","StorageClass","S"\n' + text, "bucket"),
    ]:
        path.write_bytes(gzip.compress(damaged.encode()))
        by_duckdb(statements(folder, "duckdb", [], "--no-verify"), tmp_path / "figures.csv")
        args = ["--max-age", "none", "--no-verify", "--figures", tmp_path / "figures.csv"]
        said = replaudit("inventory", folder, *args, exits=(2,))
        assert f'because of "{reason}"' in said, said


@pytest.mark.parametrize("damage", ["cut off", "too short"])
def test_spark_refuses_a_damaged_file_although_the_cluster_tolerates_it(tmp_path, monkeypatch, damage):
    monkeypatch.chdir(tmp_path)
    folder = report(tmp_path / "report", "CSV")
    path = next(folder.glob("*1{x}*"))
    if damage == "cut off":
        body = path.read_bytes()[: path.stat().st_size // 2]
    else:
        # The last cell of the last row, in a file that also has columns that the query does not need.
        text = gzip.decompress(path.read_bytes()).decode().rstrip("\n")
        body = gzip.compress((text[: text.rindex(",")] + "\n").encode())
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][1].update(size=len(body), MD5checksum=hashlib.md5(body).hexdigest())
    path.write_bytes(body)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "manifest.checksum").write_text(hashlib.md5(json.dumps(manifest).encode()).hexdigest() + "\n")
    replaudit("inventory", folder, "--max-age", "none", exits=(2,))
    tolerant = f"{SPARK_SQL} --conf spark.sql.files.ignoreCorruptFiles=true"
    args = ["--max-age", "none", "--engine", "spark", "--engine-command", tolerant]
    assert "spark-sql" in replaudit("inventory", folder, *args, exits=(2,))


def test_spark_adds_up_the_same(reports, tmp_path):
    asked = [(form, question) for form in FORMATS for question in QUESTIONS[1:3]]
    script = tmp_path / "all.sql"
    script.write_text("".join(statements(reports[form], "spark", question) for form, question in asked))
    # The zone of the process must not matter for CSV and Parquet; for ORC the guide names it.
    env = {**os.environ, "TZ": "UTC"}
    run = subprocess.run([SPARK_SQL, "-f", script], capture_output=True, env=env, timeout=300, cwd=tmp_path)
    assert run.returncode == 0, run.stderr[-3000:]
    results, lines = [], []
    for line in run.stdout.splitlines(keepends=True):
        lines.append(line)
        if line.startswith(b"end\t"):
            results.append(b"".join(lines))
            lines = []
    assert len(results) == len(asked) and not lines
    for (form, question), result in zip(asked, results):
        (tmp_path / "figures.tsv").write_bytes(result)
        figures = inventory(reports[form], *question, "--figures", tmp_path / "figures.tsv")
        assert figures == inventory(reports[form], *question), (form, question)


def test_replaudit_runs_spark(reports, tmp_path, monkeypatch):
    # Spark makes folders where it starts.
    monkeypatch.chdir(tmp_path)
    question = QUESTIONS[2]
    assert inventory(reports["ORC"], *question, "--engine", "spark") == inventory(reports["ORC"], *question)
