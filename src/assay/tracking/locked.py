"""What dvc.lock says of files, by hash: only what is there as a stage left it is of that stage."""

import hashlib
import json
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from assay.params import yaml12

FILE = Path("dvc.lock")
IGNORED = ("__pycache__", "*.pyc", ".*.swp", ".DS_Store")  # as .dvcignore has it


class Lock:
    """The content that each stage read and wrote when it last ran."""

    def __init__(self, stages: dict[str, Any]) -> None:
        self._stages = stages
        self._found: dict[Path, str] = {}

    def agrees(self, stage: str, *paths: Path) -> bool:
        """Whether all these paths are there now, as the stage read or wrote them."""
        known = self._stages.get(stage, {})
        hashes = {
            entry["path"]: entry.get("md5")
            for entry in (*known.get("deps", ()), *known.get("outs", ()))
        }
        return all(
            path.exists() and hashes.get(path.as_posix()) == self._hash(path) for path in paths
        )

    def _hash(self, path: Path) -> str:
        if path not in self._found:
            self._found[path] = dvc_hash(path)
        return self._found[path]


def read() -> Lock:
    """The lock of the folder that we are in; without one no stage has run."""
    return Lock(yaml12.load(FILE).get("stages", {}) if FILE.exists() else {})


def dvc_hash(path: Path) -> str:
    """The hash that DVC knows a file or a folder by: MD5 of the content, or of the files' hashes.

    What `.dvcignore` names is left out.
    """
    if path.is_file():
        return _md5(path)
    files = (file for file in path.rglob("*") if file.is_file() and not _ignored(file))
    names = {file.relative_to(path).as_posix(): file for file in files}
    listing = [{"md5": _md5(names[name]), "relpath": name} for name in sorted(names)]
    text = json.dumps(listing, sort_keys=True).encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest() + ".dir"


def _ignored(file: Path) -> bool:
    return any(fnmatch(part, pattern) for part in file.parts for pattern in IGNORED)


def _md5(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
