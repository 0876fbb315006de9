"""A network that is saved, as training leaves it."""

import pytest
import torch

from assay.models import build
from assay.models.saved import save
from assay.params.model import Model

MODEL = {"arch": "resnet18", "norm": "bn"}
META = {
    "classes": ["a", "b", "c"],
    "shape": [1, 8, 8],
    "source_shape": None,
    "fit": "squash",
    "mean": [0.5],
    "deviation": [0.25],
}
TRAIN = {"epochs": 7, "batch_size": 4, "lr": 0.1, "device": "cpu", "threads": 1}


@pytest.fixture(autouse=True)
def _threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def network():
    return build(Model(**MODEL), [1, 8, 8], 3, torch.Generator().manual_seed(0)).eval()


@pytest.fixture
def fit():
    return "squash"


@pytest.fixture
def folder(network, tmp_path, fit):
    plan = {"model": MODEL, "train": TRAIN | {"precision": "fp32"}}
    config = {"plan": plan | {"augment": {"rotate": 90.0}, "normalise": "dataset"}}
    best = {name: value / 2 for name, value in network.state_dict().items()}
    config |= {"seed": 0, "last_epoch": 7, "best_epoch": 2}
    save(network, best, config, META | {"fit": fit}, tmp_path / "model")
    return tmp_path / "model"
