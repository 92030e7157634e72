"""Writes the rows of a CSV report as other reports. benches/peers runs it where pyarrow is installed.

    convert.py CSV_FOLDER KIND=FOLDER...        a kind of KINDS or SORTED; `parquet-spark` needs Java and pyspark too
"""

import hashlib
import shutil
import sys
from functools import partial
from pathlib import Path
from urllib.parse import unquote_plus

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.orc
import pyarrow.parquet

from reports import read_manifest, write_manifest

REQUIRED = ("bucket", "key")
FEW_VALUES = ["bucket", "storage_class", "replication_status", "encryption_status"]
DATE = "last_modified_date"
# Pieces of a file where small files are compared with large ones.
SLICES = 100
TYPES = {
    "bucket": pa.string(), "key": pa.string(), "version_id": pa.string(), "is_latest": pa.bool_(),
    "is_delete_marker": pa.bool_(), "size": pa.int64(), DATE: pa.timestamp("ms", "UTC"),
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
    table = replace(table, "key", keys)
    return table.cast(pa.schema([pa.field(name, kind, name not in REQUIRED) for name, kind in TYPES.items()]))


def replace(table, name, column):
    at = table.schema.get_field_index(name)
    return table.set_column(at, pa.field(name, column.type, table.schema.field(name).nullable), column)


def rounded(table):
    """So few sizes and dates that their dictionaries stay below 1 MiB."""
    sizes = pc.multiply(pc.divide(table["size"], 1 << 16), 1 << 16)
    return replace(replace(table, "size", sizes), DATE, pc.floor_temporal(table[DATE], unit="hour"))


def write_parquet(table, path, **options):
    # No Arrow schema in the footer: a reader has to get by on Parquet's own types, as with S3's files.
    options = {"compression": "snappy", "data_page_version": "1.0", "store_schema": False} | options
    pyarrow.parquet.write_table(table, path, **options)


def write_orc(table, path):
    # With a zone pyarrow would write `timestamp with local time zone`; without one it is `timestamp`.
    table = replace(table, DATE, table[DATE].cast(pa.timestamp("ms")))
    # The defaults of ORC's Java writer; pyarrow writes no dictionaries by default.
    pyarrow.orc.write_table(
        table, path, compression="zlib", dictionary_key_size_threshold=0.8, compression_block_size=256 * 1024
    )


# The settings of parquet-mr, which S3 uses: dictionaries for every column until they reach 1 MiB, then plain pages.
parquet_mr = partial(write_parquet, use_dictionary=True, dictionary_pagesize_limit=1 << 20, data_page_size=1 << 20,
                     max_rows_per_page=20_000)

# What writes one file; how often a file is divided.
KINDS = {
    "orc": (write_orc, 1),
    # Plain sizes and dates, long pages.
    "parquet": (partial(write_parquet, use_dictionary=FEW_VALUES), 1),
    "parquet-mr": (parquet_mr, 1),
    "parquet-dictionaries": (lambda table, path: parquet_mr(rounded(table), path), 1),
    "parquet-short-pages": (partial(parquet_mr, max_rows_per_page=2_000), 1),
    "parquet-zstd": (partial(parquet_mr, compression="zstd"), 1),
    "parquet-gzip": (partial(parquet_mr, compression="gzip"), 1),
    "parquet-no-dictionary": (partial(parquet_mr, use_dictionary=False), 1),
    "parquet-small": (parquet_mr, SLICES),
}

# Rows in the order of their keys, as S3 delivers them as far as is known: each file has a range of keys. With an index of pages,
# as parquet-mr writes it.
SORTED = {"parquet-sorted": (partial(parquet_mr, write_page_index=True), "parquet"), "orc-sorted": (write_orc, "orc")}


def write_sorted(source, outputs):
    """All files of the Parquet report `source` in the order of the keys, as many files again."""
    paths = sorted(source.glob("*.parquet"))
    table = pa.concat_tables([pyarrow.parquet.read_table(path) for path in paths]).combine_chunks()
    order, rows = pc.sort_indices(table["key"]), -(-table.num_rows // len(paths))
    for at, path in enumerate(paths):
        part = table.take(order.slice(at * rows, rows)).cast(table.schema)
        for kind, folder in outputs.items():
            write, ending = SORTED[kind]
            made = folder / f"{path.stem}.{ending}"
            write(part, made)
            yield kind, made


def write_with_spark(source, folder):
    """The files that parquet-mr itself writes: Spark 3.3 brings version 1.12.2, which S3's own sample names."""
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import coalesce, col, lit

    spark = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", False)
        .config("spark.driver.memory", "4g")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS")
        # One file for each file.
        .config("spark.sql.files.openCostInBytes", 1 << 30).config("spark.sql.files.maxPartitionBytes", 1 << 30)
        .getOrCreate()
    )
    rows = spark.read.parquet(str(source / "*.parquet"))
    # Spark reads every column as optional, and a coalesced one is not.
    columns = [coalesce(col(name), lit("")).alias(name) if name in REQUIRED else col(name) for name in rows.columns]
    written = folder / "written"
    rows.select(columns).write.mode("overwrite").option("compression", "snappy").parquet(str(written))
    spark.stop()
    paths = [folder / f"part-{at:04}.parquet" for at, _ in enumerate(written.glob("part-*.parquet"))]
    for path, made in zip(paths, sorted(written.glob("part-*.parquet"))):
        made.rename(path)
    shutil.rmtree(written)
    return paths


def parquet_schema():
    fields = []
    for name, kind in TYPES.items():
        physical, logical = IN_PARQUET[kind]
        fields.append(f"  {'required' if name in REQUIRED else 'optional'} {physical} {name}{logical};")
    return "message s3.inventory {" + "".join(fields) + "}"


def orc_schema():
    return "struct<" + ",".join(f"{name}:{IN_ORC[kind]}" for name, kind in TYPES.items()) + ">"


def entry(path, key_folder):
    with path.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    return {"key": f"{key_folder}/{path.name}", "size": path.stat().st_size, "MD5checksum": md5}


def write_pieces(table, folder, name, kind):
    write, pieces = KINDS[kind]
    rows, ending = -(-table.num_rows // pieces), kind.partition("-")[0]
    for at in range(pieces):
        path = folder / f"{name}{f'-{at:02}' if pieces > 1 else ''}.{ending}"
        write(table.slice(at * rows, rows), path)
        yield path


def main():
    source, wanted = Path(sys.argv[1]), [each.split("=", 1) for each in sys.argv[2:]]
    outputs = {kind: Path(folder) for kind, folder in wanted}
    paths = {kind: [] for kind in outputs}
    manifest = read_manifest(source)
    key_folder = manifest["files"][0]["key"].rpartition("/")[0]
    for folder in outputs.values():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.checksum").unlink(missing_ok=True)
    for file in manifest["files"] if outputs.keys() & KINDS.keys() else []:
        name = file["key"].rpartition("/")[2]
        table = read(source / name)
        for kind in outputs.keys() & KINDS.keys():
            paths[kind] += write_pieces(table, outputs[kind], name.removesuffix(".csv.gz"), kind)
    plain = outputs.get("parquet", source.parent / "parquet")
    wanted = {kind: folder for kind, folder in outputs.items() if kind in SORTED}
    for kind, path in write_sorted(plain, wanted) if wanted else []:
        paths[kind].append(path)
    if "parquet-spark" in outputs:
        paths["parquet-spark"] = write_with_spark(plain, outputs["parquet-spark"])
    for kind, folder in outputs.items():
        form, schema = ("ORC", orc_schema()) if kind.startswith("orc") else ("Parquet", parquet_schema())
        files = [entry(path, key_folder) for path in paths[kind]]
        write_manifest(folder, manifest | {"fileFormat": form, "fileSchema": schema, "files": files})


if __name__ == "__main__":
    main()
