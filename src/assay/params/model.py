"""`model`: the network, its normalisation and its initialisation."""

from typing import Annotated, Literal

from pydantic import Field

from assay.params.section import Count, Positive, Section

Architecture = Literal["resnet18", "vgg16"]
Norm = Literal["bin", "bn", "bn_torch", "gn", "in", "ln", "none"]
Initialisation = Literal["kaiming_normal", "xavier_uniform"]
Stem = Literal["imagenet", "small"]


class Model(Section):
    """`groups` is for `gn` (null: gcd(32, C/4)); `stem` for ResNets; `dropout` for VGGs."""

    arch: Architecture
    norm: Norm = "bn"
    groups: Count | None = None
    norm_eps: Positive = 1e-5
    norm_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    init: Initialisation = "kaiming_normal"
    stem: Stem = "imagenet"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
