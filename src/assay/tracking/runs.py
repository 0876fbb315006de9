"""How a run in MLflow begins: its name, parameters, tags and data, of one now or of an old one."""

import hashlib
import json
import os
import platform
from typing import Any

import psutil

from assay.flat import flattened
from assay.places import study
from assay.revision import CHANGED, NO_COMMIT


def start(
    mlflow: Any,
    experiment: str,
    *,
    variant: str,
    seed: int,
    plan: dict[str, Any],
    data: dict[str, Any] | None,
    tags: dict[str, str],
    watched: bool,
) -> None:
    """A new run; `data` is the training split's meta, and `watched` is what the machine does."""
    _reap(mlflow.MlflowClient(), experiment)
    known = data or {}
    text = json.dumps(plan, sort_keys=True)
    own = {
        "study": study(),
        "variant": variant,
        "seed": str(seed),
        "stage": "train",
        "plan": hashlib.sha256(text.encode()).hexdigest(),
        "process": f"{platform.node()}:{os.getpid()}",
    }
    mlflow.start_run(
        experiment_id=experiment,
        run_name=f"{variant}-{seed}" + (" (subset)" if "subset" in known else ""),
        tags=own | ({"data": known["hash"]} if known else {}) | tags,
        log_system_metrics=watched,
    )
    mlflow.log_params({"variant": variant, "seed": seed, **flattened(plan)})
    if known:
        _log_data(mlflow, known)


def resume(mlflow: Any, run: Any) -> None:
    """A run that has ended, taken up again."""
    mlflow.start_run(run_id=run.info.run_id, log_system_metrics=False)


def git(revision: str) -> dict[str, str]:
    """Tags of what `revision.revision` says; none outside of git."""
    commit = revision.removesuffix(CHANGED)
    known = {"git.revision": commit, "git.dirty": str(commit != revision).lower()}
    return {} if commit == NO_COMMIT else known


def dvc() -> dict[str, str]:
    """Tags of DVC's experiment and baseline, where there are such."""
    known = {
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
        "dvc.baseline": os.environ.get("DVC_EXP_BASELINE_REV", ""),
    }
    return {name: value for name, value in known.items() if value}


def _log_data(mlflow: Any, meta: dict[str, Any]) -> None:
    """What the run was trained on, by name and hash."""
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    digest = meta["hash"][:12]  # to be read; the whole hash is the tag `data`
    dataset = MetaDataset(CodeDatasetSource({}), name=f"{study()} train", digest=digest)
    mlflow.log_input(dataset, context="training")


def _reap(client: Any, experiment: str) -> None:
    """Runs of this machine whose process was killed would say RUNNING for ever."""
    for run in client.search_runs([experiment], "attributes.status = 'RUNNING'"):
        host, _, pid = run.data.tags.get("process", "").rpartition(":")
        if host == platform.node() and not psutil.pid_exists(int(pid)):
            client.set_terminated(run.info.run_id, "KILLED")
