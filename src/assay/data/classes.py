"""Which classes there are, in which order, and where the splits disagree about them."""

from typing import NamedTuple

import pandas as pd
import yaml

from assay.data.labels import alike, differing_in_case, ordered
from assay.fault import listed, nearest
from assay.params.data import Data

SHOWN = 10  # names in a line


class Classes(NamedTuple):
    """The classes in their order; each image's own, null where unlabelled; what is amiss.

    A problem is a line that must be mended before training, a warning one that may stand.
    """

    names: list[str]
    labels: "pd.Series[str]"
    missing: dict[str, list[str]]  # by split: the classes that it has no image of
    problems: list[str]
    warnings: list[str]


def find_classes(
    table: pd.DataFrame, data: Data, declared: list[str] | None, *, predefined: bool
) -> Classes:
    """Classes from the columns `label` and `given`, with the aliases and the order of `data`.

    The order is that of `data.classes`, else the one that the source declares, else numbers as
    numbers and words by code point. `predefined` splits must not have classes that train lacks.
    """
    labels = table["label"].replace(data.class_aliases)
    found = ordered(labels.dropna().unique())
    kept = data.classes or [data.class_aliases.get(name, name) for name in declared or []]
    names = [*dict.fromkeys(kept), *(name for name in found if name not in set(kept))]
    strangers = _strangers(labels, table["given"])
    missing = _missing(labels, table["given"], names, strangers)
    unknown = [_unknown(name, guess, labels, table["given"]) for name, guess in strangers.items()]
    problems = [
        *_unused_aliases(table["label"], data.class_aliases),
        *_too_few(found),
        *_look_alikes(found),
        *_not_declared(found, data.classes),
        *(unknown if predefined else []),
    ]
    warnings = [
        *([] if predefined else unknown),
        *(
            f"{split} has no image of {_some(classes)}"
            for split, classes in missing.items()
            if classes
        ),
        *(
            f"the classes {one!r} and {other!r} differ in upper and lower case only; if they are "
            f"one, write {_alias(other, one)}"
            for one, other in differing_in_case(found)
        ),
        *(f"data.classes names {name!r}, and no image has it" for name in set(kept) - set(found)),
    ]
    return Classes(names, labels, missing, problems, warnings)


def _strangers(labels: "pd.Series[str]", given: "pd.Series[str]") -> dict[str, list[str]]:
    """Classes of val or test that train lacks, each with those of train that it may be.

    These are the classes of train that every split lacks which has the stranger.
    """
    train = set(labels[given == "train"].dropna())
    if not train:
        return {}
    found: dict[str, set[str]] = {}
    for split in ("val", "test"):
        there = set(labels[given == split].dropna())
        for name in there - train:
            lacking = train - there
            found[name] = found.get(name, lacking) & lacking
    return {name: sorted(found[name]) for name in ordered(found)}


def _unknown(
    name: str, guesses: list[str], labels: "pd.Series[str]", given: "pd.Series[str]"
) -> str:
    there = [split for split in ("val", "test") if ((labels == name) & (given == split)).any()]
    told = (
        f"data.class_aliases: {listed(there)} {'has' if len(there) == 1 else 'have'} the class "
        f"{name!r}, which train has not"
    )
    if len(guesses) == 1:
        return f"{told}; if it is train's {guesses[0]!r}, write {_alias(name, guesses[0])}"
    if guesses:
        one = nearest(name, guesses).partition("?")[0] if len(guesses) > 1 else ""
        hint = f" ({one}?)" if one.startswith("did you mean") else ""
        return (
            f"{told}; if it is one of {_some(guesses)}{hint}, write {_alias(name, 'THAT ONE')}, "
            "else remove its images"
        )
    return f"{told}; give train images of it, or remove these"


def _missing(
    labels: "pd.Series[str]",
    given: "pd.Series[str]",
    names: list[str],
    strangers: dict[str, list[str]],
) -> dict[str, list[str]]:
    """Classes that a split lacks, but for those that it seems to call by another name."""
    train = set(labels[given == "train"].dropna())
    lacking = {}
    for split in ("val", "test"):
        there = set(labels[given == split].dropna())
        renamed = {g[0] for name, g in strangers.items() if name in there and len(g) == 1}
        lacking[split] = [n for n in names if there and n in train - there - renamed]
    return lacking


def _unused_aliases(labels: "pd.Series[str]", aliases: dict[str, str]) -> list[str]:
    there = set(labels.dropna())
    return [
        f"data.class_aliases: no image is labelled {name!r}; {nearest(name, there)}"
        for name in aliases
        if name not in there
    ]


def _too_few(found: list[str]) -> list[str]:
    if len(found) > 1:
        return []
    every = f"every label is {found[0]!r}" if found else "no image has a label"
    return [f"data: {every}; two classes or more are needed"]


def _look_alikes(found: list[str]) -> list[str]:
    return [
        f"data.class_aliases: the labels {one!r} and {other!r} look the same; write "
        f"{_alias(other, one)}"
        for one, other in alike(found)
    ]


def _not_declared(found: list[str], classes: list[str] | None) -> list[str]:
    return [
        f"data.classes: the label {name!r} is not in it; {nearest(name, classes)}, or add it"
        for name in found
        if classes is not None and name not in classes
    ]


def _alias(name: str, kept: str) -> str:
    """What to write in params.yaml, quoted where YAML wants it."""
    text = yaml.safe_dump(
        {name: kept}, default_flow_style=True, allow_unicode=True, width=10_000
    ).strip()
    return f"class_aliases: {text}"


def _some(names: list[str]) -> str:
    more = len(names) - SHOWN
    return listed([*names[:SHOWN], f"{more} more"] if more > 0 else names)
