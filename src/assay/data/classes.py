"""The classes of a data set: their order, each image's class, and what does not agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.data.disagreement import disagreement, flow, some
from assay.data.labels import alike, ordered


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes in order, and that of each row (null without label).

    `problems` are lines to raise as Faults, `warnings` lines to show; `proposed` aliases would mend
    what splits call differently.
    """

    names: list[str]
    labels: "pd.Series[str]"
    problems: list[str]
    warnings: list[str]
    proposed: dict[str, str]


def find_classes(
    table: pd.DataFrame,
    order: list[str] | None,
    *,
    aliases: dict[str, str],
    chosen: list[str] | None,
    path: str,
    predefined: bool,
    groups: Int64[np.ndarray, " n"] | None = None,
) -> Classes:
    """Work the classes out from the columns `label` and `given`.

    Their order is that of `chosen` (data.classes), else that of the source, else numbers as numbers
    and words as words. Where the splits of the data are not used (`predefined`), a class that train
    lacks is a warning only. `groups` of duplicates are evidence for which class it may be.
    """
    labels = table["label"].replace(aliases)
    found = set(labels.dropna())
    declared = chosen or list(dict.fromkeys(aliases.get(name, name) for name in order or []))
    names = [name for name in declared if name in found]
    names += ordered(found.difference(names))
    line, proposed = disagreement(table["label"], table["given"], aliases, groups)
    split_lines = [f"{path}: {line}"] if line else []
    problems = [
        *_aliases_without_label(table["label"], aliases),
        *_not_chosen(names, chosen),
        *_look_alike(names, path, aliases),
        *_too_few(names, path),
        *(split_lines if predefined else []),
    ]
    warnings = [*_case_only(names, aliases), *([] if predefined else split_lines)]
    return Classes(names, labels, problems, warnings, proposed)


def _aliases_without_label(given: "pd.Series[str]", aliases: dict[str, str]) -> list[str]:
    there = set(given.dropna())
    return [
        f"data.class_aliases: {alias!r} is no label in the data; "
        f"{_meant(alias, there - set(aliases))}correct or remove it"
        for alias in aliases
        if alias not in there
    ]


def _not_chosen(names: list[str], chosen: list[str] | None) -> list[str]:
    if chosen is None:
        return []
    unnamed = [name for name in names if name not in chosen]
    empty = [name for name in chosen if name not in names]
    told = []
    if unnamed:
        told.append(
            f"data.classes: the data have the {_labels(unnamed)} too; {_meant(unnamed[0], empty)}"
            "add to data.classes, or map with data.class_aliases"
        )
    if empty:
        told.append(
            f"data.classes: no image has the {_labels(empty)}; {_meant(empty[0], unnamed)}"
            "correct or remove"
        )
    return told


def _look_alike(names: list[str], path: str, aliases: dict[str, str]) -> list[str]:
    return [
        f"{path}: the labels {one!r} and {other!r} look the same; "
        f"write data.class_aliases: {flow(aliases | {other: one})}"
        for one, other in alike(names)
    ]


def _too_few(names: list[str], path: str) -> list[str]:
    if len(names) > 1:
        return []
    told = f"every label is {names[0]!r}" if names else "no image has a label"
    return [f"{path}: {told}; two classes or more are needed"]


def _case_only(names: list[str], aliases: dict[str, str]) -> list[str]:
    folded: dict[str, str] = {}
    told = []
    for name in names:
        first = folded.setdefault(name.casefold(), name)
        if first != name:
            told.append(
                f"Classes {first!r} and {name!r} differ in case only; if they are one, write "
                f"data.class_aliases: {flow(aliases | {name: first})}"
            )
    return told


def _labels(names: list[str]) -> str:
    return ("label " if len(names) == 1 else "labels ") + some([repr(name) for name in names])


def _meant(given: str, allowed: Iterable[str]) -> str:
    folded = {name.casefold(): name for name in sorted(allowed)}
    close = get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]!r}? " if close else ""
