"""What a variant asks of its images and they cannot give, as far as it is known before them."""

from assay.fault import Fault
from assay.params.network import Owner
from assay.params.preprocess import Normalisation
from assay.params.split import Split
from assay.params.train import Train


def must_suffice(train: Train, split: Split, owner: Owner) -> None:
    """A Fault where counts of images fill no step, or none is left to be patient with.

    `owner` turns a key like `train.batch_size` into the place where the user gave it. A limit and
    duplicates change counts, and fractions are none: those are seen when the images are there.
    """
    sizes = [split.parts[name] for name in train.learns]
    if split.limit is None and all(isinstance(size, int) for size in sizes):
        _step(train, sum(size for size in sizes if isinstance(size, int)), owner)
    if train.patience and split.val == 0:
        raise Fault(
            f"{owner('train.patience')}: {train.patience}, but split.val is 0 and leaves no "
            "validation images; set it to null, or give split.val a size"
        )


def must_have_colours(normalise: Normalisation, channels: int | None, owner: Owner) -> None:
    """A Fault where the statistics are those of colours, and images are packed in grey."""
    if normalise == "imagenet" and channels == 1:
        raise Fault(
            f"{owner('preprocess.normalise')}: imagenet is for 3 channels, and preprocess.channels "
            "is 1; choose dataset, unit or per_image, or set channels to 3"
        )


def _step(train: Train, images: int, owner: Owner) -> None:
    batch, times = train.batch_size, train.accumulate
    if batch > images:
        raise Fault(
            f"{owner('train.batch_size')}: {batch} is larger than the training split "
            f"({images} images); choose at most {images}"
        )
    if train.step_images > images:
        raise Fault(
            f"{owner('train.accumulate')}: {times} times train.batch_size {batch} is larger than "
            f"the training split ({images} images); choose at most {images // batch}"
        )
