"""The order of classes: numbers as numbers, words as words."""

from collections.abc import Iterable


def ordered(labels: Iterable[str]) -> list[str]:
    """Distinct labels, numerically where every one is a whole number, else by code point."""
    names = sorted(set(labels))
    if all(name.removeprefix("-").isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return names
