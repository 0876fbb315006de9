"""A claim: one thing that the runs are expected to show, and the forms that it has."""

from typing import Annotated

from pydantic import Field, model_validator

from assay.fault import listed, nearest
from assay.params.section import Name, NotNegative, Section

KINDS = {
    "better": "than",
    "best": "among",
    "worst": "among",
    "equal": "within",
    "gain": "over",
    "at_most": "of",
    "at_least": "of",
}


class Claim(Section):
    """One expectation: `{better: a, than: b, on: test.accuracy}` or another of `KINDS`.

    `on` is a split and a score, or a cost, of which less is better, as of loss. By `gain: [a, b]`
    and `over: [c, d]`, a is better than b by more than c is better than d. The note is for the
    reader: whose claim it is, what was tried.
    """

    on: Name
    better: Name | None = None
    than: Name | None = None
    best: Name | None = None
    worst: Name | None = None
    among: Annotated[list[Name], Field(min_length=2)] | None = None
    equal: Annotated[list[Name], Field(min_length=2)] | None = None
    within: NotNegative | None = None
    gain: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = None
    over: Annotated[list[Name], Field(min_length=2, max_length=2)] | None = None
    at_most: float | None = None
    at_least: float | None = None
    of: Name | None = None
    note: str = ""

    @property
    def kind(self) -> str:
        """Which of `KINDS`."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def variants(self) -> list[str]:
        """All that it is about."""
        one = [name for name in (self.better, self.than, self.best, self.worst, self.of) if name]
        several = (self.among, self.equal, self.gain, self.over)
        return [*one, *(name for names in several for name in names or [])]

    @model_validator(mode="after")
    def _is_one(self) -> "Claim":
        given = self.model_fields_set - {"on", "note"}
        kinds = [kind for kind in KINDS if kind in given]
        wanted = {kinds[0], KINDS[kinds[0]]} if kinds else set()
        if len(kinds) != 1 or given != wanted:
            forms = [f"{kind} and {other}" for kind, other in KINDS.items()]
            raise ValueError(
                f"a claim has on and {listed(forms, 'or')}, this one {listed(sorted(given))}"
            )
        empty = [name for name in sorted(given) if getattr(self, name) is None]
        if empty:
            raise ValueError(f"{listed(empty)}: null says nothing; give it a value")
        compared = self.variants[1:] if self.best or self.worst else self.variants
        if len({*compared}) < len(compared):
            raise ValueError("a variant is named twice; leave one out")
        named = self.among if self.best or self.worst else []
        if named and self.variants[0] not in named:
            raise ValueError(
                f"{self.variants[0]} is not in among; {nearest(self.variants[0], named)}, or add it"
            )
        return self
