"""The MLflow that runs go to: the parent repository's database, or what the environment names."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from filelock import FileLock

from assay.fault import Fault, on_one_line
from assay.places import parent_root
from assay.tracking.runs import dvc

SWITCH = "ASSAY_TRACKING"
TIMEOUT, QUICK = "MLFLOW_HTTP_REQUEST_TIMEOUT", "10"  # seconds, for all but files
KIND = {"mlflow.experimentKind": "custom_model_development"}  # the view for training, not for chats


def is_off() -> bool:
    """Whether the user wants nothing of MLflow."""
    return os.environ.get(SWITCH, "on").lower() in {"off", "0", "no", "false"}


def connected() -> Any:
    """MLflow, pointed at where the runs go; nothing is asked of it yet."""
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault(TIMEOUT, QUICK)
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
        if found and found.lifecycle_stage == "deleted":
            raise Fault(
                f"its experiment '{name}' was deleted; MLFLOW_TRACKING_URI="
                f"{mlflow.get_tracking_uri()} mlflow experiments restore --experiment-id "
                f"{found.experiment_id}"
            )
        if found:
            return str(found.experiment_id)
        folder = (parent_root() / "mlartifacts").as_uri() if local else None
        return str(mlflow.create_experiment(name, artifact_location=folder, tags=KIND))


def run_of(mlflow: Any, experiment: str, variant: str, seed: int, weights: str) -> Any | None:
    """The newest run of a variant and seed that made the weights of this hash.

    Of two experiments of DVC's that made the same at once, each has its own.
    """
    query = f"tags.variant = '{variant}' and tags.seed = '{seed}' and tags.weights = '{weights}'"
    own = dvc().get("dvc.experiment")
    queries = [f"{query} and tags.`dvc.experiment` = '{own}'"] if own else []
    for each in (*queries, query):
        found = mlflow.MlflowClient().search_runs([experiment], each, max_results=1)
        if found:
            return found[0]
    return None


@contextmanager
def uploading() -> Iterator[None]:
    """As long as MLflow itself would wait for a server that stores a file."""
    ours = os.environ.get(TIMEOUT) == QUICK
    if ours:
        del os.environ[TIMEOUT]
    try:
        yield
    finally:
        if ours:
            os.environ[TIMEOUT] = QUICK


def said(error: Exception) -> str:
    """An error of MLflow's on one line, which may be pages."""
    return on_one_line(error)[:200]


def _database() -> str:
    return f"sqlite:///{parent_root() / 'mlflow.db'}"
