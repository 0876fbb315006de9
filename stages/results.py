"""Gather all studies in RESULTS.md, and their table in README.md, from the metrics in git."""

from pathlib import Path

from assay.entry import one_line
from assay.files import write_text
from assay.studies.overview import with_overview
from assay.studies.page import page
from assay.studies.study import studies

RESULTS, README = Path("RESULTS.md"), Path("README.md")


def main() -> None:
    every = studies(Path("studies"))
    results, readme = page(every), with_overview(README.read_text(encoding="utf-8"), every)
    write_text(RESULTS, results)
    write_text(README, readme)
    print(f"all studies: {RESULTS}")


if __name__ == "__main__":
    one_line(main)
