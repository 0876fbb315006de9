"""`train`: how the weights are found."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from assay.params.section import Boolean, Count, NotNegative, Positive, Section


class Train(Section):
    """`threads: null` takes every core; `val_images` limits validation during training only.

    A split of up to `resident_gb` GB lies on the device, a larger one is streamed from disk, with
    the same result; null: half of what is free there.
    """

    epochs: Annotated[int, Field(ge=1, le=100_000)]
    batch_size: Annotated[int, Field(ge=2)]
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Positive
    weight_decay: NotNegative = 0.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: Boolean = False
    schedule: Literal["constant", "cosine", "one_cycle"] = "constant"
    val_images: Count | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    resident_gb: NotNegative | None = None

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "Train":
        if self.optimiser == "sgd" and self.nesterov and self.momentum == 0:
            raise ValueError("nesterov is true and momentum 0; give a momentum above 0")
        return self
