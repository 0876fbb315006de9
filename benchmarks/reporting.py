"""The report of twenty variants, three seeds each, over 10,000 test images; and doing nothing.

Grown from the runs of the default study (`dvc repro` first): each of the sixty takes one of them,
its test images drawn again to 10,000, the same for all, with other answers here and there. Ours is
`stages/report.py` as a whole: every score with its interval, 190 comparisons, figures, two reports.
The rival, in a process of its own too, reads the same outcomes and has the scores alone from
scikit-learn. The bound is 60 seconds. `dvc repro` of the default study with nothing to do is the
median of five, beside the 3 seconds that we allow it.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from measure import alone
from sklearn import metrics
from table import record, row

from assay.device import choose_device, choose_precision, machine
from assay.evaluation.outcomes import judged
from assay.files import read_json, write_json
from assay.params import experiment, yaml12

COMMAND = "python benchmarks/reporting.py"
NOTHING = 3.0  # seconds that `dvc repro` may take with nothing to do
BY_RUN = ("curves", "depths", "checkpoints", "pictures", "costs/train", "costs/evaluate")


def grow(root: Path, variants: int, seeds: int, images: int) -> None:
    """Write the files that so many runs leave, judged on so many test images."""
    known = experiment.read()
    names = [f"variant-{number:02}" for number in range(variants)]
    params = yaml12.load(Path("params.yaml"))
    taken = dict(zip(names, cycle(params["variants"]), strict=False))
    of = {name: params["variants"][source] for name, source in taken.items()}
    runs = [
        (f"{name}-{seed}", f"{taken[name]}-{known.seeds[seed % len(known.seeds)]}")
        for name in names
        for seed in range(seeds)
    ]
    params |= {"variants": of, "seeds": [*range(seeds)]}
    (root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    (root / "data").mkdir()
    shutil.copy("data/examples.json", root / "data")
    audit = read_json(Path("metrics/data.json"))
    audit["splits"]["test"] = images
    write_json(root / "metrics/data.json", audit)
    random = np.random.default_rng(0)
    drawn: np.ndarray | None = None
    for name, source in runs:
        outcomes = pd.read_parquet(f"outcomes/{source}.parquet")
        test = outcomes[outcomes["split"] == "test"]
        drawn = random.integers(len(test), size=images) if drawn is None else drawn
        answers = test.iloc[drawn].assign(image=np.arange(images))
        _other_answers(answers, random)
        _copy(root, source, name)
        (root / "outcomes").mkdir(exist_ok=True)
        others = outcomes[outcomes["split"] != "test"]
        pd.concat([others, answers]).to_parquet(root / f"outcomes/{name}.parquet")
        about = read_json(Path(f"metrics/runs/{source}.json"))
        classes = [*about["splits"]["test"]["per_class"]]
        variant, seed = name.rsplit("-", 1)
        about |= {"variant": variant, "seed": int(seed)}
        about["splits"]["test"] = judged(answers, classes, bins=known.evaluate.calibration_bins)
        write_json(root / f"metrics/runs/{name}.json", about)


def _other_answers(answers: pd.DataFrame, random: np.random.Generator) -> None:
    """One in twenty takes the answer of another image."""
    told = ["prediction", "confidence", "loss", "rank"]
    some = random.random(len(answers)) < 0.05
    others = random.permutation(len(answers))[: some.sum()]
    answers.loc[some, told] = answers[told].to_numpy()[others]
    answers[["prediction", "rank"]] = answers[["prediction", "rank"]].astype(np.int32)


def _copy(root: Path, source: str, name: str) -> None:
    for folder in BY_RUN:
        [path] = Path(folder).glob(f"{source}.*")
        (root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / folder / f"{name}{path.suffix}")


def reported(root: Path) -> float:
    """Seconds of the stage, Python's start included."""
    stage, source = (Path(name).resolve() for name in ("stages/report.py", "src"))
    environment = {**os.environ, "PYTHONPATH": str(source)}
    started = time.perf_counter()
    subprocess.run([sys.executable, stage], cwd=root, env=environment, check=True)
    return time.perf_counter() - started


def scored(root: Path) -> float:
    """Seconds of scikit-learn's scores of every run."""
    started = time.perf_counter()
    for path in sorted((root / "outcomes").glob("*.parquet")):
        table = pd.read_parquet(path)
        for _, rows in table[table["label"] >= 0].groupby("split"):
            given: Any = (rows["label"], rows["prediction"])
            metrics.accuracy_score(*given)
            metrics.balanced_accuracy_score(*given)
            metrics.confusion_matrix(*given)
            for average in ("macro", "micro", "weighted", None):
                metrics.precision_recall_fscore_support(*given, average=average, zero_division=0)
    return time.perf_counter() - started


def nothing_done() -> float:
    """Seconds of `dvc repro` with nothing to do."""
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        done = subprocess.run(["dvc", "repro"], capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - started)
        if "Running stage" in done.stdout:
            raise SystemExit("error: `dvc repro` had something to do; run this again")
    return statistics.median(seconds)


def main() -> None:
    asked = argparse.ArgumentParser(description="what the report costs")
    asked.add_argument("--variants", type=int, default=20)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--images", type=int, default=10_000)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        grow(root, given.variants, given.seeds, given.images)
        ours, rival = reported(root), alone(scored, root)
    name = f"report of {given.variants} variants x {given.seeds} seeds, {given.images:,} images"
    device = choose_device("auto")
    about = machine(device, choose_precision("auto", device))
    words: dict[str, Any] = {"command": COMMAND, "about": about, "unit": "s"}
    idle = row("dvc repro with nothing to do, beside its bound", nothing_done(), NOTHING, **words)
    record([row(name, ours, rival, **words), idle])


if __name__ == "__main__":
    main()
