"""The stage as DVC runs it: its outputs, its faults, and what it does not import."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUTPUTS = [
    "metrics/comparison.json",
    "metrics/cost.json",
    "metrics/depths.json",
    "metrics/scores.json",
    "metrics/summary.json",
    "predictions/winner.csv",
    "reports/report.html",
    "reports/report.md",
    "reports/figures/accuracy.svg",
    "reports/figures/costs.svg",
    "plots/confusions.csv",
    "plots/curves.csv",
]


def run(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_stage_writes_every_output_twice_alike_and_prunes_what_is_stale(study):
    study.write()
    study._run("renamed-away", 0, 0.5)
    first = run(ROOT / "stages/report.py", cwd=study.root)
    assert first.returncode == 0, first.stderr
    assert not (study.root / "outcomes/renamed-away-0.parquet").exists()
    before = {path: (study.root / path).read_bytes() for path in OUTPUTS}
    run(ROOT / "stages/report.py", cwd=study.root)
    assert {path: (study.root / path).read_bytes() for path in OUTPUTS} == before
    for path in OUTPUTS[:5]:
        json.loads(before[path])


def test_a_missing_run_is_one_line_and_exit_1(study):
    study.write()
    (study.root / "metrics/runs/resnet18-1.json").unlink()
    done = run(ROOT / "stages/report.py", cwd=study.root)
    assert done.returncode == 1
    assert done.stderr.startswith("error: metrics/runs/resnet18-1.json: missing")
    assert done.stderr.count("\n") == 1


def test_the_report_needs_neither_torch_nor_mlflow(tmp_path):
    heavy = "{name for name in ('torch', 'mlflow', 'dvc') if name in sys.modules}"
    load = f"import runpy, sys; runpy.run_path({str(ROOT / 'stages/report.py')!r}); print({heavy})"
    assert run("-c", load, cwd=tmp_path).stdout.strip() == "set()"
