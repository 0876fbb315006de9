"""From an image of any size to the pixels that are packed: resized, in the wanted channels."""

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from PIL import Image, ImageOps

from assay.data.decode import pixels, read_pixels
from assay.fault import Fault, listed
from assay.params.preprocess import Fit

Pixels = UInt8[np.ndarray, "h w c"]


def fitted(image: bytes | Pixels, size: tuple[int, int], fit: Fit, channels: int) -> Pixels:
    """A file's bytes or bare pixels at `size` (height, width) with so many channels.

    Bilinear and antialiased (Pillow's). Grey and RGB turn into each other, and nothing else: a
    Fault says so.
    """
    found = read_pixels(image, least=size) if isinstance(image, bytes) else image
    if found.shape == (*size, channels):
        return found
    if found.shape[2] != channels and not {found.shape[2], channels} <= {1, 3}:
        raise Fault(
            f"has {found.shape[2]} channels, and {channels} are wanted; give an image like those "
            "that the network learnt from"
        )
    if channels not in {1, 3}:
        planes = [Image.fromarray(plane) for plane in found.transpose(2, 0, 1)]
        return np.concatenate([pixels(_resized(plane, size, fit)) for plane in planes], axis=2)
    picture = Image.fromarray(found[:, :, 0] if found.shape[2] == 1 else found)
    if found.shape[2] != channels:
        picture = picture.convert("L" if channels == 1 else "RGB")
    return pixels(_resized(picture, size, fit))


def wanted_channels(found: "pd.Series[int]", asked: int | None) -> int:
    """The channels to pack, from those that the images have; a Fault where they do not convert."""
    kinds = set(found.unique().tolist())
    if kinds <= {1, 3}:
        return asked or max(kinds)
    if asked is None and len(kinds) == 1:
        return kinds.pop()
    raise Fault(
        f"preprocess.channels: the images have {listed(sorted(kinds))} channels, which do not turn "
        f"into {asked or 'one number'}; set it to null, or give images of 1 or 3 channels"
    )


def _resized(image: Image.Image, size: tuple[int, int], fit: Fit) -> Image.Image:
    wanted = (size[1], size[0])
    if image.size == wanted:
        return image
    if fit == "crop":
        return ImageOps.fit(image, wanted, Image.Resampling.BILINEAR)
    if fit == "pad":
        return ImageOps.pad(image, wanted, Image.Resampling.BILINEAR, color=0)
    return image.resize(wanted, Image.Resampling.BILINEAR)
