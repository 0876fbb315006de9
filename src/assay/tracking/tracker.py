"""What is logged of a run: the one place that says how parameters, curves and scores are named."""

import copy
import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from assay.tracking.server import uploading


def digest(splits: dict[str, dict[str, Any]]) -> str:
    """What tells the scores of one evaluation from those of another of the same weights."""
    return hashlib.sha256(json.dumps(splits, sort_keys=True).encode()).hexdigest()[:16]


class Tracker:
    """One MLflow run, or nothing; every method may be called either way."""

    def __init__(
        self,
        mlflow: Any | None,
        patience: AbstractContextManager[Any],
        broken: Callable[[Exception], None],
    ) -> None:
        """Each call is made within `patience`; `broken` hears the error of the last one."""
        self._mlflow, self._patience, self._broken = mlflow, patience, broken

    def metrics(self, values: dict[str, float]) -> None:
        """Numbers, in one batch."""
        self._do(lambda mlflow: mlflow.log_metrics(values))

    def curve(self, points: dict[int, dict[str, float | None]]) -> None:
        """What epochs gave, as `curves/train_loss` and the like, in one call; None is left out."""

        def log(mlflow: Any) -> None:
            now = int(time.time() * 1000)
            found = [
                mlflow.entities.Metric(f"curves/{name}", value, now, epoch)
                for epoch, values in points.items()
                for name, value in values.items()
                if value is not None
            ]
            run = mlflow.active_run().info.run_id
            mlflow.MlflowClient().log_batch(run, metrics=found)

        self._do(log)

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
        """The one copy of the trained network, exported without pickle; `weights` is its hash.

        It is the last thing of a training: a run with the tag `weights` has all of it.
        """

        def log(mlflow: Any) -> None:
            import numpy as np

            on_cpu = copy.deepcopy(network).cpu().eval()  # where MLflow puts the example
            with (
                warnings.catch_warnings(action="ignore"),  # torch.export's, of its own making
                uploading(),
            ):
                mlflow.pytorch.log_model(
                    on_cpu,
                    name="model",
                    input_example=np.zeros((2, *shape), np.float32),
                    pip_requirements=["torch", "numpy"],
                    serialization_format="pt2",
                    validate_serving_input=False,  # it would load all of it again: seconds
                )
            mlflow.set_tag("weights", weights)

        self._do(log)

    def judged(self, splits: dict[str, dict[str, Any]], classes: list[str]) -> None:
        """All of an evaluation; a run whose tag `judged` is that of these scores has it."""
        self.scores(splits)
        self.confusion(splits, classes)
        tags = {"stage": "evaluate", "judged": digest(splits)}
        self._do(lambda mlflow: mlflow.set_tags(tags))

    def _do(self, action: Callable[[Any], None]) -> None:
        if self._mlflow is None:
            return
        try:
            with self._patience:
                action(self._mlflow)
        except Exception as error:
            self._mlflow = None
            self._broken(error)


@contextmanager
def following(
    mlflow: Any | None,
    begin: Callable[[Any], None],
    *,
    patience: AbstractContextManager[Any],
    broken: Callable[[Exception], None],
) -> Iterator[Tracker]:
    """A tracker whose run ends as the block ends: FINISHED, FAILED, or KILLED by a signal."""
    tracker = Tracker(mlflow, patience, broken)
    status = "FAILED"
    try:
        tracker._do(begin)
        if tracker._mlflow and not tracker._mlflow.active_run():
            tracker._mlflow = None
        yield tracker
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        try:
            if mlflow:
                mlflow.end_run(status)  # also where logging broke off: else it would say FINISHED
        except Exception as error:
            if tracker._mlflow:  # else that has been said
                broken(error)
