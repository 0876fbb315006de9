"""The data that the parameters name: that they are there, and where their format wants them."""

import os
from collections.abc import Iterator
from pathlib import Path

from assay.fault import Fault
from assay.params import yaml12
from assay.params.data import Data
from assay.places import workspace_root


def must_be_there(data: Data, source: str) -> None:
    """A Fault where there is no such path, no queued run finds it, or a file in it is missing."""
    root = Path(data.path)
    if not root.exists():
        raise Fault(f"{source}: data.path: there is no {root}; see the README")
    whole = Path(os.path.normpath(Path.cwd() / root))
    if not root.is_absolute() and not whole.is_relative_to(workspace_root()):
        raise Fault(
            f"{source}: data.path: {root} leads out of the repository, and a queued run, which is "
            f"elsewhere, would miss it; write {yaml12.written(str(whole))}"
        )
    if root.is_dir():
        for key, what, path in _missing(data, root):
            raise Fault(f"{source}: data.{key}: there is no {what} {path}; see the README")
    elif data.format == "pixel_csv" or (data.format == "index_csv" and _is_csv(root)):
        raise Fault(
            f"{source}: data.path: {root} is a file, and {data.format} wants its folder; "
            f"{_instead(root)}, and name the file in data.labelled"
        )


def _missing(data: Data, root: Path) -> Iterator[tuple[str, str, Path]]:
    """Key, kind and path of what a folder lacks."""
    files = {"labelled": data.labelled_files.values(), "unlabelled": [data.unlabelled]}
    for key, names in files.items():
        for name in names:
            if name and not (root / name).is_file():
                yield key, "file", root / name
    if data.images and not (root / data.images).exists():
        yield "images", "folder or archive", root / data.images


def _is_csv(path: Path) -> bool:
    return path.name.lower().endswith((".csv", ".csv.gz"))


def _instead(file: Path) -> str:
    """What to write: never the folder of the experiment, which holds what DVC makes of the data."""
    if file.parent == Path():
        return "move it into a folder, as data/raw, write that"
    return f"write data.path: {yaml12.written(str(file.parent))}"
