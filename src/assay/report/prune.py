"""Removes what is left of runs that no plan names any more."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

FOLDERS = (
    "models",
    "predictions",
    "outcomes",
    "pictures",
    "metrics/runs",
    "curves",
    "depths",
    "checkpoints",
    "costs/train",
    "costs/evaluate",
)
_RUN = re.compile(r"([a-z0-9_-]+-[0-9]+)(\.(json|csv|parquet))?")


def prune(runs: Iterable[tuple[str, int]], root: Path = Path()) -> list[Path]:
    """Remove and return what is named like a run, `VARIANT-SEED`, and is none of `runs`."""
    wanted = {f"{variant}-{seed}" for variant, seed in runs}
    stale = [
        entry
        for folder in FOLDERS
        for entry in sorted((root / folder).glob("*"))
        if (named := _RUN.fullmatch(entry.name)) and named[1] not in wanted
    ]
    for entry in stale:
        _remove(entry)
    return stale


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
