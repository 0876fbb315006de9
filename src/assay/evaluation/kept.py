"""The kept epochs of a training, judged on validation."""

from pathlib import Path

import pandas as pd

from assay.data.packed import Packed
from assay.evaluation.classify import Classifier
from assay.evaluation.scores import outcomes, scores
from assay.models.saved import load

COLUMNS = ("epoch", "val_accuracy", "val_f1_macro", "val_loss")


def kept_epochs(folder: Path, val: Packed, *, batch_size: int, bins: int) -> pd.DataFrame:
    """A row for each kept epoch, and for the last: epoch, accuracy, macro F1 and loss.

    No rows where none was kept, or there is no validation.
    """
    epochs = load(folder).epochs
    names = [name for name in epochs if name.startswith("epoch-")]
    rows = []
    for name in [*names, "last"] if names and len(val.labels) else []:
        shares = Classifier(folder, name, batch_size).probabilities(val)
        found = scores(outcomes(shares, val.labels), bins=bins)
        values = (found[score].value for score in ("accuracy", "f1_macro", "loss"))
        rows.append((epochs[name], *values))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.drop_duplicates("epoch").sort_values("epoch", ignore_index=True)
