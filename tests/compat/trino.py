"""Runs the statements for Athena in DuckDB, with those functions of Trino that DuckDB does not have as macros.

It shows that the query says what it should, as far as the macros mean what Trino's functions mean: not that Trino accepts it.
"""

import csv
import re
from pathlib import Path

import duckdb

# Trino's functions by name: "Functions and operators" of its documentation.
MACROS = {
    "from_utf8(bytes)": "decode(bytes)",
    "regexp_like(given, pattern)": "regexp_matches(given, pattern)",
    # '+' is a space: Java's URLDecoder.
    "url_decode(given)": "url_decode(replace(given, '+', '%20'))",
    "from_iso8601_timestamp(given)": "CAST(given AS TIMESTAMPTZ)",
    "with_timezone(given, zone)": "given AT TIME ZONE zone",
    "to_unixtime(given)": "epoch(given)",
    "from_unixtime(given, zone)": "to_timestamp(given)",
    # Guava's escaper of form parameters.
    "url_encode(given)": "replace(replace(replace(url_encode(given), '%20', '+'), '%2A', '*'), '~', '%7E')",
    "to_iso8601(given)": "strftime(given AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ')",
}


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for head, body in MACROS.items():
        connection.execute(f"CREATE MACRO trino_{head} AS {body}")
    return connection


def ask(connection, query: str):
    for head in MACROS:
        query = re.sub(rf"\b{head.split('(')[0]}\(", f"trino_{head.split('(')[0]}(", query)
    return connection.execute(query)


def create_table(connection, create: str, files: list[Path]) -> str:
    """Makes the table readable from these files, instead of those of its symlink.txt; returns its name."""
    name = re.match(r"CREATE EXTERNAL TABLE (\w+) \(\n", create).group(1)
    columns = re.findall(r"^  `(\w+)` \w+,?$", create, re.M)
    listed = "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in files) + "]"
    if "OpenCSVSerde" in create:
        kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in columns if column != "replaudit_rest")
        source = f"read_csv({listed}, auto_detect = false, header = false, quote = '\"', escape = '\"', allow_quoted_nulls = false, columns = {{{kinds}}}, filename = true)"
        rest = ", CAST(NULL AS VARCHAR) AS replaudit_rest"
    else:
        source, rest = f"read_parquet({listed}, filename = true)", ""
    connection.execute(f'CREATE VIEW {name} AS SELECT *, filename AS "$path"{rest} FROM {source}')
    return name


def figures(script: str, files: list[list[Path]], result: Path) -> None:
    """Writes the result of the query of `script` as CSV, for these files of each table."""
    statements = [statement for statement in script.split(";\n") if statement.strip()]
    creates, (query,), drops = statements[: len(files)], statements[len(files) : -len(files)], statements[-len(files) :]
    connection = connect()
    for create, drop, paths in zip(creates, drops, files, strict=True):
        assert drop == f"DROP TABLE IF EXISTS {create_table(connection, create, paths)}"
    found = ask(connection, query)
    with result.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column[0] for column in found.description])
        writer.writerows(found.fetchall())
