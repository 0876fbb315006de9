"""One table of all benchmarks: benchmarks/results.json, and RESULTS.md for people."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from assay.files import write_json, write_text

RESULTS, PAGE = Path("benchmarks/results.json"), Path("benchmarks/RESULTS.md")
ROW_ONLY = {"device", "precision"}  # stand in the row: the precision in its name
HEAD = ["name", "device", "ours", "rival", "ratio", "unit", "aim"]
AIMS = [  # script, device and name; the ratio is to be at least or at most so much
    (r"training.py cpu training ", ">=", 2.0),
    (r"augment.py cpu .* 32x32", ">=", 3.0),
    (r"augment.py cpu .* 224x224", ">=", 1.0),
    (r"augment.py cuda ", ">=", 10.0),
    (r"norms.py cpu (?!training)", "<=", 1.3),
    (r"norms.py cuda (?!training)", "<=", 1.1),
    (r"gpu.py cuda GPU: ", "<=", 2.0),
    (r"reporting.py \w+ dvc repro ", "<=", 1.0),
    (r"data.py cpu (ingest with audit$|preprocess to)", ">=", 0.7),
    (r"scaling.py \w+ scaling: 10x the images$", "<=", 10.5),
]

Row = dict[str, Any]


def row(
    name: str, ours: float, rival: float, *, command: str, about: dict[str, Any], unit: str
) -> Row:
    """One line of the table; `about` is `device.machine`."""
    machine = [f"{key} {value}" for key, value in about.items() if key not in ROW_ONLY]
    return {
        "name": name,
        "device": about["device"],
        "ours": _short(ours),
        "rival": _short(rival),
        "ratio": round(ours / rival, 2),
        "unit": unit,
        "command": command,
        "machine": ", ".join(machine),
    }


def _short(value: float) -> float:
    """One decimal; below 10 three digits."""
    return round(value, 1) if value >= 10 else float(f"{value:.3g}")


def record(rows: list[Row], *, some: bool = False) -> None:
    """Put one script's rows in the place of its old ones on these devices, or of `some` of them."""
    script, devices = _script(rows[0]), {row["device"] for row in rows}
    old = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    before = [row for row in old if _script(row) == script and row["device"] in devices]
    others = [row for row in old if row not in before]
    if some:
        new = {row["name"]: row for row in rows}
        rows = [*(new.pop(row["name"], row) for row in before), *new.values()]
    every = sorted([*others, *rows], key=_script, reverse=True)  # training first
    write_json(RESULTS, every)
    write_text(PAGE, page(every))
    print("\n".join(_table(rows)))


def page(rows: list[Row]) -> str:
    """The table as Markdown, with each script's method and the machines that it ran on."""
    parts = ["# Benchmarks", "By `make bench`. All are ratios of two sides measured in one run."]
    parts += [f"`{script}`: {_method(script)}" for script in dict.fromkeys(map(_script, rows))]
    parts.append("\n".join(_table(rows)))
    told = dict.fromkeys((row["command"], row["machine"]) for row in rows)
    parts += [f"`{command}`: {machine}." for command, machine in told]
    return "\n\n".join(parts) + "\n"


def _table(rows: list[Row]) -> list[str]:
    lines = [f"| {' | '.join(HEAD)} |", f"|{' --- |' * len(HEAD)}"]
    told = [row | {"aim": _aim(row)} for row in rows]
    return lines + [f"| {' | '.join(str(row[key]) for key in HEAD)} |" for row in told]


def _aim(row: Row) -> str:
    """What the ratio should be, and whether it is missed; nothing where nothing is aimed at."""
    named = f"{Path(_script(row)).name} {row['device']} {row['name']}"
    for pattern, sign, bound in AIMS:
        if re.match(pattern, named):
            held = row["ratio"] >= bound if sign == ">=" else row["ratio"] <= bound
            return f"{sign} {bound:g}{'' if held else ', missed'}"
    return ""


def _script(row: Row) -> str:
    return str(row["command"].split()[1])


def _method(script: str) -> str:
    """What the script's docstring says after its first line."""
    text = ast.get_docstring(ast.parse(Path(script).read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n", 1)[-1].split())
