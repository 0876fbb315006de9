"""Train one variant with one seed: weights, curve and cost."""

from pathlib import Path

import pandas as pd

from assay import tracking
from assay.data.packed import Packed, unpack
from assay.device import choose_device
from assay.entry import one_line
from assay.fault import Fault
from assay.files import replacing, write_json
from assay.grid import Run, run_from_words
from assay.models.saved import save
from assay.params import experiment
from assay.refusals import Shortage
from assay.training.distributed import Team, run_again, started, team
from assay.training.interrupt import Interruption
from assay.training.loop import Epoch
from assay.training.progress import Progress
from assay.training.resume import checkpoint
from assay.training.run import determined_by, train
from assay.training.splits import by_use

PACKED = Path("data/packed")
CURVE = ["epoch", "lr", "train_loss", "train_accuracy", "val_loss", "val_accuracy"]


def main() -> None:
    experiment.read()
    run = run_from_words(__doc__)
    to = run.plan.train
    if to.processes > 1 and not started():
        run_again(to.processes)
        return
    with team(to.processes, choose_device(to.device)) as us:
        lead(run, us) if us.leads else follow(run, us)


def follow(run: Run, us: Team) -> None:
    """Be one of several processes; the first one decides and tells, but for memory short here."""
    with Interruption():
        try:
            train(run.plan, run.seed, *_packed(), team=us)
        except Fault as fault:
            if isinstance(fault, Shortage):
                raise


def _packed() -> tuple[Packed, Packed]:
    return unpack(PACKED / "train"), unpack(PACKED / "val")


def lead(run: Run, us: Team) -> None:
    """Train, tell of it, and write the results."""
    packed, val = _packed()
    plan = run.plan.model_dump(mode="json")
    learnt, _ = by_use(run.plan.train, packed, val)
    images = sum(len(split.labels) for split in learnt)
    with (
        tracking.training(run.variant, run.seed, plan=plan, data=packed.meta) as mlflow,
        Progress(run.name, run.plan.train.epochs, images) as progress,
        Interruption() as interruption,
        checkpoint(run.name, determined_by(run.plan, run.seed, packed, val)) as kept,
    ):

        def on_resume(epochs: list[Epoch], images: int) -> None:
            progress.resumed(epochs, images)
            for epoch in epochs:
                mlflow.curve({name: getattr(epoch, name) for name in CURVE[1:]}, epoch.epoch)

        def on_epoch(epoch: Epoch) -> None:
            progress.epoch(epoch)
            mlflow.curve({name: getattr(epoch, name) for name in CURVE[1:]}, epoch.epoch)

        done = train(
            run.plan,
            run.seed,
            packed,
            val,
            team=us,
            kept=kept,
            interrupted=lambda: interruption.wanted,
            on_resume=on_resume,
            on_epoch=on_epoch,
            on_step=progress.step,
        )
        config = {
            "plan": plan,
            "seed": run.seed,
            "last_epoch": len(done.epochs),
            "best_epoch": done.best_epoch,
        }
        folder = Path("models", run.name)
        weights = save(done.network, done.best, config, packed.meta, folder, kept.epochs)
        mlflow.model(done.network, packed.meta["shape"], weights)
        mlflow.costs(done.cost)
        curve = pd.DataFrame([epoch._asdict() for epoch in done.epochs])[CURVE]
        with replacing(Path("curves", f"{run.name}.csv")) as beside:
            curve.to_csv(beside, index=False, lineterminator="\n")
        with replacing(Path("depths", f"{run.name}.csv")) as beside:
            depths = pd.DataFrame(done.depths)
            depths.to_csv(
                beside, index=False, lineterminator="\n", float_format="%.6g", na_rep="nan"
            )
        write_json(Path("costs/train", f"{run.name}.json"), done.cost)
        kept.remove()


if __name__ == "__main__":
    one_line(main)
