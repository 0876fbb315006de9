"""Tables of scores: the variants side by side, their paired differences, every score."""

from collections.abc import Sequence

from assay.evaluation.compare import Difference
from assay.evaluation.intervals import Interval
from assay.params.quantities import TTA
from assay.report.summary import Scores
from assay.report.tables import (
    Cell,
    Table,
    number,
    probability,
    signed,
    signed_span,
    span,
    table,
    word,
)

SPLIT_WORDS = {"train": "training", "val": "validation", "test": "test"}


def comparison(scores: Scores, winner: str | None) -> Table:
    """For each variant: accuracy with its interval, macro F1 and loss, on validation and test."""
    splits = _told([s for s in SPLIT_WORDS if any(s in found for found in scores.values())])
    names = {"accuracy": "accuracy", "f1_macro": "macro F1", "loss": "loss"}
    averaged = f"accuracy{TTA}"
    if any(averaged in found.get(split, {}) for found in scores.values() for split in splits):
        names[averaged] = "accuracy with TTA"
    columns = ["variant", *(f"{split} {words}" for split in splits for words in names.values())]
    rows = []
    for variant, found in scores.items():
        row = [word(variant, strong=variant == winner)]
        row += [_gist(found.get(split, {}), name) for split in splits for name in names]
        rows.append(row)
    return table(columns, rows)


def _gist(found: dict[str, Interval], name: str) -> Cell:
    if name not in found:
        return number(None)
    return with_interval(found[name]) if "accuracy" in name else number(found[name].mean)


def _told(splits: list[str]) -> list[str]:
    """Training scores only where there are no others."""
    return [split for split in splits if split != "train"] or splits


def with_interval(one: Interval) -> Cell:
    """Mean ± deviation over seeds, the interval below where both its ends are known."""
    reach = span(one.low, one.high) if one.ends else ""
    return Cell(with_deviation(one), one.mean, reach)


def with_deviation(one: Interval) -> str:
    """Mean ± deviation over seeds; the mean alone with one seed."""
    return f"{one.mean:.4f}" + (f" ± {one.std:.4f}" if one.std is not None else "")


def paired(found: list[Difference]) -> Table:
    """Every two variants of one split: difference of accuracy, interval, p, verdict."""
    columns = [
        "a",
        "b",
        "a − b",
        "interval",
        "p",
        "p, corrected",
        "verdict",
        "McNemar within a seed",
    ]
    return table(columns, (_pair(one) for one in found))


def _pair(one: Difference) -> list[Cell]:
    better = {"a is better": one.a, "b is better": one.b}.get(one.verdict)
    return [
        word(one.a),
        word(one.b),
        Cell(signed(one.difference), one.difference),
        Cell(signed_span(one.low, one.high), one.low),
        Cell(probability(one.p), one.p),
        Cell(probability(one.p_holm), one.p_holm),
        word(f"{better} is better" if better else one.verdict, strong=bool(better)),
        Cell(_reach(one.mcnemar), min(one.mcnemar)),
    ]


def _reach(p_values: Sequence[float]) -> str:
    """From the smallest to the largest, once where they look alike."""
    return " to ".join(dict.fromkeys(probability(p) for p in (min(p_values), max(p_values))))


def every_score(scores: Scores, split: str) -> Table:
    """All scores of one split, a row a score and a column a variant."""
    judged = {variant: found[split] for variant, found in scores.items() if split in found}
    return table(
        ["score", *judged],
        (
            [word(score_words(name)), *(with_interval(found[name]) for found in judged.values())]
            for name in next(iter(judged.values()))
        ),
    )


def score_words(name: str) -> str:
    """`f1_macro` as people write it."""
    if name.endswith(TTA):
        return f"{score_words(name.removesuffix(TTA))}, with TTA"
    kind, _, average = name.rpartition("_")
    if average in {"macro", "micro", "weighted"}:
        return f"{kind.replace('f1', 'F1')}, {average}"
    return name.replace("top5", "top-5").replace("_", " ")
