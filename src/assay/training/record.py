"""What a run leaves in files: its weights, its curve, its scales by depth, its cost."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from assay.files import replacing, write_json
from assay.models.saved import save
from assay.params.variants import Plan
from assay.training.epoch import Epoch
from assay.training.resume import Checkpoint
from assay.training.run import Trained

CURVE = ["epoch", "lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy"]


def record(
    name: str,
    plan: Plan,
    seed: int,
    done: Trained,
    *,
    meta: dict[str, Any],
    kept: Checkpoint,
    revision: str,
) -> str:
    """Write models/NAME, curves/NAME.csv, depths/NAME.csv and costs/train/NAME.json.

    `meta` is the training split's, `kept` has the epochs that are kept, and `revision` is that of
    the code that trained. SHA-256 of the weights.
    """
    config = {
        "plan": plan.model_dump(mode="json"),
        "seed": seed,
        "last_epoch": len(done.epochs),
        "best_epoch": done.best_epoch,
    }
    weights = save(done.network, done.best, config, meta, Path("models", name), kept.epochs)
    curve = pd.DataFrame([epoch._asdict() for epoch in done.epochs])[CURVE]
    with replacing(Path("curves", f"{name}.csv")) as beside:
        curve.to_csv(beside, index=False, lineterminator="\n")
    depths = pd.DataFrame(done.depths)
    with replacing(Path("depths", f"{name}.csv")) as beside:
        depths.to_csv(beside, index=False, lineterminator="\n", float_format="%.6g", na_rep="nan")
    cost = done.cost | {"revision": revision}
    write_json(Path("costs/train", f"{name}.json"), cost)
    return weights


def points(epochs: Iterable[Epoch]) -> dict[int, dict[str, float | None]]:
    """The values of each epoch, as the curve has them."""
    return {one.epoch: {name: getattr(one, name) for name in CURVE[1:]} for one in epochs}
