"""One run of the grid: a variant and a seed, named on the command line."""

import argparse
from typing import NamedTuple

from assay.params.plans import PLANS, read_plan
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
    plan = read_plan(PLANS / f"{named.variant}.json", Plan)
    return Run(named.variant, named.seed, plan)
