"""`train`: how the weights are found."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from assay.fault import listed
from assay.params.section import Boolean, Count, Counts, NotNegative, Positive, Section


class Train(Section):
    """`on` is what weights are learnt from; train+val leaves no validation, and no score of it.

    `threads: null` takes every core; `val_images` limits validation during training only.

    `accumulate` batches make a step. `warmup_epochs` come before the schedule's own course, which
    `step` follows by multiplying with `gamma` after the epochs of `milestones`. `ema` is the decay
    of an average of the weights by step, which then stands for them. Training ends early after
    `patience` epochs without a better one. Every `keep_every` epochs the weights are kept. A split
    of up to `resident_gb` GB lies on the device, a larger one is streamed from disk, with the same
    result; null: half of what is free there. `compile` is torch.compile's mode, or none; so many
    `processes` have a part of each batch each. With `deterministic` a GPU repeats itself exactly.
    """

    on: Literal["train", "train+val"] = "train"
    epochs: Annotated[int, Field(ge=1, le=100_000)]
    batch_size: Annotated[int, Field(ge=2, le=1_000_000)]
    accumulate: Count = 1
    optimiser: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    lr: Positive
    weight_decay: NotNegative = 0.0
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: Boolean = False
    schedule: Literal["constant", "cosine", "one_cycle", "step"] = "constant"
    warmup_epochs: NotNegative = 0.0
    milestones: Counts = ()
    gamma: Annotated[float, Field(gt=0, lt=1)] = 0.1
    clip_norm: Positive | None = None
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None
    patience: Count | None = None
    keep_every: Count | None = None
    val_images: Count | None = None
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    compile: Literal["none", "default", "reduce-overhead"] = "none"
    channels_last: Boolean = True
    deterministic: Boolean = False
    processes: Annotated[int, Field(ge=1, le=4096)] = 1
    resident_gb: NotNegative | None = None

    @property
    def learns(self) -> tuple[str, ...]:
        """The splits that weights are learnt from."""
        return tuple(self.on.split("+"))

    @property
    def step_images(self) -> int:
        """How many images an update of the weights takes."""
        return self.batch_size * self.accumulate

    def epoch_steps(self, images: int) -> int:
        """How many updates an epoch of so many images has; those that fill none are left out."""
        return images // self.step_images

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> "Train":
        if self.optimiser == "sgd" and self.nesterov and self.momentum == 0:
            raise ValueError("nesterov is true and momentum 0; give a momentum above 0")
        return self

    @model_validator(mode="after")
    def _some_need_validation(self) -> "Train":
        for name in ("patience", "val_images"):
            if "val" in self.learns and getattr(self, name):
                raise ValueError(f"on {self.on} leaves {name} no validation; set {name} to null")
        return self

    @model_validator(mode="after")
    def _processes_can_share(self) -> "Train":
        if self.batch_size % self.processes or self.batch_size < 2 * self.processes:
            raise ValueError(
                f"{self.processes} processes share a batch evenly and get 2 images or more each; "
                f"batch_size {self.batch_size} allows {_dividing(self.batch_size)}"
            )
        return self

    @model_validator(mode="after")
    def _graphs_can_be(self) -> "Train":
        if self.compile == "reduce-overhead" and self.accumulate > 1:
            raise ValueError(
                "reduce-overhead replays a step in the same memory, where gradients cannot add up; "
                "set compile to default, or accumulate to 1"
            )
        return self

    @model_validator(mode="after")
    def _schedule_can_be(self) -> "Train":
        if self.schedule == "step" and not self.milestones:
            raise ValueError("schedule is step without milestones; name epochs, as [30, 40]")
        if list(self.milestones) != sorted(set(self.milestones)):
            raise ValueError(f"milestones {list(self.milestones)} do not rise; sort them")
        if self.schedule == "one_cycle" and self.warmup_epochs:
            raise ValueError("one_cycle warms up by itself; set warmup_epochs to 0")
        if self.schedule != "one_cycle" and self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs {self.warmup_epochs:g} leaves none of {self.epochs} epochs; "
                "lower it"
            )
        return self


def _dividing(batch_size: int) -> str:
    """How many processes can share a batch, in words."""
    return listed([n for n in range(1, batch_size // 2 + 1) if batch_size % n == 0], "or")
