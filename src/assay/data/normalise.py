"""How the network sees pixels: shifted and scaled on the device, at batch time."""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from assay.params.preprocess import Normalisation


class Normaliser:
    """(x - mean) / deviation by channel, of images in [0, 1]; `unit` leaves them there."""

    def __init__(
        self, kind: Normalisation, mean: list[float], deviation: list[float], device: torch.device
    ) -> None:
        """`mean` and `deviation` are the training split's; a channel that never varies is kept."""
        unit = kind == "unit"
        shift = torch.tensor([0.0] * len(mean) if unit else mean, device=device)
        scale = torch.tensor(
            [1.0] * len(mean) if unit else [d or 1.0 for d in deviation], device=device
        )
        self._shift, self._scale = shift.view(1, -1, 1, 1), scale.view(1, -1, 1, 1)

    def __call__(self, images: Float[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
        """Normalise images in [0, 1]."""
        return (images - self._shift) / self._scale


def unit(images: UInt8[Tensor, "n c h w"]) -> Float[Tensor, "n c h w"]:
    """Pixels 0 to 255 as floats in [0, 1], channels last."""
    return images.to(torch.float32, memory_format=torch.channels_last).div_(255)
