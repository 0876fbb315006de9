"""mixup and cutmix: each image takes in part of the one before it, and of its label as much.

arXiv:1710.09412 and arXiv:1905.04899, as torchvision has them, but with a share for each image.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from assay.data.augment.boxes import boxes
from assay.data.augment.draw import Draw

Images = Float[Tensor, "n c h w"]
QUANTILES = 4096  # a share is one of so many, each as likely as the others


class Mix(NamedTuple):
    """How much of each pixel the image before gives, and how much of the label: 0 to 1."""

    pixels: Float[Tensor, "n 1 h w"] | Float[Tensor, "n 1 1 1"]
    labels: Float[Tensor, " n"]


class Mixer:
    """Draws a mix for each image; with both on, each image takes one of them at equal odds."""

    def __init__(self, mixup: float, cutmix: float, device: torch.device) -> None:
        """Shares are of Beta(alpha, alpha), with `mixup` and `cutmix` for alpha; 0 is off."""
        self._device = device
        self._mixup = _quantiles(mixup, device) if mixup else None
        self._cutmix = _quantiles(cutmix, device) if cutmix else None

    def __call__(self, shape: torch.Size, generator: torch.Generator) -> Mix:
        """For images of `shape` n c h w."""
        n, _, h, w = shape
        draw = Draw(n, generator, self._device)
        if self._cutmix is None:
            return mixup_of(_shares(draw, self._mixup))
        x, y = draw.below(w), draw.below(h)
        cut = cutmix_of(_shares(draw, self._cutmix), x, y, (h, w))
        if self._mixup is None:
            return cut
        mix = mixup_of(_shares(draw, self._mixup))
        coin = (draw.uniform(0, 1) < 0.5).float()
        return Mix(
            torch.lerp(cut.pixels, mix.pixels, coin[:, None, None, None]),
            torch.lerp(cut.labels, mix.labels, coin),
        )


def mixup_of(kept: Float[Tensor, " n"]) -> Mix:
    """The share `kept` of each pixel is the image's own."""
    return Mix(1 - kept[:, None, None, None], 1 - kept)


def cutmix_of(
    kept: Float[Tensor, " n"],
    x: Float[Tensor, " n"],
    y: Float[Tensor, " n"],
    size: tuple[int, int],
) -> Mix:
    """A box about (x, y) of sides (1 - kept)^½ of the image's, cut at its edges, is the other's."""
    h, w = size
    half = 0.5 * (1 - kept).sqrt()
    down, across = (half * h).floor(), (half * w).floor()
    top, bottom = (y - down).clamp(min=0), (y + down).clamp(max=h)
    left, right = (x - across).clamp(min=0), (x + across).clamp(max=w)
    area = (bottom - top) * (right - left) / (h * w)
    return Mix(boxes(top, left, bottom, right, size), area)


def mixed(images: Images, mix: Mix) -> Images:
    """Each image and the one before it; the first takes in the last."""
    return torch.lerp(images, images.roll(1, 0), mix.pixels)


def soft_targets(labels: Int64[Tensor, " n"], classes: int, mix: Mix) -> Float[Tensor, "n k"]:
    """Each class's share of each mixed image; the shares of an image sum to 1."""
    own = torch.zeros(len(labels), classes, device=labels.device)
    own.scatter_(1, labels[:, None], 1.0)  # one_hot would wait for the device
    return torch.lerp(own, own.roll(1, 0), mix.labels[:, None])


def _shares(draw: Draw, quantiles: Tensor | None) -> Float[Tensor, " n"]:
    if quantiles is None:
        raise ValueError("mixup and cutmix are both off")
    return quantiles[draw.below(QUANTILES).long()]


def _quantiles(alpha: float, device: torch.device) -> Float[Tensor, " quantiles"]:
    """Of Beta(alpha, alpha): torch's own draws it by no generator that is handed in."""
    from scipy.special import betaincinv  # a second at import, for the few that mix

    levels = (torch.arange(QUANTILES, dtype=torch.float64) + 0.5) / QUANTILES
    return torch.from_numpy(betaincinv(alpha, alpha, levels.numpy())).float().to(device)
