"""Laws of a step: clipping, averaging, and what a state is."""

import io

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.testing import assert_close

from assay.params.train import Train
from assay.training.learner import Learner


def learner(**words):
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    for number, weight in enumerate(network.parameters()):
        nn.init.normal_(weight, generator=torch.Generator().manual_seed(number))
    train = Train(**{"epochs": 4, "batch_size": 2, "lr": 0.1, "optimiser": "sgd"} | words)
    return Learner(network, train, epoch_steps=5)


def moved(one, steps, seed=0):
    """Take so many steps, each on numbers of its own; the weights after each."""
    generator = torch.Generator().manual_seed(seed)
    after = []
    for _ in range(steps):
        one.network(torch.randn(6, 3, generator=generator)).square().mean().backward()
        one.step()
        after.append({name: value.clone() for name, value in one.network.state_dict().items()})
    return after


@pytest.mark.parametrize("clip_norm", [0.5, 1e9])
def test_gradients_are_clipped_by_the_norm_of_all(clip_norm):
    one, free = learner(clip_norm=clip_norm, momentum=0), learner(momentum=0)
    before = [weight.detach().clone() for weight in one.network.parameters()]
    for each in (one, free):
        moved(each, 1)
    steps = [
        torch.cat(
            [
                (old - new).flatten()
                for old, new in zip(before, each.network.parameters(), strict=True)
            ]
        )
        for each in (one, free)
    ]
    length = steps[1].norm() / 0.1
    assert length > 0.5
    assert_close(steps[0], steps[1] * min(1, clip_norm / length), rtol=1e-4, atol=1e-7)


def test_the_average_is_that_of_the_weights_after_each_step_and_of_running_statistics():
    one = learner(ema=0.8)
    assert one.result is not one.network
    states = moved(one, 5)
    for name, value in one.result.state_dict().items():
        expected = states[0][name]
        for state in states[1:]:
            expected = 0.8 * expected + 0.2 * state[name]
        if value.is_floating_point():
            assert_close(value, expected)


def test_the_average_is_torchs_to_the_bit():
    one, other = learner(ema=0.8), learner()
    rule = get_ema_multi_avg_fn(0.8)
    torchs = AveragedModel(other.network, multi_avg_fn=rule, use_buffers=True)
    for seed in range(4):
        moved(one, 1, seed)
        moved(other, 1, seed)
        torchs.update_parameters(other.network)
    for name, value in one.result.state_dict().items():
        if value.is_floating_point():
            assert value.equal(torchs.module.state_dict()[name]), name


def test_averaging_leaves_the_training_alone():
    one, other = learner(ema=0.8), learner()
    for with_average, without in zip(moved(one, 3), moved(other, 3), strict=True):
        for name, value in without.items():
            assert with_average[name].equal(value)
    assert other.result is other.network


@pytest.mark.parametrize("optimiser", ["sgd", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("schedule", ["constant", "cosine", "one_cycle", "step"])
def test_a_state_taken_up_goes_on_to_the_bit(optimiser, schedule):
    words = {"optimiser": optimiser, "schedule": schedule, "milestones": [1], "ema": 0.7}
    one, other = learner(**words), learner(**words)
    moved(one, 4)
    kept = io.BytesIO()
    torch.save(one.state(), kept)
    kept.seek(0)
    other.load(torch.load(kept, weights_only=True))
    assert other.rate == one.rate
    for a, b in zip(moved(one, 3, seed=1), moved(other, 3, seed=1), strict=True):
        assert all(value.equal(b[name]) for name, value in a.items())
    for name, value in one.result.state_dict().items():
        assert value.equal(other.result.state_dict()[name])
