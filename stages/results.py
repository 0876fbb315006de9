"""Gather all studies in RESULTS.md, and their table in README.md, from the metrics in git."""

from pathlib import Path

from assay.entry import one_line
from assay.files import write_text
from assay.studies.gathered import page, with_overview

STUDIES, RESULTS, README = Path("studies"), Path("RESULTS.md"), Path("README.md")


def main() -> None:
    write_text(RESULTS, page(STUDIES))
    write_text(README, with_overview(README.read_text(encoding="utf-8"), STUDIES))
    print(f"all studies: {RESULTS}")


if __name__ == "__main__":
    one_line(main)
