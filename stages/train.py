"""Train one variant with one seed: weights, curve and cost."""

from pathlib import Path

from assay import tracking
from assay.data.packed import Packed, unpack
from assay.device import choose_device
from assay.entry import one_line
from assay.grid import Run, run_from_words
from assay.params import experiment
from assay.revision import revision
from assay.training.distributed import Team, run_again, said_by_another, started, team
from assay.training.epoch import Epoch
from assay.training.interrupt import Interruption
from assay.training.progress import Progress
from assay.training.record import points, record
from assay.training.resume import checkpoint
from assay.training.run import determined_by, train
from assay.training.splits import images_learnt


def main() -> None:
    experiment.read()
    run = run_from_words(__doc__)
    to = run.plan.train
    if to.processes > 1 and not started():
        run_again(to.processes)
        return
    data = unpack(Path("data/packed/train")), unpack(Path("data/packed/val"))
    with (
        team(to.processes, choose_device(to.device)) as us,
        Interruption(alone=us.size == 1) as interruption,
    ):
        if us.leads:
            lead(run, us, *data, interruption)
            return
        with said_by_another():
            train(run.plan, run.seed, *data, team=us)


def lead(run: Run, us: Team, packed: Packed, val: Packed, interruption: Interruption) -> None:
    """Train, tell of it, and write the results."""
    plan, seed, to, told = run.plan, run.seed, run.plan.train, run.plan.model_dump(mode="json")
    by = revision()  # now: hours later another may be checked out
    with (
        tracking.training(run.variant, seed, plan=told, data=packed.meta, revision=by) as mlflow,
        Progress(run.name, to.epochs, images_learnt(to, packed, val)) as progress,
        checkpoint(run.name, determined_by(plan, seed, packed, val)) as kept,
    ):

        def on_resume(epochs: list[Epoch], images: int) -> None:
            progress.resumed(epochs, images)
            mlflow.curve(points(epochs))

        def on_epoch(epoch: Epoch) -> None:
            progress.epoch(epoch)
            mlflow.curve(points([epoch]))

        progress.starts(to.compile)
        done = train(
            plan,
            seed,
            packed,
            val,
            team=us,
            kept=kept,
            interrupted=lambda: interruption.wanted,
            on_ready=progress.ready,
            on_resume=on_resume,
            on_epoch=on_epoch,
            on_step=progress.step,
        )
        weights = record(run.name, plan, seed, done, meta=packed.meta, kept=kept, revision=by)
        mlflow.costs(done.cost)
        mlflow.model(done.network, packed.meta["shape"], weights)
        kept.ended(Path("costs/train", f"{run.name}.json"))  # timings: like no other's


if __name__ == "__main__":
    one_line(main)
