"""What people read is what was measured."""

import hashlib
import json
import runpy
from pathlib import Path

import pytest
import yaml

from assay.params import experiment as params
from assay.report.findings import written
from assay.report.markdown import markdown, pictures
from assay.report.page import alone
from assay.report.results import committed
from assay.studies.overview import with_overview
from assay.studies.page import page
from assay.studies.study import studies

STUDIES = Path("studies")
RAN = sorted(path.parents[1] for path in Path().glob("studies/*/metrics/comparison.json"))


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


def test_the_page_of_all_studies_is_made_of_their_metrics():
    told = Path("RESULTS.md").read_text(encoding="utf-8")
    assert told == page(studies(STUDIES)), "python stages/results.py"


def test_the_readme_has_the_table_of_all_studies():
    told = Path("README.md").read_text(encoding="utf-8")
    assert told == with_overview(told, studies(STUDIES)), "python stages/results.py"


@pytest.mark.parametrize("folder", [Path(), *RAN], ids=str)
def test_a_report_for_git_is_made_of_what_git_keeps(folder):
    experiment = params.read(folder / "params.yaml")
    found = written(experiment, committed(experiment.runs, folder))
    reports = folder / "reports"
    assert (reports / "report.md").read_text(encoding="utf-8") == markdown(experiment, found)
    for name, figure in pictures(experiment, found).items():
        drawn = (reports / f"figures/{name}.svg").read_text(encoding="utf-8")
        assert drawn == alone(figure), name
