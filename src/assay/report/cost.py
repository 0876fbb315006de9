"""What each variant costs: size, work, speed, memory, and time to a given accuracy."""

from statistics import fmean
from typing import Any

import numpy as np

from assay.report.results import Results, Run


def cost_json(results: Results, time_to_accuracy: float) -> dict[str, Any]:
    """Means over seeds, but the largest peak of memory; and the machines that were timed."""
    return {
        "variants": {
            variant: _cost(runs, time_to_accuracy) for variant, runs in results.by_variant.items()
        },
        "time_to_accuracy": time_to_accuracy,
        "machines": machines(results),
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


def _cost(runs: list[Run], accuracy: float) -> dict[str, Any]:
    trained = [run.training for run in runs]
    waits = [seconds_to(accuracy, run) for run in runs]
    reached = [wait for wait in waits if wait is not None]
    return {
        "parameters": trained[0]["parameters"],
        "multiply_adds": trained[0]["multiply_adds"],
        "training_images_per_second": round(fmean(t["images_per_second"] for t in trained), 2),
        "inference_images_per_second": round(
            fmean(run.inference["images_per_second"] for run in runs), 2
        ),
        "seconds_per_epoch": round(fmean(fmean(t["epoch_seconds"]) for t in trained), 3),
        "training_seconds": round(fmean(sum(t["epoch_seconds"]) for t in trained), 2),
        "warm_up_seconds": round(fmean(t["warm_up_seconds"] for t in trained), 2),
        "peak_memory_mb": round(max(t["peak_memory_bytes"] for t in trained) / 1e6, 1),
        "peak_memory_of": trained[0]["peak_memory_of"],
        "seconds_to_accuracy": round(fmean(reached), 2) if len(reached) == len(runs) else None,
    }
