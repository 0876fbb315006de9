"""MLflow, and nothing else of the project knows it: DVC's files are the truth, this is the mirror.

Off (`ASSAY_TRACKING=off`) it is a no-op of the same shape. A server that is down or slow costs one
warning, never a result; `sync` makes up for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from assay.fault import warn
from assay.places import study
from assay.tracking import server
from assay.tracking.patience import Patience
from assay.tracking.runs import dvc, git, resume, start
from assay.tracking.tracker import Tracker, following


@contextmanager
def training(
    variant: str, seed: int, *, plan: dict[str, Any], data: dict[str, Any], revision: str
) -> Iterator[Tracker]:
    """A new MLflow run of one variant and seed.

    `data` is the training split's meta, and `revision` is that of the code.
    """

    def begin(mlflow: Any, experiment: str) -> None:
        named: dict[str, Any] = {"variant": variant, "seed": seed, "plan": plan, "data": data}
        start(mlflow, experiment, **named, tags=git(revision) | dvc(), watched=True)

    with _live(begin) as tracker:
        yield tracker


@contextmanager
def evaluation(variant: str, seed: int, weights: str) -> Iterator[Tracker]:
    """The run that made the weights of this hash, taken up again; nothing where none did."""

    def begin(mlflow: Any, experiment: str) -> None:
        found = server.run_of(mlflow, experiment, variant, seed, weights)
        if found:
            resume(mlflow, found)

    with _live(begin) as tracker:
        yield tracker


@contextmanager
def _live(begin: Callable[[Any, str], None]) -> Iterator[Tracker]:
    """A tracker of what runs now, which goes on whatever becomes of MLflow."""
    patience, mlflow = Patience(), _connected()

    def first(mlflow: Any) -> None:
        begin(mlflow, server.experiment(mlflow, study()))

    with following(mlflow, first, patience=patience, broken=_warn) as tracker:
        yield tracker


def _connected() -> Any | None:
    if server.is_off():
        return None
    try:
        return server.connected()
    except Exception as error:  # not there, or no home to look for its settings in
        _warn(error)
        return None


def _warn(error: Exception) -> None:
    warn(f"MLflow: {server.said(error)}; the run goes on without it")
