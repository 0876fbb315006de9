"""Laws of the learning rates."""

import warnings
from typing import get_args

import pytest
import torch

from assay.params.train import Train
from assay.training.schedule import make_schedule

NAMES = get_args(Train.model_fields["schedule"].annotation)


def scheduled(optimiser, name, epochs, *, epoch_steps=1, **words):
    """A schedule of so many epochs."""
    needed = {"milestones": [3, 5]} if name == "step" else {}
    train = Train(epochs=epochs, batch_size=2, lr=0.5, schedule=name, **needed | words)
    return make_schedule(train, optimiser, epoch_steps=epoch_steps)


def rates(name, epochs, *, epoch_steps=1, **words):
    """The rate of each step, and the one left after the last."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.5)
    schedule = scheduled(optimiser, name, epochs, epoch_steps=epoch_steps, **words)
    found = []
    for _ in range(epochs * epoch_steps):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return [*found, optimiser.param_groups[0]["lr"]]


def test_a_constant_rate_stays():
    assert set(rates("constant", 20)) == {0.5}


def test_a_cosine_falls_from_the_rate_through_its_half_to_0():
    found = rates("cosine", 100)
    assert found[0] == 0.5
    assert found[50] == pytest.approx(0.25)
    assert found[100] == pytest.approx(0, abs=1e-12)
    assert sorted(found, reverse=True) == found


def test_steps_multiply_the_rate_after_their_epochs():
    found = rates("step", 6, milestones=[2, 5], gamma=0.5)[:6]
    assert found == [0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_epochs_have_steps():
    found = rates("step", 3, epoch_steps=2, milestones=[1, 2])[:6]
    assert found == pytest.approx([0.5, 0.5, 0.05, 0.05, 0.005, 0.005])


@pytest.mark.parametrize("name", ["constant", "step", "cosine"])
def test_a_warm_up_rises_evenly_to_the_rate_and_the_schedule_goes_on_from_there(name):
    late = {"milestones": [6]} if name == "step" else {}
    found = rates(name, 12, warmup_epochs=4, **late)
    assert found[:5] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    if name == "constant":
        assert set(found[4:]) == {0.5}
    if name == "cosine":
        assert found[8] == pytest.approx(0.25)
        assert found[12] == pytest.approx(0, abs=1e-12)


def test_a_warm_up_may_end_within_an_epoch():
    found = rates("constant", 1, epoch_steps=6, warmup_epochs=0.5)[:5]
    assert found == pytest.approx([0.125, 0.25, 0.375, 0.5, 0.5])


def test_one_cycle_rises_to_the_rate_in_three_tenths_and_falls_to_almost_0():
    found = rates("one_cycle", 100)[:100]
    peak = found.index(max(found))
    assert max(found) == pytest.approx(0.5)
    assert peak == 29
    assert found[:30] == sorted(found[:30])
    assert found[29:] == sorted(found[29:], reverse=True)
    assert found[0] < 0.5 / 20
    assert found[99] < 0.5 / 1000


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("name", NAMES)
def test_short_trainings_have_rates_between_0_and_the_peak(name, steps):
    with warnings.catch_warnings(action="error"):
        found = rates(name, steps)[:steps]
    assert all(0 < rate <= 0.5 + 1e-12 for rate in found)


@pytest.mark.parametrize("name", NAMES)
def test_each_group_keeps_its_share_of_the_rate(name):
    weights = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    slow, fast = ({"params": [one], "lr": lr} for one, lr in zip(weights, (0.1, 1.0), strict=True))
    optimiser = torch.optim.SGD([slow, fast], 0.1)
    schedule = scheduled(optimiser, name, 10)
    for _ in range(9):
        optimiser.step()
        schedule.step()
        one, ten = (group["lr"] for group in optimiser.param_groups)
        assert ten == pytest.approx(10 * one, rel=1e-3)


def test_the_momentum_is_left_alone():
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.5, momentum=0.7)
    schedule = scheduled(optimiser, "one_cycle", 10)
    for _ in range(5):
        optimiser.step()
        schedule.step()
        assert optimiser.param_groups[0]["momentum"] == 0.7
