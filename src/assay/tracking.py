"""MLflow, and nothing else of the project knows it: DVC's files are the truth, this is the mirror.

Off (`ASSAY_TRACKING=off`) it is a no-op of the same shape. A server that is down or slow costs one
warning, never a result.
"""

import copy
import hashlib
import json
import logging
import os
import platform
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
from filelock import FileLock

from assay.fault import on_one_line, warn
from assay.flat import flattened
from assay.places import parent_root, study
from assay.revision import commit, is_dirty

SWITCH = "ASSAY_TRACKING"
KIND = {"mlflow.experimentKind": "custom_model_development"}  # the view for training, not for chats


class Tracker:
    """One MLflow run, or nothing; every method may be called either way."""

    def __init__(self, mlflow: Any | None) -> None:
        self._mlflow = mlflow

    def metrics(self, values: dict[str, float], step: int | None = None) -> None:
        """Numbers, in one batch."""
        self._do(lambda mlflow: mlflow.log_metrics(values, step=step))

    def curve(self, values: dict[str, float | None], epoch: int) -> None:
        """What an epoch gave, as `curves/train_loss` and the like; None is left out."""
        there = {f"curves/{name}": value for name, value in values.items() if value is not None}
        self.metrics(there, step=epoch)

    def scores(self, splits: dict[str, dict[str, Any]]) -> None:
        """The scores of each split, as `test/accuracy` and the like."""
        flat = {
            f"{split}/{name}": value
            for split, judged in splits.items()
            for name, value in judged["scores"].items()
        }
        self.metrics(flat)

    def costs(self, cost: dict[str, Any]) -> None:
        """What the run cost, as `usage/parameters` and the like."""
        names = ["parameters", "multiply_adds", "images_per_second", "peak_memory_bytes"]
        names += ["warm_up_seconds"]
        self.metrics({f"usage/{name}": cost[name] for name in names})
        self.tags(cost["machine"], "machine")

    def tags(self, values: dict[str, Any], prefix: str) -> None:
        """Words about the run."""
        self._do(lambda mlflow: mlflow.set_tags({f"{prefix}.{k}": v for k, v in values.items()}))

    def confusion(self, splits: dict[str, dict[str, Any]], classes: list[str]) -> None:
        """The confusion matrix of each split, as a picture; names only where they fit."""

        def log(mlflow: Any) -> None:
            import numpy as np
            from matplotlib.figure import Figure
            from sklearn.metrics import ConfusionMatrixDisplay

            few = len(classes) <= 20
            for split, judged in splits.items():
                figure = Figure(figsize=(8, 8), layout="constrained")
                names = [name[:16].replace("$", r"\$") for name in classes] if few else None
                display = ConfusionMatrixDisplay(
                    np.array(judged["confusion"]), display_labels=names
                )
                axes = figure.add_subplot(title=f"{split}: {judged['images']} images")
                display.plot(
                    ax=axes,
                    include_values=few,
                    cmap="Blues",
                    colorbar=False,
                    xticks_rotation="vertical",
                )
                mlflow.log_figure(figure, f"confusion/{split}.png")

        self._do(log)

    def model(self, network: Any, shape: list[int], weights: str) -> None:
        """The one copy of the trained network, exported without pickle; `weights` is its hash."""

        def log(mlflow: Any) -> None:
            import numpy as np

            mlflow.set_tag("weights", weights)
            on_cpu = copy.deepcopy(network).cpu().eval()  # where MLflow puts the example
            with warnings.catch_warnings(action="ignore"):  # torch.export's, of its own making
                mlflow.pytorch.log_model(
                    on_cpu,
                    name="model",
                    input_example=np.zeros((2, *shape), np.float32),
                    pip_requirements=["torch", "numpy"],
                    serialization_format="pt2",
                    validate_serving_input=False,  # it would load all of it again: seconds
                )

        self._do(log)

    def _do(self, action: Callable[[Any], None]) -> None:
        if self._mlflow is None:
            return
        try:
            action(self._mlflow)
        except Exception as error:
            _warn(error)
            self._mlflow = None


@contextmanager
def training(
    variant: str, seed: int, *, plan: dict[str, Any], data: dict[str, Any]
) -> Iterator[Tracker]:
    """A new MLflow run of one variant and seed; `data` is the training split's meta."""

    def begin(mlflow: Any, experiment: str) -> None:
        _reap(mlflow.MlflowClient(), experiment)
        text = json.dumps(plan, sort_keys=True)
        tags = {
            "study": study(),
            "variant": variant,
            "seed": str(seed),
            "stage": "train",
            "data": data["hash"],
            "plan": hashlib.sha256(text.encode()).hexdigest(),
            "process": f"{platform.node()}:{os.getpid()}",
        } | _revision()
        mlflow.start_run(
            experiment_id=experiment,
            run_name=f"{variant}-{seed}" + (" (subset)" if "subset" in data else ""),
            tags=tags,
            log_system_metrics=True,
        )
        mlflow.log_params({"variant": variant, "seed": seed, **flattened(plan)})
        _log_data(mlflow, data)

    yield from _tracker(begin)


@contextmanager
def evaluation(weights: str) -> Iterator[Tracker]:
    """The run that made the weights of this hash, taken up again; nothing where none did."""

    def begin(mlflow: Any, experiment: str) -> None:
        query = f"tags.weights = '{weights}'"
        found = mlflow.MlflowClient().search_runs([experiment], query, max_results=1)
        if found:
            mlflow.start_run(run_id=found[0].info.run_id, log_system_metrics=False)
            mlflow.set_tag("stage", "evaluate")

    yield from _tracker(begin)


def _tracker(begin: Callable[[Any, str], None]) -> Iterator[Tracker]:
    """A tracker whose run ends as the block ends: FINISHED, FAILED, or KILLED by a signal."""
    connected = _connected()
    tracker = Tracker(connected)
    tracker._do(lambda mlflow: begin(mlflow, _experiment(mlflow, study())))
    if tracker._mlflow and not tracker._mlflow.active_run():
        tracker._mlflow = None
    status = "FAILED"
    try:
        yield tracker
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        if tracker._mlflow:
            tracker._do(lambda mlflow: mlflow.end_run(status))
        elif connected:  # logging broke off, which has been said; at exit MLflow would say FINISHED
            with suppress(Exception):
                connected.end_run(status)


def _connected() -> Any | None:
    """MLflow, pointed at the parent repository's database unless the environment says otherwise."""
    if os.environ.get(SWITCH, "on").lower() in {"off", "0", "no", "false"}:
        return None
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
    try:
        import mlflow
        import mlflow.pytorch
    except ImportError as error:
        _warn(error)
        return None
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if "MLFLOW_TRACKING_URI" not in os.environ:
        mlflow.set_tracking_uri(_database())
    return mlflow


def _database() -> str:
    return f"sqlite:///{parent_root() / 'mlflow.db'}"


def _log_data(mlflow: Any, meta: dict[str, Any]) -> None:
    """What the run was trained on, by name and hash."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    digest = meta["hash"][:12]  # to be read; the whole hash is the tag `data`
    dataset = MetaDataset(CodeDatasetSource({}), name=f"{study()} train", digest=digest)
    mlflow.log_input(dataset, context="training")


def _experiment(mlflow: Any, name: str) -> str:
    """The study's experiment; made under a lock, with its artifacts beside the database."""
    local = mlflow.get_tracking_uri() == _database()
    with FileLock(parent_root() / ".mlflow.lock", timeout=60):
        found = mlflow.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        folder = (parent_root() / "mlartifacts").as_uri() if local else None
        return str(mlflow.create_experiment(name, artifact_location=folder, tags=KIND))


def _reap(client: Any, experiment: str) -> None:
    """Runs of this machine whose process was killed would say RUNNING for ever."""
    for run in client.search_runs([experiment], "attributes.status = 'RUNNING'"):
        host, _, pid = run.data.tags.get("process", "").rpartition(":")
        if host == platform.node() and not psutil.pid_exists(int(pid)):
            client.set_terminated(run.info.run_id, "KILLED")


def _revision() -> dict[str, str]:
    """Git's revision and whether it is dirty, and DVC's experiment and baseline, where known."""
    known = {
        "git.revision": commit(),
        "git.dirty": str(is_dirty()).lower(),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
        "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
    }
    return {name: value for name, value in known.items() if value}


def _warn(error: Exception) -> None:
    warn(f"MLflow: {on_one_line(error)[:200]}; the run goes on without it")
