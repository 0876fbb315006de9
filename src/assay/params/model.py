"""`model`: the network, its normalisation and its initialisation."""

import shlex
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from assay.params.section import Boolean, Count, Section, Spelt


def _no_number(given: Any) -> Any:
    """To a literal, 1 is as good as true."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Architecture = Literal[
    "cifar_preact_resnet",
    "cifar_resnet",
    "resnet101",
    "resnet152",
    "resnet18",
    "resnet34",
    "resnet50",
    "vgg11",
    "vgg11_lrn",
    "vgg13",
    "vgg16",
    "vgg16_c",
    "vgg19",
]
Norm = Literal["bin", "bn", "bn_torch", "gn", "in", "ln", "none"]
Initialisation = Literal[
    "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform", "normal", "torch"
]
Stem = Literal["imagenet", "small"]
Shortcut = Literal["projection", "pad"]
Biased = Annotated[Literal["auto", True, False], BeforeValidator(_no_number), Spelt]
Freeze = Literal["none", "backbone"]


def _weight_file(name: str) -> str:
    path = PurePosixPath(name)
    if path.suffix not in {".safetensors", ".pt", ".pth"}:
        raise ValueError(f"{name!r} is no weight file; name a .safetensors, .pt or .pth in weights")
    if path.parts[0] != "weights" or ".." in path.parts:
        place = f"weights/{path.name}"
        raise ValueError(
            f"{name!r} lies outside the folder weights, where DVC sees a change; copy the file "
            f"there, name {place} and run `dvc add {shlex.quote(place)}`"
        )
    return name


class Model(Section):
    """`n` is the depth of `cifar_resnet` (6n+2 layers) and `cifar_preact_resnet` (9n+2).

    `groups` is for `gn` (null: gcd(32, C/4)); `dropout` for VGGs; for ResNets are `stem`,
    `shortcut`, where it is a projection its norm (`shortcut_norm`; pre-activation has none), and
    `zero_init_residual`: the last norm's gain of each branch starts at 0, or where the branch ends
    in a convolution, its weights. `conv_bias: auto` gives convolutions a bias in VGGs, and in
    ResNets where the norm is `none`; a projection without norm never has one.

    `weights`: a file to start from. With `replace_head` the last linear layer is new all the same.
    `freeze: backbone` trains that layer alone; the rest stays as it is, in evaluation mode.
    """

    arch: Architecture
    n: Annotated[int, Field(ge=1, le=200)] | None = None
    norm: Norm = "bn"
    groups: Count | None = None
    norm_eps: Annotated[float, Field(ge=1e-12, le=1)] = 1e-5
    norm_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    init: Initialisation = "kaiming_normal"
    zero_init_residual: Boolean = False
    stem: Stem = "imagenet"
    shortcut: Shortcut = "projection"
    shortcut_norm: Boolean = True
    conv_bias: Biased = "auto"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    weights: Annotated[str, AfterValidator(_weight_file)] | None = None
    replace_head: Boolean = False
    freeze: Freeze = "none"
