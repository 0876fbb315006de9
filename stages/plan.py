"""Read params.yaml strictly and write one resolved plan for each variant."""

import sys
from pathlib import Path

from assay.fault import Fault, one_line
from assay.files import write_json
from assay.params import experiment, yaml12
from assay.pins import kept

PLANS, LOCK = Path("plans"), Path("dvc.lock")


def main() -> None:
    now = experiment.read()
    for kind, path in now.data.inputs.items():
        if not path.is_file():
            raise Fault(f"{experiment.FILE}: data.{kind}: there is no file {path}; see the README")
    for line in kept(_before(), yaml12.load(experiment.FILE)):
        print(f"warning: {line}", file=sys.stderr)
    for name, plan in now.plans.items():
        write_json(PLANS / f"{name}.json", plan.model_dump(mode="json"))
    runs = len(now.runs)
    print(f"{len(now.plans)} variants x {len(now.seeds)} seeds = {runs} runs")


def _before() -> dict[str, dict[str, object]]:
    """The parameters of the last run, as DVC wrote them down."""
    lock = yaml12.load(LOCK) if LOCK.exists() else {}
    return lock.get("stages", {}).get("plan", {}).get("params", {}).get(str(experiment.FILE), {})


if __name__ == "__main__":
    one_line(main)
