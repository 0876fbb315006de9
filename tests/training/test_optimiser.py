"""Laws of the optimisers."""

import copy
from typing import get_args

import pytest
import torch
from torch import nn, optim

from assay.norms import NORMS, Settings
from assay.params.train import Train
from assay.training.optimiser import make_optimiser


def train(optimiser, **words):
    return Train(epochs=1, batch_size=2, lr=0.125, optimiser=optimiser, **words)


@pytest.fixture(params=["bn", "bin", "gn", "none"])
def network(request):
    return nn.Sequential(
        nn.Conv2d(1, 8, 3), NORMS[request.param](8, Settings()), nn.Flatten(), nn.Linear(8, 3)
    )


def stepped(network, optimiser, gradient):
    """The weights after one step on gradients of 1 or 0 everywhere."""
    for weight in network.parameters():
        weight.grad = torch.full_like(weight, gradient)
    optimiser.step()
    return dict(network.named_parameters())


def test_every_weight_is_in_one_group_once(network):
    groups = make_optimiser(network, train("adam")).param_groups
    inside = [id(weight) for group in groups for weight in group["params"]]
    assert sorted(inside) == sorted(id(weight) for weight in network.parameters())


def test_decay_shrinks_kernels_and_leaves_gains_and_biases(network):
    before = {name: weight.detach().clone() for name, weight in network.named_parameters()}
    optimiser = make_optimiser(network, train("sgd", weight_decay=0.5, momentum=0.0))
    after = stepped(network, optimiser, 0.0)
    decayed = {
        f"{name}.weight"
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    }
    for name, weight in before.items():
        share = 1 - 0.125 * 0.5 if name in decayed else 1
        torch.testing.assert_close(after[name].detach(), weight * share)


def test_frozen_weights_stay_out():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    network[0].requires_grad_(False)
    groups = make_optimiser(network, train("adam")).param_groups
    inside = {id(weight) for group in groups for weight in group["params"]}
    assert inside == {id(weight) for weight in network[1].parameters()}


REFERENCES = {
    "adam": lambda weights: optim.Adam(weights, 0.125, weight_decay=0.1, fused=False),
    "adamw": lambda weights: optim.AdamW(weights, 0.125, weight_decay=0.1, fused=False),
    "sgd": lambda weights: optim.SGD(weights, 0.125, 0.8, weight_decay=0.1, nesterov=True),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_steps_are_torchs_of_the_same_name(name):
    network = nn.Linear(5, 3, bias=False)
    same = copy.deepcopy(network)
    words = {"weight_decay": 0.1, "momentum": 0.8, "nesterov": True}
    own, reference = make_optimiser(network, train(name, **words)), REFERENCES[name]
    its = reference(same.parameters())
    for gradient in (1.0, -0.5, 0.25):
        mine, expected = stepped(network, own, gradient), stepped(same, its, gradient)
        torch.testing.assert_close(mine, expected)


def gated():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), NORMS["bin"](4, Settings()), nn.Flatten())


@pytest.mark.parametrize("name", get_args(Train.model_fields["optimiser"].annotation))
def test_gates_learn_ten_times_as_fast_without_decay(name):
    network = gated()
    norm = network[1]
    nn.init.constant_(norm.gate, 0.5)
    nn.init.constant_(norm.bias, 0.5)
    small = train(name, weight_decay=0.5).model_copy(update={"lr": 1e-3})
    optimiser = make_optimiser(network, small)
    for _ in range(3):
        stepped(network, optimiser, 1.0)
    moved = 0.5 - norm.gate, 0.5 - norm.bias
    torch.testing.assert_close(moved[0], 10 * moved[1], rtol=1e-4, atol=0)


@pytest.mark.parametrize("gradient", [1.0, -1.0])
def test_gates_stay_between_0_and_1_after_every_step(gradient):
    network = gated()
    optimiser = make_optimiser(network, train("sgd"))
    for sign in (1, 1, -1, 1):
        stepped(network, optimiser, sign * gradient)
        assert 0 <= network[1].gate.min() <= network[1].gate.max() <= 1
    assert network[1].bias.abs().min() > 0.01  # nothing else is clipped


def test_frozen_gates_stay_out():
    network = gated()
    network[1].requires_grad_(False)
    groups = make_optimiser(network, train("sgd")).param_groups
    assert {id(one) for group in groups for one in group["params"]} == {
        id(one) for one in network[0].parameters()
    }
