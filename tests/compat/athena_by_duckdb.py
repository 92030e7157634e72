"""A server that speaks the part of Athena's protocol that replaudit uses, and has DuckDB answer, with Trino's functions as macros.

UNLOAD keeps its lines in memory, and the table over its folder has those lines.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trino


class AthenaByDuckDB:
    """`files`: the data files for each folder of symlink.txt."""

    def __init__(self, files: dict[str, list[Path]]):
        self.files = files
        self.connection = trino.connect()
        self.tables: dict[str, str] = {}
        self.unloaded: dict[str, list[str]] = {}
        self.done: list[tuple[str, str, list]] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(handler):  # noqa: N802, N805
                asked = json.loads(handler.rfile.read(int(handler.headers["content-length"])))
                with lock:
                    answer = self.answer(handler.headers["x-amz-target"].split(".")[1], asked)
                body = json.dumps(answer).encode()
                handler.send_response(200)
                handler.send_header("content-type", "application/x-amz-json-1.1")
                handler.send_header("content-length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            def log_message(handler, *_):  # noqa: N805
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, operation: str, asked: dict) -> dict:
        if operation == "StartQueryExecution":
            text = asked["QueryString"]
            try:
                rows, reason = self.carry_out(text), ""
            except Exception as error:  # noqa: BLE001: what DuckDB says is Athena's reason
                rows, reason = [], str(error)
            self.done.append((text, reason, rows))
            return {"QueryExecutionId": str(len(self.done) - 1)}
        text, reason, rows = self.done[int(asked["QueryExecutionId"])]
        if operation == "GetQueryExecution":
            state = {"State": "FAILED" if reason else "SUCCEEDED", "StateChangeReason": reason}
            return {"QueryExecution": {"QueryExecutionId": asked["QueryExecutionId"], "Query": text, "Status": state}}
        cell = lambda value: {} if value is None else {"VarCharValue": str(value)}  # noqa: E731
        first = int(asked.get("NextToken", 0))
        page = [{"Data": [cell(value) for value in row]} for row in rows[first : first + asked["MaxResults"]]]
        more = first + len(page) < len(rows)
        return {"ResultSet": {"Rows": page}} | ({"NextToken": str(first + len(page))} if more else {})

    def carry_out(self, text: str) -> list:
        """The rows of a statement, with a header."""
        match text.split(" ", 1)[0]:
            case "CREATE":
                location = re.search(r"^LOCATION '(.*)'$", text, re.M).group(1)
                if location in self.files:
                    name = trino.create_table(self.connection, text, self.files[location])
                else:
                    name = re.match(r"CREATE EXTERNAL TABLE (\w+) \(\n  `line` string\n\)\n", text).group(1)
                self.tables[name] = location
            case "DROP":
                name = text.removeprefix("DROP TABLE IF EXISTS ")
                if self.tables.pop(name) in self.files:
                    self.connection.execute(f"DROP VIEW {name}")
            case "UNLOAD":
                query, location = re.fullmatch(r"UNLOAD \((.*)\)\nTO '(.*)'\nWITH \(format = 'TEXTFILE'\)", text, re.S).groups()
                assert location not in self.unloaded, "Athena refuses a folder that is not empty"
                self.unloaded[location] = [line for (line,) in trino.ask(self.connection, query).fetchall()]
            case "SELECT":
                head, name = re.fullmatch(r"SELECT (.*) FROM (\w+)", text).groups()
                lines = self.unloaded.get(self.tables[name], [])
                return [*self.result(f"SELECT {head} FROM range({len(lines)})")]
            case _:
                return self.result(text)
        return []

    def result(self, query: str) -> list:
        found = trino.ask(self.connection, query)
        return [tuple(column[0] for column in found.description), *found.fetchall()]
