"""Multiplies a Parquet or ORC report: every file several times, under names of their own. Needs pyarrow.

    multiply.py FOLDER TARGET TIMES

A report that names one file twice is refused, also by hard links, and whole copies would take 60 GiB. So the copies of Parquet files
are sparse: the columns that neither side reads are holes. All offsets and sizes are those of the whole file.
"""

import os
import sys
from pathlib import Path

import pyarrow.parquet

from reports import read_manifest, write_manifest

UNREAD = {"version_id", "e_tag"}
# Only `--by` reads keys, and it is measured with these kinds.
WITH_KEYS = {"parquet-mr"}


def unread(path, columns):
    """The ranges of the file that hold these columns."""
    groups = pyarrow.parquet.ParquetFile(path).metadata
    for group in map(groups.row_group, range(groups.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema in columns:
                # The dictionary comes first.
                start = column.dictionary_page_offset or column.data_page_offset
                yield start, start + column.total_compressed_size


def copy(source, target, holes):
    with source.open("rb") as read, target.open("wb") as write:
        size, at = os.fstat(read.fileno()).st_size, 0
        for start, end in [*sorted(holes), (size, size)]:
            while at < start:
                at += os.copy_file_range(read.fileno(), write.fileno(), start - at, at, at)
            at = end
        write.truncate(size)


def main():
    source, target, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    columns = UNREAD if source.name in WITH_KEYS else UNREAD | {"key"}
    manifest, files = read_manifest(source), []
    for file in manifest["files"]:
        parent, _, name = file["key"].rpartition("/")
        holes = [] if name.endswith(".orc") else list(unread(source / name, columns))
        for at in range(times):
            copy(source / name, target / f"{at:02}-{name}", holes)
            files.append(file | {"key": f"{parent}/{at:02}-{name}"})
    write_manifest(target, manifest | {"files": files})


if __name__ == "__main__":
    main()
