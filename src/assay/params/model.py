"""`model`: the network, its normalisation and its initialisation."""

from typing import Annotated, Literal

from pydantic import Field

from assay.params.section import Boolean, Count, Positive, Section, Spelt

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
Initialisation = Literal["kaiming_normal", "xavier_uniform"]
Stem = Literal["imagenet", "small"]
Shortcut = Literal["projection", "pad"]
Biased = Annotated[Literal["auto", True, False], Spelt]


class Model(Section):
    """`n` is the depth of `cifar_resnet` (6n+2 layers) and `cifar_preact_resnet` (9n+2).

    `groups` is for `gn` (null: gcd(32, C/4)); `dropout` for VGGs; for ResNets are `stem`,
    `shortcut`, where it is a projection its norm (`shortcut_norm`; pre-activation has none), and
    `zero_init_residual`: the last norm's gain of each branch starts at 0, or where the branch ends
    in a convolution, its weights. `conv_bias: auto` gives convolutions a bias in VGGs, and in
    ResNets where the norm is `none`; a projection without norm never has one.
    """

    arch: Architecture
    n: Annotated[int, Field(ge=1, le=200)] | None = None
    norm: Norm = "bn"
    groups: Count | None = None
    norm_eps: Positive = 1e-5
    norm_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    init: Initialisation = "kaiming_normal"
    zero_init_residual: Boolean = False
    stem: Stem = "imagenet"
    shortcut: Shortcut = "projection"
    shortcut_norm: Boolean = True
    conv_bias: Biased = "auto"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
