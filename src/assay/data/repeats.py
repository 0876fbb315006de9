"""Images that repeat others, equal or nearly: how many, where, and under which labels."""

from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.data.worst import equal_groups, members, worst_first

EXAMPLES, IMAGES = 20, 8  # groups; images of each
Groups = Int64[np.ndarray, " n"]


def equal_images(table: pd.DataFrame) -> dict[str, Any]:
    """Images that equal others, and how far their splits and labels disagree."""
    equal = equal_groups(table)
    again = {part: int(_in_train(table, equal, part).sum()) for part in ("val", "test")}
    return _told(table, equal, worst_first(table, equal)) | {"also_in_train": again}


def near_images(table: pd.DataFrame) -> dict[str, Any]:
    """Groups of `near` that hold different images; `also_in_train` leaves out equal ones.

    `compared` images have a perceptual hash: they are large enough, and not blank.
    """
    equal, near = equal_groups(table), table["near"].to_numpy()
    facts = worst_first(table, near)
    again = {
        part: int((_in_train(table, near, part) & ~_in_train(table, equal, part)).sum())
        for part in ("val", "test")
    }
    compared = {"compared": int(table["phash"].notna().sum()), "also_in_train": again}
    return _told(table, near, facts[facts["near"]]) | compared


def _told(table: pd.DataFrame, groups: Groups, facts: pd.DataFrame) -> dict[str, Any]:
    few = facts.head(EXAMPLES).index.tolist()
    return {
        "groups": len(facts),
        "repeated_images": int(facts["images"].sum()) - len(facts),
        "largest": int(facts["images"].max()) if len(facts) else 0,
        "across_splits": int(facts["across"].sum()),
        "conflicting_labels": int(facts["conflicting"].sum()),
        "examples": [_example(members(table, groups, number, IMAGES)) for number in few],
    }


def _in_train(table: pd.DataFrame, groups: Groups, part: str) -> "pd.Series[bool]":
    """Which images belong to a part and have a duplicate among those to train on."""
    known = np.isin(groups, groups[table["split"] == "train"])
    return (table["split"] == part) & known


def _example(group: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "images": group["name"].tolist(),
        "splits": group["split"].tolist(),
        "labels": group["label"].fillna("").tolist(),
    }
