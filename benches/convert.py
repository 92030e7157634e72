#!/usr/bin/env python3
"""Turns a CSV report into two Parquet reports and an ORC report of the same rows.

    convert.py CSV_FOLDER PARQUET_FOLDER ORC_FOLDER PARQUET_MR_FOLDER        (needs pyarrow; benches/peers installs it)

The second Parquet report has the settings of parquet-mr, which S3 uses: dictionaries for every column, up to 1 MiB, and pages of at
most 20,000 rows. The first has plain sizes and dates.
"""

import hashlib
import json
import sys
from pathlib import Path
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.csv
import pyarrow.orc
import pyarrow.parquet

REQUIRED = ("bucket", "key")
FEW_VALUES = ["bucket", "storage_class", "replication_status", "encryption_status"]
TYPES = {
    "bucket": pa.string(), "key": pa.string(), "version_id": pa.string(), "is_latest": pa.bool_(),
    "is_delete_marker": pa.bool_(), "size": pa.int64(), "last_modified_date": pa.timestamp("ms", "UTC"),
    "e_tag": pa.string(), "storage_class": pa.string(), "is_multipart_uploaded": pa.bool_(),
    "replication_status": pa.string(), "encryption_status": pa.string(),
}
IN_PARQUET = {
    pa.string(): ("binary", " (STRING)"), pa.bool_(): ("boolean", ""), pa.int64(): ("int64", ""),
    pa.timestamp("ms", "UTC"): ("int64", " (TIMESTAMP(MILLIS,true))"),
}
IN_ORC = {pa.string(): "string", pa.bool_(): "boolean", pa.int64(): "bigint", pa.timestamp("ms", "UTC"): "timestamp"}


def read(path):
    """One CSV file: empty cells become NULL, keys lose their form encoding."""
    table = pyarrow.csv.read_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(column_names=list(TYPES)),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=TYPES, null_values=[""], strings_can_be_null=True,
            true_values=["true"], false_values=["false"],
        ),
    )
    keys = pa.array([unquote_plus(key) for key in table["key"].to_pylist()])
    table = table.set_column(table.schema.get_field_index("key"), "key", keys)
    return table.cast(pa.schema([pa.field(name, kind, name not in REQUIRED) for name, kind in TYPES.items()]))


def write_parquet(table, path):
    # No Arrow schema in the footer: a reader has to get by on Parquet's own types, as with S3's files.
    pyarrow.parquet.write_table(
        table, path, compression="snappy", use_dictionary=FEW_VALUES, data_page_version="1.0", store_schema=False
    )


def write_parquet_mr(table, path):
    pyarrow.parquet.write_table(
        table, path, compression="snappy", use_dictionary=True, dictionary_pagesize_limit=1 << 20, data_page_size=1 << 20,
        max_rows_per_page=20_000, data_page_version="1.0", store_schema=False
    )


def write_orc(table, path):
    # With a zone pyarrow would write `timestamp with local time zone`; without one it is `timestamp`.
    at = table.schema.get_field_index("last_modified_date")
    table = table.set_column(at, "last_modified_date", table["last_modified_date"].cast(pa.timestamp("ms")))
    # The defaults of ORC's Java writer; pyarrow writes no dictionaries by default.
    pyarrow.orc.write_table(
        table, path, compression="zlib", dictionary_key_size_threshold=0.8, compression_block_size=256 * 1024
    )


def parquet_schema():
    fields = []
    for name, kind in TYPES.items():
        physical, logical = IN_PARQUET[kind]
        fields.append(f"  {'required' if name in REQUIRED else 'optional'} {physical} {name}{logical};")
    return "message s3.inventory {" + "".join(fields) + "}"


def orc_schema():
    return "struct<" + ",".join(f"{name}:{IN_ORC[kind]}" for name, kind in TYPES.items()) + ">"


def entry(path, csv_key):
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    return {"key": f"{csv_key.rpartition('/')[0]}/{path.name}", "size": path.stat().st_size, "MD5checksum": md5}


def write_manifest(folder, manifest):
    text = json.dumps(manifest, indent=2).encode()
    (folder / "manifest.json").write_bytes(text)
    # Last, as S3 does: it marks the report as complete.
    (folder / "manifest.checksum").write_text(hashlib.md5(text).hexdigest() + "\n")


def main():
    source, *folders = map(Path, sys.argv[1:])
    manifest = json.loads((source / "manifest.json").read_text())
    kinds = [("Parquet", parquet_schema(), write_parquet), ("ORC", orc_schema(), write_orc),
             ("Parquet", parquet_schema(), write_parquet_mr)]
    outputs = [(folder, *kind, []) for folder, kind in zip(folders, kinds, strict=True)]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.checksum").unlink(missing_ok=True)
    for file in manifest["files"]:
        name = file["key"].rpartition("/")[2]
        table = read(source / name)
        for folder, form, _, write, files in outputs:
            path = folder / f"{name.removesuffix('.csv.gz')}.{form.lower()}"
            write(table, path)
            files.append(entry(path, file["key"]))
    for folder, form, schema, _, files in outputs:
        write_manifest(folder, manifest | {"fileFormat": form, "fileSchema": schema, "files": files})


if __name__ == "__main__":
    main()
