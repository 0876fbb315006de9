"""`model`: the network, its normalisation and its initialisation."""

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from assay.params.section import Boolean, Count, Positive, Section

Architecture = Literal["resnet18", "vgg16"]
Norm = Literal["bn", "bn_torch", "gn", "none"]
Initialisation = Literal[
    "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform", "normal", "torch"
]
Stem = Literal["imagenet", "small"]
Freeze = Literal["none", "backbone"]


def _weight_file(name: str) -> str:
    path = PurePosixPath(name)
    if path.suffix not in {".safetensors", ".pt", ".pth"}:
        raise ValueError(f"{name!r} is no weight file; name a .safetensors, .pt or .pth in weights")
    if path.parts[0] != "weights" or ".." in path.parts:
        raise ValueError(
            f"{name!r} lies outside the folder weights, where DVC sees a change; copy the file "
            f"there, name weights/{path.name} and run `dvc add weights/{path.name}`"
        )
    return name


class Model(Section):
    """`groups` is for `gn` (null: gcd(32, C/4)); `stem` for ResNets; `dropout` for VGGs.

    `weights`: a file to start from. With `replace_head` the last linear layer is new all the same.
    `freeze: backbone` trains that layer alone; the rest stays as it is, in evaluation mode.
    """

    arch: Architecture
    norm: Norm = "bn"
    groups: Count | None = None
    norm_eps: Positive = 1e-5
    norm_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    init: Initialisation = "kaiming_normal"
    stem: Stem = "imagenet"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    weights: Annotated[str, AfterValidator(_weight_file)] | None = None
    replace_head: Boolean = False
    freeze: Freeze = "none"
