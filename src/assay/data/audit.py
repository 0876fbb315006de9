"""What the data are: counts, sizes, images left out, duplicates, labels that contradict."""

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64

from assay.data.classes import Classes
from assay.data.disagreement import some
from assay.data.repeats import equal_images, near_images
from assay.params.split import PARTS

EXAMPLES = 20
_UNEVEN = 10  # times as many images in one class as in another
_CROWD, _CROWDED = 20, 0.02  # images, and share of all, in one group of near duplicates
Groups = Int64[np.ndarray, " n"]


def audit(
    table: pd.DataFrame,
    classes: Classes,
    *,
    groups: Groups,
    threshold: int | None,
    skipped: list[str],
) -> dict[str, Any]:
    """Tell of a table with the columns of ingest and, for each image, its split and final label.

    `groups` are the duplicates at this threshold; `skipped` are lines on images left out.
    """
    labelled = table[table["label"].notna()]
    counts = pd.crosstab(labelled["label"], labelled["split"]).reindex(
        index=classes.names, columns=[*PARTS, "unused"], fill_value=0
    )
    sizes = counts.sum()
    meant = counts.rename(index=classes.proposed).groupby(level=0, sort=False).sum()
    told = {
        "classes": classes.names,
        "images": {
            "labelled": len(labelled),
            "unlabelled": len(table) - len(labelled),
            "used": int(sizes[list(PARTS)].sum()),
        },
        "splits": {str(name): int(size) for name, size in sizes.items()}
        | {"unlabelled": len(table) - len(labelled)},
        "per_class": {
            str(name): {str(part): int(count) for part, count in row.items()}
            for name, row in counts.iterrows()
        },
        "missing_classes": _missing(meant),
        "imbalance": _imbalance(meant.sum(axis=1)),
        "sizes": _sizes(table),
        "channels": {str(c): int(n) for c, n in table["channels"].value_counts().items()},
        "skipped": {"images": len(skipped), "examples": skipped[:EXAMPLES]},
        "duplicates": equal_images(table),
        "near_duplicates": near_images(table, groups) | {"threshold": threshold},
    }
    return told | {"warnings": [*classes.warnings, *_warnings(told, len(table))]}


def fingerprint(table: pd.DataFrame) -> str:
    """SHA-256 of all pixels and labels in order, whatever file they came from."""
    lines = table["hash"] + " " + table["label"].fillna("")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _missing(counts: pd.DataFrame) -> dict[str, list[str]]:
    """The classes of which a split that has images has none."""
    return {
        part: [str(name) for name in counts.index[counts[part] == 0]]
        for part in PARTS
        if counts[part].any()
    }


def _imbalance(sizes: "pd.Series[int]") -> dict[str, Any]:
    if sizes.empty:
        return {"largest": 0, "smallest": 0, "ratio": None}
    most, least = int(sizes.max()), int(sizes.min())
    return {"largest": most, "smallest": least, "ratio": round(most / least, 2) if least else None}


def _sizes(table: pd.DataFrame) -> dict[str, Any]:
    return {
        "width": _range(table["width"]),
        "height": _range(table["height"]),
        "distinct": len(table[["width", "height"]].drop_duplicates()),
    }


def _range(sides: "pd.Series[int]") -> dict[str, float]:
    return {"min": int(sides.min()), "median": float(sides.median()), "max": int(sides.max())}


def _warnings(told: dict[str, Any], images: int) -> list[str]:
    lines = [
        f"The {part} split has no image of {some(names)}: "
        + ("never learned." if part == "train" else "its scores leave that out.")
        for part, names in told["missing_classes"].items()
        if names
    ]
    if skipped := told["skipped"]["images"]:
        lines.append(f"Images that could not be read and were left out: {skipped:,}.")
    ratio = told["imbalance"]["ratio"]
    if ratio and ratio >= _UNEVEN:
        lines.append(
            f"The largest class has {ratio:,.0f} times the images of the smallest: macro averages "
            "tell more than accuracy."
        )
    crowd = told["near_duplicates"]["largest"]
    if crowd >= _CROWD and crowd >= _CROWDED * images:
        lines.append(
            f"One group of nearly equal images holds {crowd:,} of {images:,}: such images differ "
            "too little for perceptual hashes; lower split.near_duplicates, or set it to null."
        )
    return lines
