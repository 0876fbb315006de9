"""Laws of the initial weights."""

import math
from typing import get_args

import pytest
import torch
from torch import nn

from assay.models.initialise import INITIALISATIONS, initialise
from assay.params.model import Initialisation

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


def test_the_initialisations_are_those_of_the_parameters():
    assert set(INITIALISATIONS) == set(get_args(Initialisation))


def test_kaiming_normal_has_variance_2_by_fan_in(layer):
    weight, (fan_in, _) = drawn(layer, "kaiming_normal"), fans(layer)
    deviation = math.sqrt(2 / fan_in)
    count = weight.numel()
    # Five standard errors of a normal sample.
    assert weight.std().item() == pytest.approx(deviation, rel=5 / math.sqrt(2 * count))
    assert abs(weight.mean().item()) < 5 * deviation / math.sqrt(count)
    assert weight.abs().max() > 2.5 * deviation  # no uniform: that ends at 1.73


def test_xavier_uniform_fills_its_bounds_and_keeps_them(layer):
    weight, bound = drawn(layer, "xavier_uniform"), math.sqrt(6 / sum(fans(layer)))
    assert 0.99 * bound < weight.abs().max() <= bound
    deviation = bound / math.sqrt(3)
    assert weight.std().item() == pytest.approx(deviation, rel=5 / math.sqrt(weight.numel()))


@pytest.mark.parametrize("name", INITIALISATIONS)
def test_biases_are_0(layer, name):
    nn.init.ones_(layer.bias)
    drawn(layer, name)
    assert not layer.bias.any()


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
