"""color_jitter: brightness, contrast, saturation and hue, always in this order.

torchvision shuffles the four for each image, which a batch on a device cannot; each by itself is
torchvision's. Grey images know no saturation and no hue, and stay as they are.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from assay.data.augment.draw import Draw
from assay.fault import Fault
from assay.params.augment import ColorJitter

Images = Float[Tensor, "n c h w"]
Each = Float[Tensor, " n"]
RED, GREEN, BLUE = 0.2989, 0.587, 0.114  # torchvision's weights of grey (ITU-R BT.601)
LEAST_CHROMA = 1e-12  # a grey pixel's hue is 0 / 0; any number will do


def jittered(images: Images, jitter: ColorJitter, generator: torch.Generator) -> Images:
    """Each of the four that is on, by factors and shifts drawn for each image."""
    n, c = images.shape[:2]
    if c not in (1, 3):
        raise Fault(
            f"augment.color_jitter: images have {c} channels, and it knows grey (1) and RGB (3); "
            "set its four values to 0"
        )
    draw = Draw(n, generator, images.device)
    if jitter.brightness:
        images = brightened(images, _factors(draw, jitter.brightness))
    if jitter.contrast:
        images = contrasted(images, _factors(draw, jitter.contrast))
    if jitter.saturation:
        images = saturated(images, _factors(draw, jitter.saturation))
    if jitter.hue:
        images = hue_shifted(images, draw.uniform(-jitter.hue, jitter.hue))
    return images


def brightened(images: Images, factor: Each) -> Images:
    """`factor` times each value."""
    return images.mul(_wide(factor)).clamp_(0, 1)


def contrasted(images: Images, factor: Each) -> Images:
    """`factor` times each value's distance from the image's mean grey."""
    means = images.mean((2, 3), keepdim=True)
    mean = means if images.shape[1] == 1 else _grey(means)
    return images.mul(_wide(factor)).add_(mean * (1 - _wide(factor))).clamp_(0, 1)


def saturated(images: Images, factor: Each) -> Images:
    """`factor` times each value's distance from the pixel's grey."""
    if images.shape[1] == 1:
        return images
    return images.mul(_wide(factor)).add_(_grey(images) * (1 - _wide(factor))).clamp_(0, 1)


def hue_shifted(images: Images, turns: Each) -> Images:
    """The hue of each pixel turned, at the same chroma and value of HSV.

    A channel is V - C clip(2 - 6 d, 0, 1), where d is the distance of the hue, in turns, from 1/2
    (red), 5/6 (green) or 7/6 (blue), where the channel is lowest: the closed form of Foley and van
    Dam's conversion back from HSV.
    """
    if images.shape[1] == 1:
        return images
    red, green, blue = images.unbind(1)
    value = torch.maximum(torch.maximum(red, green), blue)
    chroma = value - torch.minimum(torch.minimum(red, green), blue)
    # lerp by 0 or 1 chooses as `where` does, and is ten times as fast on a CPU
    angle = torch.lerp(
        (red - green).add_(chroma, alpha=4),
        (blue - red).add_(chroma, alpha=2),
        (green == value).to(images.dtype),
    )
    angle = angle.lerp_(green - blue, (red == value).to(images.dtype))  # in 6 C turns
    angle = angle.div_(6 * chroma.clamp_min(LEAST_CHROMA)).add_(turns[:, None, None])
    lowest = torch.arange(3, device=images.device).view(1, 3, 1, 1) / 3 + 1 / 2
    away = angle[:, None] - lowest
    away = away.sub_(away.round()).abs_()
    return torch.addcmul(
        value[:, None], chroma[:, None], away.mul_(-6).add_(2).clamp_(0, 1), value=-1
    )


def _factors(draw: Draw, most: float) -> Each:
    return draw.uniform(max(0.0, 1 - most), 1 + most)


def _grey(images: Images) -> Float[Tensor, "n 1 h w"]:
    red, green, blue = images.split(1, 1)
    return (red * RED).add_(green, alpha=GREEN).add_(blue, alpha=BLUE)


def _wide(values: Each) -> Float[Tensor, "n 1 1 1"]:
    return values[:, None, None, None]
