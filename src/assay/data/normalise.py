"""How the network sees pixels: shifted and scaled on the device, at batch time."""

from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.fault import Fault
from assay.params.preprocess import Normalisation

Images = Float[Tensor, "n c h w"]

IMAGENET_MEAN, IMAGENET_DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]  # torchvision's
LEAST_DEVIATION = 1 / 255  # of a channel of one image: a flat one's rounding is not blown up


class Normaliser:
    """(x - mean) / deviation by channel, of bytes or of floats in [0, 1], in one memory format.

    `unit` only brings bytes to [0, 1]; `dataset` has the training split's moments, `imagenet` those
    of ImageNet, and `per_image` those of each image's own channel.
    """

    def __init__(
        self,
        kind: Normalisation,
        meta: dict[str, Any],
        device: torch.device,
        layout: torch.memory_format = torch.channels_last,
    ) -> None:
        """`meta` holds the training split's mean and deviation by channel, in units of 0 to 1."""
        self.device = device
        self._per_image, self._layout = kind == "per_image", layout
        mean, deviation = _moments(kind, meta["mean"], meta["deviation"])
        scale = 1 / torch.tensor(deviation, dtype=torch.float64)
        shift = -torch.tensor(mean, dtype=torch.float64) * scale
        self._scale, self._shift = scale.float().to(device), shift.float().to(device)

    def __call__(self, images: UInt8[Tensor, "n c h w"] | Images) -> Images:
        """New floats; the images stay as they were."""
        images = unit(images) if images.dtype == torch.uint8 else images
        if self._per_image:
            return standardised(images).contiguous(memory_format=self._layout)
        n, c, h, w = images.shape
        last = images.contiguous(memory_format=torch.channels_last).permute(0, 2, 3, 1)
        rows = last.reshape(n, h, w * c)  # long rows are fast, and c values are not
        rows = torch.addcmul(self._shift.repeat(w), rows, self._scale.repeat(w))
        return rows.view(n, h, w, c).permute(0, 3, 1, 2).contiguous(memory_format=self._layout)


def standardised(images: Images) -> Images:
    """(x - mean) / max(deviation, 1/255), both of each channel of each image over its pixels.

    As tf.image.per_image_standardization, which takes them over all channels at once, and 1 / √(its
    pixels) for the least.
    """
    moved = images - images.mean((2, 3), keepdim=True)
    deviation = moved.square().mean((2, 3), keepdim=True).sqrt_()
    return moved.div_(deviation.clamp_min_(LEAST_DEVIATION))


def unit(
    images: UInt8[Tensor, "n c h w"], layout: torch.memory_format = torch.channels_last
) -> Images:
    """Pixels 0 to 255 as floats in [0, 1]."""
    return images.to(torch.float32, memory_format=layout, copy=True).div_(255)


def _moments(
    kind: Normalisation, mean: list[float], deviation: list[float]
) -> tuple[list[float], list[float]]:
    if kind == "imagenet":
        if len(mean) != 3:
            raise Fault(
                f"preprocess.normalise: imagenet is for 3 channels, and these images have "
                f"{len(mean)}; choose dataset, unit or per_image"
            )
        return IMAGENET_MEAN, IMAGENET_DEVIATION
    if kind == "dataset":
        return mean, [each or 1.0 for each in deviation]  # a channel that never varies is kept
    return [0.0] * len(mean), [1.0] * len(mean)
