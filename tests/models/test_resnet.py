"""Laws of the ResNets; torchvision's, with weights drawn at random, are the reference."""

import pytest
import torch
import torchvision
from torch import nn

from assay.models.resnet import BLOCKS


def reference(arch):
    torch.manual_seed(0)
    return getattr(torchvision.models, arch)()


def state(network):
    """Its weights, and copies of its running statistics, which both networks move in training."""
    return {
        name: value.clone() if "running" in name else value
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def weights(network):
    return {name: tuple(weight.shape) for name, weight in network.named_parameters()}


@pytest.mark.parametrize("norm", ["bn", "bn_torch", "gn"])
@pytest.mark.parametrize("arch", BLOCKS)
def test_a_resnet_has_the_weights_of_torchvisions(sketch, arch, norm):
    with torch.device("meta"):
        assert weights(sketch(arch, (3, 224, 224), 1000, norm=norm)) == weights(reference(arch))


def test_resnet18_at_224_with_torchvisions_weights_gives_its_logits(sketch):
    agree(sketch("resnet18", (3, 224, 224), 1000), reference("resnet18"), torch.float32, 224)


@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
@pytest.mark.parametrize("arch", BLOCKS)
def test_every_resnet_with_torchvisions_weights_gives_its_logits(sketch, arch, norm):
    # In fp64, since batch norms of few values, 150 deep, make much of rounding.
    agree(sketch(arch, (3, 64, 64), 1000, norm=norm), reference(arch), torch.float64, 64)


def agree(own, expected, dtype, side):
    missing, unexpected = own.load_state_dict(state(expected), assign=True, strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    for name, one in own.named_modules():
        if name + ".num_batches_tracked" in missing:
            one.num_batches_tracked = torch.tensor(0)
    images = torch.randn(2, 3, side, side, dtype=dtype)
    own, expected = own.to(dtype), expected.to(dtype)
    with torch.no_grad():
        # Training first, so that evaluation has running statistics of its own.
        torch.testing.assert_close(own.train()(images), expected.train()(images))
        torch.testing.assert_close(own.eval()(images), expected.eval()(images))


@pytest.mark.parametrize("arch", ["resnet18", "resnet50"])
def test_a_resnet_has_the_gradients_of_torchvisions(network, arch):
    own, expected = network(arch, (3, 64, 64), 1000), reference(arch)
    own.load_state_dict(state(expected))
    images = torch.randn(4, 3, 64, 64, dtype=torch.float64)
    found = []
    for one in (own, expected):
        one.double()(images).square().mean().backward()
        found.append({name: weight.grad for name, weight in one.named_parameters()})
    torch.testing.assert_close(*found)


@pytest.mark.parametrize(("stem", "sides"), [("imagenet", (8, 1)), ("small", (32, 4))])
def test_only_the_small_stem_keeps_the_plane(network, stem, sides):
    found = []
    own = network("resnet18", (3, 32, 32), stem=stem)
    for layer in (own.layer1, own.layer4):
        layer.register_forward_hook(lambda layer, given, out: found.append(out.shape[-2:]))
    own(torch.zeros(2, 3, 32, 32))
    assert found == [(side, side) for side in sides]


def test_the_small_stem_is_a_3x3_convolution(sketch):
    assert sketch("resnet18", stem="small").conv1.weight.shape == (64, 3, 3, 3)


def test_resnet18_as_the_digits_study_has_it_can_be_said(sketch):
    own = sketch("resnet18", (1, 224, 224), 10, conv_bias=True, shortcut_norm=False)
    biased = {name for name, one in own.named_modules() if getattr(one, "bias", None) is not None}
    layers = {name for name, one in own.named_modules() if isinstance(one, nn.Conv2d)}
    projections = {f"layer{stage}.0.downsample.0" for stage in (2, 3, 4)}
    assert layers - biased == projections
    assert not [name for name in own.state_dict() if "downsample.1" in name]


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 17, 40), (4, 1, 1)])
@pytest.mark.parametrize("stem", ["imagenet", "small"])
@pytest.mark.parametrize("arch", BLOCKS)
def test_a_resnet_takes_any_channels_and_sides(sketch, arch, stem, shape):
    own = sketch(arch, shape, 7, stem=stem)
    assert own(torch.zeros(4, *shape, device="meta")).shape == (4, 7)
