"""`report`: what the report says, how sure it wants to be, and what it was expected to find."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from assay.fault import Fault, listed, nearest
from assay.params.section import NotNegative, Section

Name = Annotated[str, Field(min_length=1)]
KINDS = {
    "better": "than",
    "best": "among",
    "worst": "among",
    "equal": "within",
    "at_most": "of",
    "at_least": "of",
}
SPLITS = ("val", "test", "train")
SCORES = (
    "accuracy",
    "balanced_accuracy",
    "top5_accuracy",
    "loss",
    "calibration_error",
    *(f"{kind}_{mean}" for kind in ("precision", "recall", "f1") for mean in ("macro", "weighted")),
)
COSTS = (
    "parameters",
    "multiply_adds",
    "seconds_per_epoch",
    "training_seconds",
    "peak_memory_mb",
    "seconds_to_accuracy",
)


class Claim(Section):
    """One expectation: `{better: a, than: b, on: test.accuracy}` or another of `KINDS`.

    `on` is a split and a score, or a cost, of which less is better, as of loss.
    """

    on: Name
    better: Name | None = None
    than: Name | None = None
    best: Name | None = None
    worst: Name | None = None
    among: Annotated[list[Name], Field(min_length=2)] | None = None
    equal: Annotated[list[Name], Field(min_length=2)] | None = None
    within: NotNegative | None = None
    at_most: float | None = None
    at_least: float | None = None
    of: Name | None = None

    @property
    def kind(self) -> str:
        """Which of `KINDS`."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def variants(self) -> list[str]:
        """All that it is about."""
        one = [name for name in (self.better, self.than, self.best, self.worst, self.of) if name]
        return [*one, *(self.among or []), *(self.equal or [])]

    @model_validator(mode="after")
    def _is_one(self) -> "Claim":
        given = self.model_fields_set - {"on"}
        kinds = [kind for kind in KINDS if kind in given]
        wanted = {kinds[0], KINDS[kinds[0]]} if kinds else set()
        if len(kinds) != 1 or given != wanted:
            forms = [f"{kind} and {other}" for kind, other in KINDS.items()]
            raise ValueError(
                f"a claim has on and {listed(forms, 'or')}, this one {listed(sorted(given))}"
            )
        named = self.among if self.best or self.worst else []
        if named and self.variants[0] not in named:
            raise ValueError(f"{self.variants[0]} is not in among; add it")
        return self


class Published(Section):
    """A published number of a variant, on a split and score or a cost, and what is odd about it."""

    of: Name
    on: Name
    value: float
    note: str = ""


class Reference(Section):
    """What a source says; `unstated` are keys of params.yaml whose values it leaves open."""

    source: Name
    numbers: Annotated[list[Published], Field(min_length=1)]
    unstated: list[Name] = Field(default_factory=list)


class Report(Section):
    """`time_to_accuracy` is the validation accuracy whose first reaching is timed."""

    title: str
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    time_to_accuracy: Annotated[float, Field(gt=0, lt=1)] = 0.95
    claims: list[Claim] = Field(default_factory=list)
    reference: list[Reference] = Field(default_factory=list)


def must_be_known(report: Report, variants: list[str], source: str) -> None:
    """Refuse claims and published numbers about variants, splits, scores or costs there are not."""
    for number, claim in enumerate(report.claims):
        where = f"{source}: report.claims.{number}"
        for name in claim.variants:
            _must_be_one_of(name, variants, f"{where}.{claim.kind}: no variant")
        _must_be_measured(claim.on, where)
    for number, reference in enumerate(report.reference):
        for place, one in enumerate(reference.numbers):
            where = f"{source}: report.reference.{number}.numbers.{place}"
            _must_be_one_of(one.of, variants, f"{where}.of: no variant")
            _must_be_measured(one.on, where)


def _must_be_measured(on: str, where: str) -> None:
    split, dot, score = on.partition(".")
    if not dot:
        _must_be_one_of(on, [*COSTS, *(f"test.{name}" for name in SCORES)], f"{where}.on: no cost")
        return
    _must_be_one_of(split, SPLITS, f"{where}.on: no split")
    scores = [*SCORES, *(f"{name}_tta" for name in SCORES)]
    _must_be_one_of(score, scores, f"{where}.on: no score")


def _must_be_one_of(name: str, there: Any, what: str) -> None:
    if name not in there:
        raise Fault(f"{what} {name!r}; {nearest(name, there)}")
