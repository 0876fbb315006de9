"""`augment`: random changes to training images, each off by default; all go together.

They act in the order of their keys, on each image by numbers of its own. Their meaning is that of
torchvision.transforms.v2: RandomHorizontalFlip, RandomCrop with padding, RandomResizedCrop,
RandomRotation, RandomAffine, ColorJitter, RandomErasing, MixUp, CutMix.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from assay.params.section import Fraction, NotNegative, Range, Section, Switch

Degrees = Annotated[float, Field(ge=0, le=180)]
Alpha = Annotated[float, Field(ge=0, le=100)]


def _rising(given: tuple[float, float]) -> tuple[float, float]:
    if not 0 < given[0] <= given[1]:
        raise ValueError(f"a range [low, high] with 0 < low <= high is wanted, got {list(given)}")
    return given


def _share(given: tuple[float, float]) -> tuple[float, float]:
    if given[1] > 1:
        raise ValueError(f"a range of shares, at most 1, is wanted, got {list(given)}")
    return given


Rising = Annotated[Range, AfterValidator(_rising)]
Share = Annotated[Rising, AfterValidator(_share)]


class ResizedCrop(Section):
    """`scale`: share of the area that is cropped; `ratio`: its width over its height."""

    scale: Share = (0.08, 1.0)
    ratio: Rising = (0.75, 1.3333)


class Affine(Section):
    """`translate`: at most this share of the side; `scale`: a range; `shear`: at most degrees."""

    translate: Fraction = 0.0
    scale: Rising = (1.0, 1.0)
    shear: Annotated[float, Field(ge=0, lt=90)] = 0.0


class ColorJitter(Section):
    """Factors in [max(0, 1 - x), 1 + x]; `hue`: at most this share of a turn, both ways."""

    brightness: NotNegative = 0.0
    contrast: NotNegative = 0.0
    saturation: NotNegative = 0.0
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0


class Erase(Section):
    """A black box: `scale` is its share of the area, `ratio` its height over its width."""

    probability: Fraction = 0.5
    scale: Share = (0.02, 0.33)
    ratio: Rising = (0.3, 3.3)


class Augment(Section):
    """`hflip`: probability; `pad_crop`: pixels of black on each side before a crop; `rotate`: at
    most degrees; `mixup`, `cutmix`: alpha of Beta(alpha, alpha), 0 is off; with both on, each image
    takes one of them, at equal odds.
    """

    hflip: Fraction = 0.0
    pad_crop: Annotated[int, Field(ge=0, le=1024)] = 0
    resized_crop: Annotated[ResizedCrop | None, Switch] = None
    rotate: Degrees = 0.0
    affine: Affine = Affine()
    color_jitter: ColorJitter = ColorJitter()
    erase: Annotated[Erase | None, Switch] = None
    mixup: Alpha = 0.0
    cutmix: Alpha = 0.0

    @property
    def mixes(self) -> bool:
        """Whether images are mixed, and with them their labels."""
        return bool(self.mixup or self.cutmix)
