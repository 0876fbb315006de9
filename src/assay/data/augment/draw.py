"""Numbers for each image of a batch, from the generator that is handed in."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

TRIES = 10  # as torchvision: so many boxes are drawn until one fits


class Draw(NamedTuple):
    """`n` numbers at a time, drawn on the generator's device and sent to the images'."""

    n: int
    generator: torch.Generator
    device: torch.device

    def uniform(self, low: float, high: float, *shape: int) -> Float[Tensor, "*shape n"]:
        """Numbers in [low, high), or low where the two are equal."""
        draw = torch.rand(*shape, self.n, generator=self.generator, device=self.generator.device)
        return draw.mul_(high - low).add_(low).to(self.device, non_blocking=True)

    def below(self, high: Tensor | int) -> Float[Tensor, " n"]:
        """Whole numbers from 0, each below its own bound."""
        return self.uniform(0, 1).mul_(high).floor_()

    def sizes(
        self, area: int, scale: tuple[float, float], ratio: tuple[float, float]
    ) -> tuple[Float[Tensor, "tries n"], Float[Tensor, "tries n"]]:
        """Two sides of boxes of a share `scale` of the area, whose quotient is in `ratio`.

        The share is uniform, the quotient's logarithm too; sides are rounded to pixels.
        """
        areas = self.uniform(*scale, TRIES) * area
        quotients = self.uniform(math.log(ratio[0]), math.log(ratio[1]), TRIES).exp_()
        return (areas * quotients).sqrt_().round_(), (areas / quotients).sqrt_().round_()


def first(fits: Tensor, values: Float[Tensor, "tries n"], otherwise: float) -> Float[Tensor, " n"]:
    """Of each column the value of the first row that fits, or `otherwise`."""
    best = fits.to(torch.uint8).argmax(0, keepdim=True)
    return torch.where(fits.any(0), values.gather(0, best)[0], otherwise)
