"""Which variants keep a value of their own where the base value has just changed."""

from typing import Any

from assay.flat import flattened
from assay.params.like import lineage, overrides
from assay.params.variants import OVERRIDES


def kept(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """One line for each variant and base key that changed from `before` to `now` without effect."""
    old, new = _overridable(before), _overridable(now)
    changed = [key for key, value in new.items() if key in old and old[key] != value]
    lines = []
    variants = now["variants"]
    for name in variants:
        pinned = flattened(overrides(lineage(name, variants, "params.yaml"), variants))
        for key in changed:
            if key in pinned and pinned[key] != new[key]:
                lines.append(f"{key} is now {new[key]}; {name} pins {pinned[key]} and keeps it")
    return lines


def _overridable(sections: dict[str, Any]) -> dict[str, Any]:
    return flattened({name: sections.get(name) or {} for name in OVERRIDES})
