"""Local reports in three formats, and the engines that read them. Used by test_engines.py and test_pairs.py."""

import csv
import gzip
import hashlib
import json
import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote_plus

import duckdb
import pyarrow as pa
from pyarrow import orc, parquet

FORMATS = ["CSV", "Parquet", "ORC"]
SPARK_SQL = Path(os.environ["SPARK_HOME"], "bin/spark-sql")
# Two hundred parts of a few rows each would take most of the time.
SPARK_COMMAND = [str(SPARK_SQL), "--conf", "spark.sql.shuffle.partitions=2"]
COLUMNS = {
    "bucket": ("Bucket", "string"),
    "key": ("Key", "string"),
    "version_id": ("VersionId", "string"),
    "is_latest": ("IsLatest", "boolean"),
    "is_delete_marker": ("IsDeleteMarker", "boolean"),
    "size": ("Size", "bigint"),
    "last_modified_date": ("LastModifiedDate", "timestamp"),
    "e_tag": ("ETag", "string"),
    "storage_class": ("StorageClass", "string"),
    "replication_status": ("ReplicationStatus", "string"),
}
ODD = ["it's/a'b", 'q"uo/"te"', "new\nline/x\ny", "tab\t/x", "100%/%41%zz", "back\\slash/\\n", "'); DROP TABLE x; --/k"]
ODD += ["${env:HOME}/k", "中文/😀", "a b+c/d=e&f", "top", "//x", "*?[x]/{a,b}", "NULL/k", ".shell ls/k", "\r/k", "~/~", "\ufffd/%EF%BF%BD", "%FF/%"]
SCAN = datetime(2026, 11, 25, 1, tzinfo=timezone.utc)


def cell(column: str, value) -> str:
    if value is None:
        return ""
    if column == "key":
        return quote_plus(value, safe="/*-._")
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%Y-%m-%dT%H:%M:%S.000Z") if isinstance(value, datetime) else str(value).replace('"', '""')


def write(part: list[dict], form: str, path: Path, columns: list[str]) -> str:
    """Writes a data file; returns fileSchema."""
    if form == "CSV":
        lines = [",".join('"' + cell(name, row[name]) + '"' for name in columns) + "\n" for row in part]
        # Two members, as some writers make them.
        path.write_bytes(gzip.compress("".join(lines[:9]).encode()) + gzip.compress("".join(lines[9:]).encode()))
        return ", ".join(COLUMNS[name][0] for name in columns)
    zone = "UTC" if form == "Parquet" else None
    types = {"string": pa.string(), "boolean": pa.bool_(), "bigint": pa.int64(), "timestamp": pa.timestamp("ms", zone)}
    arrays = []
    kinds = {name: COLUMNS[name][1] for name in columns}
    for name, kind in kinds.items():
        values = [row[name] for row in part]
        if kind == "timestamp" and zone is None:
            values = [value and value.replace(tzinfo=None) for value in values]
        arrays.append(pa.array(values, types[kind]))
    table = pa.table(arrays, names=columns)
    if form == "ORC":
        orc.write_table(table, path, compression="zlib")
        return f"struct<{','.join(f'{name}:{kind}' for name, kind in kinds.items())}>"
    parquet.write_table(table, path, compression="snappy")
    words = {"string": "binary {} (STRING)", "boolean": "boolean {}", "bigint": "int64 {}"}
    words["timestamp"] = "int64 {} (TIMESTAMP(MILLIS,true))"
    fields = [f"optional {words[kind].format(name)};" for name, kind in kinds.items()]
    return f"message s3.inventory {{ {' '.join(fields)} }}"


def report(folder: Path, form: str, made: list[dict], scan: datetime = SCAN) -> Path:
    """A report in two files, the second of which has more rows."""
    folder.mkdir()
    files, columns = [], [name for name in COLUMNS if name in made[0]]
    for at, part in enumerate([made[: len(made) // 3], made[len(made) // 3 :]]):
        end = "csv.gz" if form == "CSV" else form.lower()
        path = folder / f"it's, {at}{{x}}.{end}"
        schema = write(part, form, path, columns)
        body = path.read_bytes()
        files.append({"key": f"d/{path.name}", "size": len(body), "MD5checksum": hashlib.md5(body).hexdigest()})
    manifest = json.dumps({
        "sourceBucket": made[0]["bucket"],
        "destinationBucket": "arn:aws:s3:::reports",
        "version": "2016-11-30",
        "creationTimestamp": str(int(scan.timestamp() * 1000)),
        "fileFormat": form,
        "fileSchema": schema,
        "files": files,
    })
    (folder / "manifest.json").write_text(manifest)
    (folder / "manifest.checksum").write_text(hashlib.md5(manifest.encode()).hexdigest() + "\n")
    return folder


def rewrite(folder: Path, at: int, body: bytes) -> None:
    """Replaces a data file, so that the report looks whole."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][at].update(size=len(body), MD5checksum=hashlib.md5(body).hexdigest())
    next(folder.glob(f"*{at}{{x}}*")).write_bytes(body)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "manifest.checksum").write_text(hashlib.md5(json.dumps(manifest).encode()).hexdigest() + "\n")


def run_spark(sql: str, folder: Path) -> list[bytes]:
    """The results of statements, each of which is a table of figures."""
    script = folder / "all.sql"
    script.write_text(sql)
    # The zone of the process must not matter for CSV and Parquet; for ORC the guide names it.
    env = {**os.environ, "TZ": "UTC"}
    run = subprocess.run([*SPARK_COMMAND, "-f", script], capture_output=True, env=env, timeout=500, cwd=folder)
    assert run.returncode == 0, run.stderr[-3000:]
    results, lines = [], []
    for line in run.stdout.splitlines(keepends=True):
        lines.append(line)
        if line.startswith(b"end\t"):
            results.append(b"".join(lines))
            lines = []
    assert not lines
    return results


def exported(folder: Path) -> list[bytes]:
    """The lines of an export by Spark: those of all files whose names begin with neither a dot nor an underscore."""
    files = [path for path in folder.glob("replaudit_export_*/*") if path.name[0] not in "._"]
    return [line for path in files for line in path.read_bytes().splitlines(keepends=False)]


def replaudit(*args, exits=(0, 1)) -> str:
    # Without a locale, Spark prints ASCII only.
    env = {name: os.environ[name] for name in ("PATH", "JAVA_HOME", "SPARK_HOME") if name in os.environ}
    program = [os.environ["REPLAUDIT_BIN"], *map(str, args)]
    run = subprocess.run(program, capture_output=True, text=True, env=env, timeout=300)
    assert run.returncode in exits, run
    return run.stdout if exits != (2,) else run.stderr


def by_duckdb(sql: str, path: Path) -> None:
    result = duckdb.connect().execute(sql)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column[0] for column in result.description])
        writer.writerows(result.fetchall())
