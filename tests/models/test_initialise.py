"""Laws of the initial weights."""

import math

import pytest
import torch
from torch import nn

from assay.models.initialise import INITIALISATIONS, initialise

LAYERS = [nn.Conv2d(24, 48, 3), nn.Conv2d(24, 48, (1, 5)), nn.Linear(300, 100)]


@pytest.fixture(params=LAYERS, ids=str)
def layer(request):
    return request.param


def drawn(layer, name, seed=0):
    initialise(layer, name, torch.Generator().manual_seed(seed))
    return layer.weight.detach()


def fans(layer):
    area = layer.weight[0, 0].numel()
    return layer.weight.shape[1] * area, layer.weight.shape[0] * area


def deviations(layer):
    fan_in, fan_out = fans(layer)
    return {
        "kaiming_normal": math.sqrt(2 / fan_in),
        "kaiming_uniform": math.sqrt(2 / fan_in),
        "xavier_normal": math.sqrt(2 / (fan_in + fan_out)),
        "xavier_uniform": math.sqrt(2 / (fan_in + fan_out)),
        "normal": 0.1,
        "torch": math.sqrt(1 / (3 * fan_in)),
    }


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_every_initialisation_has_the_deviation_of_its_formula_and_mean_0(layer, name):
    weight, deviation = drawn(layer, name), deviations(layer)[name]
    # Five standard errors of a normal sample; a uniform one has smaller ones.
    assert weight.std().item() == pytest.approx(deviation, rel=5 / math.sqrt(2 * weight.numel()))
    assert abs(weight.mean().item()) < 5 * deviation / math.sqrt(weight.numel())


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_uniform_weights_end_at_sqrt_3_deviations_and_normal_ones_do_not(layer, name):
    weight, deviation = drawn(layer, name), deviations(layer)[name]
    furthest = weight.abs().max().item() / deviation
    if name.endswith("normal"):
        assert furthest > 2.5
    else:
        assert furthest == pytest.approx(math.sqrt(3), rel=0.01)
        assert furthest <= math.sqrt(3) * (1 + 1e-6)


@pytest.mark.parametrize("name", [name for name in INITIALISATIONS if name != "torch"])
def test_biases_are_0(layer, name):
    nn.init.ones_(layer.bias)
    drawn(layer, name)
    assert not layer.bias.any()


def test_torchs_own_initialisation_is_that_of_its_layers_to_the_bit(layer):
    drawn(layer, "torch", seed=3)
    ours = layer.weight.detach().clone(), layer.bias.detach().clone()
    torch.manual_seed(3)
    layer.reset_parameters()
    assert ours[0].equal(layer.weight)
    assert ours[1].equal(layer.bias)


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_weights_come_from_the_generator_alone(network, name):
    found = []
    for everyones, own in [(0, 1), (5, 1), (0, 2)]:
        torch.manual_seed(everyones)
        found.append(network("resnet18", init=name, norm="none", seed=own).state_dict())
    first, same, other = found
    assert all(first[weight].equal(same[weight]) for weight in first)
    assert all(
        not first[weight].equal(other[weight]) for weight in first if weight.endswith(".weight")
    )


def test_no_two_layers_draw_the_same_weights(network):
    block = network("resnet18").layer1[1]
    assert not block.conv1.weight.equal(block.conv2.weight)
