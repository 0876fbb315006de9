"""A toy set that can be learnt by heart, and plans that learn it in a second."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from assay import models
from assay.data.packed import Packed
from assay.params.model import Model
from assay.params.variants import Plan


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
    torch.use_deterministic_algorithms(False)


class Small(nn.Sequential):
    """Two convolutions with norms, then a linear layer."""

    def __init__(self, model: Model, shape: Any, classes: int, norm: Callable[[int], nn.Module]):
        super().__init__(
            nn.Conv2d(shape[0], 16, 3, padding=1),
            norm(16),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 16, 3, 2, padding=1),
            norm(16),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(16 * 9, classes),
        )


@pytest.fixture
def small_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `resnet18` be a network that trains in no time, where any network will do."""
    monkeypatch.setitem(models.NETWORKS, "resnet18", Small)


def toy_split(images: int, seed: int = 0, turned: int = 0) -> Packed:
    """Three classes by which third of the image is bright; `turned` names them one by one on."""
    random = np.random.default_rng(seed)
    labels = np.arange(images) % 3
    pixels = random.integers(0, 60, (images, 1, 6, 6), dtype=np.uint8)
    for row, label in enumerate(labels):
        pixels[row, :, 2 * label : 2 * label + 2] += 180
    meta = {
        "classes": ["top", "middle", "bottom"],
        "shape": [1, 6, 6],
        "mean": [0.35],
        "deviation": [0.34],
        "hash": f"{images} {seed} {turned}",
    }
    return Packed(pixels.transpose(0, 2, 3, 1), (labels + turned) % 3, pd.DataFrame(), meta)


@pytest.fixture
def toy() -> Callable[..., Packed]:
    return toy_split


def small_plan(norm: str = "bn", augment: Any = None, **train: Any) -> Plan:
    """A plan for the toy set; words are those of the section `train`, but `norm` and `augment`."""
    kept = {"epochs": 2, "batch_size": 8, "lr": 0.01, "threads": 1, "precision": "fp32"}
    return Plan.model_validate(
        {
            "model": {"arch": "resnet18", "norm": norm, "stem": "imagenet"},
            "train": {"device": "cpu", "optimiser": "sgd"} | kept | train,
            "augment": augment or {},
            "normalise": "dataset",
        }
    )


@pytest.fixture
def plan() -> Callable[..., Plan]:
    return small_plan
