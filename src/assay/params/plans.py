"""What `plan` leaves for the other stages: all that a result depends on, and nothing else."""

from pathlib import Path
from typing import TypeVar

from assay.fault import Fault
from assay.files import read_json, write_json
from assay.params.experiment import Experiment
from assay.params.section import Section

PLANS = Path("plans")
INGEST, PREPROCESS = PLANS / "data/ingest.json", PLANS / "data/preprocess.json"
T = TypeVar("T", bound=Section)


def write_plans(experiment: Experiment) -> None:
    """One file for each variant, one for ingest, one for preprocess."""
    for name, plan in experiment.plans.items():
        write_json(PLANS / f"{name}.json", plan.model_dump(mode="json"))
    later = {"class_aliases", "classes"}  # the split stage reads them: they reread no image
    write_json(INGEST, experiment.data.model_dump(mode="json", exclude=later))
    write_json(PREPROCESS, experiment.preprocess.packing.model_dump(mode="json"))


def read_plan(path: Path, kind: type[T]) -> T:
    """One of these files; a Fault where it is missing or damaged."""
    try:
        return kind.model_validate(read_json(path))
    except FileNotFoundError:
        raise Fault(f"{path}: no such plan; run `dvc repro plan`, or correct the name") from None
    except ValueError:
        raise Fault(f"{path}: a damaged plan; run `dvc repro --force plan`") from None
