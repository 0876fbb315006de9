"""Each test of the mirror has a repository and a database of its own."""

import os
import shutil

import mlflow
import pytest

FOREIGN = ("MLFLOW_", "DVC_", "ASSAY_")


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
