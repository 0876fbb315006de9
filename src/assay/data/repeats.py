"""Images that repeat others, equal or nearly: how many, where, and under which labels."""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.data.worst import members, worst_first

EXAMPLES, MEMBERS = 20, 8
Groups = Int64[np.ndarray, " n"]


def equal_images(table: pd.DataFrame) -> dict[str, Any]:
    """Images that equal an earlier one, and how far their splits and labels disagree."""
    equal = _equal(table)
    found = _told(table, equal, worst_first(table, equal))
    again = {part: int(_in_train(table, equal, part).sum()) for part in ("val", "test")}
    return found | {"repeated_images": len(table) - len(np.unique(equal)), "also_in_train": again}


def near_images(table: pd.DataFrame, groups: Groups) -> dict[str, Any]:
    """The groups that hold different images; `also_in_train` leaves out equal ones."""
    equal = _equal(table)
    facts = worst_first(table, groups)
    facts = facts[facts["near"]]
    again = {
        part: int((_in_train(table, groups, part) & ~_in_train(table, equal, part)).sum())
        for part in ("val", "test")
    }
    return _told(table, groups, facts) | {
        "groups": len(facts),
        "images": int(facts["images"].sum()),
        "largest": int(facts["images"].max()) if len(facts) else 0,
        "also_in_train": again,
    }


def _told(table: pd.DataFrame, groups: Groups, facts: pd.DataFrame) -> dict[str, Any]:
    return {
        "across_splits": int(facts["across"].sum()),
        "conflicting_labels": int(facts["conflicting"].sum()),
        "examples": [
            _example(members(table, groups, number, MEMBERS), size)
            for number, size in zip(*_first(facts), strict=True)
        ],
    }


def _in_train(table: pd.DataFrame, groups: Groups, part: str) -> "pd.Series[bool]":
    """Which images belong to a part and have a duplicate among those to train on."""
    known = np.isin(groups, groups[table["split"] == "train"])
    return (table["split"] == part) & known


def _example(group: pd.DataFrame, size: int) -> dict[str, Any]:
    return {
        "size": size,
        "images": list(group["name"]),
        "splits": list(group["split"]),
        "labels": ["" if pd.isna(label) else label for label in group["label"]],
    }


def _equal(table: pd.DataFrame) -> Groups:
    return pd.factorize(table["hash"])[0].astype(np.int64)


def _first(facts: pd.DataFrame) -> tuple[list[int], list[int]]:
    """The numbers and sizes of the worst groups."""
    few = facts.head(EXAMPLES)
    return few.index.tolist(), few["images"].tolist()
