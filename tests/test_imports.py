"""A stage's result depends on its code: on every file behind it, and not on what is said of it."""

import json
from pathlib import Path

import pytest

from assay.imports import code_hash, write_imports

CODE = '''"""What it does."""

import os


def one(two: int) -> str:
    """What it gives."""
    return f"""{two} × {two}

    text # not a comment
    """  # × 2
'''


def _hash(folder, text, name="code.py"):
    file = folder / name
    file.write_bytes(text.encode())
    return code_hash(file)


@pytest.mark.parametrize(
    "changed",
    [
        CODE.replace("What it does.", "Something else."),
        CODE.replace('    """What it gives."""\n', ""),
        CODE.replace("import os", "# it is needed\n\nimport os  # it is"),
        CODE.replace("\n", "\r\n"),
    ],
)
def test_comments_docstrings_and_blank_lines_change_no_hash(tmp_path, changed):
    assert changed != CODE
    assert _hash(tmp_path, changed) == _hash(tmp_path, CODE)


@pytest.mark.parametrize(
    "changed",
    [
        CODE.replace("text", "other text"),
        CODE.replace("{two}\n\n", "{two}\n"),
        CODE.replace(" × {two}", ""),
        CODE.replace("not a comment", "a comment"),
        CODE.replace("int", "bool"),
        CODE.replace("    return", "    if two:\n        return"),
        CODE.replace("import os", "import sys"),
    ],
)
def test_any_other_change_does(tmp_path, changed):
    assert changed != CODE
    assert _hash(tmp_path, changed) != _hash(tmp_path, CODE)


def test_a_comment_inside_a_statement_changes_no_hash(tmp_path):
    short, long = "sum(\n    [1],\n)\n", "sum(  # all\n    # of\n\n    [1],\n)\n"
    assert _hash(tmp_path, short) == _hash(tmp_path, long)


def test_a_docstring_beside_code_takes_no_code_along(tmp_path):
    one, other = 'def f(): "doc"\n', 'def g(): "doc"\n'
    assert _hash(tmp_path, one) != _hash(tmp_path, other)


def test_a_blank_line_that_ends_a_statement_counts(tmp_path):
    assert _hash(tmp_path, "x = a \\\n(b)\n") != _hash(tmp_path, "x = a \\\n\n(b)\n")


def test_in_a_template_every_letter_counts(tmp_path):
    one, other = "# a heading\n", "# another\n"
    assert _hash(tmp_path, one, "page.j2") != _hash(tmp_path, other, "page.j2")


def test_imports_are_followed_wherever_they_stand(tmp_path, monkeypatch):
    files = {
        "stages/a.py": "from assay.one import thing\n",
        "stages/b.py": "import numpy\n",
        "src/assay/__init__.py": "",
        "src/assay/one.py": "def thing():\n    from assay.two import late\n    return late\n",
        "src/assay/two/__init__.py": "",
        "src/assay/two/late.py": "from . import beside\nfrom .all import *\n",
        "src/assay/two/beside.py": "import assay.one as one\n",
        "src/assay/two/all.py": "",
        "src/assay/two/page.md.j2": "{{ text }}\n",
        "src/assay/two/data/table.json": "{}\n",
        "src/assay/two/three/__init__.py": "",
        "src/assay/two/three/page.md.j2": "{{ text }}\n",
        "src/assay/two/unused.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    write_imports()
    found = {name: json.loads((tmp_path / f"imports/{name}.json").read_text()) for name in "ab"}
    unused = {file for file in files if "unused" in file or "three" in file}
    assert {*found["a"]} == {*files} - {"stages/b.py"} - unused
    assert {*found["b"]} == {"stages/b.py"}
    assert {file.name for file in Path("imports").iterdir()} == {"a.json", "b.json"}
