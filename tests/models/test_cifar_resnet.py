"""Laws of the residual networks whose depth is a number."""

import pytest
import torch
from torch import nn

BOTH = {"cifar_resnet": 6, "cifar_preact_resnet": 9}


@pytest.mark.parametrize(("arch", "n", "shortcut", "millions"), [
    ("cifar_resnet", 3, "pad", "0.27"), ("cifar_resnet", 5, "pad", "0.46"),
    ("cifar_resnet", 7, "pad", "0.66"), ("cifar_resnet", 9, "pad", "0.85"),
    ("cifar_resnet", 18, "pad", "1.7"), ("cifar_preact_resnet", 18, "projection", "1.7"),
])  # fmt: skip
def test_the_parameters_are_as_many_as_in_the_papers(sketch, arch, n, shortcut, millions):
    own = sketch(arch, (3, 32, 32), 10, n=n, shortcut=shortcut)
    count = sum(weight.numel() for weight in own.parameters())
    digits = len(millions) - 2
    assert f"{count / 1e6:.{digits}f}" == millions


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("arch", BOTH)
def test_the_layers_with_weights_are_6n_plus_2_or_9n_plus_2(sketch, arch, n):
    layers = [
        name
        for name, one in sketch(arch, n=n).named_modules()
        if isinstance(one, nn.Conv2d | nn.Linear) and "downsample" not in name
    ]
    assert len(layers) == BOTH[arch] * n + 2


@pytest.mark.parametrize(("arch", "widths"), [
    ("cifar_resnet", [16, 32, 64]), ("cifar_preact_resnet", [64, 128, 256]),
])  # fmt: skip
def test_planes_shrink_at_the_second_and_third_stage_where_channels_double(network, arch, widths):
    own, found = network(arch, n=2), []
    for layer in (own.layer1, own.layer2, own.layer3):
        layer.register_forward_hook(lambda layer, given, out: found.append(tuple(out.shape[1:])))
    own(torch.zeros(2, 3, 20, 13))
    assert found == list(zip(widths, (20, 10, 5), (13, 7, 4), strict=True))


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 256, 256), (4, 7, 30)])
@pytest.mark.parametrize("arch", BOTH)
def test_any_channels_and_sides_are_taken(sketch, arch, shape):
    own = sketch(arch, shape, 7)
    assert own(torch.zeros(4, *shape, device="meta")).shape == (4, 7)


def test_nothing_follows_the_sum_of_a_pre_activation_block(network):
    block = network("cifar_preact_resnet", n=2, zero_init_residual=True).layer1[1]
    images = torch.randn(2, 64, 5, 5)
    assert block(images).equal(images)


@pytest.mark.parametrize("norm", ["bn_torch", "none"])
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("stage", [1, 2])
def test_a_pre_activation_block_is_what_the_paper_says(network, norm, stage, place):
    own = network("cifar_preact_resnet", n=2, norm=norm).double()
    block = own.get_submodule(f"layer{stage}.{place}")

    def paper(images):
        first = torch.relu(block.bn1(images))
        second = torch.relu(block.bn2(block.conv1(first)))
        third = torch.relu(block.bn3(block.conv2(second)))
        shortcut = images if place else block.downsample[0](first)
        return block.conv3(third) + shortcut

    channels = block.conv1.in_channels
    given = torch.randn(4, channels, 6, 5, dtype=torch.float64, requires_grad=True)
    found = []
    for one in (block, paper):
        wanted = (given, *block.parameters())
        found.append((one(given), torch.autograd.grad(one(given).square().sum(), wanted)))
    torch.testing.assert_close(*found)


def test_a_pre_activation_block_strides_in_its_first_convolution_as_the_papers_code_does(sketch):
    block = sketch("cifar_preact_resnet").layer2[0]
    strides = [one.stride for one in (block.conv1, block.conv2, block.conv3)]
    assert strides == [(2, 2), (1, 1), (1, 1)]


def test_a_pre_activation_projection_has_neither_norm_nor_bias(sketch):
    own = sketch("cifar_preact_resnet", shortcut_norm=True, conv_bias=True)
    names = [name for name in own.state_dict() if "downsample" in name]
    assert names == [f"layer{stage}.0.downsample.0.weight" for stage in (1, 2, 3)]


def test_without_its_n_there_is_no_network(sketch):
    with pytest.raises(ValueError, match="cifar_resnet needs n"):
        sketch("cifar_resnet", n=None)
