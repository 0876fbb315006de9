"""Which variants keep a value of their own where the base value has just changed."""

from typing import Any

_PATHS = ("model", "train", "augment", "preprocess")


def kept(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """One line for each variant and base key that changed from `before` to `now` without effect."""
    old, new = _flat(before), _flat(now)
    changed = [key for key, value in new.items() if key in old and old[key] != value]
    lines = []
    for name, overrides in (now.get("variants") or {}).items():
        pinned = _flat(overrides or {})
        for key in changed:
            if key in pinned and pinned[key] != new[key]:
                lines.append(f"{key} is now {new[key]}; {name} pins {pinned[key]} and keeps it")
    return lines


def _flat(sections: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}")
        else:
            flat[path] = value

    for name in _PATHS:
        walk(sections.get(name) or {}, name)
    return flat
