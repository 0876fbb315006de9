"""Train one variant with one seed: weights, curve and cost."""

from pathlib import Path

from assay import tracking
from assay.data.packed import Packed, unpack
from assay.device import choose_device
from assay.entry import one_line
from assay.fault import Fault
from assay.grid import Run, run_from_words
from assay.models.saved import save
from assay.params import experiment
from assay.refusals import Shortage
from assay.training.distributed import Team, abandoned, run_again, started, team
from assay.training.interrupt import Interruption
from assay.training.loop import Epoch
from assay.training.progress import Progress
from assay.training.record import CURVE, record
from assay.training.resume import checkpoint
from assay.training.run import determined_by, train
from assay.training.splits import by_use

PACKED = Path("data/packed")


def main() -> None:
    experiment.read()
    run = run_from_words(__doc__)
    to = run.plan.train
    if to.processes > 1 and not started():
        run_again(to.processes)
        return
    packed, val = unpack(PACKED / "train"), unpack(PACKED / "val")
    with team(to.processes, choose_device(to.device)) as us, Interruption() as interruption:
        if us.leads:
            lead(run, us, packed, val, interruption)
        else:
            follow(run, us, packed, val)


def follow(run: Run, us: Team, packed: Packed, val: Packed) -> None:
    """Be one of several processes; the first one decides and tells, but for memory short here."""
    try:
        train(run.plan, run.seed, packed, val, team=us)
    except Fault as fault:
        if isinstance(fault, Shortage):
            raise


def lead(run: Run, us: Team, packed: Packed, val: Packed, interruption: Interruption) -> None:
    """Train, tell of it, and write the results."""
    plan, seed = run.plan.model_dump(mode="json"), run.seed
    learnt, _ = by_use(run.plan.train, packed, val)
    images = sum(len(split.labels) for split in learnt)
    with (
        tracking.training(run.variant, seed, plan=plan, data=packed.meta) as mlflow,
        Progress(run.name, run.plan.train.epochs, images) as progress,
        checkpoint(run.name, determined_by(run.plan, seed, packed, val)) as kept,
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
            seed,
            packed,
            val,
            team=us,
            kept=kept,
            interrupted=lambda: interruption.wanted or abandoned(),
            on_resume=on_resume,
            on_epoch=on_epoch,
            on_step=progress.step,
        )
        last, best = len(done.epochs), done.best_epoch
        config = {"plan": plan, "seed": seed, "last_epoch": last, "best_epoch": best}
        folder = Path("models", run.name)
        weights = save(done.network, done.best, config, packed.meta, folder, kept.epochs)
        mlflow.model(done.network, packed.meta["shape"], weights)
        mlflow.costs(done.cost)
        record(run.name, done)
        kept.remove()


if __name__ == "__main__":
    one_line(main)
