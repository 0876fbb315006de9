"""The intervals hold a known truth as often as they say, and verdicts are seldom wrong.

A small version of benchmarks/known_truth.py; the tables are in docs/statistics.md.
"""

import runpy

import pytest

SCRIPT = runpy.run_path("benchmarks/known_truth.py")
WORLDS = SCRIPT["WORLDS"]
TRIALS = 400
LEAST = 0.93 - 3 * (0.93 * 0.07 / TRIALS) ** 0.5  # three standard errors of so many trials below


@pytest.mark.parametrize("seeds", [1, 3, 5])
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_intervals_hold_the_truth(world, seeds):
    alone, together = SCRIPT["coverage"](world, 0.9, seeds, 300, TRIALS, seed=seeds)
    assert alone > LEAST
    assert together > LEAST


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_equal_variants_are_seldom_told_apart(world):
    for share in SCRIPT["false_verdicts"](world, 0.9, 3, 300, TRIALS // 2, seed=0):
        assert share <= 0.05 + 3 * (0.05 * 0.95 / (TRIALS // 2)) ** 0.5
