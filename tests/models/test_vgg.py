"""Laws of the VGGs; torchvision's, with weights drawn at random, are the reference."""

import itertools

import pytest
import torch
import torchvision
from torch import nn

from assay.models.vgg import CONFIGURATIONS
from assay.norms.local_response import LocalResponseNorm

PLAIN = ["vgg11", "vgg13", "vgg16", "vgg19"]
SUFFIX = {"bn": "_bn", "gn": "_bn", "none": ""}


def reference(arch, norm, **words):
    return getattr(torchvision.models, arch + SUFFIX[norm])(init_weights=False, **words)


def shapes(network):
    return {
        name: tuple(value.shape)
        for name, value in network.state_dict().items()
        if not name.endswith(("num_batches_tracked", "running_mean", "running_var"))
    }


def state(network):
    """Its weights, and copies of its running statistics, which both networks move in training."""
    return {
        name: value.clone() if "running" in name else value
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def agree(own, reference, images):
    with torch.no_grad():
        # Training first, so that evaluation has running statistics of its own.
        torch.testing.assert_close(own.train()(images), reference.train()(images))
        torch.testing.assert_close(own.eval()(images), reference.eval()(images))


def convolutions(network):
    return [one for one in network.modules() if isinstance(one, nn.Conv2d)]


@pytest.mark.parametrize("norm", SUFFIX)
@pytest.mark.parametrize("arch", PLAIN)
def test_a_vgg_at_224_has_the_weights_of_torchvisions(sketch, arch, norm):
    with torch.device("meta"):
        expected = reference(arch, norm)
    own = sketch(arch, (3, 224, 224), 1000, norm=norm)
    assert shapes(own) == shapes(expected)
    count = sum(weight.numel() for weight in own.parameters())
    assert count == sum(weight.numel() for weight in expected.parameters())


def test_vgg11_at_224_with_torchvisions_weights_gives_its_logits(sketch):
    torch.manual_seed(0)
    expected = reference("vgg11", "bn", dropout=0.0)
    own = sketch("vgg11", (3, 224, 224), 1000, norm="bn", dropout=0.0)
    own.load_state_dict(state(expected), assign=True)
    agree(own, expected, torch.randn(2, 3, 224, 224))


@pytest.mark.parametrize("norm", ["bn", "none"])
@pytest.mark.parametrize("arch", PLAIN)
def test_every_vgg_with_torchvisions_weights_gives_its_features(sketch, arch, norm):
    torch.manual_seed(0)
    with torch.device("meta"):
        expected = reference(arch, norm).features
    expected.to_empty(device="cpu").apply(lambda one: getattr(one, "reset_parameters", int)())
    own = sketch(arch, norm=norm).features
    own.load_state_dict(state(expected), assign=True)
    agree(own.double(), expected.double(), torch.randn(4, 3, 32, 32, dtype=torch.float64))


@pytest.mark.parametrize(("arch", "layers", "millions"), [
    ("vgg11", 11, 133), ("vgg11_lrn", 11, 133), ("vgg13", 13, 133), ("vgg16_c", 16, 134),
    ("vgg16", 16, 138), ("vgg19", 19, 144),
])  # fmt: skip
def test_layers_and_parameters_are_those_of_the_papers_tables(sketch, arch, layers, millions):
    vgg = sketch(arch, (3, 224, 224), 1000, norm="none")
    weighted = [one for one in vgg.modules() if isinstance(one, nn.Conv2d | nn.Linear)]
    assert len(weighted) == layers
    assert round(sum(weight.numel() for weight in vgg.parameters()) / 1e6) == millions


def test_vgg16_c_ends_its_last_three_groups_with_a_1x1_convolution(sketch):
    sides = {arch: [] for arch in ("vgg16", "vgg16_c")}
    for arch, found in sides.items():
        found += [one.kernel_size[0] for one in convolutions(sketch(arch))]
    assert sides["vgg16"] == [3] * 13
    assert [place for place, side in enumerate(sides["vgg16_c"]) if side == 1] == [6, 9, 12]


@pytest.mark.parametrize("norm", ["bn", "none"])
def test_local_response_follows_the_first_relu_of_a_lrn_alone(sketch, norm):
    def local(arch):
        layers = list(sketch(arch, norm=norm).features)
        return [place for place, one in enumerate(layers) if isinstance(one, LocalResponseNorm)]

    assert local("vgg11_lrn") == [2 if norm == "none" else 3]
    assert not any(local(arch) for arch in CONFIGURATIONS if arch != "vgg11_lrn")


@pytest.mark.parametrize("arch", CONFIGURATIONS)
@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 224, 224), (4, 32, 96), (3, 70, 47)])
def test_a_vgg_fits_its_classifier_to_the_images(sketch, arch, shape):
    vgg = sketch(arch, shape, 7)
    assert vgg.classifier[0].in_features == 512 * (shape[1] // 32) * (shape[2] // 32)
    assert vgg(torch.zeros(2, *shape, device="meta")).shape == (2, 7)


@pytest.mark.parametrize("shape", [(3, 31, 64), (3, 64, 31)])
def test_a_vgg_refuses_images_that_five_poolings_would_leave_empty(sketch, shape):
    with pytest.raises(ValueError, match=f"{shape[1]}x{shape[2]} is under 32 pixels"):
        sketch("vgg16", shape)


@pytest.mark.parametrize("norm", SUFFIX)
@pytest.mark.parametrize(("conv_bias", "biased"), [("auto", True), (True, True), (False, False)])
def test_a_vggs_convolutions_have_biases_whatever_the_norm(sketch, norm, conv_bias, biased):
    layers = convolutions(sketch("vgg16", norm=norm, conv_bias=conv_bias))
    assert {one.bias is not None for one in layers} == {biased}


@pytest.mark.parametrize("arch", CONFIGURATIONS)
@pytest.mark.parametrize("norm", SUFFIX)
def test_a_vgg_has_a_norm_after_every_convolution_or_none(sketch, arch, norm):
    layers = list(sketch(arch, norm=norm).features)
    after = [b for a, b in itertools.pairwise(layers) if isinstance(a, nn.Conv2d)]
    norms = [layer for layer in after if not isinstance(layer, nn.ReLU)]
    assert len(norms) == (0 if norm == "none" else len(after))


def test_dropout_is_twice_in_the_classifier_with_the_given_share(sketch):
    vgg = sketch("vgg16", dropout=0.25)
    assert [one.p for one in vgg.modules() if isinstance(one, nn.Dropout)] == [0.25, 0.25]
