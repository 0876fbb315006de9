"""The studies: their parameters, and what git keeps of those that were run."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assay.fault import Fault
from assay.params import experiment as params
from assay.params.experiment import Experiment
from assay.report import results
from assay.report.findings import BROKEN, FILES, Findings, not_made, written

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Study:
    """A folder of `studies/` with its parameters, and what was found, if it was run."""

    folder: Path
    experiment: Experiment
    found: Findings | None

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name


def studies(root: Path) -> list[Study]:
    """Every study below a folder, by name: first those beside published numbers that compare."""
    found = [_study(path) for path in sorted(root.iterdir()) if path.is_dir() or path.is_symlink()]
    if not found:
        raise Fault(f"{root}: no study there; run this in the root of the repository")
    return sorted(found, key=_apart)


def _apart(study: Study) -> int:
    """0 beside published numbers that compare, 1 beside others, 2 beside none."""
    return min((bool(one.incomparable) for one in study.experiment.report.reference), default=2)


def _study(folder: Path) -> Study:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", folder.name):
        raise Fault(f"studies/{folder.name!r}: rename it, to letters, digits, '.', '_' and '-'")
    experiment = params.read(folder / "params.yaml")
    ran = any((folder / f"metrics/{name}.json").exists() for name in FILES)
    found = written(experiment, results.committed(experiment.runs, folder)) if ran else None
    return Study(folder, experiment, found)


def told(study: Study, found: Findings, make: Callable[[Study, Findings], T]) -> T:
    """What is made of what was found; a Fault where the metrics hold what none can be."""
    try:
        return make(study, found)
    except BROKEN as error:
        raise not_made(study.folder / "metrics", f"{type(error).__name__}: {error}") from None
