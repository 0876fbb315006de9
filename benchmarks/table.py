"""One table of all benchmarks: benchmarks/results.json, and RESULTS.md for people."""

import ast
import json
from pathlib import Path
from typing import Any

from assay.files import write_json, write_text

RESULTS, PAGE = Path("benchmarks/results.json"), Path("benchmarks/RESULTS.md")
ROW_ONLY = {"device", "precision"}  # stand in the row: the precision in its name
HEAD = ["name", "device", "ours", "rival", "ratio", "unit"]

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
    return lines + [f"| {' | '.join(str(row[key]) for key in HEAD)} |" for row in rows]


def _script(row: Row) -> str:
    return str(row["command"].split()[1])


def _method(script: str) -> str:
    """What the script's docstring says after its first line."""
    text = ast.get_docstring(ast.parse(Path(script).read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n", 1)[-1].split())
