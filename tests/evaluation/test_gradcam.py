"""Grad-CAM against captum's, for a VGG and a ResNet."""

import pytest
import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import nn

from assay.evaluation.gradcam import Place, deepest_maps, grad_cam
from assay.models import build
from assay.params.model import Model

MODELS = [
    ({"arch": "vgg11"}, 64),
    ({"arch": "resnet18", "stem": "small"}, 32),
    ({"arch": "resnet50", "norm": "gn"}, 64),
    ({"arch": "cifar_preact_resnet", "n": 1}, 32),
    ({"arch": "cifar_resnet", "n": 1, "norm": "bin"}, 32),
]


def made(model, side, classes=5):
    network = build(Model.model_validate(model), (3, side, side), classes, torch.Generator()).eval()
    images = torch.randn(4, 3, side, side, generator=torch.Generator().manual_seed(0))
    return network, images, torch.tensor([0, 1, 2, 4])


def rounded(heat):
    return heat / heat.amax((1, 2), keepdim=True).clamp_min(1e-30)


@pytest.mark.parametrize(("model", "side"), MODELS)
def test_it_is_captums(model, side):
    network, images, classes = made(model, side)
    place = deepest_maps(network, images)
    ours = grad_cam(network, images, classes, place)
    theirs = LayerGradCam(network, place.module).attribute(images, classes, relu_attributions=True)
    theirs = LayerAttribution.interpolate(theirs, (side, side), "bilinear")[:, 0].detach()
    assert ours.shape == (4, side, side)
    assert ours.amax() == 1
    assert torch.allclose(ours, rounded(theirs), atol=1e-5)


@pytest.mark.parametrize(
    ("model", "side", "maps"),
    [
        ({"arch": "vgg16"}, 32, 8),
        ({"arch": "vgg16"}, 224, 7),
        ({"arch": "resnet18"}, 32, 8),
        ({"arch": "resnet18"}, 224, 7),
        ({"arch": "cifar_resnet", "n": 1}, 32, 8),
        ({"arch": "cifar_preact_resnet", "n": 1}, 32, 8),
        ({"arch": "resnet18", "stem": "small"}, 8, 8),
    ],
)
def test_the_maps_are_the_deepest_of_seven_pixels_or_more(model, side, maps):
    network, images, _ = made(model, side)
    place, seen = deepest_maps(network, images), []
    place.module.register_forward_hook(lambda module, given, output: seen.append(output))
    network(images)
    assert seen[place.time].shape[2:] == (maps, maps)


def test_where_all_maps_are_small_the_largest_count():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4, 2))
    assert deepest_maps(network, torch.randn(1, 3, 5, 5)) == Place(network[0], 0)


def test_a_module_that_runs_twice_is_caught_the_right_time():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.convolution, self.last = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(3, 2)

        def forward(self, images):
            twice = self.convolution(self.convolution(images))
            return self.last(twice.mean((2, 3)))

    network, images = Twice(), torch.randn(2, 3, 8, 8)
    assert deepest_maps(network, images) == Place(network.convolution, 1)
    late, early = (
        grad_cam(network, images, torch.tensor([0, 1]), Place(network.convolution, time))
        for time in (1, 0)
    )
    assert not torch.allclose(late, early)


def test_what_speaks_against_a_class_is_cold_and_nothing_warm_is_all_zero():
    network = nn.Sequential(nn.Identity(), nn.Flatten(), nn.Linear(64, 2, bias=False))
    with torch.no_grad():
        network[2].weight[0], network[2].weight[1] = 1.0, -1.0
    images = torch.ones(1, 1, 8, 8)
    images[:, :, :, 4:] = -1.0
    heat = grad_cam(network, images, torch.tensor([0]), Place(network[0], 0))
    assert heat[0, :, :4].amin() == 1
    assert heat[0, :, 4:].amax() == 0
    none = grad_cam(network, torch.ones(1, 1, 8, 8), torch.tensor([1]), Place(network[0], 0))
    assert none.amax() == 0


def test_the_network_is_left_as_it_was():
    network, images, classes = made({"arch": "resnet18", "stem": "small"}, 32)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    grad_cam(network, images, classes, deepest_maps(network, images))
    assert all(value.equal(before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
