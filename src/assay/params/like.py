"""What a variant takes over from another: `like: NAME`."""

from collections.abc import Mapping
from typing import Any

from assay.fault import Fault, must_be_one_of

KEY = "like"
Given = Mapping[str, dict[str, Any] | None]  # the variants as params.yaml has them


def lineage(name: str, variants: Given, source: str) -> list[str]:
    """The variant, the one that it is like, the one that that is like, and so on.

    A Fault where one of them is not there, or is like itself.
    """
    line = [name]
    while (other := (variants[line[-1]] or {}).get(KEY)) is not None:
        where = f"{source}: variants.{line[-1]}.{KEY}"
        must_be_one_of(other, variants, f"{where}: no variant")
        if other in line:
            raise Fault(f"{where}: {other} is like {line[-1]} itself; let one of them stand alone")
        line.append(other)
    return line


def overrides(line: list[str], variants: Given) -> dict[str, Any]:
    """What the first of a lineage overrides of the base: its own keys over those it takes over."""
    merged: dict[str, Any] = {}
    for name in reversed(line):
        merged = over(merged, own(variants[name]))
    return merged


def own(given: dict[str, Any] | None) -> dict[str, Any]:
    """What a variant says itself."""
    return {section: values for section, values in (given or {}).items() if section != KEY}


def over(base: Any, overrides: Any) -> Any:
    """`overrides` laid over `base`, key by key, at every depth."""
    if not isinstance(base, dict) or not isinstance(overrides, dict):
        return overrides
    return base | {key: over(base.get(key), value) for key, value in overrides.items()}
