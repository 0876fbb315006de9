"""Laws of the ResNets; torchvision's, with weights drawn at random, is the reference."""

import pytest
import torch
import torchvision
from torch import nn


@pytest.fixture(scope="module")
def reference():
    torch.manual_seed(0)
    return torchvision.models.resnet18()


def plain_state(network):
    state = network.state_dict()
    return {name: one for name, one in state.items() if not name.endswith("num_batches_tracked")}


@pytest.mark.parametrize("norm", ["bn", "bn_torch"])
def test_resnet18_with_torchvisions_weights_gives_its_logits(network, reference, norm):
    own = network("resnet18", (3, 224, 224), 1000, norm=norm)
    missing, unexpected = own.load_state_dict(plain_state(reference), strict=False)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)
    count = sum(weight.numel() for weight in own.parameters())
    assert count == sum(weight.numel() for weight in reference.parameters())
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        # Training first, so that evaluation has running statistics of its own.
        torch.testing.assert_close(own(images), reference.train()(images))
        torch.testing.assert_close(own.eval()(images), reference.eval()(images))


def test_resnet18_has_the_gradients_of_torchvisions(network, reference):
    own = network("resnet18", (3, 64, 64), 1000)
    own.load_state_dict(plain_state(reference))
    images = torch.randn(4, 3, 64, 64)
    found = []
    for one in (own.train(), reference.train()):
        one.zero_grad()
        one(images).square().mean().backward()
        found.append(one.conv1.weight.grad)
    # Twenty batch norms deep, fp32 rounding has grown; a wrong gradient is wrong by its own size.
    torch.testing.assert_close(*found, rtol=1e-3, atol=1e-3 * found[1].abs().max().item())


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


@pytest.mark.parametrize(("norm", "biased"), [("bn", False), ("gn", False), ("none", True)])
def test_convolutions_have_biases_where_there_is_no_norm(sketch, norm, biased):
    layers = [one for one in sketch("resnet18", norm=norm).modules() if isinstance(one, nn.Conv2d)]
    assert {layer.bias is not None for layer in layers} == {biased}


def test_a_residual_block_of_zeros_hands_its_images_on(network):
    block = network("resnet18", norm="none").layer1[0]
    nn.init.zeros_(block.conv2.weight)
    images = torch.rand(2, 64, 5, 5)
    assert block(images).equal(images)


@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
def test_the_images_themselves_are_left_as_they_were(network, norm):
    images = torch.randn(2, 3, 16, 16)
    before = images.clone()
    network("resnet18", norm=norm)(images)
    assert images.equal(before)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 17, 40), (4, 32, 32)])
def test_a_resnet_takes_any_channels_and_sides(network, shape):
    assert network("resnet18", shape, 7)(torch.zeros(2, *shape)).shape == (2, 7)
