"""Numbers as the metrics files hold them: short, and null where there is none."""

import math
from typing import Any

P_VALUES = ("p", "p_holm", "mcnemar")


def rounded(values: dict[str, Any]) -> dict[str, Any]:
    """Six decimals; p-values keep three digits however small."""
    return {key: _short(key, value) for key, value in values.items()}


def restored(values: dict[str, Any]) -> dict[str, Any]:
    """What `rounded` left: null is NaN again, but for a deviation that there is not; lists end."""
    return {key: _whole(key, value) for key, value in values.items()}


def _short(key: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_short(key, one) for one in value]
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None
    return float(f"{value:.3g}") if key in P_VALUES else round(value, 6)


def _whole(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return math.nan if value is None and key != "std" else value
