"""The order of classes: numbers as numbers, words as words."""

import unicodedata
from collections.abc import Iterable


def ordered(labels: Iterable[str]) -> list[str]:
    """Distinct labels, numerically where every one is a whole number, else by code point."""
    names = sorted(set(labels))
    if all(name.removeprefix("-").isdecimal() and len(name) < 100 for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return names


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names that differ only in blanks around them or in how Unicode composes their letters."""
    seen: dict[str, str] = {}
    found = []
    for name in names:
        look = unicodedata.normalize("NFC", name.strip())
        if look in seen:
            found.append((seen[look], name))
        seen.setdefault(look, name)
    return found


def differing_in_case(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names that differ in nothing but upper and lower case."""
    seen: dict[str, str] = {}
    return [
        (seen[look], name)
        for name in names
        if seen.setdefault(look := name.casefold(), name) != name
    ]
