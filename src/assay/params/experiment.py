"""The whole of params.yaml as one frozen value, read strictly."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from assay.fault import Fault, nearest
from assay.flat import flattened
from assay.params import yaml12
from assay.params.augment import Augment
from assay.params.data import Data
from assay.params.evaluate import Evaluate
from assay.params.mistakes import checked
from assay.params.model import Model
from assay.params.preprocess import Preprocess
from assay.params.report import Report, must_be_known
from assay.params.section import Section
from assay.params.split import Split
from assay.params.train import Train
from assay.params.variants import Plan, Variants, resolve

FILE = Path("params.yaml")


class Sections(Section):
    """Every section of params.yaml."""

    data: Data
    split: Split
    preprocess: Preprocess
    augment: Augment
    model: Model
    train: Train
    evaluate: Evaluate
    report: Report
    variants: Variants
    seeds: Annotated[list[Annotated[int, Field(ge=0, lt=2**32)]], Field(min_length=1)]

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, seeds: list[int]) -> list[int]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed stands twice; each run needs its own")
        return seeds


class Experiment(Sections):
    """The sections, and one resolved plan for each variant."""

    plans: dict[str, Plan]

    @property
    def runs(self) -> list[tuple[str, int]]:
        """Every (variant, seed) of the grid, in the order of params.yaml."""
        return [(variant, seed) for variant in self.plans for seed in self.seeds]

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """Every parameter of each variant by its path, as `train.lr`."""
        shared = self.model_dump(mode="json", include={"data", "split", "preprocess", "evaluate"})
        sections = {"model", "train", "augment"}
        return {
            name: flattened(shared | plan.model_dump(mode="json", include=sections))
            | {"preprocess.normalise": plan.normalise}
            for name, plan in self.plans.items()
        }


def read(path: Path = FILE) -> Experiment:
    """Read and check the whole file; a Fault names the first mistake."""
    given = yaml12.load(path)
    if not isinstance(given, dict):
        raise Fault(f"{path}: sections are wanted (data, split, …), got {type(given).__name__}")
    return understand(given, str(path))


def understand(given: dict[str, Any], source: str) -> Experiment:
    """Check what was read from `source` and resolve the variants."""
    sections = checked(Sections, given, source)
    plans = resolve(given, sections.split, sections.preprocess.packing, source)
    tta, side = sections.evaluate.tta, min(sections.preprocess.size)
    if tta and tta.shift >= side:
        raise Fault(
            f"{source}: evaluate.tta.shift: {tta.shift} pixels leave nothing of an image of "
            f"{side}; set it below {side}"
        )
    for name, plan in plans.items():
        _must_be_kept(sections.evaluate.weights, plan.train, name, source)
    experiment = Experiment(**dict(sections), plans=plans)
    averaged = tta is not None
    must_be_known(sections.report, experiment.settings, source, averaged=averaged)
    return experiment


def _must_be_kept(weights: str, train: Train, variant: str, source: str) -> None:
    """Refuse to evaluate an epoch whose weights a variant does not keep."""
    if not weights.startswith("epoch-"):
        return
    every = train.keep_every or train.epochs + 1
    kept = [f"epoch-{epoch:03d}" for epoch in range(every, train.epochs + 1, every)]
    if weights not in kept:
        raise Fault(
            f"{source}: evaluate.weights: {variant} keeps no {weights} (train.keep_every, "
            f"train.epochs); {nearest(weights, ['last', 'best', *kept])}"
        )
