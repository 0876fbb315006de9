"""What a run leaves in files beside its weights: its curve, its scales by depth, its cost."""

from pathlib import Path

import pandas as pd

from assay.files import replacing, write_json
from assay.training.run import Trained

CURVE = ["epoch", "lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy"]


def record(name: str, done: Trained) -> None:
    """Write curves/NAME.csv, depths/NAME.csv and costs/train/NAME.json."""
    curve = pd.DataFrame([epoch._asdict() for epoch in done.epochs])[CURVE]
    with replacing(Path("curves", f"{name}.csv")) as beside:
        curve.to_csv(beside, index=False, lineterminator="\n")
    depths = pd.DataFrame(done.depths)
    with replacing(Path("depths", f"{name}.csv")) as beside:
        depths.to_csv(beside, index=False, lineterminator="\n", float_format="%.6g", na_rep="nan")
    write_json(Path("costs/train", f"{name}.json"), done.cost)
