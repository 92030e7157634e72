"""A synthetic inventory report as AWS lays it out: all values quoted, keys form-encoded, gzip without a header row."""

import gzip
import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import quote_plus

SCHEMA = [
    "Bucket",
    "Key",
    "VersionId",
    "IsLatest",
    "IsDeleteMarker",
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "ReplicationStatus",
]
ETAG = "9a0364b9e99bb480dd25e1f0284c8555"
SOURCE = "the-source"


@dataclass
class Row:
    key: str
    status: str
    size: int = 10
    version: str = "v1"
    age: timedelta = timedelta(hours=30)
    marker: bool = False


# Two data files. The last pending row is too young to be overdue, counted from the scan.
FILES = [
    [
        Row("a/b c+d=ü.txt", "COMPLETED", 5, version=""),
        Row("a/1", "COMPLETED", 7),
        Row('quote"comma,', "PENDING", 11),
        Row("b//young", "PENDING", 13, age=timedelta(hours=3)),
    ],
    [
        Row("a/failed", "FAILED", 17),
        Row("copy", "REPLICA", 19),
        Row("b/none", "", 23, version=""),
        Row("gone", "", marker=True),
    ],
]
SUMS = {"COMPLETED": (2, 12), "FAILED": (1, 17), "NONE": (1, 23), "PENDING": (2, 24), "REPLICA": (1, 19)}


@dataclass
class Report:
    """Keys and bodies of everything that is delivered."""

    objects: dict[str, bytes]
    manifest: str
    data: list[str]

    @property
    def checksum(self) -> str:
        return self.manifest.replace("manifest.json", "manifest.checksum")

    def upload(self, client, bucket: str) -> str:
        for key, body in self.objects.items():
            client.put_object(Bucket=bucket, Key=key, Body=body)
        return f"s3://{bucket}/{self.manifest}"

    def save(self, folder) -> str:
        for key, body in self.objects.items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        return str(folder / self.manifest)


def line(row: Row, scan: datetime) -> str:
    written = (scan - row.age).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    about = ["true", "", written, "", "", ""] if row.marker else ["false", str(row.size), written, ETAG, "STANDARD", row.status]
    values = [SOURCE, quote_plus(row.key, safe="/"), row.version, "true", *about]
    return ",".join(f'"{value}"' for value in values) + "\n"


def make(destination: str, *, age: timedelta = timedelta(hours=20), files: list[list[Row]] = FILES) -> Report:
    scan = (datetime.now(timezone.utc) - age).replace(second=0, microsecond=0)
    top = f"reports/{SOURCE}/daily"
    data = {
        f"{top}/data/{uuid.uuid4()}.csv.gz": gzip.compress("".join(line(row, scan) for row in rows).encode())
        for rows in files
    }
    listed = [
        {"key": key, "size": len(body), "MD5checksum": hashlib.md5(body).hexdigest()} for key, body in data.items()
    ]
    manifest = {
        "sourceBucket": SOURCE,
        "destinationBucket": f"arn:aws:s3:::{destination}",
        "version": "2016-11-30",
        "creationTimestamp": str(int(scan.timestamp()) * 1000),
        "fileFormat": "CSV",
        "fileSchema": ", ".join(SCHEMA),
        "files": listed,
    }
    body = json.dumps(manifest, indent=2, separators=(",", " : ")).encode()
    dated = f"{top}/{scan:%Y-%m-%dT%H-%MZ}"
    objects = data | {
        f"{top}/hive/dt={scan:%Y-%m-%d-%H-%M}/symlink.txt": "\n".join(f"s3://{destination}/{key}" for key in data).encode(),
        f"{dated}/manifest.json": body,
        f"{dated}/manifest.checksum": hashlib.md5(body).hexdigest().encode() + b"\n",
    }
    return Report(objects, f"{dated}/manifest.json", list(data))
