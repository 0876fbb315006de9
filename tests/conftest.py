"""What several rooms' tests need: a small experiment, and pixel CSVs."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from assay.cores import cores

if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):  # before torch is loaded
    os.environ["OMP_NUM_THREADS"] = str(max(1, cores() // workers))

settings.register_profile("assay", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("assay")

MOST_WORKERS = 4  # each holds torch and MLflow: about a gigabyte

PARAMS = {
    "data": {"format": "pixel_csv", "path": "data", "labelled": "images.csv"},
    "split": {"train": 60, "val": 20, "test": 20},
    "preprocess": {"size": 32},
    "augment": {},
    "model": {"arch": "resnet18"},
    "train": {"epochs": 1, "batch_size": 10, "lr": 0.1},
    "evaluate": {},
    "report": {"title": "Small"},
    "variants": {"net": {}},
    "seeds": [0],
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """A worker for each core that we may use, but no more than `MOST_WORKERS`."""
    return min(MOST_WORKERS, cores())


@pytest.fixture
def params() -> dict[str, Any]:
    """What a small params.yaml holds: only what has no default."""
    return copy.deepcopy(PARAMS)


@pytest.fixture
def pixels() -> Callable[..., np.ndarray]:
    """Random images: `pixels(n, channels, height, width)`, the same for the same sizes."""
    return lambda *shape: np.random.default_rng(0).integers(0, 256, shape, np.uint8)


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Write a pixel CSV of images n c h w, with labels or without."""

    def write(images: np.ndarray, labels: list[str] | None = None, name: str = "i.csv") -> Path:
        flat = images.reshape(len(images), -1)
        names = [f"pixel{i}" for i in range(flat.shape[1])]
        rows = [",".join(names), *(",".join(map(str, row)) for row in flat.tolist())]
        if labels is not None:
            rows = [f"{label},{row}" for label, row in zip(["label", *labels], rows, strict=True)]
        path = tmp_path / name
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write
