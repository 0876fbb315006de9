"""Laws that all residual networks share: shortcuts, biases, branches of zeros."""

import pytest
import torch
from torch import nn

from assay.models.blocks import BasicBlock, Bottleneck, PreactBottleneck, zero_branches
from assay.models.parts import PaddedShortcut, Parts

BLOCKS = [BasicBlock, Bottleneck, PreactBottleneck]
NETWORKS = ["resnet18", "resnet50", "cifar_resnet", "cifar_preact_resnet"]


@pytest.mark.parametrize("plane", [(1, 1), (1, 5), (4, 6), (5, 7)])
def test_a_padded_shortcut_is_every_second_pixel_and_zeros_behind(plane):
    images = torch.randn(2, 3, *plane)
    padded = PaddedShortcut(2, 4)(images)
    assert padded[:, :3].equal(images[:, :, ::2, ::2])
    assert padded.shape[1] == 7
    assert not padded[:, 3:].any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_padded_shortcut_keeps_type_and_memory_format(dtype):
    images = torch.randn(2, 16, 8, 8, dtype=dtype).contiguous(memory_format=torch.channels_last)
    padded = PaddedShortcut(2, 16)(images)
    assert padded.dtype == dtype
    assert padded.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("arch", NETWORKS)
def test_padded_shortcuts_have_no_weights(sketch, arch):
    assert any("downsample" in name for name in sketch(arch).state_dict())
    assert not any("downsample" in name for name in sketch(arch, shortcut="pad").state_dict())


@pytest.mark.parametrize("arch", NETWORKS)
@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
@pytest.mark.parametrize("conv_bias", ["auto", True, False])
def test_convolutions_have_biases_where_asked_for_or_where_there_is_no_norm(
    sketch, arch, norm, conv_bias
):
    own = sketch(arch, norm=norm, conv_bias=conv_bias, shortcut="pad")
    found = {one.bias is not None for one in own.modules() if isinstance(one, nn.Conv2d)}
    assert found == {norm == "none" if conv_bias == "auto" else conv_bias}


@pytest.mark.parametrize("shortcut_norm", [True, False])
@pytest.mark.parametrize("conv_bias", [True, False])
def test_a_projection_has_a_bias_where_all_have_one_unless_it_has_no_norm(
    sketch, conv_bias, shortcut_norm
):
    own = sketch("resnet18", conv_bias=conv_bias, shortcut_norm=shortcut_norm)
    projection = own.layer2[0].downsample
    assert (projection[0].bias is not None) == (conv_bias and shortcut_norm)
    assert len(projection) == (2 if shortcut_norm else 1)


def made(kind, norm, channels=8, stride=2):
    return kind(channels, 16, stride, Parts(norm, bias=True))


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, lambda channels: nn.Identity()])
@pytest.mark.parametrize("kind", BLOCKS)
def test_a_block_with_a_branch_of_zeros_is_its_shortcut(kind, norm):
    block = made(kind, norm, 16, stride=1)
    images = torch.randn(2, 16, 5, 5).relu()  # what a ReLU leaves as it is
    assert not block(images).allclose(images)
    zero_branches(block)
    assert block(images).equal(images)


@pytest.mark.parametrize("norm", [nn.BatchNorm2d, lambda channels: nn.Identity()])
@pytest.mark.parametrize("kind", BLOCKS)
def test_only_the_last_layer_of_a_branch_starts_at_zero_and_learns_at_once(kind, norm):
    block = made(kind, norm)
    zero_branches(block)
    weights = {name: one for name, one in block.named_parameters() if name.endswith("weight")}
    zeros = [name for name, one in weights.items() if not one.any()]
    assert len(zeros) == 1
    block(torch.randn(2, 8, 5, 5)).square().sum().backward()
    assert weights[zeros[0]].grad.any()


@pytest.mark.parametrize("arch", NETWORKS)
def test_branches_start_at_zero_where_that_is_asked_for(network, arch):
    def zeros(**model):
        own = network(arch, norm="bn", **model)
        return {name for name, one in own.named_parameters() if "weight" in name and not one.any()}

    assert not zeros()
    last = {"resnet18": "bn2", "cifar_resnet": "bn2", "resnet50": "bn3"}.get(arch, "conv3")
    blocks = {name.rsplit(".", 2)[0] for name in zeros(zero_init_residual=True)}
    assert zeros(zero_init_residual=True) == {f"{block}.{last}.weight" for block in blocks}
    assert len(blocks) == {"resnet18": 8, "resnet50": 16}.get(arch, 3)
