"""Images worth looking at: one right and one wrong answer of each class, mistakes, confusions.

Where in the first two the network found its answer is laid over them as warm colours (Grad-CAM).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from assay.data.packed import Packed
from assay.data.picture import Pixels, picture

WORST, PAIRS, OF_PAIR = 12, 6, 4  # mistakes; pairs of classes, and images of each
Heat = Callable[[Packed, Int[np.ndarray, " n"]], Float[np.ndarray, "n h w"]]


class Explained(NamedTuple):
    """Rows of a class's most ordinary right answer and of its worst wrong one, or None."""

    right: int | None
    wrong: int | None


def explained(table: pd.DataFrame, classes: int) -> list[Explained]:
    """For each class: the right answer with the median loss, the wrong one with the highest."""
    found = []
    for number in range(classes):
        own = table[table["label"] == number].sort_values(["loss", "image"])
        right, wrong = (own[own["prediction"].eq(number) == hit] for hit in (True, False))
        found.append(
            Explained(
                int(right.index[(len(right) - 1) // 2]) if len(right) else None,
                int(wrong.index[-1]) if len(wrong) else None,
            )
        )
    return found


def worst(table: pd.DataFrame) -> list[int]:
    """Rows of the mistakes with the highest loss."""
    wrong = table[table["label"] != table["prediction"]]
    return [*map(int, wrong.sort_values(["loss", "image"], ascending=[False, True]).index[:WORST])]


def confused(table: pd.DataFrame) -> list[tuple[int, int, int, list[int]]]:
    """The commonest confusions: true class, answer, how often, rows of the worst."""
    wrong = table[table["label"] != table["prediction"]]
    wrong = wrong.sort_values(["loss", "image"], ascending=[False, True])
    pairs: dict[tuple[int, int], list[int]] = {}
    for row, label, answer in zip(wrong.index, wrong["label"], wrong["prediction"], strict=True):
        pairs.setdefault((int(label), int(answer)), []).append(int(row))
    common = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:PAIRS]
    return [(*pair, len(rows), rows[:OF_PAIR]) for pair, rows in common]


def pictures(table: pd.DataFrame, packed: Packed, classes: list[str], heat: Heat) -> dict[str, Any]:
    """All of them as JSON; `table` is the split's outcomes, its index the rows of `packed`."""
    table = table[table["label"] >= 0]

    def shown(row: int | None, warm: str | None = None) -> dict[str, Any] | None:
        if row is None:
            return None
        about: dict[str, Any] = {name: table.at[row, name] for name in table.columns}
        return {
            "name": str(about["name"]),
            "label": classes[int(about["label"])],
            "answer": classes[int(about["prediction"])],
            "share": round(float(about["confidence"]), 4),
            "label_share": round(float(np.exp(-about["loss"])), 4),
            "src": picture(packed.images[row]),
            "heat": warm,
        }

    pairs = explained(table, len(classes))
    rows = np.array([row for pair in pairs for row in pair if row is not None], int)
    warm = dict(zip(rows.tolist(), _warmed(rows, table, packed, heat), strict=True))
    return {
        "explained": [
            {
                "class": name,
                "right": shown(one.right, warm.get(one.right or 0)),
                "wrong": shown(one.wrong, warm.get(one.wrong or 0)),
            }
            for name, one in zip(classes, pairs, strict=True)
        ],
        "worst": [shown(row) for row in worst(table)],
        "confused": [
            {
                "label": classes[label],
                "answer": classes[answer],
                "times": times,
                "images": [shown(row) for row in some],
            }
            for label, answer, times, some in confused(table)
        ],
    }


def _warmed(
    rows: Int[np.ndarray, " n"], table: pd.DataFrame, packed: Packed, heat: Heat
) -> list[str]:
    """Each image under the heat of its answer, as data URIs."""
    if not len(rows):
        return []
    some = packed._replace(
        images=packed.images[rows], labels=packed.labels[rows], table=packed.table.iloc[rows]
    )
    found = heat(some, table.loc[rows, "prediction"].to_numpy())
    return [picture(laid_over(image, one)) for image, one in zip(some.images, found, strict=True)]


def laid_over(image: Pixels, heat: Float[np.ndarray, "h w"]) -> Pixels:
    """Warm colours over a grey version of the image, the more so the warmer."""
    grey = image[:, :, :3].mean(axis=2, keepdims=True).repeat(3, axis=2)
    warm = 255 * mpl.colormaps["inferno"](heat)[:, :, :3]
    share = 0.65 * heat[:, :, None]
    mixed: Pixels = ((1 - share) * grey + share * warm).round().astype(np.uint8)
    return mixed
