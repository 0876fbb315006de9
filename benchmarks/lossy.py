"""What another loss of JPEG's costs a small ResNet, as a measure of what the first one did.

The CIFAR-10 behind our studies is a JPEG copy of the official images (quality 75, colours at half
the resolution). Here it is compressed once more alike, but on blocks moved by 4 pixels, so that the
errors are new ones. One network is trained on each, and judged by 10,000 of the training images as
each has them. Writes the table in studies/cifar10-small/README.md.
"""

import argparse
import io
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from momentum import TABLE, packed_by_stages
from PIL import Image

from assay.data.batches import Batches
from assay.data.normalise import Normaliser
from assay.data.packed import Packed, unpack
from assay.device import layout, prepared
from assay.evaluation.compare import Right, compare
from assay.evaluation.predict import losses_and_hits
from assay.files import write_text
from assay.params.variants import Plan
from assay.report.tables import signed, signed_span
from assay.training.run import train

PAGE = Path("studies/cifar10-small/README.md")
QUALITY, COLOURS, SHIFT = 75, "4:2:0", 4  # of the copy, and by how much its blocks are moved
SEED = 0
ONCE, TWICE = "the copy", "compressed once more"
PARAMS: dict[str, Any] = {
    "data": {"format": "cifar10"},
    "split": {"method": "predefined", "val": 0.2},
    "preprocess": {"size": 32, "normalise": "dataset"},
    "augment": {"pad_crop": 4, "hflip": 0.5},
    "model": {"arch": "cifar_resnet", "n": 3, "norm": "bn"},
    "train": {
        "epochs": 8,
        "batch_size": 128,
        "optimiser": "sgd",
        "lr": 0.2,
        "nesterov": True,
        "weight_decay": 5e-4,
        "schedule": "one_cycle",
    },
    "evaluate": {},
    "report": {"title": "Lossy pixels"},
    "variants": {"net": {}},
    "seeds": [SEED],
}


def both(split: Packed) -> dict[str, Packed]:
    """A split as it is, and with its images compressed once more."""
    return {ONCE: split, TWICE: split._replace(images=compressed(split.images))}


def compressed(images: UInt8[np.ndarray, "n h w c"]) -> UInt8[np.ndarray, "n h w c"]:
    """Each image as it comes out of JPEG, whose blocks begin `SHIFT` pixels beyond its corner."""
    around = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="edge")
    return np.stack([_compressed(image)[SHIFT:-SHIFT, SHIFT:-SHIFT] for image in around])


def _compressed(image: UInt8[np.ndarray, "h w c"]) -> UInt8[np.ndarray, "h w c"]:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "jpeg", quality=QUALITY, subsampling=COLOURS)
    return np.asarray(Image.open(file))


def decibels(a: UInt8[np.ndarray, "n h w c"], b: UInt8[np.ndarray, "n h w c"]) -> float:
    """The ratio of peak signal to noise between all of these and those (PSNR)."""
    return float(
        20 * np.log10(255) - 10 * np.log10(np.square(np.subtract(a, b, dtype=float)).mean())
    )


def right_answers(plan: Plan, learnt: Packed, judged: dict[str, Packed]) -> dict[str, Right]:
    """Which of the images of each judging split a network gets right."""
    network = train(plan, SEED, learnt, learnt.emptied()).network
    device, precision = prepared(plan.train)
    plain = Normaliser(plan.normalise, learnt.meta, device, layout(plan.train))

    def right(judge: Packed) -> Right:
        _, hits = losses_and_hits(
            network, Batches([judge], device), batch_size=256, precision=precision, plain=plain
        )
        return hits.cpu().numpy()[None]

    return {kind: right(judge) for kind, judge in judged.items()}


def table(right: dict[tuple[str, str], Right]) -> str:
    """Accuracy of each training by each kind of images, and what is between it and the first."""
    names = {" / ".join(kinds): answers for kinds, answers in right.items()}
    of_first = {one.b: one for one in compare(names, 0.95)[: len(names) - 1]}
    lines = [
        "| trained on | judged on | accuracy | minus the first |",
        "| --- | --- | ---: | ---: |",
    ]
    for (learnt, judged), (name, answers) in zip(right, names.items(), strict=True):
        less = of_first.get(name)
        short = (
            f"{signed(-less.difference)} ({signed_span(-less.high, -less.low)})" if less else "–"
        )
        lines.append(f"| {learnt} | {judged} | {answers.mean():.4f} | {short} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    words.add_argument("--cifar10", type=Path, required=True, help="cifar-10-python.tar.gz")
    archive = words.parse_args().cifar10
    page = PAGE.read_text(encoding="utf-8")
    if not TABLE.search(page):
        words.error(f"{PAGE}: no <!-- measured --> where the table could go")
    with tempfile.TemporaryDirectory() as name:
        plan = packed_by_stages(PARAMS, archive, Path(name))
        learnt, judged = (both(unpack(Path(name, "data/packed", it))) for it in ("train", "val"))
        noise = decibels(judged[ONCE].images, judged[TWICE].images)
        print(f"{noise:.1f} dB from one to the other", flush=True)
        right: dict[tuple[str, str], Right] = {}
        for kind, images in learnt.items():
            for judge, answers in right_answers(plan, images, judged).items():
                right[kind, judge] = answers
                print(f"{kind}, judged by {judge}: {answers.mean():.4f}", flush=True)
    write_text(PAGE, TABLE.sub(lambda old: table(right), page, count=1))


if __name__ == "__main__":
    main()
