"""Norms, milliseconds: ours against torch's built-in of the same kind, forward and backward.

Images are channels_last, of shapes that the four studies meet; bf16 is autocast's. `bin`, which
torch has not, meets its batch and instance norms, the gate in their gains, summed. Sides take
turns in one process, threads and allocator as in training; each number is a median. A training step
is forward, loss, backward and Adam's step of a whole network with `bn` against `bn_torch`.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own name for it)
from table import Row, record, row
from torch import Tensor, nn

from assay.device import choose_precision, machine, prepared
from assay.models import build
from assay.norms import NORMS, Settings
from assay.norms.group import default_groups
from assay.norms.local_response import LocalResponseNorm
from assay.params.model import Model
from assay.params.train import Train
from assay.training.optimiser import make_optimiser

COMMAND = "python benchmarks/norms.py"
TRAIN = Train(epochs=1, batch_size=2, lr=1e-4)
SHAPES = {
    "VGG at 224": (8, 64, 224),
    "ResNet at 224, stem": (32, 64, 112),
    "ResNet at 224, last": (32, 512, 7),
    "cifar_resnet at 256, first": (32, 16, 256),
    "cifar_resnet at 32, first": (128, 16, 32),
    "cifar_resnet at 32, last": (128, 64, 8),
}
NETWORKS = {  # batch and side
    "vgg11": (8, 224),
    "vgg11_lrn": (8, 224),
    "vgg13": (8, 224),
    "vgg16_c": (8, 224),
    "vgg16": (8, 224),
    "vgg19": (8, 224),
    "resnet18": (16, 224),
    "resnet34": (16, 224),
    "resnet50": (8, 224),
    "resnet101": (8, 224),
    "resnet152": (8, 224),
    "cifar_resnet": (128, 32),
    "cifar_preact_resnet": (128, 32),
}
DEPTH = 3  # of the last two


class Mixed(nn.Module):
    """Batch-instance norm of torch's parts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.batch = nn.BatchNorm2d(channels, affine=False)
        self.gate, self.weight = (nn.Parameter(torch.ones(channels)) for _ in range(2))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, images: Tensor) -> Tensor:
        """The sum of both, with the gate in their gains."""
        by_batch, known = self.weight * self.gate, self.batch
        batch = F.batch_norm(
            images, known.running_mean, known.running_var, by_batch, self.bias, training=True
        )
        return batch + F.instance_norm(
            images, weight=self.weight - by_batch, bias=torch.zeros_like(by_batch)
        )


class Windowed(nn.Module):
    """Torch's local response norm with the paper's numbers; on a CPU it knows no bf16."""

    def forward(self, images: Tensor) -> Tensor:
        """Normalise."""
        return F.local_response_norm(images.float(), 5, alpha=5e-4, k=2.0).to(images.dtype)


RIVALS: dict[str, Callable[[int], nn.Module]] = {
    "bn": nn.BatchNorm2d,
    "in": lambda channels: nn.InstanceNorm2d(channels, affine=True),
    "bin": Mixed,
    "ln": lambda channels: nn.GroupNorm(1, channels),
    "gn": lambda channels: nn.GroupNorm(default_groups(channels), channels),
    "lrn": lambda channels: Windowed(),
}
ONLY = {"lrn": ("VGG at 224",)}  # it stands behind the first convolution alone


def milliseconds(sides: list[Callable[[], object]], device: torch.device) -> list[float]:
    """Median time of each side; they take turns, for two seconds and ten rounds at least."""
    seconds: list[list[float]] = [[] for _ in sides]
    while len(seconds[0]) < 11 or sum(map(sum, seconds)) < 2:
        for side, found in zip(sides, seconds, strict=True):
            started = time.perf_counter()
            side()
            if device.type == "cuda":
                torch.cuda.synchronize()
            found.append(time.perf_counter() - started)
    return [1000 * statistics.median(found[1:]) for found in seconds]


def norm_row(name: str, where: str, precision: torch.dtype, device: torch.device) -> Row:
    """Forward and backward of one norm on one shape."""
    n, c, side = SHAPES[where]
    images, upstream = (
        torch.randn(n, c, side, side, device=device, dtype=precision).contiguous(
            memory_format=torch.channels_last
        )
        for _ in range(2)
    )
    images.requires_grad_()

    def passes(norm: nn.Module) -> Callable[[], object]:
        weights = [images, *norm.to(device).parameters()]

        def both() -> object:
            with torch.autocast(device.type, precision, precision != torch.float32):
                y = norm(images)
            return torch.autograd.grad(y, weights, upstream.to(y.dtype))

        return both

    own = LocalResponseNorm() if name == "lrn" else NORMS[name](c, Settings())
    ours, rival = milliseconds([passes(own), passes(RIVALS[name](c))], device)
    about = machine(device, precision)
    words = f"{name}, {where}, {n}x{c}x{side}x{side}, {about['precision']}"
    return row(words, ours, rival, command=COMMAND, about=about, unit="ms, less is better")


def step_row(arch: str, precision: torch.dtype, device: torch.device) -> Row:
    """A training step of one network."""
    batch, side = NETWORKS[arch]
    depth = DEPTH if arch.startswith("cifar") else None
    images = torch.randn(batch, 3, side, side, device=device)
    images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.arange(batch, device=device) % 10

    def steps(norm: str) -> Callable[[], object]:
        model = Model.model_validate({"arch": arch, "norm": norm, "n": depth})
        network = build(model, (3, side, side), 10, torch.Generator()).to(device)
        network.to(memory_format=torch.channels_last).train()
        optimiser = make_optimiser(network, TRAIN)

        def step() -> None:
            with torch.autocast(device.type, precision, precision != torch.float32):
                logits = network(images)
            F.cross_entropy(logits.float(), labels).backward()
            optimiser.step()
            optimiser.zero_grad()

        return step

    ours, rival = milliseconds([steps("bn"), steps("bn_torch")], device)
    about = machine(device, precision)
    name = f"{arch}{f' n={depth}' if depth else ''}"
    words = f"training step of {name}, {batch}x3x{side}x{side}, bn, {about['precision']}"
    return row(words, ours, rival, command=COMMAND, about=about, unit="ms, less is better")


def main() -> None:
    device, _ = prepared(TRAIN)
    automatic = choose_precision("auto", device)
    precisions = list(dict.fromkeys([automatic, torch.float32]))
    rows = [
        norm_row(name, where, precision, device)
        for name in RIVALS
        for where in ONLY.get(name, SHAPES)
        for precision in precisions
    ]
    record(rows + [step_row(arch, automatic, device) for arch in NETWORKS])


if __name__ == "__main__":
    main()
