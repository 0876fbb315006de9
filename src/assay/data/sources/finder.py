"""The file that a path means which somebody wrote down."""

import re
from pathlib import PurePosixPath

from assay.data.sources.tree import Tree
from assay.fault import Fault


class Finder:
    """Paths that count from one folder of a tree.

    Where all of an archive lies in a single folder, they may count from that folder too.
    """

    def __init__(self, tree: Tree, folder: str) -> None:
        tops = {name.partition("/")[0] for name in tree.files} if not tree.path.is_dir() else set()
        top = f"{tops.pop()}/" if len(tops) == 1 else ""
        self._starts = [folder] if not top else [folder, top + folder]
        self._tree = tree

    def found(self, path: str) -> str:
        """The name of the file in the tree; a Fault says why there is none."""
        name = self._known(path)
        if name is not None:
            return name
        if path.startswith(("/", "\\")) or re.match("[A-Za-z]:", path):
            raise Fault(f"{path} is an absolute path; write it from the root of the data")
        parts = PurePosixPath(path).parts
        if ".." in parts:
            raise Fault(f"{path} may lie outside the data; write it from their root, without ..")
        name = self._known("/".join(parts))
        if name is not None:
            return name
        for start in self._starts:
            why = self._tree.refused.get(start + "/".join(parts))
            if why:
                raise Fault(f"{path} is {why}")
        if "\\" in path and self._known(path.replace("\\", "/")) is not None:
            raise Fault(f"{path} has backslashes; write / between folders")
        root = self._tree.at(self._starts[0]).rstrip("/: ")
        raise Fault(f"{path} is not in {root}; put it there, or correct the path")

    def _known(self, path: str) -> str | None:
        for start in self._starts:
            if start + path in self._tree.files:
                return start + path
        return None
