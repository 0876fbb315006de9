"""Small pictures of the worst duplicates, for people to judge by."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image

from assay.data.audit import equal_groups, is_across, is_conflicting, near_groups

GROUPS, IMAGES, SIDE = 12, 4, 96  # of each kind; of a group; pixels


def examples(
    table: pd.DataFrame, read: Callable[[int], UInt8[np.ndarray, "h w c"]]
) -> list[dict[str, Any]]:
    """Some groups of equal and of near-equal images, the worst of each kind first.

    `table` is as `audit` takes it; `read` gives the pixels of a row. Each image has a `src`, a data
    URI of at most 96 pixels a side, beside its name, split and label.
    """
    kinds = {"equal": equal_groups(table), "near-equal": near_groups(table)}
    return [
        {
            "kind": kind,
            "conflicting": is_conflicting(group),
            "across": is_across(group),
            "more": max(0, len(group) - IMAGES),
            "images": [_shown(row, read) for row in _telling(group).iterrows()],
        }
        for kind, groups in kinds.items()
        for group in groups[:GROUPS]
    ]


def _telling(group: pd.DataFrame) -> pd.DataFrame:
    """A few images of a group, those first that differ in label or split."""
    repeats = group.duplicated(["label", "split"])
    return group.loc[repeats.sort_values(kind="stable").index].head(IMAGES)


def _shown(
    row: tuple[Any, "pd.Series[Any]"], read: Callable[[int], UInt8[np.ndarray, "h w c"]]
) -> dict[str, str]:
    number, about = row
    label = about["label"]
    return {
        "src": _picture(read(number)),
        "name": about["name"],
        "split": about["split"],
        "label": "" if pd.isna(label) else label,
    }


def _picture(pixels: UInt8[np.ndarray, "h w c"]) -> str:
    """PNG for what is small anyway, else JPEG."""
    channels = pixels[:, :, :3] if pixels.shape[2] > 2 else pixels[:, :, 0]
    image = Image.fromarray(np.ascontiguousarray(channels))
    kind = "JPEG" if max(image.size) > SIDE else "PNG"
    image.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    image.save(file, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
