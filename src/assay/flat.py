"""Nested groups of keys as one level: `model.norm` and the like."""

from typing import Any


def flattened(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Every value that is no group, under its path; a group without keys leaves nothing."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{prefix}{name}"
        flat |= flattened(value, f"{path}.") if isinstance(value, dict) else {path: value}
    return flat
