"""Laws of mixing: MixUp's and CutMix's formulas, a share for each image, labels by as much."""

import pytest
import torch
from scipy import stats
from torch.testing import assert_close
from torchvision.transforms.v2 import CutMix, MixUp

from assay.data.augment.mix import Mixer, cutmix_of, mixed, mixup_of, soft_targets

CPU = torch.device("cpu")
KINDS = {"mixup": (0.4, 0.0), "cutmix": (0.0, 1.0), "both": (0.4, 1.0)}
kinds = pytest.mark.parametrize("alphas", KINDS.values(), ids=KINDS)


@pytest.mark.parametrize("share", [0.0, 0.27, 1.0])
def test_with_one_share_for_all_mixup_is_torchvisions(share, images):
    given, labels = images(5, 3, 6, 9), torch.tensor([0, 2, 1, 2, 0])
    mix = mixup_of(torch.full((5,), share))
    theirs, zeros = MixUp(num_classes=4), torch.nn.functional.one_hot(labels, 4).float()
    params = {"lam": share, "labels": labels, "batch_size": 5}
    assert_close(mixed(given, mix), theirs.transform(given, params))
    assert_close(soft_targets(labels, 4, mix), theirs._mixup_label(zeros, lam=share))


@pytest.mark.parametrize("size", [(8, 8), (6, 13)])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_with_one_box_for_all_cutmix_is_torchvisions(share, size, images, monkeypatch):
    given, labels = images(3, 2, *size), torch.tensor([0, 2, 1])
    theirs = CutMix(num_classes=3)
    monkeypatch.setattr(theirs._dist, "sample", lambda shape: torch.tensor([share]))
    torch.manual_seed(0)
    params = theirs.make_params([given]) | {"labels": labels, "batch_size": 3}
    torch.manual_seed(0)
    x, y = torch.randint(size[1], (1,)), torch.randint(size[0], (1,))
    mix = cutmix_of(torch.full((3,), share), x.expand(3), y.expand(3), size)
    assert torch.equal(mixed(given, mix), theirs.transform(given, params))
    hot = torch.nn.functional.one_hot(labels, 3).float()
    wanted = theirs._mixup_label(hot, lam=params["lam_adjusted"])
    assert_close(soft_targets(labels, 3, mix), wanted)


@kinds
def test_labels_mix_by_the_mean_share_of_pixels(alphas, seeded):
    mix = Mixer(*alphas, CPU)(torch.Size([64, 3, 8, 11]), seeded())
    assert_close(mix.pixels.mean((1, 2, 3)), mix.labels)
    assert (mix.labels.unique().numel()) > 20  # an image has a share of its own


@kinds
def test_soft_targets_sum_to_one_and_name_two_classes_at_most(alphas, seeded):
    mix = Mixer(*alphas, CPU)(torch.Size([64, 3, 8, 11]), seeded())
    labels = torch.randint(5, (64,), generator=seeded())
    soft = soft_targets(labels, 5, mix)
    assert_close(soft.sum(1), torch.ones(64))
    assert soft.min() >= 0
    same = labels == labels.roll(1)
    assert_close(soft[same], torch.nn.functional.one_hot(labels[same], 5).float())
    assert ((soft > 0).sum(1) <= 2).all()


@kinds
def test_each_image_depends_on_itself_and_the_one_before_alone(alphas, images, seeded):
    given = images(6, 3, 8, 8)
    mix = Mixer(*alphas, CPU)(given.shape, seeded())
    others = given.clone()
    others[[0, 1, 2, 5]] = 0.5
    assert torch.equal(mixed(given, mix)[4], mixed(others, mix)[4])
    assert not torch.equal(mixed(given, mix), given)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 8.0])
def test_shares_are_beta_distributed(alpha, seeded):
    mix = Mixer(alpha, 0.0, CPU)(torch.Size([5000, 1, 2, 2]), seeded())
    assert stats.kstest(mix.labels.double(), stats.beta(alpha, alpha).cdf).pvalue > 0.001


def test_with_both_on_half_of_the_images_take_each(seeded):
    mix = Mixer(8.0, 1.0, CPU)(torch.Size([2000, 1, 8, 8]), seeded())
    cut = ((mix.pixels == 0) | (mix.pixels == 1)).flatten(1).all(1).float().mean().item()
    assert cut == pytest.approx(0.5, abs=0.05)


def test_an_image_alone_is_mixed_with_itself(images, seeded):
    given = images(1, 3, 5, 5)
    mix = Mixer(1.0, 1.0, CPU)(given.shape, seeded())
    assert_close(mixed(given, mix), given)
    assert_close(soft_targets(torch.tensor([1]), 3, mix), torch.tensor([[0.0, 1, 0]]))
