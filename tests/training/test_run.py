"""Laws of a whole run, on a toy set."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.testing import assert_close

from assay import models
from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.evaluation.predict import losses_and_hits
from assay.fault import Fault
from assay.models import saved
from assay.params.weights import content_hash
from assay.training.epoch import Epoch, best_of
from assay.training.record import record
from assay.training.resume import NOWHERE
from assay.training.run import train
from assay.training.splits import Splits

pytestmark = pytest.mark.usefixtures("small_network")
AUGMENT = {"pad_crop": 1, "rotate": 10.0}
CPU = torch.device("cpu")


def weights(trained):
    return trained.network.state_dict()


def equal(one, other):
    return all(value.equal(other[name]) for name, value in one.items())


@pytest.mark.parametrize("norm", ["bn", "gn"])
def test_the_same_seed_gives_the_same_weights_to_the_bit(plan, toy, norm):
    to = plan(norm, AUGMENT, optimiser="adam", schedule="one_cycle")
    first = train(to, 3, toy(24), toy(6, seed=1))
    torch.manual_seed(5)
    again = train(to, 3, toy(24), toy(6, seed=1))
    other = train(to, 4, toy(24), toy(6, seed=1))
    assert equal(weights(again), weights(first))
    assert equal(again.best, first.best)
    assert not equal(weights(other), weights(first))


def test_validation_changes_nothing_but_which_epoch_is_best(plan, toy):
    having = train(plan(augment=AUGMENT), 0, toy(24), toy(6, seed=1))
    without = train(plan(augment=AUGMENT), 0, toy(24), toy(0))
    assert equal(weights(having), weights(without))
    assert without.best_epoch == 2
    assert equal(without.best, weights(without))


@pytest.mark.parametrize("norm", ["bn", "bn_torch", "gn", "none"])
def test_a_set_that_can_be_told_apart_is_learnt(plan, toy, norm):
    done = train(plan(norm, epochs=6, lr=0.02), 0, toy(24), toy(30, seed=1))
    assert done.epochs[-1].train_accuracy == 1
    assert done.epochs[-1].val_accuracy == 1


def test_a_run_starts_from_its_weights_and_trains_what_is_not_frozen(
    plan, toy, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    file = Path("weights/a.safetensors")
    file.parent.mkdir()
    before = weights(train(plan(epochs=1), 0, toy(24), toy(6, seed=1)))
    save_file({name: value.contiguous() for name, value in before.items()}, file)
    to = plan(epochs=1)
    model = to.model.model_copy(update={"weights": str(file), "freeze": "backbone"})
    to = to.model_copy(update={"model": model, "weights_hash": content_hash(file)})
    after = weights(train(to, 5, toy(24), toy(6, seed=1)))
    assert {name for name in before if not before[name].equal(after[name])} == {
        "7.weight",
        "7.bias",
    }


def test_the_best_weights_are_those_of_the_best_epoch(plan, toy):
    """The validation labels are turned round: what is learnt is worse and worse there."""
    turned = toy(30, seed=1, turned=1)
    done = train(plan(epochs=5, lr=0.02), 0, toy(24), turned)
    assert done.best_epoch < 5
    assert done.best_epoch == best_of(done.epochs).epoch
    short = train(plan(epochs=done.best_epoch, lr=0.02), 0, toy(24), turned)
    assert equal(done.best, weights(short))
    assert not equal(done.best, weights(done))


@pytest.mark.parametrize("ema", [None, 0.9])
def test_the_weights_that_are_handed_out_are_those_that_were_validated(plan, toy, ema):
    val = toy(30, seed=1, turned=1)
    done = train(plan(epochs=5, lr=0.02, ema=ema), 0, toy(24), val)

    def loss():
        plain = Normaliser("dataset", val.meta, CPU)
        words = {"batch_size": 30, "precision": torch.float32, "plain": plain}
        return losses_and_hits(done.network, Batches([val], CPU), **words)[0].mean().item()

    assert loss() == pytest.approx(done.epochs[-1].val_loss, rel=1e-5)
    done.network.load_state_dict(done.best)
    assert loss() == pytest.approx(done.epochs[done.best_epoch - 1].val_loss, rel=1e-5)
    assert done.best_epoch < 5


def test_last_and_best_weights_are_recorded_apart(plan, toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    to, packed = plan(epochs=5, lr=0.02), toy(24)
    done = train(to, 0, packed, toy(30, seed=1, turned=1))
    meta = packed.meta | {"fit": "squash", "source_shape": None}
    record("a-0", to, 0, done, meta=meta, kept=NOWHERE, revision="none")
    for name, state in (("last", weights(done)), ("best", done.best)):
        assert equal(load_file(f"models/a-0/{name}.safetensors"), state)
    assert saved.load(Path("models/a-0")).epochs == {"last": 5, "best": done.best_epoch}
    assert done.best_epoch < 5


@pytest.mark.parametrize("kind", ["unit", "dataset", "imagenet", "per_image"])
def test_training_sees_images_normalised_as_the_plan_says(plan, toy, kind):
    def coloured(images):
        grey = toy(images)
        meta = grey.meta | {"shape": [3, 6, 6], "mean": [0.3] * 3, "deviation": [0.3] * 3}
        return grey._replace(images=np.repeat(grey.images, 3, axis=3), meta=meta)

    packed, val = coloured(24), coloured(6)
    splits = Splits(packed, val, CPU, plan().model_copy(update={"normalise": kind}))
    pixels, labels = next(splits.train.ordered(24))
    wanted = Normaliser(kind, packed.meta, CPU)(pixels)
    assert_close(splits.plain(pixels), wanted)
    assert_close(splits.augment(pixels, labels, torch.Generator())[0], wanted)


def told(epoch, accuracy, loss):
    return Epoch(epoch, 0.1, 1.0, 0.5, loss, accuracy, 1.0, 1.0)


def test_the_best_epoch_has_the_highest_accuracy_then_the_lowest_loss_then_comes_first():
    epochs = [told(1, 0.5, 0.1), told(2, 0.7, 0.9), told(3, 0.7, 0.8), told(4, 0.7, 0.8)]
    assert best_of(epochs).epoch == 3
    assert best_of(epochs[:2]).epoch == 2
    assert best_of(epochs[:1]).epoch == 1


def test_an_accuracy_of_0_is_an_accuracy():
    assert best_of([told(1, 0.0, 0.2), told(2, 0.0, 0.3)]).epoch == 1


def test_without_validation_the_last_epoch_is_the_best():
    assert best_of([told(1, None, None), told(2, None, None)]).epoch == 2


def test_every_epoch_is_heard_as_it_ends(plan, toy):
    heard, images = [], []
    done = train(plan(), 0, toy(26), toy(6, seed=1), on_epoch=heard.append, on_step=images.append)
    assert heard == done.epochs
    assert [epoch.epoch for epoch in heard] == [1, 2]
    assert images == [8, 8, 8] * 2


def test_val_images_limits_validation_alone(plan, toy):
    limited = train(plan(val_images=4), 0, toy(24), toy(30, seed=1, turned=1))
    whole = train(plan(), 0, toy(24), toy(30, seed=1, turned=1))
    assert equal(weights(limited), weights(whole))
    assert all((epoch.val_accuracy * 4) % 1 == 0 for epoch in limited.epochs)
    assert [one.val_loss for one in limited.epochs] != [one.val_loss for one in whole.epochs]


def together(one, other):
    """Two splits as one."""
    return one._replace(
        images=np.concatenate([one.images, other.images]),
        labels=np.concatenate([one.labels, other.labels]),
    )


def test_validation_images_can_be_learnt_from_too(plan, toy):
    train_split, val = toy(24), toy(9, seed=1)
    both = train(plan(on="train+val", augment=AUGMENT), 0, train_split, val)
    one = train(plan(augment=AUGMENT), 0, together(train_split, val), val.emptied())
    assert equal(weights(both), weights(one))
    assert both.best_epoch == 2
    assert equal(both.best, weights(both))
    assert all(epoch.val_accuracy is None for epoch in both.epochs)


@pytest.mark.parametrize("norm", ["bn", "gn"])
def test_the_memory_format_changes_no_more_than_the_order_of_sums(plan, toy, norm):
    first, other = (
        train(plan(norm, AUGMENT, channels_last=last, epochs=1), 0, toy(24), toy(6, seed=1))
        for last in (True, False)
    )
    assert other.network[3].weight.is_contiguous()
    assert first.network[3].weight.is_contiguous(memory_format=torch.channels_last)
    for name, value in weights(first).items():
        assert torch.allclose(weights(other)[name], value, atol=1e-5), name


def test_what_cannot_repeat_itself_exactly_is_refused_where_that_is_wanted(plan, toy, monkeypatch):
    class Inexact(models.NETWORKS["resnet18"]):
        def forward(self, images):
            place = torch.zeros(1, dtype=torch.long)
            return super().forward(images.clone().put_(place, torch.zeros(1)))

    monkeypatch.setitem(models.NETWORKS, "resnet18", Inexact)
    assert train(plan(epochs=1), 0, toy(24), toy(6)).epochs
    with pytest.raises(Fault, match=r"^train.deterministic: put_ cannot .* on cpu; set it"):
        train(plan(epochs=1, deterministic=True), 0, toy(24), toy(6))


def test_the_cost_counts_the_images_that_were_trained_on(plan, toy):
    done = train(plan(threads=1), 0, toy(26), toy(6, seed=1))
    cost = done.cost
    assert cost["images_per_second"] * sum(cost["epoch_seconds"]) == pytest.approx(2 * 24)
    assert len(cost["epoch_seconds"]) == len(cost["validation_seconds"]) == 2
    assert cost["parameters"] == sum(one.numel() for one in done.network.parameters())
    assert (cost["machine"]["threads"], cost["machine"]["precision"]) == (1, "fp32")


def test_a_batch_larger_than_the_training_split_is_refused(plan, toy):
    with pytest.raises(Fault, match=r"train\.batch_size: 25 is larger .* \(24 images\)"):
        train(plan(batch_size=25), 0, toy(24), toy(6, seed=1))
    train(plan(batch_size=24, epochs=1), 0, toy(24), toy(6, seed=1))


def test_a_device_that_is_not_there_is_refused(plan, toy, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(Fault, match=r"train\.device: there is no cuda here; choose auto"):
        train(plan(device="cuda"), 0, toy(24), toy(6, seed=1))


def test_a_network_that_breaks_is_no_result(plan, toy):
    with pytest.raises(Fault, match=r"at epoch 1, step \d \(learning rate 1e\+30\)"):
        train(plan("none", lr=1e30), 0, toy(24), toy(6, seed=1))
