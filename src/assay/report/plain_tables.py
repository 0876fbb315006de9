"""Tables of what is not a score: costs and parameters."""

from collections.abc import Mapping
from typing import Any

from assay.flat import flattened
from assay.params.variants import Plan
from assay.report.tables import NONE, Cell, Table, big, number, table, word


def costs(cost: dict[str, Any]) -> Table:
    """What each variant costs."""
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
    return table(columns, (_cost(name, one) for name, one in cost["variants"].items()))


def _cost(variant: str, one: dict[str, Any]) -> list[Cell]:
    wait = one["seconds_to_accuracy"]
    return [
        word(variant),
        big(one["parameters"]),
        big(one["multiply_adds"]),
        number(one["training_images_per_second"], 0),
        number(one["inference_images_per_second"], 0),
        number(one["seconds_per_epoch"], 2),
        number(one["training_seconds"], 1, f"{one['compile_seconds']:.0f} before, to compile")
        if one["compile_seconds"]
        else number(one["training_seconds"], 1),
        number(one["peak_memory_mb"], 0, f"of the {one['peak_memory_of']}"),
        Cell("not reached", float("inf")) if wait is None else number(wait, 1),
    ]


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
