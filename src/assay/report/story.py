"""The headline in words: what was compared, what came out, and what to beware of."""

from collections.abc import Mapping

from assay.evaluation.compare import Difference, beats
from assay.evaluation.intervals import Interval
from assay.fault import listed, some
from assay.params.experiment import Experiment
from assay.params.variants import Plan
from assay.report import audited
from assay.report.findings import Findings
from assay.report.results import Results
from assay.report.run import Run
from assay.report.score_tables import SPLIT_WORDS
from assay.report.summary import between, verdict_on_first
from assay.report.tables import counted, percent, probability, signed, signed_span, span

PURPOSE = {"train": "to train on", "val": "to choose by", "test": "for the last word"}


def headline(found: Findings) -> str:
    """Who won, in a few words."""
    if len(found.scores) == 1 and found.judged != "train":
        accuracy = found.scores[found.shown][found.judged]["accuracy"].mean
        return f"{found.shown} reaches {accuracy:.4f} on {SPLIT_WORDS[found.judged]}"
    if not found.ranking:
        return "No variant has a validation score, so none is chosen"
    winner, *others = found.ranking
    accuracy = found.scores[winner]["val"]["accuracy"].mean
    if not others:
        return f"{winner} alone has a validation score: {accuracy:.4f}"
    pairs = [between(winner, other, found.differences["val"]) for other in others]
    undecided = any(pair.verdict == "undecided" for pair in pairs)
    verb, doubt = ("leads", ", undecided") if undecided else ("wins", "")
    if "test" in found.scores[winner]:
        test = found.scores[winner]["test"]["accuracy"].mean
        return f"{winner} {verb} on validation{doubt}; on test it has {test:.4f}"
    return f"{winner} {verb} on validation with {accuracy:.4f}{doubt}"


def compared(results: Results, plans: Mapping[str, Plan]) -> str:
    """What was compared on what data, in one sentence."""
    data, variants = results.data, list(results.by_variant)
    images = {split: data["splits"][split] for split in PURPOSE}
    if len(_learnt_from_validation(plans)) == len(plans):
        images["train"] += images.pop("val")
    purpose = PURPOSE if len(variants) > 1 else PURPOSE | {"val": "to validate by"}
    sizes = [f"{images[split]:,} {purpose[split]}" for split in images if images[split]]
    names = listed(variants) if len(variants) <= 4 else f"{len(variants)} variants"
    each = "each " if len(variants) > 1 else ""
    classes = counted(len(data["classes"]), "class", "classes")
    seeds = counted(results.seeds, "seed")
    return f"{names}, {each}trained from {seeds}, on images of {classes}: {listed(sizes)}."


def outcome(found: Findings) -> dict[str, str]:
    """How sure the headline is, by split: the winner's accuracy, its lead over the next best."""
    told = {}
    for split, pairs in found.differences.items():
        sentences = []
        if (found.ranking or not pairs) and split in found.scores[found.shown]:
            accuracy = found.scores[found.shown][split]["accuracy"]
            sentences.append(_scored(found.shown, accuracy, found.confidence))
        if len(found.ranking) > 1:
            sentences.append(_lead(found.ranking[0], found.ranking[1], pairs))
        if len(pairs) > 1 or (pairs and not found.ranking):
            decided = sum(pair.verdict != "undecided" for pair in pairs)
            sentences.append(f"Decided pairs of variants: {decided} of {len(pairs)}.")
        if sentences:
            told[SPLIT_WORDS[split]] = " ".join(sentences)
    return told


def visible(found: Findings) -> str:
    """How small a difference these seeds and images could have decided."""
    told = []
    for split, pairs in found.differences.items():
        if pairs:
            least = sorted(pair.visible for pair in pairs)
            reach = " to ".join(dict.fromkeys(f"{one:.4f}" for one in (least[0], least[-1])))
            told.append(f"{reach} of {SPLIT_WORDS[split]} accuracy")
    if not told:
        return ""
    if found.results.seeds == 1:
        return "One seed decides no difference, however large."
    by_pair = " (by pair)" if any(" to " in reach for reach in told) else ""
    seeds = counted(found.results.seeds, "seed")
    return (
        f"With {seeds} and these images, differences under {listed(told)}{by_pair} cannot be seen."
    )


def fewer(found: Findings) -> str:
    """Why a claim may say more than the pairs, where it may."""
    pairs = [len(of_split) for of_split in found.differences.values() if of_split]
    if not pairs or len(found.claims) >= min(pairs):
        return ""
    return (
        "They are fewer than the pairs above, so that a claim may decide what is undecided there."
    )


def _scored(variant: str, one: Interval, confidence: float) -> str:
    alone = ", from images alone" if one.n == 1 else ""
    reach = f"{percent(confidence)} interval {span(one.low, one.high)}{alone}"
    return f"{variant} has accuracy {one.mean:.4f} ({reach})."


def _lead(winner: str, second: str, pairs: list[Difference]) -> str:
    """By how much the winner leads the next best, whichever way round they were compared."""
    pair = between(winner, second, pairs)
    return (
        f"Against {second}, the next best by validation: {signed(pair.difference)} "
        f"({signed_span(pair.low, pair.high)}; corrected p {probability(pair.p_holm)}), "
        f"{verdict_on_first(pair)}."
    )


def _learnt_from_validation(plans: Mapping[str, Plan]) -> list[str]:
    return [name for name, plan in plans.items() if "val" in plan.train.learns]


def _is_earlier(run: Run, plans: Mapping[str, Plan]) -> bool:
    return run.weights.startswith("epoch") and run.epoch < plans[run.variant].train.epochs


def _at_chance(results: Results, confidence: float) -> list[str]:
    """Of validation and test: the runs that may know no more than what is commonest."""
    told = []
    for split in [split for split in results.splits if split != "train"]:
        images = {name: one[split] for name, one in results.data["per_class"].items()}
        commonest, number = max(images, key=lambda name: images[name]), sum(images.values())
        share = images[commonest] / number
        judged = [run for run in results.runs if split in run.splits]
        low = [
            run.name
            for run in judged
            if not beats(run.score(split, "accuracy"), number, share, confidence)
        ]
        if low:
            told.append(
                f"Not shown to know more of {SPLIT_WORDS[split]} than its commonest class, "
                f"'{commonest}' ({share:.4f} of the images): {some(low, audited.SHOWN)}."
            )
    return told


def warnings(found: Findings, experiment: Experiment) -> list[str]:
    """What a reader must know before believing the numbers."""
    results, plans = found.results, experiment.plans
    told = [*experiment.report.beware, *audited.warnings(results.data)]
    given = [name for name, plan in plans.items() if plan.model.weights]
    if given:
        told.append(
            f"Not from scratch: {listed(given)} (model.weights). Where these weights have met "
            "images of the test or validation split before, the scores are better than the truth."
        )
    learnt = _learnt_from_validation(plans)
    if learnt:
        told.append(
            f"Trained on training and validation images together: {listed(learnt)} (train.on). So "
            + ("with more images than others, " if len(learnt) < len(plans) else "")
            + "without a validation score, and not among those chosen from."
        )
        if any(results.data[kind]["across_splits"] for kind in audited.KINDS):
            told.append(
                f"A test image whose double is in validation counts as known to {listed(learnt)} "
                "too; the numbers of doubles are of training images alone."
            )
    told += [
        f"Judged are the weights of epoch {epoch}, not the last; curves and costs are of the whole "
        "training."
        for epoch in sorted({run.epoch for run in results.runs if _is_earlier(run, plans)})
    ]
    if results.seeds == 1:
        told.append(
            "One seed: intervals are from images alone, and no pair is decided. Another seed may "
            "rank the variants anew."
        )
    told += _at_chance(results, found.confidence)
    if any(run.weights == "best" and "val" in run.splits for run in results.runs):
        told.append("The weights judged are the best on validation, so validation flatters them.")
    if not results.data["splits"]["test"] and found.ranking:
        told.append("No test split: the choice by validation flatters the winner's validation.")
    if len(found.cost["machines"]) > 1:
        told.append(
            "Runs were timed on unlike machines, threads, processes or precisions: their timings "
            "do not compare."
        )
    return told
