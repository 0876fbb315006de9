"""What params say about networks without torch is what the networks are."""

import subprocess
import sys
from typing import get_args

import pytest
import torch
from torch import nn

from assay.data.sources import SOURCES
from assay.models import NETWORKS
from assay.models.initialise import INITIALISATIONS
from assay.norms import NORMS
from assay.params.architectures import ARCHITECTURES, one_pixel_planes
from assay.params.data import Data
from assay.params.model import Architecture, Initialisation, Model, Norm, Stem


@pytest.mark.parametrize(("named", "made"), [
    (get_args(Architecture), NETWORKS), (get_args(Norm), NORMS),
    (get_args(Initialisation), INITIALISATIONS), (ARCHITECTURES, NETWORKS),
    (get_args(Data.model_fields["format"].annotation), SOURCES),
])  # fmt: skip
def test_every_name_that_params_allow_can_be_made_and_the_other_way_round(named, made):
    assert set(named) == set(made)


def model(arch, **given):
    return Model(arch=arch, n=2 if arch.startswith("cifar") else None, **given)


def network(arch, size, norm, **given):
    with torch.device("meta"):  # shapes without memory
        return NETWORKS[arch](model(arch, **given), (1, *size), 10, norm)


def planes(arch, size, stem="imagenet"):
    """The smallest plane [height, width] that norms of each width meet."""
    met, asked = {}, []

    class Meets(nn.Module):
        def forward(self, images):
            _, channels, *plane = images.shape
            met[channels] = min(met.get(channels, plane), plane)
            return images

    made = network(arch, size, lambda width: asked.append(width) or Meets(), stem=stem)
    made(torch.empty(2, 1, *size, device="meta"))
    assert set(asked) == set(met)
    return met


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_widths_of_an_architecture_are_the_channels_that_its_norms_meet(arch):
    assert set(planes(arch, (32, 32))) == set(ARCHITECTURES[arch].widths)


@pytest.mark.parametrize("stem", get_args(Stem))
@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_strides_of_an_architecture_lead_to_the_planes_that_its_norms_meet(arch, stem):
    facts = ARCHITECTURES[arch]
    before = facts.stem if stem == "imagenet" else 1
    expected = {width: [128 // (facts.strides[width] * before)] * 2 for width in facts.widths}
    assert planes(arch, (128, 128), stem) == expected


SIZES = [(1, 1), (2, 1), (1, 4), (5, 5), (8, 3), (9, 9), (16, 16), (17, 2), (32, 32), (1, 33)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("arch", ["resnet18", "resnet50", "cifar_resnet", "cifar_preact_resnet"])
def test_planes_of_one_pixel_are_known_before_torch_is_there(arch, size):
    for stem in get_args(Stem):
        met = {width for width, plane in planes(arch, size, stem).items() if plane == [1, 1]}
        assert set(one_pixel_planes(model(arch, stem=stem), size)) == met


@pytest.mark.parametrize("arch", [arch for arch in ARCHITECTURES if arch.startswith("vgg")])
def test_no_norm_of_a_vgg_meets_planes_of_one_pixel(arch):
    assert [1, 1] not in planes(arch, (32, 32)).values()
    assert one_pixel_planes(model(arch), (32, 32)) == {}


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_smallest_side_of_an_architecture_is_enough_and_one_pixel_less_is_not(arch):
    side = ARCHITECTURES[arch].smallest_side
    logits = network(arch, (side, side), nn.BatchNorm2d)(
        torch.empty(2, 1, side, side, device="meta")
    )
    assert logits.shape == (2, 10)
    with pytest.raises((ValueError, RuntimeError)):
        network(arch, (side - 1, side - 1), nn.Identity)(
            torch.empty(2, 1, side - 1, side - 1, device="meta")
        )


def test_plan_imports_no_torch_since_it_must_take_a_second():
    code = "import runpy, sys; runpy.run_path('stages/plan.py'); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
