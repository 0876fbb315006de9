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
from assay.params.architectures import ARCHITECTURES
from assay.params.data import Data
from assay.params.model import Architecture, Initialisation, Model, Norm


@pytest.mark.parametrize(("named", "made"), [
    (get_args(Architecture), NETWORKS), (get_args(Norm), NORMS),
    (get_args(Initialisation), INITIALISATIONS), (ARCHITECTURES, NETWORKS),
    (get_args(Data.model_fields["format"].annotation), SOURCES),
])  # fmt: skip
def test_every_name_that_params_allow_can_be_made_and_the_other_way_round(named, made):
    assert set(named) == set(made)


def network(arch, side, norm):
    with torch.device("meta"):  # shapes without memory
        return NETWORKS[arch](Model(arch=arch), (1, side, side), 10, norm)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_widths_of_an_architecture_are_the_channels_that_its_norms_meet(arch):
    met = set()

    class Meets(nn.Module):
        def forward(self, images):
            met.add(images.shape[1])
            return images

    asked = []
    made = network(arch, 32, lambda channels: asked.append(channels) or Meets())
    made(torch.empty(2, 1, 32, 32, device="meta"))
    assert met == set(asked) == set(ARCHITECTURES[arch].widths)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_smallest_side_of_an_architecture_is_enough_and_one_pixel_less_is_not(arch):
    side = ARCHITECTURES[arch].smallest_side
    logits = network(arch, side, nn.BatchNorm2d)(torch.empty(2, 1, side, side, device="meta"))
    assert logits.shape == (2, 10)
    with pytest.raises((ValueError, RuntimeError)):
        network(arch, side - 1, nn.Identity)(torch.empty(2, 1, side - 1, side - 1, device="meta"))


def test_reading_params_imports_no_torch_since_plan_must_take_a_second():
    code = "import sys, assay.params.experiment; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
