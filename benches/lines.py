"""The comparisons of benches/peers, in groups that can be run alone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import programs
from programs import TOLD, Programs
from reports import data_files, make, multiplied, of_the_day_before

SCALE_LIMIT = 10.5
HTTP_LIMIT = 1.25
OUR_START = "replaudit"
# Removed after the run.
EXPORTS = "exports"
# What peers are asked for, and how the names of these lines end.
FIGURES = {"": programs.SAME, "-short": programs.SHORT}
# Limits against DuckDB and polars.
PARQUET = {
    "parquet-mr": (0.60, 0.55), "parquet-spark": (0.60, 0.55), "parquet-dictionaries": (0.60, 0.60),
    "parquet": (0.60, 0.45), "parquet-short-pages": (0.60, 0.55), "parquet-zstd": (0.75, None),
    "parquet-gzip": (0.70, None), "parquet-no-dictionary": (0.70, None),
}
# Limits of `--by rule` against the run without it. Without an order of keys, every key has to be read.
RULES = {"csv": 1.25, "parquet-sorted": 1.25, "orc-sorted": 1.25, "parquet-mr": None, "orc": None}
RULE = {
    "ID": "one-year", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": "data/year=2020/"},
    "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::destination-bucket"},
}


class Line(NamedTuple):
    """One comparison: ours and what it is held against, with limits for CPU and wall time."""

    name: str
    report: str
    ours: list
    peer: str
    commands: list
    cpu: float | None = None
    wall: float | None = None
    # Whose start-up is taken off the peer, and off ours if the peer is ours too.
    startup: str | None = None
    codes: tuple = (0,)
    env: dict | None = None

    @property
    def is_ours(self):
        return self.startup == OUR_START


@dataclass
class Bench:
    """What the lines are made of."""

    binary: Path
    folder: Path
    peers: Programs
    times: int
    rows: int
    http: dict | None = None

    def startups(self):
        return self.peers.startups() | {OUR_START: [self.binary, "--version"]}

    def ours(self, report, *more):
        return [self.binary, "inventory", report, "--max-age", "none", "-q", *more]

    def report(self, kind):
        return self.folder / kind

    def many(self, kind):
        """A columnar report, multiplied."""
        return multiplied(self.report(kind), self.folder / f"{kind}-{self.times}-times", self.times, self.peers.python)

    def exports(self):
        folder = self.folder / EXPORTS
        folder.mkdir(exist_ok=True)
        return folder

    def with_itself(self, name, report, ours, peer, theirs, **limits):
        return Line(name, report, ours, peer, [theirs], codes=(0, 1), **limits)


def csv(bench):
    report, peers = bench.report("csv"), bench.peers
    ours, files = bench.ours(report), data_files(report)
    unverified, igzip = bench.ours(report, "--no-verify"), [["igzip", "-dc", *files]]
    return [
        Line("csv-duckdb", "csv", ours, "DuckDB `read_csv`", [peers.duckdb(programs.duckdb_csv(report))], 0.45,
             startup="DuckDB"),
        Line("csv-duckdb-told", "csv", ours, "DuckDB `read_csv` with all column types",
             [peers.duckdb(programs.duckdb_csv(report, more=TOLD))], startup="DuckDB"),
        Line("csv-polars", "csv", ours, "polars `scan_csv`, streaming", [peers.polars(programs.polars_csv(report))],
             0.75, startup="polars"),
        Line("csv-igzip", "csv `--no-verify`", unverified, "`igzip -dc` to /dev/null", igzip, 1.08),
        Line("csv-md5-igzip", "csv", ours, "`igzip -dc` to /dev/null", igzip, 1.22),
        Line("csv-rapidgzip", "csv `--no-verify`", unverified, "`rapidgzip -dcP 2` to /dev/null",
             [peers.rapidgzip(report, 2)]),
        Line("csv-mawk", "csv", ours, "`zcat \\| mawk`",
             [["zcat", *files], ["mawk", "-F", '","', programs.MAWK]], 0.30),
        bench.with_itself("csv-cores", "csv", ours, "the same on one core", ["taskset", "-c", 0, *ours], wall=0.53),
    ]


def single(bench):
    report, name = bench.report("csv-one"), "csv, one file"
    ours, unverified = bench.ours(report), bench.ours(report, "--no-verify")
    igzip = [["igzip", "-dc", *data_files(report)]]
    return [
        Line("single", name, ours, "`igzip -dc` to /dev/null", igzip, wall=1.0),
        Line("single-unverified", f"{name} `--no-verify`", unverified, "`igzip -dc` to /dev/null", igzip),
        Line("single-rapidgzip", name, ours, "`rapidgzip -dcP 2`", [bench.peers.rapidgzip(report, 2)]),
    ]


def small(bench):
    def line(small, large):
        many, few = bench.ours(bench.report(small)), bench.ours(bench.report(large))
        return bench.with_itself(small, f"{large}, 1,600 files", many, "the same rows in 16 files", few)

    return [line("csv-small", "csv"), line("parquet-small", "parquet-mr")]


def parquet(bench):
    lines, peers = [], bench.peers
    for kind, (of_duckdb, of_polars) in PARQUET.items():
        report = bench.many(kind)
        ours = bench.ours(report)
        for end, figures in FIGURES.items():
            duckdb = peers.duckdb(programs.sql(figures, programs.duckdb_rows(report)))
            polars = peers.polars(programs.polars_parquet(report, figures))
            lines += [
                Line(f"{kind}-duckdb{end}", kind, ours, f"DuckDB, {figures}", [duckdb], of_duckdb, startup="DuckDB"),
                Line(f"{kind}-polars{end}", kind, ours, f"polars, {figures}", [polars], of_polars, startup="polars"),
            ]
    kind, report = "parquet-mr", bench.many("parquet-mr")
    ours = bench.ours(report)
    for end, figures in FIGURES.items():
        chdb, datafusion = peers.chdb(report, "Parquet", figures), peers.datafusion(report, figures)
        lines += [
            Line(f"{kind}-chdb{end}", kind, ours, f"chdb, {figures}", [chdb], startup="chdb"),
            Line(f"{kind}-datafusion{end}", kind, ours, f"datafusion, {figures}", [datafusion], startup="datafusion"),
        ]
    return lines


def orc(bench):
    report, peers = bench.many("orc"), bench.peers
    ours = bench.ours(report)
    return [
        *(Line(f"orc-chdb{end}", "orc", ours, f"chdb, {figures}", [peers.chdb(report, "ORC", figures)], 0.65,
               startup="chdb") for end, figures in FIGURES.items()),
        Line("orc-pyarrow", "orc", ours, "`pyarrow.orc`, the same columns", [peers.pyarrow_orc(report)], 0.60,
             startup="pyarrow"),
    ]


def more(bench):
    """`--by` and `--since`."""
    report = bench.many("parquet-mr")
    before = of_the_day_before(report, bench.folder / "parquet-mr-day-before")
    by, since = bench.ours(report, "--by", "prefix:2"), bench.ours(report, "--since", before)
    return [
        *(Line(f"by{end}", "parquet-mr `--by prefix:2`", by, f"DuckDB, the same groups, {figures}",
               [bench.peers.duckdb(programs.sql(figures, programs.duckdb_rows(report), programs.PREFIX))], 0.45,
               startup="DuckDB") for end, figures in FIGURES.items()),
        bench.with_itself("by-plain", "parquet-mr `--by prefix:2`", by, "the same without `--by`", bench.ours(report)),
        bench.with_itself("by-csv", "csv `--by prefix:2`", bench.ours(bench.report("csv"), "--by", "prefix:2"),
                          "the same without `--by`", bench.ours(bench.report("csv"))),
        *(Line(f"since{end}", "parquet-mr `--since`", since, f"DuckDB, both reports, {figures}",
               [bench.peers.duckdb(programs.duckdb_two(report, before, figures))], 0.60, startup="DuckDB")
          for end, figures in FIGURES.items()),
    ]


def rules(bench):
    """`--by rule` with a rule for a twelfth of the keys, with keys in the order of S3's files and without."""
    lines, path = [], bench.folder / "rules.json"
    path.write_text(json.dumps({"Role": "arn:aws:iam::1:role/r", "Rules": [RULE]}))
    for kind, limit in RULES.items():
        report = bench.report(kind)
        ours = bench.ours(report, "--by", "rule", "--replication", path)
        lines.append(bench.with_itself(f"rules-{kind}", f"{kind} `--by rule`", ours, "the same without `--by`",
                                       bench.ours(report), cpu=limit))
    return lines


def export(bench):
    report, lines, exports = bench.report("parquet-mr"), [], bench.exports()
    for ending, limit in (("ndjson", 0.70), ("csv", 0.75)):
        ours = bench.ours(report, "--export-class", "completed", "--export", exports / f"ours.{ending}")
        theirs = bench.peers.polars(programs.polars_export(report, "COMPLETED", exports / f"theirs.{ending}"))
        name = f"parquet-mr `--export {ending}`"
        lines.append(Line(f"export-{ending}", name, ours, "polars", [theirs], limit, startup="polars"))
    return lines


def scale(bench):
    kinds = NEEDS["scale"]
    tenth = make(bench.folder / "tenth", kinds, bench.rows // 10, bench.peers.python)
    peer = "a tenth of the rows, both without start-up"
    return [bench.with_itself(f"{kind}-scale", kind, bench.ours(bench.report(kind)), peer, bench.ours(tenth[kind]),
                              cpu=SCALE_LIMIT, startup=OUR_START) for kind in kinds]


def http(bench):
    return [bench.with_itself(f"{kind}-http", f"{kind} over HTTP", bench.ours(f"s3://reports/{kind}/manifest.json"),
                              "the same, local", bench.ours(bench.report(kind)), cpu=HTTP_LIMIT, env=bench.http)
            for kind in NEEDS["http"]]


GROUPS = {
    "csv": csv, "single": single, "small": small, "parquet": parquet, "orc": orc, "more": more, "rules": rules,
    "export": export, "scale": scale, "http": http,
}
# The reports that each group reads.
NEEDS = {
    "csv": ["csv"], "single": ["csv-one"], "small": ["csv-small", "csv", "parquet-small", "parquet-mr"],
    "parquet": [*PARQUET], "orc": ["orc"], "more": ["parquet-mr", "csv"], "rules": ["parquet", *RULES],
    "export": ["parquet-mr"], "scale": ["csv", "parquet-mr", "orc"],
    # One Parquet report: the data files of two would have the same keys.
    "http": ["csv", "parquet-mr", "orc"],
}
