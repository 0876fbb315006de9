"""What each variant costs: size, work, speed, memory, and time to a given accuracy."""

from statistics import fmean
from typing import Any

import numpy as np

from assay.report.provenance import reported
from assay.report.results import Results
from assay.report.run import Run


def cost_json(results: Results, time_to_accuracy: float) -> dict[str, Any]:
    """Means over seeds, but the largest peak of memory; who trained, on what, and who reports."""
    return {
        "variants": {
            variant: _cost(runs, time_to_accuracy) for variant, runs in results.by_variant.items()
        },
        "time_to_accuracy": time_to_accuracy,
        "machines": machines(results),
        "revisions": [*dict.fromkeys(run.training["revision"] for run in results.runs)],
        "reported": reported(),
    }


def machines(results: Results) -> list[dict[str, Any]]:
    """The distinct machines that runs were trained on."""
    found: list[dict[str, Any]] = []
    for run in results.runs:
        if run.training["machine"] not in found:
            found.append(run.training["machine"])
    return found


def seconds_to(accuracy: float, run: Run) -> float | None:
    """Seconds of training until validation first reached `accuracy`; None where it never did."""
    reached = np.flatnonzero(run.curve["val_accuracy"].to_numpy(float) >= accuracy)
    if not len(reached):
        return None
    return float(np.sum(run.training["epoch_seconds"][: reached[0] + 1]))


def of_run(run: Run, accuracy: float) -> dict[str, float | None]:
    """What one run cost, by the names of `params.report.COSTS`.

    `seconds_to_accuracy` are None where validation never reached it.
    """
    known, seconds = run.training, run.training["epoch_seconds"]
    return {
        "parameters": known["parameters"],
        "multiply_adds": known["multiply_adds"],
        "seconds_per_epoch": fmean(seconds),
        "training_seconds": sum(seconds),
        "peak_memory_mb": known["peak_memory_bytes"] / 1e6,
        "seconds_to_accuracy": seconds_to(accuracy, run),
    }


def _cost(runs: list[Run], accuracy: float) -> dict[str, Any]:
    each, trained = [of_run(run, accuracy) for run in runs], [run.training for run in runs]

    def mean(name: str) -> float | None:
        known = [one for costs in each if (one := costs[name]) is not None]
        return fmean(known) if len(known) == len(runs) else None

    def rounded(value: float | None, digits: int) -> float | None:
        return None if value is None else round(value, digits)

    training, inference = (
        fmean(one["images_per_second"] for one in known)
        for known in (trained, [run.inference for run in runs])
    )
    return {
        "parameters": trained[0]["parameters"],
        "multiply_adds": trained[0]["multiply_adds"],
        "training_images_per_second": round(training, 2),
        "inference_images_per_second": round(inference, 2),
        "seconds_per_epoch": rounded(mean("seconds_per_epoch"), 3),
        "training_seconds": rounded(mean("training_seconds"), 2),
        "warm_up_seconds": round(fmean(one["warm_up_seconds"] for one in trained), 2),
        "peak_memory_mb": round(max(one["peak_memory_bytes"] for one in trained) / 1e6, 1),
        "peak_memory_of": trained[0]["peak_memory_of"],
        "seconds_to_accuracy": rounded(mean("seconds_to_accuracy"), 2),
    }
