"""What the data are and what spoils them: counts, sizes, duplicates, labels that contradict."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd

from assay.params.split import PARTS

EXAMPLES = 20


def audit(table: pd.DataFrame, classes: list[str], skipped: list[str]) -> dict[str, Any]:
    """Count a table of images: label, split, hash, near (a number, the same for near-equal images).

    Also used: name, width, height, channels. `skipped` are the images left out, one line each.
    """
    labelled = table[table["split"] != "unlabelled"]
    counts = pd.crosstab(labelled["label"], labelled["split"]).reindex(
        index=classes, columns=[*PARTS, "unused"], fill_value=0
    )
    sizes, unlabelled = counts.sum(), len(table) - len(labelled)
    return {
        "classes": classes,
        "images": {
            "labelled": len(labelled),
            "unlabelled": unlabelled,
            "used": int(sizes[list(PARTS)].sum()),
            "skipped": len(skipped),
        },
        "splits": {name: int(size) for name, size in sizes.items()} | {"unlabelled": unlabelled},
        "per_class": {
            str(name): {str(part): int(count) for part, count in row.items()}
            for name, row in counts.iterrows()
        },
        "sizes": _sizes(table),
        "skipped": skipped[:EXAMPLES],
        "duplicates": duplicated(table, equal_groups(table)),
        "near_duplicates": duplicated(table, near_groups(table)),
    }


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 of all pixels and labels in order, whatever file they came from."""
    lines = table["hash"] + " " + table["label"].fillna("")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def equal_groups(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Images with the same pixels, the worst first: several labels, then several splits."""
    return _worst_first(table[table.duplicated("hash", keep=False)], "hash")


def near_groups(table: pd.DataFrame) -> list[pd.DataFrame]:
    """Images that look the same and are not all equal, the worst first."""
    some = table[table.duplicated("near", keep=False)]
    differ = some.groupby("near")["hash"].transform("nunique") > 1
    return _worst_first(some[differ], "near")


def is_conflicting(group: pd.DataFrame) -> bool:
    """Whether the images bear more than one label."""
    return bool(group["label"].dropna().nunique() > 1)


def is_across(group: pd.DataFrame) -> bool:
    """Whether the images lie in more than one split."""
    return bool(group.loc[group["split"] != "unused", "split"].nunique() > 1)


def duplicated(table: pd.DataFrame, groups: list[pd.DataFrame]) -> dict[str, Any]:
    """How many images repeat another, and where that matters."""
    return {
        "groups": len(groups),
        "repeated_images": sum(len(group) - 1 for group in groups),
        "across_splits": sum(map(is_across, groups)),
        "conflicting_labels": sum(map(is_conflicting, groups)),
        "also_in_train": {part: _also_in_train(groups, part) for part in ("val", "test")},
        "examples": [_example(group) for group in groups[:EXAMPLES]],
    }


def _worst_first(some: pd.DataFrame, by: str) -> list[pd.DataFrame]:
    groups = [group for _, group in some.groupby(by, sort=False)]
    return sorted(groups, key=lambda group: (not is_conflicting(group), not is_across(group)))


def _also_in_train(groups: list[pd.DataFrame], part: str) -> int:
    """How many images of a part have a double among those to train on."""
    return sum(
        int((group["split"] == part).sum()) for group in groups if "train" in set(group["split"])
    )


def _example(group: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "images": group["name"].tolist(),
        "splits": group["split"].tolist(),
        "labels": group["label"].fillna("").tolist(),
    }


def _sizes(table: pd.DataFrame) -> dict[str, Any]:
    """Pixels of the sides, and how many images have so many channels."""
    sides = {
        side: {
            "min": int(table[side].min()),
            "median": float(np.median(table[side])),
            "max": int(table[side].max()),
        }
        for side in ("height", "width")
    }
    channels = {str(c): int(n) for c, n in table["channels"].value_counts().sort_index().items()}
    shapes = len(table[["height", "width"]].drop_duplicates())
    return sides | {"distinct": shapes, "channels": channels}
