"""The reports that benches/peers reads: made once, and multiplied by hard links."""

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


def linked(report, target, times, days_before=0):
    """The same report with every file as often as told, under names of their own, and written some days before."""
    if times == 1 and not days_before:
        return report
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    manifest, files = read_manifest(report), []
    for file in manifest["files"]:
        parent, _, name = file["key"].rpartition("/")
        for at in range(times):
            os.link(report / name, target / f"{at:02}-{name}")
            files.append(file | {"key": f"{parent}/{at:02}-{name}"})
    written = int(manifest["creationTimestamp"]) - days_before * DAY
    write_manifest(target, manifest | {"files": files, "creationTimestamp": str(written)})
    return target


def bucket_folder(folder, made):
    """A folder with nothing but the reports; the sandbox itself puts the data files at the keys of the manifests."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for kind, report in made.items():
        (folder / kind).symlink_to(report)
    return folder
