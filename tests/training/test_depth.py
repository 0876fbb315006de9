"""Laws of the scales by depth: known where the network is linear, and without a trace."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from assay.training import run
from assay.training.depth import scales_by_depth
from assay.training.run import train

AUGMENT = {"pad_crop": 1, "rotate": 10.0}


def chain(weights, width=6):
    """Linear layers that each multiply by a number."""
    layers = [nn.Linear(width, width, bias=False) for _ in weights]
    for layer, weight in zip(layers, weights, strict=True):
        layer.weight.data = weight * torch.eye(width)
    return nn.Sequential(*layers)


@pytest.fixture
def batch():
    draw = torch.Generator().manual_seed(0)
    return torch.randn(12, 6, generator=draw), torch.arange(12) % 6


def test_in_a_linear_chain_each_scale_is_the_product_of_the_weights_before_or_after_it(batch):
    inputs, targets = batch
    found = scales_by_depth(chain([2.0, 0.5, 3.0]), *batch)
    logits = 3.0 * inputs
    error = (logits.softmax(1) - F.one_hot(targets, 6)).square().sum(1).mean().sqrt()
    inward = inputs.square().mean().sqrt()
    expected = [(1, "0", 2.0, 1.5), (2, "1", 1.0, 3.0), (3, "2", 3.0, 1.0)]
    for one, (depth, layer, forward, backward) in zip(found, expected, strict=True):
        assert (one.depth, one.layer) == (depth, layer)
        assert one.activation == pytest.approx(forward * inward.item())
        assert one.gradient == pytest.approx(backward * error.item())


def test_doubled_weights_double_the_activations_once_more_at_each_depth(batch):
    plain, doubled = (scales_by_depth(chain([w] * 5), *batch) for w in (0.7, 1.4))
    ratios = [b.activation / a.activation for a, b in zip(plain, doubled, strict=True)]
    assert ratios == pytest.approx([2, 4, 8, 16, 32])


def test_the_scales_hang_on_no_batch_size(batch):
    network = chain([2.0, 0.5])
    once, twice = (
        scales_by_depth(network, batch[0].repeat(n, 1), batch[1].repeat(n)) for n in (1, 2)
    )
    for a, b in zip(once, twice, strict=True):
        assert (a.activation, a.gradient) == pytest.approx((b.activation, b.gradient))


def test_what_is_done_in_place_to_an_output_changes_neither_scale(batch):
    """The rectifier's gradient comes before the convolution's, its values after."""
    draw = torch.Generator().manual_seed(1)
    layers = [nn.Conv2d(1, 4, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(64, 6)]
    for layer in (layers[0], layers[3]):
        nn.init.normal_(layer.weight, generator=draw)
    images = torch.randn(12, 1, 6, 6, generator=draw)
    apart = scales_by_depth(nn.Sequential(*layers), images, batch[1])
    layers[1] = nn.ReLU(inplace=True)
    assert scales_by_depth(nn.Sequential(*layers), images, batch[1]) == apart
    layers.pop(1)
    linear = scales_by_depth(nn.Sequential(*layers), images, batch[1])
    assert linear[0].activation == apart[0].activation
    assert linear[0].gradient > apart[0].gradient


def test_the_network_keeps_its_state_and_gets_no_gradient(batch):
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 6))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    scales_by_depth(network, torch.randn(12, 1, 6, 6), batch[1])
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(layer._forward_hooks for layer in network.modules())


def test_frozen_weights_are_measured_too(batch):
    network = chain([2.0, 0.5])
    free = scales_by_depth(network, *batch)
    assert scales_by_depth(network.requires_grad_(False), *batch) == free


def test_dead_and_overflowing_networks_have_scales_that_say_so(batch):
    dead = scales_by_depth(chain([1.0, 0.0, 1.0]), *batch)
    assert [one.activation > 0 for one in dead] == [True, False, False]
    assert [one.gradient > 0 for one in dead] == [False, True, True]
    over = scales_by_depth(chain([1e30, 1e30]), *batch)
    assert 0 < over[0].activation < float("inf")
    assert over[1].activation == float("inf")


def test_scales_whose_squares_leave_fp32_are_measured(batch):
    small = scales_by_depth(chain([1e-15, 1e-15]), *batch)
    assert small[1].activation / small[0].activation == pytest.approx(1e-15, rel=1e-6)


@pytest.mark.usefixtures("small_network")
@pytest.mark.parametrize("norm", ["bn", "none"])
def test_training_is_the_same_to_the_bit_without_the_measurement(plan, toy, norm, monkeypatch):
    to = plan(norm, AUGMENT, optimiser="adam")
    measured = train(to, 3, toy(24), toy(6, seed=1))
    monkeypatch.setattr(run, "_depths", lambda *words, **more: [])
    without = train(to, 3, toy(24), toy(6, seed=1))
    assert measured.depths
    assert not without.depths
    state = without.network.state_dict()
    assert all(v.equal(state[name]) for name, v in measured.network.state_dict().items())
    losses = [[one.train_loss for one in done.epochs] for done in (measured, without)]
    assert losses[0] == losses[1]


@pytest.mark.usefixtures("small_network")
def test_it_is_measured_before_the_first_step_and_twice_the_same(plan, toy):
    first = train(plan(augment=AUGMENT, lr=0.01), 3, toy(24), toy(6, seed=1))
    torch.manual_seed(5)
    again = train(plan(augment=AUGMENT, lr=0.5), 3, toy(24), toy(6, seed=1))
    other = train(plan(augment=AUGMENT), 4, toy(24), toy(6, seed=1))
    assert first.depths == again.depths != other.depths
    assert [one.layer for one in first.depths] == ["0", "3", "7"]


def test_frozen_norms_use_their_running_statistics_as_in_training():
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3), nn.Flatten(), nn.Linear(16, 2)
    )
    network.requires_grad_(False)[4].requires_grad_(True)
    images, labels = torch.randn(8, 1, 6, 6), torch.arange(8) % 2
    one = scales_by_depth(network, images, labels)
    network[1].running_var.fill_(100.0)
    network[2].bias.zero_()
    other = scales_by_depth(network, images, labels)
    assert other[0].activation == one[0].activation
    assert other[1].activation < one[1].activation / 3


def test_norms_see_the_batch_as_in_training_whatever_the_mode_before():
    """In evaluation the running statistics, still 0 and 1, would let the large scale pass."""
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 2))
    network[0].weight.data *= 1000
    images, labels = torch.randn(8, 1, 6, 6), torch.arange(8) % 2
    found = scales_by_depth(network.eval(), images, labels)
    assert found[0].activation > 100
    assert found[1].activation < 10
