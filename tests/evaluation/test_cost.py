"""Laws of the costs, counted by hand."""

import mmap

import psutil
import pytest
import torch
from torch import nn

from assay.evaluation.cost import count_parameters, multiply_adds, peak_memory
from assay.models import build
from assay.params.model import Model


def test_a_convolution_multiplies_its_kernel_at_every_place():
    layer = nn.Conv2d(3, 8, (3, 5), stride=2, padding=(1, 2))
    assert multiply_adds(layer, (3, 12, 20)) == (3 * 3 * 5) * 8 * (6 * 10)


def test_groups_of_channels_cost_their_own_alone():
    layer = nn.Conv2d(8, 8, 3, padding=1, groups=4)
    assert multiply_adds(layer, (8, 6, 6)) == (2 * 3 * 3) * 8 * (6 * 6)


def test_a_linear_layer_multiplies_each_weight_once():
    assert multiply_adds(nn.Sequential(nn.Flatten(), nn.Linear(48, 7)), (3, 4, 4)) == 48 * 7


@pytest.mark.parametrize("norm", ["bn", "gn", "bn_torch"])
def test_norms_are_not_counted(norm):
    costs = []
    for kind in (norm, "none"):
        model = Model(arch="resnet18", norm=kind)
        network = build(model, (3, 32, 32), 5, torch.Generator().manual_seed(0))
        costs.append(multiply_adds(network, (3, 32, 32)))
    assert costs[0] == costs[1]


def test_resnet18_at_224_costs_the_1_8_billion_of_its_paper():
    with torch.device("meta"):
        network = build(Model(arch="resnet18"), (3, 224, 224), 1000, torch.Generator())
    assert multiply_adds(network, (3, 224, 224)) == pytest.approx(1.8e9, rel=0.02)


@pytest.mark.parametrize("training", [True, False])
def test_counting_changes_nothing(training):
    norm = nn.BatchNorm2d(4)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), norm).train(training)
    multiply_adds(network, (1, 5, 5))
    assert network.training is norm.training is training
    assert norm.num_batches_tracked == 0
    assert norm.running_mean.equal(torch.zeros(4))


def test_parameters_are_the_numbers_of_the_network_frozen_or_not():
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Linear(8, 2))
    assert count_parameters(network) == (3 * 8 * 9 + 8) + (8 + 8) + (8 * 2 + 2)
    before = count_parameters(network)
    network[0].requires_grad_(False)
    assert count_parameters(network) == before


def test_the_peak_of_memory_is_in_bytes_and_no_less_than_what_is_held_now():
    """Linux counts the two apart, to some hundred KB: so much more was held, and given back."""
    with mmap.mmap(-1, 2**26) as more:
        more.write(b"1" * 2**26)
    held = psutil.Process().memory_info().rss
    peak, owner = peak_memory(torch.device("cpu"))
    assert owner == "process"
    assert held <= peak < psutil.virtual_memory().total
