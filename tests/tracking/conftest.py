"""Each test of the mirror has a repository and a database of its own; one has a run in it."""

import os
import runpy
import shutil
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from assay.params.experiment import read
from assay.params.plans import write_plans
from assay.tracking.locked import dvc_hash

STAGES = Path(__file__).parents[2] / "stages"
FOREIGN = ("MLFLOW_", "DVC_", "ASSAY_")
PARAMS = {
    "data": {"format": "pixel_csv", "path": "data/raw", "labelled": "shapes.csv"},
    "split": {"train": 24, "val": 12, "test": 12},
    "preprocess": {"size": 8},
    "augment": {},
    "model": {"arch": "cifar_resnet", "n": 1},
    "train": {"epochs": 2, "batch_size": 8, "lr": 1e-3, "device": "cpu", "threads": 1},
    "evaluate": {},
    "report": {"title": "Shapes"},
    "variants": {"net": None},
    "seeds": [0, 1],
}


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """MLflow keeps its server in the environment and in a global; both are put back."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    mlflow.set_tracking_uri(None)
    yield
    mlflow.set_tracking_uri(None)
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory):
    """An empty database: MLflow takes seconds to make one."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    mlflow.set_tracking_uri(None)
    return path


@pytest.fixture
def repository(tmp_path, monkeypatch, fresh_database):
    root = tmp_path / "birds"
    (root / ".dvc").mkdir(parents=True)
    shutil.copy(fresh_database, root / "mlflow.db")
    monkeypatch.chdir(root)
    return root


def stage(name, *words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [name, *words])
        runpy.run_path(str(STAGES / f"{name}.py"), run_name="__main__")


def write_lock():
    """What DVC would write of the run net-0."""
    kept = ["models/net-0", "curves/net-0.csv", "costs/train/net-0.json"]
    stages = {
        "train@net-0": {"deps": ["data/packed/train"], "outs": kept},
        "evaluate@net-0": {"deps": ["models/net-0"], "outs": ["metrics/runs/net-0.json"]},
    }
    hashed = {
        name: {
            key: [{"path": path, "md5": dvc_hash(Path(path))} for path in paths]
            for key, paths in entry.items()
        }
        for name, entry in stages.items()
    }
    Path("dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": hashed}))


@pytest.fixture(scope="session")
def live(tmp_path_factory, fresh_database):
    """A repository in which one of two planned runs was trained and judged while MLflow listened.

    Do not change it: copy it.
    """
    root, threads = tmp_path_factory.mktemp("live") / "birds", torch.get_num_threads()
    (root / ".dvc").mkdir(parents=True)
    shutil.copy(fresh_database, root / "mlflow.db")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            patch.delenv(name)
        patch.chdir(root)
        pixels = np.random.default_rng(0).integers(0, 256, (48, 64))
        table = pd.DataFrame(pixels, columns=[f"pixel{i}" for i in range(64)])
        table.insert(0, "label", np.array(["left", "above"])[np.arange(48) % 2])
        Path("data/raw").mkdir(parents=True)
        table.to_csv("data/raw/shapes.csv", index=False)
        Path("params.yaml").write_text(yaml.safe_dump(PARAMS))
        write_plans(read())
        for name in ("ingest", "split", "preprocess"):
            stage(name)
        for name in ("train", "evaluate"):
            stage(name, "--variant", "net", "--seed", "0")
        write_lock()
    mlflow.set_tracking_uri(None)
    torch.set_num_threads(threads)
    return root


@pytest.fixture
def unlogged(live, tmp_path, monkeypatch, fresh_database):
    """The same, as if MLflow had been off."""
    root = tmp_path / "birds"
    shutil.copytree(live, root, ignore=shutil.ignore_patterns("mlartifacts", "mlflow.db*"))
    shutil.copy(fresh_database, root / "mlflow.db")
    monkeypatch.chdir(root)
    return root
