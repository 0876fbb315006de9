"""Classes that splits call differently: which of train's a strange name is likely to mean."""

from collections.abc import Hashable
from difflib import SequenceMatcher

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.fault import listed, some
from assay.params import yaml12
from assay.params.split import PARTS

MOST = 8  # names that are mapped; where more differ, no guess is worth reading
SIMILAR = 0.8


def disagreement(
    found: "pd.Series[str]",
    given: "pd.Series[str]",
    aliases: dict[str, str],
    groups: Int64[np.ndarray, " n"] | None,
) -> tuple[list[str], dict[str, str]]:
    """A line if val or test have classes that train lacks, and the aliases that would mend it.

    `found` are the labels before aliases, `given` their splits, `groups` duplicates. Nothing is
    told if every class is in train, or the data name no train split.
    """
    labels = found.replace(aliases)
    places = {
        split: set(labels[given == split].dropna()) for split in PARTS if (given == split).any()
    }
    train = places.pop("train", set())
    strange = sorted(set().union(*places.values()) - train) if train else []
    if not strange:
        return [], {}
    missing: set[str] = set()
    proposed: dict[str, str] = {}
    for name in strange if len(strange) <= MOST else []:
        among = [place for place in places.values() if name in place]
        candidates = _ranked(name, train, among, labels, groups)
        missing |= {other for other in candidates if not any(other in place for place in among)}
        free = [other for other in candidates if other not in proposed.values()]
        if free:
            proposed[name] = free[0]
    splits = [split for split, place in places.items() if place - train]
    also = sorted(missing - set(proposed.values()))
    advice = aliasing(found, aliases, proposed)
    return [_line(splits, strange, advice, proposed, also)], proposed


def aliasing(found: "pd.Series[str]", aliases: dict[str, str], proposed: dict[str, str]) -> str:
    """What to write into params.yaml, on one line: what led to a class that goes leads on."""
    written = {spelling: proposed.get(kept, kept) for spelling, kept in aliases.items()}
    written |= {name: other for name, other in proposed.items() if name in set(found)}
    return f"data.class_aliases: {yaml12.written(written)}"


def _ranked(
    name: str,
    train: set[str],
    among: list[set[str]],
    labels: "pd.Series[str]",
    groups: Int64[np.ndarray, " n"] | None,
) -> list[str]:
    """Classes of train that the splits with this name lack, or that are spelled much like it.

    First those that share duplicates with it, then those spelled most like it.
    """
    shared: dict[Hashable, int] = {}
    if groups is not None:
        pairs = pd.DataFrame({"group": groups, "label": labels}).dropna().drop_duplicates()
        own = pairs.loc[pairs["label"] == name, "group"]
        shared = pairs.loc[pairs["group"].isin(own), "label"].value_counts().to_dict()
    likeness = {
        other: SequenceMatcher(None, name.casefold(), other.casefold()).ratio() for other in train
    }
    absent = {other for other in train if not any(other in place for place in among)}
    near = {other for other in train if likeness[other] >= SIMILAR}
    return sorted(absent | near, key=lambda other: (-shared.get(other, 0), -likeness[other], other))


def _line(
    splits: list[str],
    strange: list[str],
    advice: str,
    proposed: dict[str, str],
    also: list[str],
) -> str:
    one = len(strange) == 1
    told = (
        f"data.class_aliases: {listed(splits)} {'has' if len(splits) == 1 else 'have'} the "
        f"class{'' if one else 'es'} {some(strange)}, which train lacks"
    )
    if not proposed:
        return f"{told}; call classes alike in all splits, or remove these images"
    rest = f" (or another that is missing there: {some(also)})" if also else ""
    same = f"{'that is' if one else 'they are'} train's {some(list(proposed.values()))}"
    return f"{told}; if {same}{rest}, write {advice}"
