"""Networks by the names that params.yaml knows."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from assay.models import build
from assay.params.model import Model


@pytest.fixture
def network() -> Callable[..., nn.Module]:
    """A network for images of a shape; further words are those of the section `model`."""

    def make(
        arch: str, shape: tuple[int, int, int] = (3, 32, 32), classes: int = 5, **model: Any
    ) -> nn.Module:
        random = torch.Generator().manual_seed(model.pop("seed", 0))
        if arch.startswith("cifar"):
            model = {"n": 1} | model
        return build(Model(arch=arch, **model), shape, classes, random)

    return make


@pytest.fixture
def sketch(network: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """The same without numbers (torch's meta device): names and shapes cost nothing."""

    def make(*words: Any, **model: Any) -> nn.Module:
        with torch.device("meta"):
            return network(*words, **model)

    return make
