"""The classes of a data set: their order, each image's class, and what does not agree."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.data.disagreement import aliasing, disagreement
from assay.data.labels import alike, differing_in_case, ordered
from assay.fault import some
from assay.params.data import Data


class Classes(NamedTuple):
    """The classes in their order; each image's own, null where unlabelled; what is amiss.

    A problem is a line that must be mended before training, a warning one that may stand.
    `proposed` are aliases that would mend what splits call differently.
    """

    names: list[str]
    labels: "pd.Series[str]"
    problems: list[str]
    warnings: list[str]
    proposed: dict[str, str]


def find_classes(
    table: pd.DataFrame,
    data: Data,
    declared: list[str] | None,
    *,
    predefined: bool,
    groups: Int64[np.ndarray, " n"] | None = None,
) -> Classes:
    """Classes from the columns `label` and `given`, with the aliases and the order of `data`.

    The order is that of `data.classes`, else the one that the source declares, else numbers as
    numbers and words by code point. `predefined` splits must not have classes that train lacks;
    `groups` of duplicates help to tell which of train's such a class is.
    """
    aliases = data.class_aliases
    labels = table["label"].replace(aliases)
    found = ordered(labels.dropna().unique())
    kept = data.classes or [aliases.get(name, name) for name in declared or []]
    strange, proposed = disagreement(table["label"], table["given"], aliases, groups)
    problems = [
        *_aliases_without_label(table["label"], aliases),
        *_not_chosen(found, data.classes),
        *_look_alike(found, table["label"], aliases),
        *_too_few(found),
        *(strange if predefined else []),
    ]
    warnings = [
        *([] if predefined else strange),
        *_case_only(found, table["label"], aliases),
        *(f"no image has the class {name!r}" for name in kept if name not in found),
    ]
    return Classes(list(dict.fromkeys([*kept, *found])), labels, problems, warnings, proposed)


def _aliases_without_label(given: "pd.Series[str]", aliases: dict[str, str]) -> list[str]:
    there = set(given.dropna())
    return [
        f"data.class_aliases: no image is labelled {alias!r}; "
        f"{_meant(alias, there - set(aliases))}correct or remove it"
        for alias in aliases
        if alias not in there
    ]


def _not_chosen(found: list[str], chosen: list[str] | None) -> list[str]:
    if chosen is None or not (unnamed := [name for name in found if name not in chosen]):
        return []
    empty = [name for name in chosen if name not in found]
    labels = ("label " if len(unnamed) == 1 else "labels ") + some([repr(n) for n in unnamed])
    meant = _meant(unnamed[0], empty)
    return [
        f"data.classes: the {labels} of the data {'is' if len(unnamed) == 1 else 'are'} not in it; "
        f"{meant}add to it, or map with data.class_aliases"
    ]


def _look_alike(found: list[str], given: "pd.Series[str]", aliases: dict[str, str]) -> list[str]:
    return [
        f"data.class_aliases: the labels {one!r} and {other!r} look the same; "
        f"write {aliasing(given, aliases, {other: one})}"
        for one, other in alike(found)
    ]


def _too_few(found: list[str]) -> list[str]:
    if len(found) > 1:
        return []
    told = f"every label is {found[0]!r}" if found else "no image has a label"
    return [f"data: {told}; two classes or more are needed"]


def _case_only(found: list[str], given: "pd.Series[str]", aliases: dict[str, str]) -> list[str]:
    return [
        f"the classes {one!r} and {other!r} differ in upper and lower case only; if they are one, "
        f"write {aliasing(given, aliases, {other: one})}"
        for one, other in differing_in_case(found)
    ]


def _meant(given: str, allowed: Iterable[str]) -> str:
    folded = {name.casefold(): name for name in sorted(allowed)}
    close = get_close_matches(given.casefold(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[close[0]]!r}? " if close else ""
