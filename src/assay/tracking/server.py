"""The MLflow that runs go to: the parent repository's database, or what the environment names."""

import logging
import os
from typing import Any

from filelock import FileLock

from assay.fault import on_one_line
from assay.places import parent_root

SWITCH = "ASSAY_TRACKING"
KIND = {"mlflow.experimentKind": "custom_model_development"}  # the view for training, not for chats


def is_off() -> bool:
    """Whether the user wants nothing of MLflow."""
    return os.environ.get(SWITCH, "on").lower() in {"off", "0", "no", "false"}


def connected() -> Any:
    """MLflow, pointed at where the runs go; nothing is asked of it yet."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    import mlflow
    import mlflow.pytorch

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if "MLFLOW_TRACKING_URI" not in os.environ:
        mlflow.set_tracking_uri(_database())
    return mlflow


def experiment(mlflow: Any, name: str) -> str:
    """The study's experiment; made under a lock, with its artifacts beside the database."""
    local = mlflow.get_tracking_uri() == _database()
    with FileLock(parent_root() / ".mlflow.lock", timeout=60):
        found = mlflow.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        folder = (parent_root() / "mlartifacts").as_uri() if local else None
        return str(mlflow.create_experiment(name, artifact_location=folder, tags=KIND))


def run_of(mlflow: Any, experiment: str, variant: str, seed: int, weights: str) -> Any | None:
    """The newest run of a variant and seed that made the weights of this hash."""
    query = f"tags.variant = '{variant}' and tags.seed = '{seed}' and tags.weights = '{weights}'"
    found = mlflow.MlflowClient().search_runs([experiment], query, max_results=1)
    return found[0] if found else None


def said(error: Exception) -> str:
    """An error of MLflow's on one line, which may be pages."""
    return on_one_line(error)[:200]


def _database() -> str:
    return f"sqlite:///{parent_root() / 'mlflow.db'}"
