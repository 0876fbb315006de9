"""Every pair of architecture, norm and initialisation trains a step, or is refused in words."""

import itertools
import math
import runpy
from typing import get_args

import pytest
import torch

from assay.params.model import Architecture, Initialisation, Norm

NAMES = [get_args(kind) for kind in (Architecture, Norm, Initialisation)]
SCRIPT = runpy.run_path("benchmarks/combinations.py")


def covering():
    """All architectures and norms, and with each the initialisations in turn."""
    architectures, norms, initialisations = NAMES
    return [
        (arch, norm, initialisations[(i + j) % len(initialisations)])
        for i, arch in enumerate(architectures)
        for j, norm in enumerate(norms)
    ]


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("places", [(0, 1), (0, 2), (1, 2)], ids=str)
def test_what_is_tried_here_holds_every_pair(places):
    pairs = {tuple(names[place] for place in places) for names in covering()}
    assert pairs == set(itertools.product(*(NAMES[place] for place in places)))


@pytest.mark.parametrize(("arch", "norm", "init"), covering())
def test_a_combination_trains_a_step_and_evaluates_or_is_refused(arch, norm, init):
    depth = {"n": 1} if arch.startswith("cifar_") else {}
    found = SCRIPT["tried"]({"arch": arch, "norm": norm, "init": init, **depth}, "fp32")
    if found.refused:
        assert norm == "in"
        assert "leaves planes of 1x1" in found.refused
    elif found.stopped:
        assert (norm, init) == ("none", "normal")
    else:
        assert math.isfinite(found.before)
        assert math.isfinite(found.after)


def test_the_committed_table_has_every_combination():
    lines = SCRIPT["PAGE"].read_text().splitlines()
    table = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    assert table[0][4:] == list(NAMES[2])
    assert {(row[0], row[2]) for row in table[2:]} == set(itertools.product(*NAMES[:2]))
    assert all(row[4:] and all(row[4:]) for row in table[2:])
