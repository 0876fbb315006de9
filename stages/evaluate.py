"""Judge one trained run on every split: scores, predictions, and the gist for the report."""

from pathlib import Path

import numpy as np
import pandas as pd

from assay import tracking
from assay.data.packed import Packed, unpack
from assay.entry import one_line
from assay.evaluation.classify import Classifier
from assay.evaluation.kept import kept_epochs
from assay.evaluation.outcomes import judged, outcome_table, submission, write_predictions
from assay.evaluation.pictures import pictures
from assay.evaluation.views import views
from assay.files import replacing, write_json, write_text
from assay.grid import Run, run_from_words
from assay.models.saved import weights_hash
from assay.params import experiment
from assay.params.evaluate import Evaluate
from assay.params.split import PARTS
from assay.training import leftovers


def main() -> None:
    to, run = experiment.read().evaluate, run_from_words(__doc__)
    leftovers.sweep()
    model = Path("models", run.name)
    classifier = Classifier(model, to.weights, to.batch_size)
    classes = classifier.saved.classes
    learnt_too = {"val"} & {*run.plan.train.learns}  # so it is no validation, and has no score
    parts = [name for name in (*PARTS, "unlabelled") if name not in learnt_too]
    packs = {name: unpack(Path("data/packed", name)) for name in parts}
    tables = answered(run, to, classifier, packs)
    splits = {
        name: judged(tables[name], classes, bins=to.calibration_bins)
        for name in PARTS
        if len(tables.get(name, ()))
    }
    last = list(splits)[-1]
    seen = pictures(tables[last], packs[last], classes, classifier.heat)
    write_json(Path("pictures", f"{run.name}.json"), {"split": last} | seen)
    val = packs.get("val", packs["unlabelled"].emptied())
    kept = kept_epochs(model, val, batch_size=to.batch_size, bins=to.calibration_bins)
    with replacing(Path("checkpoints", f"{run.name}.csv")) as beside:
        kept.to_csv(beside, index=False, lineterminator="\n")
    about = {"variant": run.variant, "seed": run.seed, "weights": to.weights}
    about |= {"epoch": classifier.epoch, "splits": splits}
    write_json(Path("metrics/runs", f"{run.name}.json"), about)
    cost = {"images_per_second": classifier.images_per_second}
    write_json(Path("costs/evaluate", f"{run.name}.json"), cost)
    with tracking.evaluation(run.variant, run.seed, weights_hash(model)) as mlflow:
        mlflow.judged(splits, classes)


def answered(
    run: Run, to: Evaluate, classifier: Classifier, packs: dict[str, Packed]
) -> dict[str, pd.DataFrame]:
    """What the run says of each image by split, after it is written for people and the report."""
    shares, tables, classes = {}, {}, classifier.saved.classes
    for name, packed in packs.items():
        shares[name] = told = classifier.probabilities(packed)
        averaged = None
        if to.tta and name in {"val", "test"}:
            averaged = classifier.averaged(packed, views(to.tta), told)
        tables[name] = outcome_table(name, packed, told, averaged)
    everyone = pd.concat(tables.values())
    everything = np.concatenate([shares[name][tables[name].index] for name in packs])
    predictions = Path("predictions", run.name)
    write_predictions(predictions.with_suffix(".parquet"), everyone, everything, classes)
    write_text(predictions.with_suffix(".csv"), submission(everyone, classes))
    with replacing(Path("outcomes", f"{run.name}.parquet")) as beside:
        everyone.to_parquet(beside, index=False)
    return tables


if __name__ == "__main__":
    one_line(main)
