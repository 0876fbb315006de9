"""`kill -9` at random moments: each resumed training must end in the same bytes.

The stages run as `dvc repro` runs them, on 300 digits, with everything on that has a state: a gate,
running statistics, mixup, an average, Adam and a cosine. Each trial begins anew, is killed a random
moment after a random epoch, and begins again until it ends. Then weights, curve, depths and all
scores are compared with those of a training that nobody killed. Writes benchmarks/KILLS.md.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
import yaml

from assay.device import machine
from assay.files import write_text
from assay.training.leftovers import FOLDER

PAGE = Path("benchmarks/KILLS.md")
EPOCHS, EPOCH = 30, 0.05  # how many, and about the seconds that one takes
PARAMS: dict[str, Any] = {
    "data": {"format": "pixel_csv", "path": "data", "labelled": "digits.csv"},
    "split": {"method": "stratified", "train": 200, "val": 50, "test": 50, "limit": 300},
    "preprocess": {"size": 32},
    "augment": {"pad_crop": 2, "rotate": 10.0, "mixup": 0.2},
    "model": {"arch": "cifar_resnet", "n": 1, "norm": "bin"},
    "train": {
        "epochs": EPOCHS,
        "batch_size": 20,
        "lr": 1e-3,
        "schedule": "cosine",
        "ema": 0.95,
        "device": "cpu",
        "threads": 1,
    },
    "evaluate": {},
    "report": {"title": "Kills"},
    "variants": {"net": {}},
    "seeds": [0],
}
WORDS = ["--variant", "net", "--seed", "0"]
RESULTS = ("models/net-0", "curves/net-0.csv", "depths/net-0.csv", "metrics/runs/net-0.json")


class Trial(NamedTuple):
    """After which epoch a training was killed, where it went on, and whether it ended the same."""

    epoch: int
    at: str
    same: bool


class Study:
    """A folder in which the stages run."""

    def __init__(self, folder: Path, sources: Path) -> None:
        self._folder, self._sources = folder, sources
        (folder / "data").mkdir()
        shutil.copy(sources / "data/raw/digits.csv", folder / "data")
        text = yaml.safe_dump(PARAMS, sort_keys=False)
        (folder / "params.yaml").write_text(text, encoding="utf-8")
        for stage in ("plan", "ingest", "split", "preprocess"):
            self.finish(stage)

    def start(self, stage: str, *words: str) -> "subprocess.Popen[str]":
        """A stage in a process of its own."""
        known = os.environ | {
            "PYTHONPATH": str(self._sources / "src"),
            "ASSAY_TRACKING": "off",
        }
        command = [sys.executable, str(self._sources / f"stages/{stage}.py"), *words]
        return subprocess.Popen(
            command, cwd=self._folder, env=known, stderr=subprocess.PIPE, text=True
        )

    def finish(self, stage: str, *words: str) -> str:
        """Run a stage to its end; what it says."""
        process = self.start(stage, *words)
        told = process.communicate()[1]
        if process.returncode:
            raise SystemExit(told)
        return told

    def trained(self) -> str:
        """Train to the end and evaluate; what training said."""
        told = self.finish("train", *WORDS)
        self.finish("evaluate", *WORDS)
        return told

    def results(self) -> dict[str, str]:
        """A hash of every file that must be the same."""
        files = [
            file
            for name in RESULTS
            for file in sorted(
                path for path in [self._folder / name, *(self._folder / name).rglob("*")]
            )
            if file.is_file()
        ]
        return {
            str(file.relative_to(self._folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
        }

    def forget(self) -> None:
        """Remove all that training left."""
        for name in (*RESULTS, FOLDER):
            path = self._folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def killed(self, epoch: int, seconds: float, before: dict[str, str]) -> Trial:
        """A training that is killed so many seconds after an epoch and then run to its end."""
        self.forget()
        process = self.start("train", *WORDS)
        if epoch and process.stderr:
            next(line for line in process.stderr if f"epoch {epoch}/" in line)
        time.sleep(seconds)
        process.kill()
        if process.wait() != -signal.SIGKILL:
            raise SystemExit("the training ended before it was killed")
        told = [line for line in self.trained().splitlines() if "goes on" in line]
        where = told[0].partition("goes on in ")[2] if told else "from the start"
        return Trial(epoch, where, self.results() == before)


def trials(times: int, seed: int) -> list[Trial]:
    """What became of so many trainings that were killed; a seed gives the moments."""
    moments = random.Random(seed)  # noqa: S311 (nothing secret)
    with tempfile.TemporaryDirectory() as name:
        study = Study(Path(name), Path.cwd())
        study.trained()
        before, found = study.results(), []
        for _ in range(times):
            epoch, seconds = moments.randrange(EPOCHS - 1), moments.uniform(0, EPOCH)
            found.append(study.killed(epoch, seconds, before))
            print(f"{found[-1]}", file=sys.stderr, flush=True)
        return found


def page(found: list[Trial], name: str) -> str:
    """The table as Markdown; `name` is the machine's."""
    about = (__doc__ or "").partition("\n\n")[2].replace("\n", " ").strip()
    same = sum(trial.same for trial in found)
    lines = [
        "# Kills",
        "",
        about,
        "",
        f"By `python benchmarks/kills.py`, on a CPU ({name}): {same} of {len(found)} the same.",
        "",
        "| killed after epoch | went on in | same bytes |",
        "| ---: | --- | --- |",
    ]
    rows = [f"| {one.epoch} | {one.at} | {'yes' if one.same else 'no'} |" for one in found]
    return "\n".join(lines + rows) + "\n"


def main() -> None:
    words = argparse.ArgumentParser(description="kill -9 at random moments")
    words.add_argument("--times", type=int, default=20)
    words.add_argument("--seed", type=int, default=0)
    given = words.parse_args()
    name = machine(torch.device("cpu"), torch.float32)["name"]
    write_text(PAGE, page(trials(given.times, given.seed), name))


if __name__ == "__main__":
    main()
