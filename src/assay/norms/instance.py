"""Instance normalisation (Ulyanov et al., arXiv:1607.08022): each plane by its own moments."""

import torch
from torch import nn

from assay.norms.moments import normalise
from assay.norms.planes import Images
from assay.norms.pools import Pool


class InstanceNorm(nn.Module):
    """Mean 0 and variance 1 for each channel of each image; then gain and bias by channel.

        y = gain (x - mean) / sqrt(variance + eps) + bias

    The same in evaluation. A plane of one pixel would come out as the bias, and is refused.
    """

    def __init__(self, channels: int, *, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self._pool = Pool(images=False, groups=channels)

    def forward(self, images: Images) -> Images:
        """Normalise n c h w, of two pixels or more."""
        if images.shape[2] * images.shape[3] < 2:
            raise ValueError("instance norm of planes of one pixel; take larger images")
        return normalise(images, self.bias, [(self.weight, self._pool)], self.eps)

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, eps={self.eps}"
