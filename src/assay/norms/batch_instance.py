"""Batch-instance normalisation (Nam and Kim, arXiv:1805.07925): a gate between the two."""

import torch
from torch import nn

from assay.norms.batch import BatchNorm, remember, values
from assay.norms.moments import normalise, with_moments
from assay.norms.planes import Images
from assay.norms.pools import Known, Pool


class BatchInstanceNorm(BatchNorm):
    """Images normalised by their batch and by themselves, mixed by a learnt gate ρ of each channel.

        y = gain (ρ x̂_batch + (1 - ρ) x̂_instance) + bias,   ρ in [0, 1], at first 1

    Each x̂ is (x - mean) / sqrt(variance + eps); the batch's moments are running ones in evaluation,
    as in batch norm, the instance's are always its own; on planes of one pixel its x̂ is 0. The
    optimiser keeps ρ in [0, 1] and moves it ten times as fast as the rest, as the paper has it: see
    `training.optimiser`.
    """

    def __init__(self, channels: int, *, eps: float, momentum: float) -> None:
        super().__init__(channels, eps=eps, momentum=momentum)
        self.gate = nn.Parameter(torch.ones(channels))
        self._itself = Pool(images=False, groups=channels)

    def forward(self, images: Images) -> Images:
        """Normalise n c h w; training needs two values or more in each channel."""
        by_batch = self.weight * self.gate
        itself = (self.weight - by_batch, self._itself)
        if not self.training:
            known = Known(self.running_mean, self.running_var)
            return normalise(images, self.bias, [(by_batch, known), itself], self.eps)
        count = values(images)
        y, *found = with_moments(images, self.bias, [(by_batch, self._pool), itself], self.eps)
        remember((self.running_mean, self.running_var), found, count, self.momentum)
        return y
