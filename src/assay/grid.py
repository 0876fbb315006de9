"""One run of the grid: a variant and a seed, named on the command line."""

import argparse
from pathlib import Path
from typing import NamedTuple

from assay.fault import Fault
from assay.files import read_json
from assay.params.variants import Plan


class Run(NamedTuple):
    """A variant, a seed, and the plan that `plan` wrote for the variant."""

    variant: str
    seed: int
    plan: Plan

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.variant}-{self.seed}"


def run_from_words(about: str | None) -> Run:
    """`--variant NAME --seed N`, with the plan from the folder plans."""
    words = argparse.ArgumentParser(description=about)
    words.add_argument("--variant", required=True)
    words.add_argument("--seed", required=True, type=int)
    named = words.parse_args()
    path = Path("plans") / f"{named.variant}.json"
    try:
        plan = Plan.model_validate(read_json(path))
    except FileNotFoundError:
        raise Fault(f"{path}: no such plan; run `dvc repro plan`, or correct --variant") from None
    return Run(named.variant, named.seed, plan)
