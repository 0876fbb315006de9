"""Small pictures of the worst duplicates, for people to judge by."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from assay.data.picture import Pixels, picture
from assay.data.worst import equal_groups, members, worst_first

GROUPS, IMAGES = 12, 4  # of each kind; of a group


def examples(table: pd.DataFrame, read: Callable[[int], Pixels]) -> list[dict[str, Any]]:
    """Some groups of equal and of near-equal images, the worst of each kind first.

    `table` is as `audit` takes it; `read` gives the pixels of a row. Each image has a `src`, a data
    URI of at most 96 pixels a side, beside its name, split and label.
    """
    table = table.reset_index(drop=True)
    near = table["near"].to_numpy()
    told = []
    for kind, groups in (("equal", equal_groups(table)), ("near-equal", near)):
        facts = worst_first(table, groups)
        worst = facts[facts["near"] == (kind == "near-equal")].head(GROUPS)
        for number, about in zip(worst.index.tolist(), worst.to_dict("records"), strict=True):
            shown = members(table, groups, number, IMAGES)
            told.append(
                {
                    "kind": kind,
                    "conflicting": about["conflicting"],
                    "across": about["across"],
                    "more": about["images"] - len(shown),
                    "images": _shown(shown, read),
                }
            )
    return told


def _shown(group: pd.DataFrame, read: Callable[[int], Pixels]) -> list[dict[str, str]]:
    columns = zip(group["name"], group["split"], group["label"].fillna(""), strict=True)
    return [
        {"src": picture(read(row)), "name": name, "split": split, "label": label}
        for row, (name, split, label) in zip(group.index.tolist(), columns, strict=True)
    ]
