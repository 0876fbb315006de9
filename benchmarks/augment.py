"""Augmenting, images a second: our input pipeline against torchvision's in a DataLoader.

The rival: a Dataset of decoded images, as Pillow's or as uint8 tensors (whichever is faster),
torchvision's v2 transforms one by one in a DataLoader with a persistent worker a core, mixing in
its collate_fn. Both sides make shuffled, normalised batches of the same images from memory; the
median epoch after a first one; each side in a process of its own. `--images FOLDER` takes
photographs; without it the default study's packed images are taken, which are small and grey.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from measure import alone, rate
from PIL import Image
from rival import Pictures, loader, mixing, pictures, transforms
from table import record, row

from assay.cores import cores
from assay.data.normalise import Normaliser
from assay.data.prepare import preparation
from assay.device import choose_device, machine, use_threads
from assay.memory import keep_freed_memory
from assay.params.augment import Affine, Augment, ColorJitter, Erase, ResizedCrop

SCRIPT = "python benchmarks/augment.py"
CLASSES = 10
MEAN, DEVIATION = 0.5, 0.25  # of every channel: the values cost nothing
BATCHES = {32: (128, 24), 224: (32, 10)}  # images of a batch and batches of an epoch, by side


def augmentations(side: int) -> dict[str, Augment]:
    """None, each alone at a usual strength, and all together."""
    each = {
        "hflip": Augment(hflip=0.5),
        "pad_crop": Augment(pad_crop=side // 8),
        "resized_crop": Augment(resized_crop=ResizedCrop()),
        "rotate": Augment(rotate=30),
        "affine": Augment(affine=Affine(translate=0.1, scale=(0.9, 1.1), shear=10)),
        "color_jitter": Augment(
            color_jitter=ColorJitter(brightness=0.2, contrast=0.2, saturation=0.2, hue=0.1)
        ),
        "erase": Augment(erase=Erase()),
        "mixup": Augment(mixup=0.2),
        "cutmix": Augment(cutmix=1.0),
    }
    together = Augment(**{name: getattr(augment, name) for name, augment in each.items()})
    return {"nothing": Augment(), **each, "everything": together}


def our_rates(folder: Path | None, side: int, device: torch.device) -> dict[str, float]:
    """Images a second of each augmentation, from bytes on the device to inputs and targets."""
    use_threads(None)
    keep_freed_memory()
    images = _bytes(pictures(folder, side, math.prod(BATCHES[side]))).to(device)
    labels = torch.arange(len(images), device=device) % CLASSES
    c, batch = images.shape[1], BATCHES[side][0]
    moments = {"mean": [MEAN] * c, "deviation": [DEVIATION] * c}
    normalise = Normaliser("dataset", moments, device)

    def measured(augment: Augment) -> float:
        prepare = preparation(augment, normalise, CLASSES)
        generator = torch.Generator(device).manual_seed(0)

        def epoch() -> int:
            order = torch.randperm(len(images)).to(device)
            for rows in order.split(batch):
                prepare(images[rows], labels[rows], generator)
            if device.type == "cuda":
                torch.cuda.synchronize()
            return len(images)

        return rate(epoch)

    return {name: measured(augment) for name, augment in augmentations(side).items()}


def rival_rates(folder: Path | None, side: int, device: torch.device) -> dict[str, float]:
    """Images a second of each augmentation, with the faster kind of image."""
    pillow = pictures(folder, side, math.prod(BATCHES[side]))
    tensors = list(_bytes(pillow).contiguous())
    labels = [place % CLASSES for place in range(len(pillow))]
    c = len(tensors[0])
    moments = [MEAN] * c, [DEVIATION] * c

    def measured(augment: Augment, images: list[Image.Image] | list[torch.Tensor]) -> float:
        pile = Pictures(images, labels, transforms(augment, (side, side), moments))
        collate, batch = mixing(augment, CLASSES), BATCHES[side][0]
        batches = loader(pile, batch, workers=cores(), collate=collate, device=device)

        def epoch() -> int:
            for inputs, targets in batches:
                inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)
            if device.type == "cuda":
                torch.cuda.synchronize()
            return len(pile)

        return rate(epoch)

    return {
        name: max(measured(augment, pillow), measured(augment, tensors))
        for name, augment in augmentations(side).items()
    }


def _bytes(images: list[Image.Image]) -> torch.Tensor:
    """N c h w in channels-last memory."""
    stack = np.stack([np.asarray(image) for image in images])
    return torch.from_numpy(stack.reshape(*stack.shape[:3], -1)).permute(0, 3, 1, 2)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--images", type=Path, help="a folder of photographs")
    words.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    given = words.parse_args()
    device = choose_device(given.device)
    use_threads(None)
    about = machine(device, torch.float32)
    command = SCRIPT if given.images is None else f"{SCRIPT} --images FOLDER"
    rows = []
    for side, (batch, _) in BATCHES.items():
        ours = alone(our_rates, given.images, side, device)
        rival = alone(rival_rates, given.images, side, device)
        rows += [
            row(
                f"augmenting {name}, {side}x{side}, batch {batch}",
                ours[name],
                rival[name],
                command=command,
                about=about,
                unit="images/s",
            )
            for name in ours
        ]
    record(rows)


if __name__ == "__main__":
    main()
