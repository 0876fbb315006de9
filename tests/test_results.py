"""What people read is what was measured."""

import hashlib
import json
import runpy
from pathlib import Path

import yaml


def test_the_page_of_benchmarks_is_that_of_the_measured_rows():
    table = runpy.run_path("benchmarks/table.py")
    rows = json.loads(table["RESULTS"].read_text())
    assert table["PAGE"].read_text() == table["page"](rows)


def test_the_example_is_the_report_of_its_study():
    lock = yaml.safe_load(Path("studies/example/dvc.lock").read_text(encoding="utf-8"))
    [told] = [
        out["md5"]
        for out in lock["stages"]["report"]["outs"]
        if out["path"] == "reports/report.html"
    ]
    page = Path("docs/example-report.html").read_bytes()
    assert hashlib.md5(page, usedforsecurity=False).hexdigest() == told
