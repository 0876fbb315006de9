"""The runs that MLflow lacks, rebuilt from DVC's files; those that it has are left alone."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple, NoReturn, TypeVar

import torch

from assay.fault import Fault, some
from assay.models.saved import load_network
from assay.places import study
from assay.tracking import locked, server
from assay.tracking.outputs import Outputs
from assay.tracking.runs import git, resume, start
from assay.tracking.tracker import Tracker, digest, following

T = TypeVar("T")
REBUILT = {"rebuilt": "true"}  # the tag of a run that was not logged while it ran


class Synced(NamedTuple):
    """The runs that were made, those that got their evaluation, those left alone, and the rest."""

    made: list[str]
    judged: list[str]
    there: list[str]
    missing: list[str]

    def __str__(self) -> str:
        """What was done, and what is to do."""
        done = f"{len(self.made)} made, {len(self.judged)} given the evaluation that they lacked"
        told = f"runs in MLflow: {done}, {len(self.there)} there already"
        if not self.missing:
            return told
        names = some(self.missing)
        return f"{told}; no outputs as dvc.lock has them of {names} (`dvc checkout` or `dvc repro`)"


def sync(runs: Iterable[tuple[str, int]]) -> Synced:
    """Give MLflow what it lacks of these variants and seeds; a Fault where it cannot be reached."""
    mlflow, lock, done = _connected(), locked.read(), Synced([], [], [], [])
    experiment = _asked(lambda: server.experiment(mlflow, study()))
    for variant, seed in runs:
        run = Outputs(variant, seed, lock)
        to = _mirrored(mlflow, experiment, run, done) if run.trained else done.missing
        to.append(run.name)
    return done


def _mirrored(mlflow: Any, experiment: str, run: Outputs, done: Synced) -> list[str]:
    """Log what is missing of a run; the list that it belongs to now."""
    known = run.variant, run.seed, run.weights

    def there() -> Any | None:
        return _asked(lambda: server.run_of(mlflow, experiment, *known))

    found, to = there(), done.there
    if found is None:
        _train(mlflow, experiment, run)
        found, to = there(), done.made
    if found and run.judged and found.data.tags.get("judged") != digest(run.splits):
        _evaluate(mlflow, found, run)
        to = done.judged if to is done.there else to
    return to


def _train(mlflow: Any, experiment: str, run: Outputs) -> None:
    """What `train` logs, of a training that is over."""
    saved = run.saved
    network = load_network(run.model, saved, "last", torch.device("cpu"))
    named: dict[str, Any] = {"variant": run.variant, "seed": run.seed, "data": run.data}
    tags = REBUILT | git(run.cost["revision"])
    named |= {"plan": saved.plan.model_dump(mode="json"), "tags": tags}

    def begin(mlflow: Any) -> None:
        start(mlflow, experiment, **named, watched=False)

    with _following(mlflow, begin) as tracker:
        tracker.curve(run.curve)
        tracker.costs(run.cost)
        tracker.model(network, saved.meta["shape"], run.weights)


def _evaluate(mlflow: Any, there: Any, run: Outputs) -> None:
    """What `evaluate` logs, of weights that it has judged."""
    with _following(mlflow, lambda mlflow: resume(mlflow, there)) as tracker:
        tracker.judged(run.splits, run.saved.classes)


def _following(mlflow: Any, begin: Callable[[Any], None]) -> AbstractContextManager[Tracker]:
    return following(mlflow, begin, patience=nullcontext(), broken=_refuse)


def _connected() -> Any:
    if server.is_off():
        raise Fault(f"{server.SWITCH}: off, so nothing goes to MLflow; unset it to rebuild runs")
    return _asked(server.connected)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except Fault as fault:
        raise Fault(f"MLflow: {fault}") from None
    except Exception as error:
        _refuse(error)


def _refuse(error: Exception) -> NoReturn:
    raise Fault(
        f"MLflow: {server.said(error)}; see that it runs and that MLFLOW_TRACKING_URI names it"
    ) from None
