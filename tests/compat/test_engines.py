"""The figures of DuckDB and Spark are those of replaudit itself, to the last row, for the same rows in three formats.

Needs no server. Spark starts seldom, because that takes half a minute: by `--engine spark` for a report that is
whole, for two that are not, and for exports, and once for all formats.
"""

import gzip
import json
import random
from datetime import timedelta
from pathlib import Path

import pytest
from engine_reports import FORMATS, ODD, SCAN, SPARK_COMMAND, SPARK_SQL, by_duckdb, exported, replaudit, report, rewrite, run_spark

QUESTIONS = [
    [],
    ["--by", "prefix:2", "--by", "storage-class", "--by", "age", "--top", "100000"],
    ["--current", "--by", "prefix", "--overdue", "1h", "--top", "100"],
    ["--prefix", "'); DROP TABLE x; --/", "--by", "prefix"],
]


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


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return {form: report(folder / form, form, rows(3000)) for form in FORMATS}


def inventory(report: Path, *args) -> dict:
    found = json.loads(replaudit("inventory", report, "--max-age", "none", "-o", "json", *args))
    for name in ("verified", "figures", "age_seconds"):
        found["report"].pop(name, None)
    return found


def statements(report: Path, dialect: str, question: list[str], *args) -> str:
    # --top chooses what is shown.
    asked = question[: question.index("--top")] if "--top" in question else question
    return replaudit("sql", report, "--max-age", "none", "--dialect", dialect, *asked, *args)


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("form", ["CSV", "Parquet"])
def test_duckdb_adds_up_the_same(reports, tmp_path, form, question):
    by_duckdb(statements(reports[form], "duckdb", question), tmp_path / "figures.csv")
    figures = inventory(reports[form], *question, "--figures", tmp_path / "figures.csv")
    assert figures == inventory(reports[form], *question)


def test_a_row_that_is_refused_is_found_by_duckdb(tmp_path):
    folder = report(tmp_path / "report", "CSV", rows(3000))
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
    folder = report(tmp_path / "report", "CSV", rows(3000))
    path = next(folder.glob("*1{x}*"))
    if damage == "cut off":
        body = path.read_bytes()[: path.stat().st_size // 2]
    else:
        # The last cell of the last row, in a file that also has columns that the query does not need.
        text = gzip.decompress(path.read_bytes()).decode().rstrip("\n")
        body = gzip.compress((text[: text.rindex(",")] + "\n").encode())
    rewrite(folder, 1, body)
    replaudit("inventory", folder, "--max-age", "none", exits=(2,))
    tolerant = f"{SPARK_SQL} --conf spark.sql.files.ignoreCorruptFiles=true"
    args = ["--max-age", "none", "--engine", "spark", "--engine-command", tolerant]
    assert "spark-sql" in replaudit("inventory", folder, *args, exits=(2,))


def test_spark_adds_up_the_same(reports, tmp_path):
    asked = [(form, question) for form in FORMATS for question in QUESTIONS[1:3]]
    results = run_spark("".join(statements(reports[form], "spark", question) for form, question in asked), tmp_path)
    assert len(results) == len(asked)
    for (form, question), result in zip(asked, results):
        (tmp_path / "figures.tsv").write_bytes(result)
        figures = inventory(reports[form], *question, "--figures", tmp_path / "figures.tsv")
        assert figures == inventory(reports[form], *question), (form, question)


def test_replaudit_runs_spark(reports, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    question = QUESTIONS[2]
    assert inventory(reports["ORC"], *question, "--engine", "spark") == inventory(reports["ORC"], *question)
    # Else Spark makes folders where it starts.
    assert not list(tmp_path.iterdir())


CLASSES = "failed,overdue,not-replicated,unknown-status,replica"
SPARK = ["--engine", "spark", "--engine-command", " ".join(SPARK_COMMAND)]


@pytest.mark.parametrize("form, question", [("Parquet", []), ("CSV", ["--current", "--overdue", "1h"])], ids=str)
def test_spark_exports_what_replaudit_exports(reports, tmp_path, form, question):
    args = ["--max-age", "none", "-o", "json", "--export-class", CLASSES, *question]
    local = json.loads(replaudit("inventory", reports[form], *args, "--export", tmp_path / "local.csv"))
    # A name that a shell, SQL and Hadoop would read otherwise.
    named = f"{tmp_path}/it's;*{{a}}/"
    found = json.loads(replaudit("inventory", reports[form], *args, *SPARK, "--export", named))
    assert found["statuses"] == local["statuses"] and found["verdict"] == local["verdict"]
    lines = exported(Path(named))
    assert len(lines) > 300 and sorted(lines) == sorted((tmp_path / "local.csv").read_bytes().splitlines())
