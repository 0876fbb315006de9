"""Run by torchrun: trainings by two processes, which the first one writes to a file.

`python -m torch.distributed.run --nproc-per-node 2 tests/training/two.py FILE`
"""

import itertools
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from conftest import Small, small_plan, toy_split

from assay import models
from assay.training.distributed import team
from assay.training.resume import NOWHERE, Checkpoint
from assay.training.run import Trained, train

AUGMENT = {"pad_crop": 1, "rotate": 10.0, "mixup": 0.3}
WORDS = {"batch_size": 8, "accumulate": 2, "epochs": 3, "ema": 0.9, "processes": 2}
DATA = toy_split(50), toy_split(9, seed=1)


class Watched(Small):
    """Keeps the last images that it was given in training."""

    seen = None

    def forward(self, images):
        if self.training:
            Watched.seen = images.detach().clone()
        return super().forward(images)


def result(done: Trained) -> dict:
    """What two trainings must have in common."""
    return {
        "state": done.network.state_dict(),
        "best": done.best,
        "epochs": [list(epoch[:6]) for epoch in done.epochs],
    }


def main(file: Path) -> None:
    with team(2, torch.device("cpu")) as us:
        kept = Checkpoint(file.parent / "kept") if us.leads else NOWHERE
        found = {}
        plain = small_plan("gn", epochs=2, batch_size=8, processes=2)
        found["plain"] = result(train(plain, 0, *DATA, team=us))
        plan = small_plan("bn", AUGMENT, **WORDS)
        found["whole"] = result(train(plan, 3, *DATA, team=us))
        for _ in range(8):  # one step each, and then the last
            steps = itertools.count()
            try:
                stop = lambda steps=steps: next(steps) == 0  # noqa: E731
                done = train(plan, 3, *DATA, team=us, kept=kept, interrupted=stop)
            except KeyboardInterrupt:
                continue
        done = train(plan, 3, *DATA, team=us, kept=kept)
        found["resumed"] = result(done)
        found["seen"] = [None, None]
        same = DATA[0]._replace(images=DATA[0].images[:1].repeat(50, 0))
        train(small_plan("gn", AUGMENT, epochs=1, processes=2), 0, same, DATA[1], team=us)
        dist.all_gather_object(found["seen"], Watched.seen)
        if us.leads:
            torch.save(found, file)


if __name__ == "__main__":
    models.NETWORKS["resnet18"] = Watched
    main(Path(sys.argv[1]))
