"""DuckDB and Spark compare two reports as replaudit itself does, to the last row, for the same rows in three formats."""

import gzip
import hashlib
import json
import random
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from engine_reports import ODD, SCAN, SPARK_COMMAND, by_duckdb, exported, replaudit, report, rewrite, run_spark
from pyarrow import parquet

EARLIER = SCAN - timedelta(hours=2)
PAIRS = [("CSV", "CSV"), ("Parquet", "Parquet"), ("ORC", "CSV"), ("CSV", "Parquet")]
QUESTIONS = [
    [],
    ["--by", "prefix:2", "--by", "prefix", "--top", "100000", "--grace", "90m"],
    ["--prefix", "'); DROP TABLE x; --/", "--by", "prefix", "--top", "100"],
]
STATUSES = ["COMPLETED"] * 12 + ["COMPLETE", "FAILED", "PENDING", "REPLICA", None, "Odd'word"]


def source_rows(chance: random.Random, versions: bool) -> list[dict]:
    made = []
    for at in range(1500):
        marker = at % 17 == 0
        key = ODD[at % len(ODD)] + str(at // 3) if at % 3 else f"logs/{at % 7}/é {at}"
        version = None if at % 4 == 0 else f"v{at}"
        age = chance.choice([3 * 3600, 3 * 3600 + 1, 3600, 10**6, 10**7])
        row = {
            "bucket": "src",
            # Several versions of one key.
            "key": key if versions and version else f"{key}.{at}",
            "version_id": chance.choice([None, "null"]) if version is None else version,
            "is_latest": at % 5 != 0,
            "is_delete_marker": marker,
            "size": None if marker else chance.choice([0, 5, 2**40, at]),
            "last_modified_date": SCAN - timedelta(seconds=age),
            "e_tag": None if marker else chance.choice([None, f"e{at % 2}", f'"e{at % 2}"']),
            "replication_status": None if marker else chance.choice(STATUSES),
        }
        if not versions:
            del row["version_id"], row["is_latest"], row["is_delete_marker"]
            row["size"] = row["size"] or 0
            row["e_tag"] = row["e_tag"] or "e"
        made.append(row)
    return made


def replicas(chance: random.Random, rows: list[dict], versions: bool) -> list[dict]:
    """Most of them in sync, some of them not, and others."""
    made = []
    for at, row in enumerate(rows):
        there = {**row, "bucket": "dst"}
        marker = there.get("is_delete_marker", False)
        if not marker:
            there["replication_status"] = "REPLICA"
        match chance.randrange(14):
            case 0:
                continue
            case 1 if not marker:
                there["size"] += 1
            case 2 if not marker:
                there["replication_status"] = chance.choice([None, "COMPLETED"])
            case 3 if versions:
                there["is_latest"] = not there["is_latest"]
            case 4 if not marker:
                there["e_tag"] = "other"
            case 5 if versions:
                new = not marker
                there.update(is_delete_marker=new, size=None if new else 3, e_tag=None, replication_status=None)
            case 6 if not marker:
                made.append({**there, "key": f"more/{at}", "replication_status": chance.choice(["REPLICA", None])})
            case _:
                pass
        made.append(there)
    chance.shuffle(made)
    return made


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder, chance = tmp_path_factory.mktemp("pairs"), random.Random(11)
    source = source_rows(chance, versions=True)
    destination = replicas(chance, source, versions=True)
    forms = sorted({form for pair in PAIRS for form in pair})
    sides = {form: report(folder / f"src {form}", form, source) for form in forms}
    others = {form: report(folder / f"dst {form}", form, destination, EARLIER) for form in forms}
    made = {pair: (sides[pair[0]], others[pair[1]]) for pair in PAIRS}
    current = source_rows(chance, versions=False)
    made["current"] = (
        report(folder / "src current", "CSV", current),
        report(folder / "dst current", "Parquet", replicas(chance, current, versions=False), EARLIER),
    )
    return made


def reconcile(pair, *args, exits=(0, 1)):
    said = replaudit("reconcile", *pair, "--max-age", "none", "-o", "json", *args, exits=exits)
    if exits == (2,):
        return said
    found = json.loads(said)
    for side in ("source", "destination"):
        for name in ("verified", "figures", "age_seconds"):
            found[side].pop(name, None)
    return found


def statements(pair, dialect: str, question: list[str], *args) -> str:
    # --top chooses what is shown.
    asked = list(question)
    if "--top" in asked:
        at = asked.index("--top")
        del asked[at : at + 2]
    return replaudit("reconcile", *pair, "--max-age", "none", "--print-sql", "--dialect", dialect, *asked, *args)


def test_the_pairs_have_every_class(pairs):
    for name, pair in pairs.items():
        found = reconcile(pair)
        classes = {word for word, totals in found["classes"].items() if totals["objects"]}
        expected = {"in-sync", "missing", "not-a-replica", "unsure", "too-new", "extra"}
        # Without version IDs, another size may be another object.
        assert classes == (expected if name == "current" else expected | {"size-differs"}), name
        assert found["not_completed"]["FAILED"]["at_destination"], name
        assert found["destination_only"]["not_replicas"]["objects"], name


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("name", [("CSV", "CSV"), ("Parquet", "Parquet"), ("CSV", "Parquet"), "current"], ids=str)
def test_duckdb_compares_the_same(pairs, tmp_path, name, question):
    pair = pairs[name]
    by_duckdb(statements(pair, "duckdb", question), tmp_path / "figures.csv")
    figures = reconcile(pair, *question, "--figures", tmp_path / "figures.csv")
    assert figures == reconcile(pair, *question)


def test_figures_about_another_pair_are_refused(pairs, tmp_path):
    pair = pairs[("CSV", "CSV")]
    by_duckdb(statements(pair, "duckdb", []), tmp_path / "figures.csv")
    for other, args in [(pair, ["--grace", "2h"]), (pair, ["--prefix", "a"]), (pair[::-1], []), (pairs["current"], [])]:
        said = reconcile(other, *args, "--figures", tmp_path / "figures.csv", exits=(2,))
        assert "another question" in said, said


def test_a_version_that_is_listed_twice_is_found(pairs, tmp_path):
    chance = random.Random(3)
    source = source_rows(chance, versions=True)
    destination = replicas(chance, source, versions=True)
    twice = destination + [dict(destination[5], size=7, is_delete_marker=False)]
    pair = (report(tmp_path / "src", "CSV", source), report(tmp_path / "dst", "Parquet", twice))
    by_duckdb(statements(pair, "duckdb", []), tmp_path / "figures.csv")
    said = reconcile(pair, "--figures", tmp_path / "figures.csv", exits=(2,))
    assert "the destination report: one object version is listed twice" in said, said
    assert "twice" in reconcile(pair, exits=(2,))


def small(folder: Path, form: str, bucket: str, **changed) -> Path:
    row = {"bucket": bucket, "key": "k", "version_id": "v", "is_latest": True, "is_delete_marker": False, "size": 1}
    row.update(last_modified_date=SCAN - timedelta(days=2), e_tag="e", replication_status="COMPLETED")
    return report(folder, form, [{**row, "version_id": f"v{at}", **(changed if at == 1 else {})} for at in range(4)])


def test_duckdb_does_not_compare_with_the_collation_of_a_session(tmp_path):
    pair = (small(tmp_path / "src", "CSV", "src"), small(tmp_path / "dst", "Parquet", "dst", replication_status="replica"))
    sql = "SET default_collation = 'NOCASE';\n" + statements(pair, "duckdb", [])
    by_duckdb(sql, tmp_path / "figures.csv")
    assert "settings" in reconcile(pair, "--figures", tmp_path / "figures.csv", exits=(2,))


@pytest.mark.parametrize("unit, time", [("Parquet", 1715040000000000), ("CSV", "2024-05-06T24:00:00.000Z"), ("CSV", "9999-12-31T12:00:00.000Z")])
def test_times_that_nobody_can_have_written_are_refused(tmp_path, unit, time):
    folder = small(tmp_path / "src", unit, "src")
    path = next(folder.glob("*1{x}*"))
    if unit == "Parquet":
        table = parquet.read_table(path)
        at = table.column_names.index("last_modified_date")
        times = pa.array([time] * table.num_rows, pa.timestamp("ms", "UTC"))
        parquet.write_table(table.set_column(at, "last_modified_date", times), tmp_path / "odd", compression="snappy")
        body = (tmp_path / "odd").read_bytes()
    else:
        text = gzip.decompress(path.read_bytes()).decode()
        body = gzip.compress(text.replace(f"{SCAN - timedelta(days=2):%Y-%m-%dT%H:%M:%S}.000Z", time).encode())
    rewrite(folder, 1, body)
    pair = (folder, small(tmp_path / "dst", "CSV", "dst", replication_status="REPLICA"))
    reconcile(pair, exits=(2,))
    by_duckdb(statements(pair, "duckdb", []), tmp_path / "figures.csv")
    assert "last-modified" in reconcile(pair, "--figures", tmp_path / "figures.csv", exits=(2,))


def test_a_text_without_annotation_is_a_text_for_duckdb(tmp_path):
    folder = small(tmp_path / "src", "Parquet", "src", key="é")
    for at in range(2):
        path = next(folder.glob(f"*{at}{{x}}*"))
        table = parquet.read_table(path)
        keys = table.column("key").cast(pa.binary())
        parquet.write_table(table.set_column(table.column_names.index("key"), "key", keys), tmp_path / "odd", compression="snappy")
        rewrite(folder, at, (tmp_path / "odd").read_bytes())
    manifest = (folder / "manifest.json").read_text().replace("binary key (STRING)", "binary key")
    (folder / "manifest.json").write_text(manifest)
    (folder / "manifest.checksum").write_text(hashlib.md5(manifest.encode()).hexdigest() + "\n")
    for key in ["é", "\\xC3\\xA9"]:
        name = f"dst {len(key)}"
        pair = (folder, small(tmp_path / name, "CSV", "dst", key=key))
        by_duckdb(statements(pair, "duckdb", []), tmp_path / "figures.csv")
        figures = reconcile(pair, "--figures", tmp_path / "figures.csv")
        assert figures == reconcile(pair), key


def not_utf_8(folder: Path) -> tuple[Path, Path]:
    """Two reports with keys that are other bytes, which an engine may read as the same text."""
    chance = random.Random(5)
    source = source_rows(chance, versions=True)
    made = (report(folder / "src", "CSV", source), report(folder / "dst", "CSV", replicas(chance, source, versions=True)))
    for side, key in zip(made, ["%FF", "%FE"]):
        path = next(side.glob("*0{x}*"))
        text = gzip.decompress(path.read_bytes()).decode()
        rewrite(side, 0, gzip.compress(text.replace('"logs/', f'"{key}/', 1).encode()))
    return made


def test_spark_compares_the_same(pairs, tmp_path):
    asked = [(name, question) for name in [("CSV", "CSV"), ("ORC", "CSV"), "current"] for question in QUESTIONS[1:]]
    odd = not_utf_8(tmp_path)
    sql = [statements(pairs[name], "spark", question) for name, question in asked] + [statements(odd, "spark", [])]
    *results, last = run_spark("".join(sql), tmp_path)
    assert len(results) == len(asked)
    for (name, question), result in zip(asked, results):
        (tmp_path / "figures.tsv").write_bytes(result)
        figures = reconcile(pairs[name], *question, "--figures", tmp_path / "figures.tsv")
        assert figures == reconcile(pairs[name], *question), (name, question)
    (tmp_path / "figures.tsv").write_bytes(last)
    said = reconcile(odd, "--figures", tmp_path / "figures.tsv", exits=(2,))
    assert '1 row was refused because of "key-not-utf-8"' in said, said


def test_replaudit_has_spark_compare(pairs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pair, question = pairs[("ORC", "CSV")], QUESTIONS[1]
    args = ["--engine", "spark", "--engine-command", " ".join(SPARK_COMMAND)]
    assert reconcile(pair, *question, *args) == reconcile(pair, *question)
    assert not list(tmp_path.iterdir())


def test_spark_exports_the_objects_of_classes(pairs, tmp_path):
    pair, spark = pairs[("CSV", "CSV")], ["--engine", "spark", "--engine-command", " ".join(SPARK_COMMAND)]
    args = ["--export-class", "missing,size-differs,in-sync,unsure"]
    reconcile(pair, *args, "--export", tmp_path / "local.csv")
    local = (tmp_path / "local.csv").read_bytes().splitlines()
    assert any(line.endswith(b",null") for line in local) and any(b"%0A" in line for line in local)
    reconcile(pair, *args, *spark, "--export", f"{tmp_path}/out/")
    assert sorted(exported(tmp_path / "out")) == sorted(local)


def test_an_export_without_some_keys_is_not_complete(tmp_path):
    source = report(tmp_path / "src", "CSV", source_rows(random.Random(5), versions=True))
    path = next(source.glob("*0{x}*"))
    # The first such row is of an object, not of a delete marker.
    text = gzip.decompress(path.read_bytes()).decode()
    rewrite(source, 0, gzip.compress(text.replace('"logs/3/', '"%FF/', 1).encode()))
    spark = ["--engine", "spark", "--engine-command", " ".join(SPARK_COMMAND)]
    args = ["--max-age", "none", *spark, "--export-class", "completed,failed,pending,replica,not-replicated,unknown-status"]
    said = replaudit("inventory", source, *args, "--export", f"{tmp_path}/out/", exits=(2,))
    assert "is not complete, and must not be used" in said and "keys that are not UTF-8" in said, said
