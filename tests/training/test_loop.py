"""Laws of the loop, on a single linear layer."""

import contextlib
import math

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from assay.data.normalise import Normaliser
from assay.device import choose_precision
from assay.fault import Fault
from assay.params.variants import Plan
from assay.training.learner import Learner
from assay.training.loop import Training
from assay.training.splits import Splits

CPU = torch.device("cpu")
EVERYTHING = {"pad_crop": 2, "rotate": 20.0, "affine": {"translate": 0.1, "shear": 5.0}}


class Watched(nn.Module):
    """A linear layer that keeps what it was given in training."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Dropout(dropout), nn.Linear(36, 3))
        nn.init.zeros_(self.layers[2].weight)
        nn.init.zeros_(self.layers[2].bias)
        self.seen = []

    def forward(self, images):
        if self.training:
            self.seen.append(images.clone())
        return self.layers(images)


class Loop:
    """A training of a `Watched` network on the toy set; words are those of the section train."""

    def __init__(self, train, val, *, dropout=0.0, augment=None, seed=0, **words):
        self.network = Watched(dropout)
        self.plan = Plan.model_validate(
            {
                "model": {"arch": "resnet18"},
                "train": {"epochs": 2, "batch_size": 4, "lr": 0.1, "optimiser": "sgd"}
                | {"momentum": 0.0, "precision": "fp32"}
                | words,
                "augment": augment or {},
                "normalise": "dataset",
            }
        )
        precision = choose_precision(self.plan.train.precision, CPU)
        self.splits = Splits(train, val, CPU, self.plan)
        self.recipe = self.splits.recipe(seed, precision)

    def training(self):
        steps = self.splits.epoch_steps
        self.learner = Learner(self.network, self.plan.train, epoch_steps=steps)
        return Training(self.learner, self.splits.train, self.splits.val, self.recipe)

    def run(self, *after_step):
        return self.training().run(*after_step)

    def judged(self):
        return self.training().validate()

    def seen(self):
        list(self.run())
        return torch.stack(self.network.seen)


@pytest.fixture
def loop(toy):
    def make(images=12, val=6, **words):
        return Loop(toy(images), toy(val, seed=1), **words)

    return make


def test_what_a_network_sees_depends_on_seed_and_epoch_alone(loop):
    first = loop(augment=EVERYTHING).seen()
    torch.manual_seed(5)
    again = loop(augment=EVERYTHING, lr=3.0, dropout=0.5, val=0).seen()
    assert again.equal(first)
    assert not loop(augment=EVERYTHING, seed=1).seen().equal(first)
    assert not first[:3].equal(first[3:])  # the two epochs


def test_every_epoch_has_an_order_of_its_own(loop):
    first, second = loop().seen().flatten(0, 1).split(12)
    assert not second.equal(first)
    assert sorted(map(torch.sum, second)) == sorted(map(torch.sum, first))


def test_every_epoch_and_image_is_augmented_anew(toy):
    one = toy(1)
    same = one._replace(images=one.images.repeat(4, 0), labels=one.labels.repeat(4))
    seen = Loop(same, toy(0), augment=EVERYTHING).seen().flatten(0, 1)
    assert len({tuple(image.flatten().tolist()) for image in seen}) == 2 * 4


def test_every_batch_is_augmented_anew(toy):
    one = toy(1)
    same = one._replace(images=one.images.repeat(8, 0), labels=one.labels.repeat(8))
    seen = Loop(same, toy(0), augment=EVERYTHING).seen().flatten(0, 1)
    assert len({tuple(image.flatten().tolist()) for image in seen}) == 2 * 8


def test_a_longer_training_begins_as_a_shorter_one(loop):
    long, short = loop(augment=EVERYTHING, epochs=3).seen(), loop(augment=EVERYTHING).seen()
    assert long[:6].equal(short)


def test_bf16_does_not_move_the_pixels(loop):
    wide = loop(augment=EVERYTHING).seen()
    assert loop(augment=EVERYTHING, precision="bf16").seen().equal(wide)


def test_an_epoch_shows_every_image_once_but_for_what_fills_no_batch(loop, toy):
    seen = loop(images=14, epochs=1).seen().flatten(0, 1)
    plain = Normaliser("dataset", toy(14).meta, CPU)
    images = plain(torch.from_numpy(toy(14).images).permute(0, 3, 1, 2))
    found = [(images == one).flatten(1).all(1).nonzero().item() for one in seen]
    assert len(found) == len(set(found)) == 12
    assert found != sorted(found)


def test_without_augmentation_training_and_validation_see_the_same_pixels(loop):
    one = loop(images=4, epochs=1)
    seen = one.seen()[0]
    expected = one.recipe.plain(next(iter(one.splits.train.ordered(4)))[0])
    assert sorted(map(torch.sum, seen)) == sorted(map(torch.sum, expected))


def test_the_first_loss_of_a_network_of_zeros_is_the_log_of_the_classes(loop):
    [epoch] = loop(images=4, epochs=1, lr=1e-12).run()
    assert epoch.train_loss == pytest.approx(math.log(3))
    assert epoch.val_loss == pytest.approx(math.log(3))


def test_an_epoch_tells_the_mean_of_its_steps_in_training_mode(loop, toy):
    one = loop(images=8, epochs=1, lr=1e-12)
    nn.init.normal_(one.network.layers[2].weight, generator=torch.Generator().manual_seed(0))
    [epoch] = one.run()
    labels = torch.from_numpy(toy(8).labels)
    logits = one.network(one.recipe.plain(torch.from_numpy(toy(8).images)))
    assert epoch.train_loss == pytest.approx(nn.functional.cross_entropy(logits, labels).item())
    assert epoch.train_accuracy == pytest.approx((logits.argmax(1) == labels).float().mean().item())


@pytest.mark.parametrize("mix", [{"mixup": 0.5}, {"cutmix": 1.0}])
def test_mixed_images_train_on_soft_targets_and_count_by_the_share_that_was_found(loop, mix):
    one = loop(images=8, epochs=1, lr=1e-12, augment=mix)
    nn.init.normal_(one.network.layers[2].weight, generator=torch.Generator().manual_seed(0))
    targets = []

    def watched(*batch):
        inputs, soft = random(*batch)
        targets.append(soft)
        return inputs, soft

    random, one.recipe = one.recipe.augment, one.recipe._replace(augment=watched)
    [epoch] = one.run()
    soft = torch.cat(targets)
    logits = one.network(torch.cat(one.network.seen[:2]))
    losses = -(soft * logits.log_softmax(1)).sum(1)
    assert epoch.train_loss == pytest.approx(losses.mean().item(), rel=1e-5)
    found = soft[torch.arange(8), logits.argmax(1)]
    assert epoch.train_accuracy == pytest.approx(found.mean().item(), rel=1e-5)
    assert 0 < epoch.train_accuracy < 1


def test_validation_is_the_mean_over_all_images_whatever_the_batch(loop):
    found = []
    for batch_size in (2, 3, 7, 12):
        one = loop(val=7, batch_size=batch_size)
        nn.init.normal_(one.network.layers[2].weight, generator=torch.Generator().manual_seed(0))
        found.append(one.judged())
    assert all(each == pytest.approx(found[0], rel=1e-6) for each in found)
    assert found[0][1] * 7 == pytest.approx(round(found[0][1] * 7))


def test_validation_draws_no_random_number_and_changes_no_weight(loop):
    ends = []
    for val in (0, 6):
        one = loop(val=val, dropout=0.5, augment=EVERYTHING)
        list(one.run())
        ends.append((one.network.layers[2].weight.detach(), torch.rand(3)))
    for without, having in zip(*ends, strict=True):
        assert having.equal(without)


def test_dropout_depends_on_the_seed_alone(loop):
    ends = []
    for everyones, seed in [(0, 0), (5, 0), (0, 1)]:
        torch.manual_seed(everyones)
        one = loop(dropout=0.5, seed=seed)
        list(one.run())
        ends.append(one.network.layers[2].weight)
    assert ends[1].equal(ends[0])
    assert not ends[2].equal(ends[0])


def test_without_validation_images_there_is_no_validation(loop):
    for epoch in loop(val=0).run():
        assert epoch.val_loss is None
        assert epoch.val_accuracy is None


def test_the_loop_says_how_many_images_each_step_took(loop):
    told = []
    list(loop(images=14, epochs=2).run(told.append))
    assert told == [4, 4, 4] * 2


def test_a_loss_that_is_not_finite_is_told_with_epoch_step_and_learning_rate(loop):
    with pytest.raises(
        Fault, match=r"(nan|inf) at epoch 1, step 2 \(learning rate 1e\+38\); lower"
    ):
        list(loop(lr=1e38).run())


def test_a_step_that_breaks_the_network_is_told_though_no_training_loss_shows_it(loop):
    with pytest.raises(Fault, match=r"nan on validation after epoch 1 \(learning rate 1e\+38\)"):
        list(loop(images=4, epochs=1, lr=1e38).run())


def test_a_step_that_breaks_the_network_is_told_without_validation_too(loop):
    with pytest.raises(Fault, match=r"nan on training images after epoch 1 \(learning rate 1e"):
        list(loop(images=4, val=0, epochs=1, lr=1e38).run())


def test_accumulated_batches_make_one_step_as_a_large_batch_does(loop):
    small = loop(epochs=1, batch_size=2, accumulate=3)
    large = loop(epochs=1, batch_size=6)
    told = []
    [epoch] = small.run(told.append)
    list(large.run())
    assert told == [6, 6]
    assert torch.allclose(small.network.layers[2].weight, large.network.layers[2].weight)
    assert epoch.train_accuracy * 12 == pytest.approx(round(epoch.train_accuracy * 12))


def test_what_fills_no_step_is_left_out(loop):
    told = []
    one = loop(images=14, epochs=1, batch_size=2, accumulate=3)
    list(one.run(told.append))
    assert told == [6, 6]
    assert len(one.network.seen) == 6


@pytest.mark.parametrize("words", [{"batch_size": 13}, {"batch_size": 4, "accumulate": 4}])
def test_a_step_that_is_larger_than_the_training_split_is_refused(loop, words):
    with pytest.raises(Fault, match=r"train.batch_size: .*larger than the training split \(12"):
        loop(**words)


def test_training_ends_after_so_many_epochs_without_a_better_one(loop):
    """A rate of almost nothing: the first epoch stays the best."""
    assert len(list(loop(epochs=9, lr=1e-30, patience=3).run())) == 4
    assert len(list(loop(epochs=9, lr=0.05, patience=3).run())) > 4


def test_the_loop_takes_the_steps_of_a_plain_one(loop):
    """What a textbook writes, on the same batches."""
    ours, plain = loop(epochs=2, momentum=0.9), loop()
    losses = []

    def noted(*batch):
        inputs, targets = random(*batch)
        losses.append((inputs, targets))
        return inputs, targets

    random, ours.recipe = ours.recipe.augment, ours.recipe._replace(augment=noted)
    epochs = list(ours.run())
    optimiser = torch.optim.SGD(plain.network.parameters(), 0.1, momentum=0.9)
    found = []
    for inputs, targets in losses:
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(plain.network(inputs), targets)
        loss.backward()
        optimiser.step()
        found.append(loss.item())
    assert [epoch.train_loss for epoch in epochs] == pytest.approx(
        [sum(found[:3]) / 3, sum(found[3:]) / 3]
    )
    theirs, own = plain.network.state_dict(), ours.network.state_dict()
    assert all(torch.allclose(own[name], value, atol=1e-6) for name, value in theirs.items())


class StaysThere(TorchFunctionMode):
    """Refuses to bring a tensor from the device, which here is the same memory."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        fetches = func in {Tensor.cpu, Tensor.numpy, Tensor.tolist, Tensor.item}
        named = func is Tensor.to and {"cpu"} & {*args[1:], (kwargs or {}).get("device")}
        assert not fetches, f"{func} in a step"
        assert not named, "a device by name in a step"
        return func(*args, **kwargs or {})


class NoAnswer(TorchDispatchMode):
    """Refuses to hand a tensor's value to Python, which would wait for the device."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        asked = {torch.ops.aten._local_scalar_dense.default, torch.ops.aten.nonzero.default}
        assert func not in asked, f"{func} in a step"
        return func(*args, **kwargs or {})


@pytest.mark.parametrize("mix", [{}, {"mixup": 0.5}, {"erase": {}, "color_jitter": {"hue": 0.1}}])
@pytest.mark.parametrize("words", [{"optimiser": "adam"}, {"clip_norm": 1.0, "accumulate": 2}])
def test_no_step_waits_for_a_number(loop, mix, words):
    one = loop(images=24, epochs=1, augment={"pad_crop": 1, "rotate": 5.0} | mix, **words)
    within = []
    with contextlib.ExitStack() as guards:

        def after_step(images):
            if not within:
                guards.enter_context(StaysThere())
                guards.enter_context(NoAnswer())
            within.append(images)
            if len(within) == (2 if "accumulate" in words else 5):
                guards.close()

        list(one.run(after_step))
    assert len(within) >= 3
