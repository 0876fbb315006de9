"""A small repository of its own, in which the real DVC runs the real pipeline."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).parents[2]
COPIED = [
    "src", "stages", "weights/README.md", "dvc.yaml",
    ".dvc/config", ".dvc/.gitignore", ".dvc/plots", ".dvcignore", ".gitignore",
]  # fmt: skip


@dataclass(frozen=True)
class Repository:
    """A checkout with tiny data; what runs in it is told by DVC's own output."""

    folder: Path

    def environment(self, *, tracking: bool = False, **more: str) -> dict[str, str]:
        """This process's environment without what DVC, MLflow, git and we read from it."""
        foreign = ("DVC_", "MLFLOW_", "ASSAY_", "GIT_", "PYTHONPATH")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        off = {} if tracking else {"ASSAY_TRACKING": "off"}
        return kept | off | {"PYTHONDONTWRITEBYTECODE": "1"} | more

    def call(self, *words: str, **environment) -> subprocess.CompletedProcess[str]:
        """Run a command; its output and exit code."""
        known = self.environment(**environment)
        return subprocess.run(
            words, cwd=self.folder, env=known, capture_output=True, text=True, check=False
        )

    def start(self, *words: str, **environment) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own and go on."""
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        known = self.environment(**environment)
        return subprocess.Popen(words, cwd=self.folder, env=known, start_new_session=True, **silent)

    def repro(self, *words: str, **environment) -> "Run":
        """`dvc repro` that must succeed."""
        return self.succeed("dvc", "repro", *words, **environment)

    def succeed(self, *words: str, **environment) -> "Run":
        """A command that must succeed."""
        done = self.call(*words, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return Run(done.stdout + done.stderr)

    def commit(self) -> None:
        """Commit everything."""
        self.succeed("git", "add", "-A")
        self.succeed("git", "commit", "-qm", "state")

    def params(self) -> dict:
        """The content of params.yaml."""
        return yaml.safe_load((self.folder / "params.yaml").read_text())

    def write_params(self, params: dict) -> None:
        """Replace params.yaml."""
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))

    def json(self, path: str):
        """A JSON file's value."""
        return json.loads((self.folder / path).read_text())

    def outputs(self, revision: str = "") -> dict[str, str]:
        """The hash of every output, as the lock file of a revision (or of the workspace) has it."""
        words = ("git", "show", f"{revision}:dvc.lock") if revision else ("cat", "dvc.lock")
        lock = yaml.safe_load(self.call(*words).stdout)
        return {
            out["path"]: out["md5"]
            for stage in lock["stages"].values()
            for out in stage.get("outs", [])
        }

    def copy(self, folder: Path) -> "Repository":
        """The same repository elsewhere; large files stay linked to those of the cache."""
        subprocess.run(["cp", "-a", str(self.folder), str(folder)], check=True)
        return Repository(folder)


@dataclass(frozen=True)
class Run:
    """What DVC said."""

    text: str

    @property
    def stages(self) -> set[str]:
        """The stages that ran."""
        lines = self.text.splitlines()
        return {line.split("'")[1] for line in lines if line.startswith("Running stage")}


CLASSES = ["<script>alert('left')</script>", 'above, the 🦋 "half"' + "X" * 200]  # the worst
PARAMS = {
    "data": {
        "format": "pixel_csv",
        "path": "data/raw",
        "labelled": "shapes.csv",
        "unlabelled": "more.csv",
    },
    "split": {"train": 40, "val": 16, "test": 16},
    "preprocess": {"size": 8},
    "augment": {"pad_crop": 1},
    "model": {"arch": "resnet18", "norm": "bn"},
    "train": {"epochs": 2, "batch_size": 8, "lr": 1e-3, "device": "cpu", "threads": 1},
    "evaluate": {"weights": "last"},
    "report": {"title": "Shapes"},
    "variants": {"plain": None, "pinned": {"model": {"norm": "gn"}}},
    "seeds": [0],
}


def write_shapes(folder: Path) -> None:
    """72 labelled and 9 unlabelled images of 8x8: a bright half on the left or above."""
    random = np.random.default_rng(0)
    images = random.integers(0, 120, (81, 8, 8))
    sides = np.arange(81) % 2
    images[sides == 0, :, :4] += 120
    images[sides == 1, :4, :] += 120
    table = pd.DataFrame(images.reshape(81, -1), columns=[f"pixel{i}" for i in range(64)])
    table.insert(0, "label", np.array(CLASSES)[sides])
    folder.mkdir(parents=True)
    table[:72].to_csv(folder / "shapes.csv", index=False)
    table[72:].drop(columns="label").to_csv(folder / "more.csv", index=False)


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Repository:
    """A repository whose pipeline has run once and is committed. Do not change it: copy it."""
    repository = Repository(tmp_path_factory.mktemp("finished") / "shapes")
    for name in COPIED:
        source, target = ROOT / name, repository.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
            )
        else:
            shutil.copy(source, target)
    write_shapes(repository.folder / "data/raw")
    repository.write_params(PARAMS)
    repository.succeed("git", "init", "-q", "-b", "main")
    repository.succeed("git", "config", "user.name", "A tester")
    repository.succeed("git", "config", "user.email", "tester@example.org")
    repository.commit()
    repository.repro()
    repository.commit()
    return repository


@pytest.fixture
def repository(finished, tmp_path) -> Repository:
    """A copy of the finished repository, to change."""
    return finished.copy(tmp_path / "shapes")
