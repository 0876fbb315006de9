"""Tables of what is not a score: costs and parameters."""

from collections.abc import Collection, Mapping
from typing import Any

from assay.flat import flattened
from assay.params.variants import Plan
from assay.report.tables import NONE, Cell, Table, big, number, table, word


def costs(cost: dict[str, Any], validated: Collection[str]) -> Table:
    """What each variant costs; of those not `validated` nobody knows when they reached what."""
    each = cost["variants"].items()
    columns = [
        "variant",
        "parameters",
        "multiply-adds an image",
        "training, images/s",
        "inference, images/s",
        "seconds an epoch",
        "training, seconds",
        "peak memory, MB",
        f"seconds to {cost['time_to_accuracy']:g} val accuracy",
    ]
    rows = ([*_cost(name, one), _wait(one, validated=name in validated)] for name, one in each)
    return table(columns, rows)


def _cost(variant: str, one: dict[str, Any]) -> list[Cell]:
    return [
        word(variant),
        big(one["parameters"]),
        big(one["multiply_adds"]),
        number(one["training_images_per_second"], 0),
        number(one["inference_images_per_second"], 0),
        number(one["seconds_per_epoch"], 2),
        number(one["training_seconds"], 1, f"{one['warm_up_seconds']:.1f} before, to warm up"),
        number(one["peak_memory_mb"], 0, f"of the {one['peak_memory_of']}"),
    ]


def _wait(one: dict[str, Any], *, validated: bool) -> Cell:
    wait = one["seconds_to_accuracy"]
    never = wait is None and validated
    return Cell("not reached", float("inf")) if never else number(wait, 1)


def differing(plans: Mapping[str, Plan]) -> Table:
    """The parameters that not all variants share, a row a parameter and a column a variant."""
    flat = {variant: flattened(plan.model_dump(mode="json")) for variant, plan in plans.items()}
    keys = dict.fromkeys(key for values in flat.values() for key in values)
    rows = []
    for key in keys:
        shown = [_value(values.get(key, NONE)) for values in flat.values()]
        if len(set(shown)) > 1:
            rows.append([word(key), *(word(value) for value in shown)])
    return table(["parameter", *flat], rows)


def _value(value: Any) -> str:
    return "null" if value is None else str(value)
