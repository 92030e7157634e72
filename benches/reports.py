"""The reports that benches/peers reads: made once."""

import hashlib
import json
import os
import shutil
from pathlib import Path

from measuring import ROOT, run

FILES = 16
# CSV reports of the same rows, and their files. Every other kind is made of the first one.
CSV = {"csv": FILES, "csv-one": 1, "csv-small": 1600}
DAY = 86_400_000


def is_complete(report):
    return (report / "manifest.checksum").exists()


def make(folder, kinds, rows, python):
    """The folders of the reports of these kinds."""
    made = {kind: folder / kind for kind in kinds}
    missing = {kind: path for kind, path in made.items() if not is_complete(path)}
    converted = [f"{kind}={path}" for kind, path in missing.items() if kind not in CSV]
    if converted and not is_complete(folder / "csv"):
        missing["csv"] = folder / "csv"
    for kind in missing.keys() & CSV.keys():
        run("cargo", "run", "--release", "-p", "replaudit-generate", "--", missing[kind], rows, CSV[kind], cwd=ROOT)
    if converted:
        run(python, ROOT / "benches/convert.py", folder / "csv", *converted)
    return made


def read_manifest(report):
    return json.loads((report / "manifest.json").read_text())


def write_manifest(report, manifest):
    text = json.dumps(manifest, indent=2).encode()
    (report / "manifest.json").write_bytes(text)
    # Last, as S3 does: it marks the report as complete.
    (report / "manifest.checksum").write_text(hashlib.md5(text).hexdigest() + "\n")


def data_files(report):
    return [str(report / file["key"].rpartition("/")[2]) for file in read_manifest(report)["files"]]


def multiplied(report, target, times, python):
    """The report with every file as often as told; made once."""
    if times == 1:
        return report
    if not is_complete(target):
        run(python, ROOT / "benches/multiply.py", report, target, times)
    return target


def of_the_day_before(report, target):
    """The same report, as if it was written a day earlier."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in data_files(report):
        os.link(path, target / Path(path).name)
    manifest = read_manifest(report)
    write_manifest(target, manifest | {"creationTimestamp": str(int(manifest["creationTimestamp"]) - DAY)})
    return target


def bucket_folder(folder, made):
    """A folder with nothing but the reports; the sandbox itself puts the data files at the keys of the manifests."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for kind, report in made.items():
        (folder / kind).symlink_to(report)
    return folder
