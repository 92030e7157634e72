"""What the peers run: one short program for each library, and the same question in each one's words."""

import shlex
from pathlib import Path

from reports import data_files

NAMES = ["bucket", "key", "version_id", "is_latest", "is_delete_marker", "size", "last_modified_date", "e_tag",
         "storage_class", "is_multipart_uploaded", "replication_status", "encryption_status"]
READ_BY_US = [NAMES[at] for at in (0, 3, 4, 5, 6, 10)]
LIBRARIES = ("duckdb", "polars", "pyarrow", "chdb", "datafusion", "rapidgzip")
# What Spark 3.3 brings of parquet-mr is the version that S3's own sample names. pip finds no Java.
SPARK = "pyspark==3.3.4"

# Its progress bar would be drawn between the results.
DUCKDB = """import duckdb, json, sys
duckdb.sql("set enable_progress_bar = false")
print(json.dumps(duckdb.sql(sys.argv[1]).fetchall(), default=str))"""
CHDB = "import chdb, sys\nprint(chdb.query(sys.argv[1]))"
DATAFUSION = """import datafusion, sys
context = datafusion.SessionContext()
if sys.argv[2:]:
    context.register_parquet("report", sys.argv[2])
print(context.sql(sys.argv[1]).to_pylist())"""
ORC = f"""import sys
from pyarrow import orc
for name in sys.argv[1:]:
    orc.ORCFile(name).read(columns={READ_BY_US})"""
CHECK_ORC = """import json, sys
import pyarrow as pa
from pyarrow import orc
keys = ["replication_status", "is_delete_marker"]
table = pa.concat_tables(orc.ORCFile(name).read(columns=[*keys, "size"]) for name in sys.argv[1:])
sums = table.group_by(keys).aggregate([([], "count_all"), ("size", "sum")]).select([*keys, "count_all", "size_sum"])
print(json.dumps([list(row.values()) for row in sums.to_pylist()]))"""
MAWK = '{ n[$11]++; s[$11] += $6 } END { for (k in n) printf "%s %d %.0f\\n", k, n[k], s[k] }'

# DuckDB reads gzip much faster if all options are given and nothing is detected.
TOLD = ", auto_detect=false, delim=',', quote='\"', escape='\"', columns=" + repr(
    {f"column{at:02}": "VARCHAR" for at in range(len(NAMES))})
# The streaming engine is the quicker one here, in CPU, wall time and memory.
COLLECT = 'collect(engine="streaming")'


class Programs:
    """The commands of the peers that are installed beside this Python."""

    def __init__(self, python):
        self.python = python

    def startups(self):
        """What a library takes without any data."""
        return {
            "DuckDB": [self.python, "-c", DUCKDB, "select 1"],
            "polars": [self.python, "-c", f"import polars as pl\nprint(pl.LazyFrame({{'a': [1]}}).{COLLECT})"],
            "chdb": [self.python, "-c", CHDB, "select 1"],
            "datafusion": [self.python, "-c", DATAFUSION, "select 1"],
            "pyarrow": [self.python, "-c", "from pyarrow import orc"],
        }

    def duckdb(self, sql):
        return [self.python, "-c", DUCKDB, sql]

    def polars(self, expression):
        return [self.python, "-c", f"from datetime import UTC, datetime\nimport polars as pl\nprint({expression})"]

    def chdb(self, report, form, figures):
        return [self.python, "-c", CHDB, sql(figures, f"file('{report}/*.{form.lower()}', {form})")]

    def datafusion(self, report, figures):
        return [self.python, "-c", DATAFUSION, sql(figures, "report"), report]

    def pyarrow_orc(self, report):
        return [self.python, "-c", ORC, *data_files(report)]

    def sums_of_orc(self, report):
        return [self.python, "-c", CHECK_ORC, *data_files(report)]

    def rapidgzip(self, report, cores):
        return self.each_file(report, f"{shlex.quote(str(Path(self.python).parent / 'rapidgzip'))} -d -c -f -P {cores}")

    @staticmethod
    def each_file(report, command):
        """For tools that take one file."""
        return ["sh", "-c", f'for file; do {command} "$file" || exit; done', "sh", *data_files(report)]


def duckdb_csv(report, group="{status}", more=""):
    names = {"status": "column10", "marker": "column04"}
    source = f"read_csv({data_files(report)!r}, all_varchar=true, header=false{more})"
    return f"select {group.format(**names)}, count(*), sum(try_cast(column05 as bigint)) from {source} group by all"


# What `replaudit inventory` reports, and the part of it that needs two columns only.
SAME, SHORT = "the same figures", "objects and bytes only"
IS_OVERDUE = "replication_status = 'PENDING' and last_modified_date < {before}"
FIGURES = {
    SAME: ("replication_status, is_delete_marker",
           "count(*), sum(size), min(last_modified_date), max(last_modified_date), "
           f"sum(case when {IS_OVERDUE} then 1 end), sum(case when {IS_OVERDUE} then size end)"),
    SHORT: ("replication_status", "count(*), sum(size)"),
}
# A quarter of an hour before the scan.
OVERDUE_BEFORE = "timestamp '2026-11-01 00:45:00'"


# The keys of the synthetic report have more than two slashes.
PREFIX = "split_part(key, '/', 1) || '/' || split_part(key, '/', 2), "


def sql(figures, rows, by=""):
    group, sums = FIGURES[figures]
    return f"select {by}{group}, {sums.format(before=OVERDUE_BEFORE)} from {rows} group by {by}{group}"


def duckdb_rows(report):
    return f"read_parquet({data_files(report)!r})"


def duckdb_two(report, before, figures):
    """Both reports, as `--since` reads them."""
    return " union all ".join(f"({sql(figures, duckdb_rows(each))})" for each in (report, before))


def polars_csv(report):
    rows = f"pl.scan_csv({data_files(report)!r}, has_header=False, schema=dict.fromkeys({NAMES}, pl.String))"
    size = 'pl.col("size").cast(pl.Int64, strict=False).sum()'
    return f'{rows}.group_by("replication_status").agg(pl.len(), {size}).{COLLECT}.rows()'


def polars_rows(report):
    return f"pl.scan_parquet({data_files(report)!r})"


DATE = 'pl.col("last_modified_date")'
LATE = f'(pl.col("replication_status") == "PENDING") & ({DATE} < datetime(2026, 11, 1, 0, 45, tzinfo=UTC))'
POLARS = {
    SAME: '.group_by("replication_status", "is_delete_marker").agg(pl.len(), pl.col("size").sum(), '
          f'{DATE}.min().alias("oldest"), {DATE}.max().alias("newest"), ({LATE}).sum().alias("overdue"), '
          f'pl.col("size").filter({LATE}).sum().alias("overdue_bytes"))',
    SHORT: '.group_by("replication_status").agg(pl.len(), pl.col("size").sum())',
}


def polars_parquet(report, figures):
    return f"{polars_rows(report)}{POLARS[figures]}.{COLLECT}.rows()"


def polars_export(report, status, path):
    """The rows of one status, with every column (.ndjson) or as a manifest for Batch Operations (.csv)."""
    rows = f'{polars_rows(report)}.filter(pl.col("replication_status") == "{status}")'
    if path.suffix == ".ndjson":
        return f'{rows}.sink_ndjson("{path}")'
    # The characters that keys of the synthetic report have, and a manifest must not.
    key = 'pl.col("key").str.replace_all("=", "%3D", literal=True).str.replace_all(" ", "%20", literal=True)'
    return f'{rows}.select("bucket", {key}, "version_id").sink_csv("{path}", include_header=False)'
