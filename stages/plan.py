"""Read params.yaml strictly; write a plan for each variant and what code each stage imports.

With `--check` only read.
"""

import sys
from pathlib import Path

from assay.entry import one_line
from assay.fault import warn
from assay.imports import write_imports
from assay.params import experiment, yaml12
from assay.params.inputs import must_be_there
from assay.params.plans import write_plans
from assay.params.weights import with_hashes
from assay.pins import kept

LOCK = Path("dvc.lock")


def main() -> None:
    now = experiment.read()
    must_be_there(now.data, str(experiment.FILE))
    plans = with_hashes(now.plans, str(experiment.FILE))
    for line in kept(_before(), yaml12.load(experiment.FILE)):
        warn(line)
    print(f"{len(now.plans)} variants x {len(now.seeds)} seeds = {len(now.runs)} runs")
    if "--check" in sys.argv[1:]:
        return
    write_plans(now.model_copy(update={"plans": plans}))
    write_imports()


def _before() -> dict[str, dict[str, object]]:
    """The parameters of the last run, as DVC wrote them down."""
    lock = yaml12.load(LOCK) if LOCK.exists() else {}
    return lock.get("stages", {}).get("plan", {}).get("params", {}).get(str(experiment.FILE), {})


if __name__ == "__main__":
    one_line(main)
