"""The rival: decoded images, torchvision's transforms, a DataLoader, a plain loop."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, default_collate
from torchvision.transforms import v2

from assay.data.packed import Packed, unpack
from assay.device import choose_device
from assay.models import build
from assay.params.augment import Affine, Augment, ColorJitter
from assay.params.variants import Plan
from assay.training.optimiser import make_optimiser
from assay.training.seeds import stream

PACKED = Path("data/packed/train")
Moments = tuple[list[float], list[float]]


def pictures(folder: Path | None, side: int, count: int) -> list[Image.Image]:
    """So many decoded images, over again where there are fewer: photographs, or small digits."""
    found = list(itertools.islice(_opened(folder), count))
    sized = [image.resize((side, side), Image.Resampling.BILINEAR) for image in found]
    return list(itertools.islice(itertools.cycle(sized), count))


def _opened(folder: Path | None) -> Iterator[Image.Image]:
    if folder is None:
        for pixels in unpack(PACKED).images:  # h w c
            yield Image.fromarray(pixels.squeeze())
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"}:
            yield Image.open(path).convert("RGB")


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images (Pillow's, or uint8 tensors c h w) and labels, transformed one by one."""

    def __init__(
        self, images: Sequence[Image.Image | Tensor], labels: list[int], transform: v2.Transform
    ) -> None:
        self._images, self._labels, self._transform = images, labels, transform

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, row: int) -> tuple[Tensor, int]:
        return self._transform(self._images[row]), self._labels[row]


def transforms(augment: Augment, size: tuple[int, int], moments: Moments | None) -> v2.Transform:
    """What a good student writes for `augment`, one resampling for rotate and affine."""
    crop, jitter, erase = augment.resized_crop, augment.color_jitter, augment.erase
    steps: list[Any] = [
        augment.hflip and v2.RandomHorizontalFlip(augment.hflip),
        augment.pad_crop and v2.RandomCrop(size, augment.pad_crop),
        crop and v2.RandomResizedCrop(size, crop.scale, crop.ratio),
        _turned(augment),
        jitter != ColorJitter()
        and v2.ColorJitter(jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        erase and v2.RandomErasing(erase.probability, erase.scale, erase.ratio),
        moments and v2.Normalize(*moments),
    ]
    return v2.Compose([step for step in steps if step])


def mixing(augment: Augment, classes: int) -> Callable[[list[Any]], Any] | None:
    """A collate_fn that mixes the images of a batch, or None."""
    kinds: list[Any] = [
        *([v2.MixUp(alpha=augment.mixup, num_classes=classes)] if augment.mixup else []),
        *([v2.CutMix(alpha=augment.cutmix, num_classes=classes)] if augment.cutmix else []),
    ]
    return partial(_mixed, v2.RandomChoice(kinds)) if kinds else None


def loader(
    pictures: Pictures, batch_size: int, *, workers: int, collate: Any, device: torch.device
) -> DataLoader[Any]:
    """Shuffled full batches; the workers outlive an epoch."""
    return DataLoader(
        pictures,
        batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        collate_fn=collate,
        pin_memory=device.type == "cuda",
    )


def plain_loop(
    plan: Plan, seed: int, packed: Packed, workers: int
) -> tuple[nn.Module, list[tuple[float, float]]]:
    """The trained network, seconds and mean loss of each epoch: fp32, row-major, eager.

    From the weights that ours starts from, with torch's batch norm and the same optimiser.
    """
    torch.manual_seed(seed)
    device, meta = choose_device(plan.train.device), packed.meta
    model = plan.model.model_copy(update={"norm": "bn_torch"})
    classes, size = len(meta["classes"]), (meta["shape"][1], meta["shape"][2])
    network = build(model, meta["shape"], classes, stream(seed, "weights")).to(device).train()
    optimiser = make_optimiser(network, plan.train)
    pile = Pictures(
        [Image.fromarray(image.squeeze()) for image in packed.images],
        packed.labels.tolist(),
        transforms(plan.augment, size, (meta["mean"], meta["deviation"])),
    )
    collate = mixing(plan.augment, classes)
    batches = loader(pile, plan.train.batch_size, workers=workers, collate=collate, device=device)
    found = []
    for _ in range(plan.train.epochs):
        started, losses = time.perf_counter(), []
        for images, labels in batches:
            loss = F.cross_entropy(network(images.to(device)), labels.to(device))
            loss.backward()
            optimiser.step()
            optimiser.zero_grad()
            losses.append(loss.detach())
        mean = torch.stack(losses).mean().item()
        found.append((time.perf_counter() - started, mean))
    return network, found


def _turned(augment: Augment) -> v2.Transform | None:
    affine, bilinear = augment.affine, v2.InterpolationMode.BILINEAR
    if affine == Affine():
        return v2.RandomRotation(augment.rotate, bilinear) if augment.rotate else None
    return v2.RandomAffine(
        augment.rotate,
        translate=(affine.translate, affine.translate),
        scale=affine.scale,
        shear=affine.shear,
        interpolation=bilinear,
    )


def _mixed(mix: Callable[..., Any], samples: list[Any]) -> Any:
    return mix(*default_collate(samples))
