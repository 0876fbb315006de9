"""Batch normalisation (Ioffe and Szegedy, arXiv:1502.03167): moments over images and plane."""

import torch
from torch import Tensor, nn

from assay.norms.moments import Images, Planes, PooledNorm, normalise


def over_images(planes: Planes) -> Planes:
    """Average over the images of the batch: n c -> 1 c."""
    return planes.mean(dim=0, keepdim=True)


class BatchNorm(nn.Module):
    """Mean 0 and variance 1 for each channel over n, h, w; then gain and bias by channel.

    In training the batch's own moments (biased variance); in evaluation running ones, to which each
    batch adds with the weight `momentum` (torch's sense; unbiased variance).
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, *, eps: float, momentum: float) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, images: Images) -> Images:
        """Normalise n c h w; training needs two values or more in each channel."""
        if not self.training:
            moments = self.running_mean, self.running_var
            return normalise(images, *moments, self.weight, self.bias, self.eps)
        count = images.numel() // images.shape[1]
        if count < 2:
            raise ValueError("batch norm of one value a channel; take larger images or batches")
        y, mean, variance = PooledNorm.apply(images, self.weight, self.bias, over_images, self.eps)
        with torch.no_grad():
            self.running_mean.lerp_(mean[0].to(self.running_mean), self.momentum)
            unbiased = variance[0] * (count / (count - 1))
            self.running_var.lerp_(unbiased.to(self.running_var), self.momentum)
        return y

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, eps={self.eps}, momentum={self.momentum}"
