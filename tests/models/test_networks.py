"""Laws of the networks by name."""

import pytest
import torch
from torch import nn

from assay.models import NETWORKS
from assay.norms.batch import BatchNorm
from assay.norms.batch_instance import BatchInstanceNorm
from assay.norms.group import GroupNorm
from assay.norms.instance import InstanceNorm
from assay.norms.layer import LayerNorm
from assay.params.architectures import ARCHITECTURES

KINDS = {
    "bin": BatchInstanceNorm,
    "bn": BatchNorm,
    "bn_torch": nn.BatchNorm2d,
    "gn": GroupNorm,
    "in": InstanceNorm,
    "ln": LayerNorm,
}


def norms(network, kind):
    return [one for one in network.modules() if isinstance(one, kind)]


@pytest.mark.parametrize("arch", NETWORKS)
def test_the_widths_known_before_torch_is_there_are_those_that_a_norm_meets(sketch, arch):
    widths = {len(norm.weight) for norm in norms(sketch(arch, norm="bn"), BatchNorm)}
    assert widths == set(ARCHITECTURES[arch].widths)


@pytest.mark.parametrize("arch", NETWORKS)
def test_the_smallest_side_known_before_torch_is_there_is_enough(sketch, arch):
    side = ARCHITECTURES[arch].smallest_side
    sketch(arch, (3, side, side))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("arch", NETWORKS)
def test_every_norm_of_a_network_is_the_one_asked_for(sketch, arch, name):
    found = norms(sketch(arch, norm=name, norm_eps=0.5), tuple(KINDS.values()))
    assert {type(norm) for norm in found} == {KINDS[name]}
    assert {norm.eps for norm in found} == {0.5}


@pytest.mark.parametrize("arch", NETWORKS)
def test_momentum_and_groups_reach_every_norm(sketch, arch):
    assert {n.momentum for n in norms(sketch(arch, norm_momentum=0.25), BatchNorm)} == {0.25}
    assert {n.groups for n in norms(sketch(arch, norm="gn", groups=8), GroupNorm)} == {8}


@pytest.mark.parametrize("arch", NETWORKS)
def test_the_gradient_reaches_every_weight(network, arch):
    # Not batch norm: it takes away the biases of convolutions, and with them their gradient.
    own = network(arch, norm="gn", dropout=0)
    own(torch.randn(4, 3, 32, 32)).square().sum().backward()
    assert [name for name, one in own.named_parameters() if not one.grad.any()] == []


ONE_OF_EACH = ["resnet18", "resnet50", "cifar_resnet", "cifar_preact_resnet", "vgg11_lrn"]


@pytest.mark.parametrize("shortcut", ["projection", "pad"])
@pytest.mark.parametrize("norm", ["bn_torch", "none"])
@pytest.mark.parametrize("arch", [*ONE_OF_EACH[:-1], "vgg11"])
def test_working_in_place_changes_no_gradient(network, monkeypatch, arch, norm, shortcut):
    images = torch.randn(4, 3, 32, 32)
    before = images.clone()
    own = network(arch, norm=norm, shortcut=shortcut, dropout=0)

    def gradients():
        return torch.autograd.grad(own(images).square().sum(), [*own.parameters()])

    found = gradients()
    assert images.equal(before)
    relu = torch.relu
    monkeypatch.setattr(torch.nn.functional, "relu", lambda given, inplace=False: relu(given))
    monkeypatch.setattr(torch.Tensor, "add_", torch.Tensor.add)
    torch.testing.assert_close(found, gradients(), rtol=0, atol=0)


@pytest.mark.parametrize("shortcut", ["projection", "pad"])
@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
@pytest.mark.parametrize("arch", ONE_OF_EACH)
def test_channels_stay_last_and_bf16_stays_bf16_from_layer_to_layer(network, arch, norm, shortcut):
    own = network(arch, norm=norm, shortcut=shortcut).to(memory_format=torch.channels_last)
    strays = []

    def look(layer, given, out):
        last = out.is_contiguous(memory_format=torch.channels_last)
        if not (last and out.dtype == torch.bfloat16):
            strays.append(layer)

    for layer in own.modules():
        if not list(layer.children()) and not isinstance(layer, nn.Linear | nn.Dropout | nn.ReLU):
            layer.register_forward_hook(look)
    images = torch.randn(2, 3, 32, 32).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        own(images).square().sum().backward()
    assert strays == []
    assert all(one.grad.isfinite().all() for one in own.parameters())
