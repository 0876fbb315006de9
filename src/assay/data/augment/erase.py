"""erase: a black box in some images, as torchvision's RandomErasing."""

import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.augment.boxes import boxes
from assay.data.augment.draw import Draw, first
from assay.params.augment import Erase

Images = Float[Tensor, "n c h w"]


def erased(images: Images, erase: Erase, generator: torch.Generator) -> Images:
    """The first of ten boxes that is smaller than the image in both sides; else none."""
    n, _, h, w = images.shape
    draw = Draw(n, generator, images.device)
    heights, widths = draw.sizes(h * w, erase.scale, erase.ratio)
    fits = (heights < h) & (widths < w)
    chosen = draw.uniform(0, 1) < erase.probability
    height = first(fits, heights, 0) * chosen
    width = first(fits, widths, 0) * chosen
    top, left = draw.below(h - height + 1), draw.below(w - width + 1)
    return images * (1 - boxes(top, left, top + height, left + width, (h, w)))
