"""Laws of the VGGs; torchvision's, with weights drawn at random, are the reference."""

import itertools

import pytest
import torch
import torchvision
from torch import nn

REFERENCES = {"bn": torchvision.models.vgg16_bn, "none": torchvision.models.vgg16}


def shapes(network):
    return {
        name: tuple(value.shape)
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


@pytest.mark.parametrize("norm", REFERENCES)
def test_vgg16_at_224_has_the_weights_of_torchvisions(sketch, norm):
    with torch.device("meta"):
        reference = REFERENCES[norm]()
    own = sketch("vgg16", (3, 224, 224), 1000, norm=norm)
    assert shapes(own) == shapes(reference)
    count = sum(weight.numel() for weight in own.parameters())
    assert count == sum(weight.numel() for weight in reference.parameters())


def test_vgg16_at_224_with_torchvisions_weights_gives_its_logits(sketch):
    torch.manual_seed(0)
    reference = torchvision.models.vgg16_bn(dropout=0.0, init_weights=False)
    own = sketch("vgg16", (3, 224, 224), 1000, norm="bn", dropout=0.0)
    # Cloned, for in training both move their running statistics.
    state = {
        name: value.clone() if "running" in name else value
        for name, value in reference.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    own.load_state_dict(state, assign=True)
    images = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        # Training first, so that evaluation has running statistics of its own.
        torch.testing.assert_close(own(images), reference(images))
        torch.testing.assert_close(own.eval()(images), reference.eval()(images))


def test_vgg16_without_norm_has_torchvisions_features(network):
    torch.manual_seed(0)
    with torch.device("meta"):
        reference = torchvision.models.vgg16().features
    own = network("vgg16", (3, 64, 64), norm="none").features
    reference.load_state_dict(own.state_dict(), assign=True)
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(own(images), reference(images))


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 224, 224), (4, 32, 96), (3, 70, 47)])
def test_a_vgg_fits_its_classifier_to_the_images(sketch, shape):
    vgg = sketch("vgg16", shape, 7)
    assert vgg.classifier[0].in_features == 512 * (shape[1] // 32) * (shape[2] // 32)
    assert vgg(torch.zeros(2, *shape, device="meta")).shape == (2, 7)


@pytest.mark.parametrize("shape", [(3, 31, 64), (3, 64, 31)])
def test_a_vgg_refuses_images_that_five_poolings_would_leave_empty(sketch, shape):
    with pytest.raises(ValueError, match=f"{shape[1]}x{shape[2]} is under 32 pixels"):
        sketch("vgg16", shape)


@pytest.mark.parametrize("norm", ["bn", "gn", "none"])
def test_a_vggs_convolutions_have_biases_whatever_the_norm(sketch, norm):
    vgg = sketch("vgg16", norm=norm)
    assert all(one.bias is not None for one in vgg.modules() if isinstance(one, nn.Conv2d))


@pytest.mark.parametrize(("norm", "norms"), [("bn", 13), ("gn", 13), ("none", 0)])
def test_a_vgg_has_a_norm_after_every_convolution_or_none(sketch, norm, norms):
    layers = list(sketch("vgg16", norm=norm).features)
    after = [b for a, b in itertools.pairwise(layers) if isinstance(a, nn.Conv2d)]
    assert sum(not isinstance(layer, nn.ReLU) for layer in after) == norms


def test_dropout_is_twice_in_the_classifier_with_the_given_share(sketch):
    vgg = sketch("vgg16", dropout=0.25)
    assert [one.p for one in vgg.modules() if isinstance(one, nn.Dropout)] == [0.25, 0.25]
