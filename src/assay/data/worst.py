"""Groups of duplicates, the worst first: contradicting labels, then splits that share images."""

import numpy as np
import pandas as pd
from jaxtyping import Int64

Groups = Int64[np.ndarray, " n"]


def equal_groups(table: pd.DataFrame) -> Groups:
    """A number for each row, the same for equal images."""
    return pd.factorize(table["hash"])[0].astype(np.int64)


def worst_first(table: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """A row for each group of two images or more, with the group's number as its index.

    `images`: how many; `near`: not all equal; `conflicting`: more than one label; `across`: in more
    than one split, where images that are not used count for none.
    """
    rows = table[["hash", "label"]].assign(
        group=groups, split=table["split"].where(table["split"] != "unused")
    )
    by = rows[rows["group"].duplicated(keep=False)].groupby("group")
    facts = pd.DataFrame(
        {
            "images": by.size(),
            "near": by["hash"].nunique() > 1,
            "conflicting": by["label"].nunique() > 1,
            "across": by["split"].nunique() > 1,
        }
    )
    return facts.sort_values(["conflicting", "across"], ascending=False, kind="stable")


def members(table: pd.DataFrame, groups: Groups, number: int, most: int) -> pd.DataFrame:
    """Up to `most` rows of a group, one of each label and split before a second of any."""
    rows = table[groups == number]
    turn = rows.groupby(["label", "split"], dropna=False).cumcount()
    return rows.loc[turn.sort_values(kind="stable").index[:most]]
