"""The table of benchmarks that people read is the one that was measured."""

import json
import runpy


def test_the_page_of_benchmarks_is_that_of_the_measured_rows():
    table = runpy.run_path("benchmarks/table.py")
    rows = json.loads(table["RESULTS"].read_text())
    assert table["PAGE"].read_text() == table["page"](rows)
