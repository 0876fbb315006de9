"""What a stage's script imports, followed through: the code that its result depends on.

DVC does not follow imports. So `plan` writes `imports/STAGE.json`, a hash for every file behind the
stage, and the stage depends on that. A hash is of the code alone: comments, docstrings and blank
lines are left out of it.
"""

import hashlib
import io
import tokenize
from collections.abc import Iterator
from modulefinder import ModuleFinder
from pathlib import Path

from assay.fault import Fault, listed
from assay.files import read_json, sha256, write_json

FOLDER = Path("imports")
SOURCE, PACKAGE, SCRIPTS = Path("src"), "assay", Path("stages")
SILENT = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT}


def write_imports() -> None:
    """`imports/STAGE.json` for each script of `stages/`: the files behind it, and their hashes."""
    behind = {script: files_behind(script) for script in SCRIPTS.glob("*.py")}
    hashes = {file: code_hash(file) for file in set[Path]().union(*behind.values())}
    for script, files in behind.items():
        write_json(
            FOLDER / f"{script.stem}.json", {file.as_posix(): hashes[file] for file in files}
        )


def must_be_known(stage: str) -> None:
    """Refuse code that `plan` has not seen: DVC would keep the result as that of other code."""
    known = read_json(FOLDER / f"{stage}.json")
    found = {file.as_posix(): code_hash(file) for file in files_behind(SCRIPTS / f"{stage}.py")}
    changed = sorted(dict(known.items() ^ found.items()))
    if changed:
        raise Fault(f"{listed(changed)}: changed since `plan` ran; run `dvc repro` again")


def files_behind(script: Path) -> set[Path]:
    """The script, and each file of the package that it imports, however far.

    What else lies in an imported package, as templates, counts as imported with it.
    """
    finder = ModuleFinder(path=[str(SOURCE)])
    finder.run_script(str(script))
    files = {script}
    for name, module in finder.modules.items():
        if name.split(".")[0] == PACKAGE and module.__file__:  # type: ignore[attr-defined]
            files.add(Path(module.__file__).relative_to(Path.cwd()))  # type: ignore[attr-defined]
    files |= {more for file in files if file.name == "__init__.py" for more in _data(file.parent)}
    return files


def code_hash(file: Path) -> str:
    """SHA-256 of a file, of its code alone where it is Python; there line ends do not count."""
    if file.suffix != ".py":
        return sha256(file)
    return hashlib.sha256(_code(file.read_text(encoding="utf-8")).encode()).hexdigest()


def _data(folder: Path) -> Iterator[Path]:
    """The files of a package that are no Python, those of folders that are no package included."""
    for path in folder.iterdir():
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_dir() and not (path / "__init__.py").exists():
            yield from _data(path)
        elif path.is_file() and path.suffix not in {".py", ".pyc"}:
            yield path


def _code(text: str) -> str:
    """A Python text, statement by statement, without comments, docstrings and blank lines."""
    lines, code, statement = text.split("\n"), list[str](), list[tokenize.TokenInfo]()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0] - 1] = lines[token.start[0] - 1][: token.start[1]].rstrip()
        elif token.type == tokenize.NEWLINE:
            if any(part.type != tokenize.STRING for part in statement):
                rows = {row for part in statement for row in range(part.start[0], part.end[0] + 1)}
                code.append("\n".join(lines[row - 1] for row in sorted(rows)))
            statement = []
        elif token.type not in SILENT:
            statement.append(token)
    return "\n\n".join(code)
