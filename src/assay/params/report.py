"""`report`: what the report says, how sure it wants to be, and what it was expected to find."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from assay.fault import Fault, listed, nearest
from assay.params.section import Count, NotNegative, Section

Name = Annotated[str, Field(min_length=1)]
KINDS = {
    "better": "than",
    "best": "among",
    "worst": "among",
    "equal": "within",
    "gain": "over",
    "at_most": "of",
    "at_least": "of",
}
SPLITS = ("val", "test", "train")
SCORES = (
    "accuracy",
    "balanced_accuracy",
    "top5_accuracy",
    "loss",
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
OF_KEPT = ("val.accuracy", "val.f1_macro", "val.loss")  # what a kept epoch is judged by


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

    `differs` has in words what is not as there, `unstated` the keys of params.yaml whose values it
    leaves open.
    """

    source: Name
    numbers: Annotated[list[Published], Field(min_length=1)]
    differs: list[Name] = Field(default_factory=list)
    unstated: list[Name] = Field(default_factory=list)


class Report(Section):
    """`time_to_accuracy` is the validation accuracy whose first reaching is timed.

    `beware` has in words what a reader must know and no number shows.
    """

    title: str
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    time_to_accuracy: Annotated[float, Field(gt=0, lt=1)] = 0.95
    beware: list[Name] = Field(default_factory=list)
    claims: list[Claim] = Field(default_factory=list)
    reference: list[Reference] = Field(default_factory=list)

    @model_validator(mode="after")
    def _claims_differ(self) -> "Report":
        asked = [claim.model_dump(exclude={"note"}) for claim in self.claims]
        for place, one in enumerate(asked):
            if one in asked[:place]:
                first = asked.index(one)
                raise ValueError(f"claims {first} and {place} are the same; leave one out")
        return self


def must_be_known(
    report: Report, settings: Mapping[str, Mapping[str, Any]], source: str, *, averaged: bool
) -> None:
    """Refuse claims and published numbers about variants, splits, scores or costs there are not.

    `settings` are the parameters of each variant by their paths; `averaged`: over views too.
    """
    for number, claim in enumerate(report.claims):
        where = f"{source}: report.claims.{number}"
        for name in claim.variants:
            _must_be_one_of(name, settings, f"{where}.{claim.kind}: no variant")
        _must_be_measured(claim.on, where, SCORES, averaged=averaged)
        for kind in ("at_least", "at_most", "within"):
            _must_be_a_share(getattr(claim, kind), claim.on, f"{where}.{kind}")
    for number, reference in enumerate(report.reference):
        where = f"{source}: report.reference.{number}"
        for place, one in enumerate(reference.numbers):
            at = f"{where}.numbers.{place}"
            for key, named in (("of", one.of), ("ours", one.ours)):
                if named is not None:
                    _must_be_one_of(named, settings, f"{at}.{key}: no variant")
            _must_be_measured(one.on, at, (*SCORES, "calibration_error"), averaged=averaged)
            _must_be_a_share(one.value, one.on, f"{at}.value")
            if one.epoch and one.of:
                _must_be_kept(one.epoch, one.of, settings[one.of], f"{at}.epoch")
            if one.on in COSTS and one.value <= 0:
                raise Fault(f"{at}.value: a cost above 0 is wanted, got {one.value:g}")
        for key in reference.unstated:
            known = [*dict.fromkeys(path for each in settings.values() for path in each)]
            _must_be_one_of(key, known, f"{where}.unstated: no parameter")


def _must_be_kept(epoch: int, variant: str, settings: Mapping[str, Any], where: str) -> None:
    """Later epochs than there are pass: a quick look has few of them."""
    if "val" in settings["train.on"].split("+"):
        raise Fault(f"{where}: {variant} learns from validation, so no epoch is judged by it")
    every = settings["train.keep_every"]
    if every is None or epoch % every:
        kept = f"every {every} epochs" if every else "none"
        raise Fault(
            f"{where}: {epoch} is not kept, as {variant} keeps {kept}; set its train.keep_every"
        )


def _must_be_a_share(value: float | None, on: str, where: str) -> None:
    share = on not in COSTS and not on.removesuffix("_tta").endswith(".loss")
    if value is not None and share and not 0 <= value <= 1:
        raise Fault(f"{where}: {on} is a share from 0 to 1, got {value:g}; divide percent by 100")


def _must_be_measured(on: str, where: str, scores: Sequence[str], *, averaged: bool) -> None:
    split, dot, score = on.partition(".")
    if not dot:
        _must_be_one_of(on, [*COSTS, *(f"test.{name}" for name in scores)], f"{where}.on: no cost")
        return
    _must_be_one_of(split, SPLITS, f"{where}.on: no split")
    if score == "calibration_error" and score not in scores:
        raise Fault(
            f"{where}.on: calibration_error is too large by chance alone, so nothing can be judged "
            "by it; claim loss instead"
        )
    with_tta = [f"{name}_tta" for name in scores]
    if score in with_tta and not averaged:
        raise Fault(f"{where}.on: {score} without evaluate.tta; set it, as {{hflip: true}}")
    _must_be_one_of(score, [*scores, *with_tta], f"{where}.on: no score")


def _must_be_one_of(name: str, there: Iterable[str], what: str) -> None:
    if name not in there:
        raise Fault(f"{what} {name!r}; {nearest(name, [*there])}")
