"""What claims and published numbers are about: scores of a split, as `test.accuracy`, and costs."""

from collections.abc import Sequence

from assay.fault import Fault, must_be_one_of
from assay.params.split import PARTS

SCORES = (
    "accuracy",
    "balanced_accuracy",
    "top5_accuracy",
    "loss",
    *(f"{kind}_{mean}" for kind in ("precision", "recall", "f1") for mean in ("macro", "weighted")),
)
COSTS = (
    "parameters",
    "multiply_adds",
    "seconds_per_epoch",
    "training_seconds",
    "peak_memory_mb",
    "seconds_to_accuracy",
)
EXACT = ("parameters", "multiply_adds")  # the same for every seed and machine
TTA = "_tta"  # ends the name of a score that is averaged over views
OF_KEPT = ("val.accuracy", "val.f1_macro", "val.loss")  # what a kept epoch is judged by


def is_timed(on: str) -> bool:
    """Whether a repeat, even on the same machine, gives another number."""
    return on in COSTS and on not in EXACT


def must_be_a_share(value: float | None, on: str, where: str) -> None:
    """Refuse a value on a share that is none."""
    share = on not in COSTS and not on.removesuffix(TTA).endswith(".loss")
    if value is not None and share and not 0 <= value <= 1:
        raise Fault(f"{where}: {on} is a share from 0 to 1, got {value:g}; divide percent by 100")


def must_be_measured(on: str, where: str, scores: Sequence[str], *, averaged: bool) -> None:
    """Refuse what is neither a cost nor one of `scores` on a split; `averaged`: over views too."""
    split, dot, score = on.partition(".")
    if not dot:
        must_be_one_of(on, [*COSTS, *(f"test.{name}" for name in scores)], f"{where}.on: no cost")
        return
    must_be_one_of(split, PARTS, f"{where}.on: no split")
    if score == "calibration_error" and score not in scores:
        raise Fault(
            f"{where}.on: calibration_error is too large by chance alone, so nothing can be judged "
            "by it; claim loss instead"
        )
    with_tta = [f"{name}{TTA}" for name in scores]
    if score in with_tta and not averaged:
        raise Fault(f"{where}.on: {score} without evaluate.tta; set it, as {{hflip: true}}")
    must_be_one_of(score, [*scores, *with_tta], f"{where}.on: no score")
