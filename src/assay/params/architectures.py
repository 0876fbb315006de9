"""What must be known of an architecture before torch is there: the planes that its norms meet."""

from typing import NamedTuple

from assay.params.model import Model


class Facts(NamedTuple):
    """`strides`: pixels of the image, after the stem, by pixel of the smallest plane that a norm of
    so many channels meets; `stem`: the stride of the stem `imagenet`; the smallest side in pixels.
    """

    strides: dict[int, int]
    stem: int = 1
    smallest_side: int = 1

    @property
    def widths(self) -> tuple[int, ...]:
        """Channel counts that a norm meets."""
        return tuple(self.strides)


_VGG = Facts({64: 1, 128: 2, 256: 4, 512: 16}, smallest_side=32)
_BASIC = Facts({64: 1, 128: 2, 256: 4, 512: 8}, stem=4)
_BOTTLENECK = Facts({64: 1, 128: 2, 256: 4, 512: 8, 1024: 4, 2048: 8}, stem=4)

ARCHITECTURES = {
    "cifar_preact_resnet": Facts({16: 1, 32: 2, 64: 4, 128: 2, 256: 4}),
    "cifar_resnet": Facts({16: 1, 32: 2, 64: 4}),
    "resnet18": _BASIC,
    "resnet34": _BASIC,
    "resnet50": _BOTTLENECK,
    "resnet101": _BOTTLENECK,
    "resnet152": _BOTTLENECK,
    "vgg11": _VGG,
    "vgg11_lrn": _VGG,
    "vgg13": _VGG,
    "vgg16": _VGG,
    "vgg16_c": _VGG,
    "vgg19": _VGG,
}


def one_pixel_planes(model: Model, size: tuple[int, int]) -> dict[int, int]:
    """Widths whose norms meet planes of one pixel, and the image sides up to which they do.

    Strides round sides up; those of a VGG down, but at its 32 pixels no plane has one pixel.
    """
    facts = ARCHITECTURES[model.arch]
    stem = facts.stem if model.stem == "imagenet" else 1
    reach = {width: stride * stem for width, stride in facts.strides.items()}
    return {width: side for width, side in reach.items() if max(size) <= side}
