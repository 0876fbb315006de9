"""What a source says: its numbers, to stand beside ours, and what is not as there."""

from typing import Annotated

from pydantic import Field, model_validator

from assay.fault import listed
from assay.params.quantities import OF_KEPT
from assay.params.section import Count, Name, Section


class Published(Section):
    """A published number on a split and score or a cost, and what is odd about it.

    `of` is the variant with the published recipe, `ours` the one with our own; either may be left
    out. With `epoch` the number is that of a kept epoch, and `of` is needed.
    """

    of: Name | None = None
    ours: Name | None = None
    on: Name
    epoch: Count | None = None
    value: float
    note: str = ""

    @property
    def variants(self) -> list[str]:
        """Those that are named."""
        return [name for name in (self.of, self.ours) if name is not None]

    @model_validator(mode="after")
    def _names_variants(self) -> "Published":
        if not self.variants:
            raise ValueError("of and ours are missing; name the variant to stand beside it")
        if self.ours == self.of:
            raise ValueError(f"ours is {self.of}, as of is; leave ours out, or name another")
        if self.epoch and (self.ours or self.on not in OF_KEPT):
            raise ValueError(f"an epoch's number has of, no ours, and on {listed(OF_KEPT, 'or')}")
        return self


class Reference(Section):
    """What a source says.

    `incomparable` says why no difference between its numbers and ours means anything, such as
    other data; `differs` has in words what else is not as there, `unstated` the keys of params.yaml
    whose values it leaves open.
    """

    source: Name
    numbers: Annotated[list[Published], Field(min_length=1)]
    incomparable: Name | None = None
    differs: list[Name] = Field(default_factory=list)
    unstated: list[Name] = Field(default_factory=list)
