"""Published numbers and ours as the metrics keep them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from assay.evaluation.intervals import Interval
from assay.params.quantities import is_timed
from assay.params.reference import Published, Reference
from assay.report.reference import Beside, Ours, Referred
from assay.report.rounding import restored, rounded


def reference_json(sources: Sequence[Referred]) -> list[dict[str, Any]]:
    """What comparison.json says of them: each source as it was given, and ours at each number.

    Our timings differ with each repeat: cost.json has them (`timed_reference_json`).
    """
    return [
        source.reference.model_dump(mode="json", exclude_none=True)
        | {"measured": _measured_json(source, timed=False), "unstated_ours": list(source.unstated)}
        for source in sources
    ]


def timed_reference_json(sources: Sequence[Referred]) -> list[list[dict[str, Any]]]:
    """Our timings at the published ones of each source, in their order."""
    return [_measured_json(source, timed=True) for source in sources]


def _measured_json(source: Referred, *, timed: bool) -> list[dict[str, Any]]:
    return [
        {"of": one.of and _ours_json(one.of), "ours": one.ours and _ours_json(one.ours)}
        for one in source.numbers
        if is_timed(one.published.on) == timed
    ]


def reference_from(
    told: Sequence[dict[str, Any]], timed: Sequence[Sequence[dict[str, Any]]]
) -> list[Referred]:
    """What `reference_json` and `timed_reference_json` wrote."""
    sources = []
    for one, timings in zip(told, timed, strict=True):
        reference = Reference(**{key: one[key] for key in Reference.model_fields if key in one})
        measured = {False: [*one["measured"]], True: [*timings]}
        numbers = tuple(
            _beside_from(number, measured[is_timed(number.on)].pop(0))
            for number in reference.numbers
        )
        if any(measured.values()):
            raise ValueError("more numbers than were published")
        sources.append(Referred(reference, numbers, tuple(one["unstated_ours"])))
    return sources


def _beside_from(number: Published, told: dict[str, Any]) -> Beside:
    return Beside(number, *(told[key] and _ours_from(told[key]) for key in ("of", "ours")))


def _ours_json(one: Ours) -> dict[str, Any]:
    return {"missing": one} if isinstance(one, str) else rounded(asdict(one))


def _ours_from(told: dict[str, Any]) -> Ours:
    return told["missing"] if "missing" in told else Interval(**restored(told))
