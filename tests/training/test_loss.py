"""The criterion against its formulas."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight
from torch.testing import assert_close

from assay.params.train import Train
from assay.training.loss import make_criterion

LABELS = torch.tensor([0, 0, 0, 0, 1, 1, 2])


def criterion(**words):
    return make_criterion(Train(epochs=1, batch_size=2, lr=0.1, **words), LABELS, 3)


@pytest.fixture
def logits():
    return torch.randn(7, 3, generator=torch.Generator().manual_seed(0))


def test_by_default_it_is_cross_entropy(logits):
    assert_close(criterion()(logits, LABELS), F.cross_entropy(logits, LABELS))


def test_smoothing_mixes_the_target_with_all_classes_evenly(logits):
    soft = 0.7 * F.one_hot(LABELS, 3) + 0.3 / 3
    expected = -(soft * logits.log_softmax(1)).sum(1).mean()
    assert_close(criterion(label_smoothing=0.3)(logits, LABELS), expected)


def test_balanced_weights_are_scikit_learns(logits):
    weights = compute_class_weight("balanced", classes=np.arange(3), y=LABELS.numpy())
    by_image = torch.from_numpy(weights).float()[LABELS]
    losses = F.cross_entropy(logits, LABELS, reduction="none")
    expected = (by_image * losses).sum() / by_image.sum()
    assert_close(criterion(class_weights="balanced")(logits, LABELS), expected)


@pytest.mark.parametrize("soft", [False, True])
def test_a_class_without_images_is_the_best_answer_to_none(soft):
    to = Train(epochs=1, batch_size=2, lr=0.1, class_weights="balanced", label_smoothing=0.1)
    labels = torch.arange(10).repeat(500)
    loss, targets = make_criterion(to, labels, 11), F.one_hot(labels, 11).float()
    right, empty = 9 * targets, 9 * F.one_hot(torch.full_like(labels, 10), 11).float()
    given = targets if soft else labels
    assert loss(right, given) < loss(empty, given)


def test_soft_targets_of_one_class_each_are_weighted_like_labels(logits):
    loss = criterion(class_weights="balanced")
    weights = 7 / (3 * torch.tensor([4.0, 2.0, 1.0]))
    mean = weights[LABELS].mean()
    assert_close(loss(logits, F.one_hot(LABELS, 3).float()), loss(logits, LABELS) * mean)
