"""Judge one trained run on every split: scores, predictions, and the gist for the report."""

from pathlib import Path

import numpy as np
import pandas as pd

from assay import tracking
from assay.data.packed import unpack
from assay.entry import one_line
from assay.evaluation.classify import Classifier
from assay.evaluation.outcomes import outcome_table, submission, write_predictions
from assay.evaluation.scores import judged
from assay.files import replacing, write_json, write_text
from assay.grid import run_from_words
from assay.models.saved import weights_hash
from assay.params import experiment
from assay.params.split import PARTS

PACKED = Path("data/packed")


def main() -> None:
    to = experiment.read().evaluate
    run = run_from_words(__doc__)
    model = Path("models", run.name)
    classifier = Classifier(model, to.weights, to.batch_size)
    learnt_too = {"val"} & {*run.plan.train.learns}  # so it is no validation, and has no score
    parts = [name for name in PARTS if name not in learnt_too]
    packs = {name: unpack(PACKED / name) for name in (*parts, "unlabelled")}
    shares = {name: classifier.probabilities(packed) for name, packed in packs.items()}
    classes = classifier.saved.classes
    splits = {
        name: judged(shares[name], packs[name].labels, classes, bins=to.calibration_bins)
        for name in parts
        if len(packs[name].labels)
    }
    tables = {name: outcome_table(name, packs[name], shares[name]) for name in packs}
    outcomes = pd.concat(tables.values())
    predictions = Path("predictions", run.name)
    everything = np.concatenate([shares[name][tables[name].index] for name in packs])
    write_predictions(predictions.with_suffix(".parquet"), outcomes, everything, classes)
    write_text(predictions.with_suffix(".csv"), submission(outcomes, classes))
    with replacing(Path("outcomes", f"{run.name}.parquet")) as beside:
        outcomes.to_parquet(beside, index=False)
    about = {"variant": run.variant, "seed": run.seed, "weights": to.weights}
    write_json(
        Path("metrics/runs", f"{run.name}.json"),
        about | {"epoch": classifier.epoch, "splits": splits},
    )
    cost = {"images_per_second": classifier.images_per_second}
    write_json(Path("costs/evaluate", f"{run.name}.json"), cost)
    with tracking.evaluation(weights_hash(model)) as mlflow:
        mlflow.scores(splits)
        mlflow.confusion(splits, classes)


if __name__ == "__main__":
    one_line(main)
