"""What is made small: cross-entropy, smoothed and weighted by class."""

import functools

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from jaxtyping import Int64
from torch import Tensor

from assay.params.train import Train
from assay.training.recipe import Criterion


def make_criterion(train: Train, labels: Int64[Tensor, " n"], classes: int) -> Criterion:
    """Mean cross-entropy of logits n k with labels n or soft targets n k.

    With `label_smoothing` e, targets are (1 - e) of themselves and e of all classes evenly
    (Szegedy et al., arXiv:1512.00567). With `class_weights: balanced`, an image counts n / (k n_c),
    n_c being the training images of its class, and the mean is over these weights; with soft
    targets each class's part of a target counts so, and the mean is over the images, as in torch. A
    class without images counts 0: or else smoothing would make it the best answer to all.
    """
    weights = None
    if train.class_weights == "balanced":
        counts = torch.bincount(labels, minlength=classes).float()
        weights = torch.where(counts > 0, len(labels) / (classes * counts), 0.0)
    return functools.partial(F.cross_entropy, weight=weights, label_smoothing=train.label_smoothing)
