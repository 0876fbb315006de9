"""What a stage imports, followed through: the package files that its result depends on.

`python tests/pipeline/imports.py train` prints what belongs under `deps` in dvc.yaml.
"""

import ast
import sys
from pathlib import Path

SOURCE = Path("src")


def files_behind(script: Path) -> set[Path]:
    """The files of the package that `script` imports, directly or not, with their data files."""
    found: set[Path] = set()
    waiting = list(imported(script))
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += imported(file)
    packages = {file.parent for file in found if file.name == "__init__.py"}
    return found | {data for folder in packages for data in folder.glob("*.j2")}


def imported(file: Path) -> set[Path]:
    """The package files that one file imports anywhere in it, packages' __init__ included."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {path for name in names if name.split(".")[0] == "assay" for path in _paths(name)}


def _paths(name: str) -> set[Path]:
    steps = name.split(".")
    packages = {SOURCE.joinpath(*steps[:n], "__init__.py") for n in range(1, len(steps) + 1)}
    module = SOURCE.joinpath(*steps).with_suffix(".py")
    return {path for path in packages | {module} if path.is_file()}


def folded(files: set[Path]) -> list[str]:
    """The same files with each folder that is wholly among them named as one."""
    whole = {
        folder
        for folder in SOURCE.rglob("*")
        if folder.is_dir() and folder.name != "__pycache__" and contents(folder) <= files
    }
    tops = {folder for folder in whole if folder.parent not in whole}
    loose = {file for file in files if not any(top in file.parents for top in tops)}
    return sorted(str(path) for path in tops | loose)


def contents(path: Path) -> set[Path]:
    """The files that a dependency names: itself, or all in the folder but compiled ones."""
    if path.is_file():
        return {path}
    return {file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts}


if __name__ == "__main__":
    for line in folded(files_behind(Path("stages", f"{sys.argv[1]}.py"))):
        print(f"      - {line}")
