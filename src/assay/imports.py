"""What a stage's script imports, followed through: the code that its result depends on.

DVC does not follow imports. So `plan` writes `imports/STAGE.json`, a hash for every file behind the
stage, and the stage depends on that. A hash is of the code alone: comments, docstrings and blank
lines are left out of it.
"""

import ast
import hashlib
import io
import tokenize
from pathlib import Path

from assay.files import write_json

FOLDER = Path("imports")
PACKAGE, SCRIPTS = Path("src/assay"), Path("stages")
SILENT = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def write_imports() -> None:
    """One file for each script of `stages/`: the path and hash of it and of what it imports."""
    package = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.j2")]
    scripts = [*SCRIPTS.glob("*.py")]
    hashes = {file: code_hash(file) for file in package + scripts}
    imports = {file: _imported(file) for file in hashes}
    for script in scripts:
        behind = {file.as_posix(): hashes[file] for file in _behind(script, imports)}
        write_json(FOLDER / f"{script.stem}.json", behind)


def code_hash(file: Path) -> str:
    """SHA-256 of a file, of its code alone where it is Python; line ends do not count."""
    text = file.read_text(encoding="utf-8")
    told = "\n".join(_code(text)) if file.suffix == ".py" else text
    return hashlib.sha256(told.encode()).hexdigest()


def _behind(file: Path, imports: dict[Path, set[Path]]) -> set[Path]:
    """The file and all that it imports, directly or not."""
    found, waiting = set[Path](), [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += imports[one]
    return found


def _imported(file: Path) -> set[Path]:
    """The package files that one file imports anywhere in it, packages' __init__ included.

    A package's templates count as imported by its __init__.
    """
    if file.suffix != ".py":
        return set()
    templates = {*file.parent.glob("*.j2")} if file.name == "__init__.py" else set[Path]()
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    ours = {name for name in names if name.split(".")[0] == PACKAGE.name}
    return templates | {path for name in ours for path in _paths(name)}


def _paths(name: str) -> set[Path]:
    steps = name.split(".")
    packages = {
        PACKAGE.parent.joinpath(*steps[:n], "__init__.py") for n in range(1, len(steps) + 1)
    }
    module = PACKAGE.parent.joinpath(*steps).with_suffix(".py")
    return {path for path in packages | {module} if path.is_file()}


def _code(text: str) -> list[str]:
    """The lines of a Python text without its comments, docstrings and blank lines."""
    lines, rows, statement = text.split("\n"), set[int](), list[tokenize.TokenInfo]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]].rstrip()
        elif token.type == tokenize.NEWLINE:
            if any(part.type != tokenize.STRING for part in statement):
                rows |= {row for part in statement for row in _rows(part)}
            statement = []
        elif token.type not in SILENT:
            statement.append(token)
    return [line for row, line in enumerate(lines, 1) if row in rows]


def _rows(token: tokenize.TokenInfo) -> range:
    return range(token.start[0], token.end[0] + 1)
