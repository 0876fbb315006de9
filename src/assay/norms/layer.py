"""Layer normalisation (Ba et al., arXiv:1607.06450) of images: moments over channels and plane."""

import torch
from torch import nn

from assay.norms.moments import normalise
from assay.norms.planes import Images
from assay.norms.pools import Pool


class LayerNorm(nn.Module):
    """Mean 0 and variance 1 for each image over c, h, w; then gain and bias by channel.

        y = gain (x - mean) / sqrt(variance + eps) + bias

    The same in evaluation. It is group norm of one group; gain and bias are by channel and not by
    value, as in section 3 of arXiv:1803.08494, so that images of any size have the same parameters.
    """

    def __init__(self, channels: int, *, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, images: Images) -> Images:
        """Normalise n c h w."""
        everything = Pool(images=False, groups=1)
        return normalise(images, self.bias, [(self.weight, everything)], self.eps)

    def extra_repr(self) -> str:
        """What is printed of it."""
        return f"{len(self.weight)}, eps={self.eps}"
