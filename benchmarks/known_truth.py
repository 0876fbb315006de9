"""How often the intervals hold a known truth, and how often a verdict is wrong.

Right answers are made up by a model in which seeds and images are crossed: an answer is right when
level + seed + image + luck > 0, each normal with its own deviation. So each seed has a skill, each
image a difficulty, and some answers are luck. With several seeds the truth is the accuracy over all
seeds and images; with one it is that seed's over all images. Writes the tables of
docs/statistics.md.
"""

import argparse
import itertools
import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int
from scipy.stats import norm

from assay.evaluation.claims import better, judge
from assay.evaluation.compare import compare
from assay.evaluation.intervals import Measured, interval
from assay.evaluation.scores import Outcomes, scores
from assay.files import write_text

PAGE = Path("docs/statistics.md")
SEEDS, IMAGES, LEVELS = (1, 3, 5, 10), (200, 2000), (0.8, 0.95, 0.99)


class World(NamedTuple):
    """How much seeds, images and luck have to say."""

    name: str
    seed: float
    image: float
    luck: float

    @property
    def whole(self) -> float:
        """The deviation of all together."""
        return math.hypot(self.seed, self.image, self.luck)


WORLDS = [
    World("seeds alike", 0.0, 1.0, 0.5),
    World("seeds differ a little", 0.05, 1.0, 0.5),
    World("seeds differ", 0.2, 1.0, 0.5),
    World("mostly luck", 0.05, 0.3, 1.0),
]


def right_answers(
    world: World,
    accuracies: list[float],
    seeds: int,
    images: int,
    random: np.random.Generator,
) -> tuple[list[Bool[np.ndarray, "seeds images"]], list[float]]:
    """Of variants with these accuracies on the same images; and their truths."""
    difficulty = world.image * random.normal(size=(1, images))
    answers, truths = [], []
    for accuracy in accuracies:
        level = norm.ppf(accuracy) * world.whole
        skill = world.seed * random.normal(size=(seeds, 1))
        luck = world.luck * random.normal(size=(seeds, images))
        answers.append(level + skill + difficulty + luck > 0)
        own = (level + skill[0, 0]) / math.hypot(world.image, world.luck)
        truths.append(accuracy if seeds > 1 else float(norm.cdf(own)))
    return answers, truths


def coverage(
    world: World, accuracy: float, seeds: int, images: int, trials: int, seed: int
) -> tuple[float, float]:
    """Shares of trials in which the interval of an accuracy, and of a difference, holds the truth.

    Two variants answer the same images; the second is the better one by a quarter of the mistakes.
    """
    random = np.random.default_rng(seed)
    alone = together = 0
    pair = [accuracy, accuracy + 0.25 * (1 - accuracy)]
    for _ in range(trials):
        answers, truths = right_answers(world, pair, seeds, images, random)
        one, other = map(Measured.of_right, answers)
        found = interval(one.estimate, 0.95, (0.0, 1.0))
        alone += found.low <= truths[0] <= found.high
        found = interval(other.minus(one).estimate, 0.95)
        together += found.low <= truths[1] - truths[0] <= found.high
    return alone / trials, together / trials


def false_verdicts(
    world: World, accuracy: float, seeds: int, images: int, trials: int, seed: int
) -> tuple[float, float]:
    """Shares of trials with any wrong verdict among equal variants: ten pairs, and four claims."""
    random = np.random.default_rng(seed)
    pairs = claims = 0
    for _ in range(trials):
        answers, _ = right_answers(world, [accuracy] * 5, seeds, images, random)
        five = dict(zip("abcde", answers, strict=True))
        pairs += any(one.verdict != "undecided" for one in compare(five, 0.95))
        first, *others = map(Measured.of_right, answers)
        tested = [better(first, [other], sign=1, exact=False) for other in others]
        claims += any(one.verdict != "undecided" for one in judge(tested, 0.95))
    return pairs / trials, claims / trials


class Mixture(NamedTuple):
    """Images of each class, and how often an answer is right; a wrong one is any other class."""

    images: tuple[int, ...]
    right: float

    def truth(self, right: float) -> dict[str, float]:
        """The scores of endlessly many images in these proportions."""
        share = np.array(self.images) / sum(self.images)
        hits = share * right
        said = hits + (1 - share) * (1 - right) / (len(share) - 1)
        return {
            "balanced_accuracy": right,
            "precision_macro": float(np.mean(hits / said)),
            "f1_macro": float(np.mean(2 * hits / (share + said))),
            "loss": right * LOSSES[0] + (1 - right) * LOSSES[1],
        }


MIXTURES = [
    Mixture((100,) * 10, 0.9),
    Mixture((20,) * 10, 0.97),
    Mixture((500, 500, 10, 10), 0.97),
    Mixture((1000, 20), 0.97),
    Mixture((1000, 5), 0.9),
]
LOSSES = 0.05, 3.0  # means of exponential losses, of right answers and of wrong ones


def other_coverage(mixture: Mixture, seeds: int, trials: int, seed: int) -> dict[str, float]:
    """As `coverage`, of other scores, where seeds differ."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(mixture.images)), mixture.images)
    held = dict.fromkeys(mixture.truth(0.5), 0)
    for _ in range(trials):
        [right], [level] = right_answers(WORLDS[2], [mixture.right], seeds, len(labels), random)
        found = [
            scores(_answers(row, labels, len(mixture.images), random), bins=15) for row in right
        ]
        for name, truth in mixture.truth(level).items():
            each = [one[name] for one in found]
            values = np.array([one.value for one in each])
            influences = np.stack([one.influence for one in each if one.influence is not None])
            measured = Measured(values, influences, each[0].doubt)
            reach = interval(measured.estimate, 0.95)
            held[name] += reach.low <= truth <= reach.high
    return {name: count / trials for name, count in held.items()}


def _answers(
    right: Bool[np.ndarray, " images"],
    labels: Int[np.ndarray, " images"],
    classes: int,
    random: np.random.Generator,
) -> Outcomes:
    wrong = (labels + random.integers(1, classes, len(labels))) % classes
    return Outcomes(
        labels=labels,
        predictions=np.where(right, labels, wrong),
        confidences=np.full(len(labels), 0.9),
        losses=random.exponential(np.where(right, *LOSSES)),
        ranks=np.where(right, 0, 1),
        classes=classes,
    )


def other_rows(trials: int) -> list[str]:
    """The table of other scores, as Markdown."""
    lines = ["| images by class, right | " + " | ".join(f"{n} seeds" for n in SEEDS) + " |"]
    lines = [lines[0].replace("1 seeds", "1 seed"), "| --- |" + " ---: |" * len(SEEDS)]
    for mixture in MIXTURES:
        few = " + ".join(f"{n:,}" for n in mixture.images)
        alike = len({*mixture.images}) == 1
        name = f"{len(mixture.images)} × {mixture.images[0]}" if alike else few
        held = [other_coverage(mixture, n, trials, seed=n) for n in SEEDS]
        told = (", ".join(f"{share:.2f}" for share in one.values()) for one in held)
        lines.append(f"| {name}, {mixture.right:g} | " + " | ".join(told) + " |")
        print(lines[-1], flush=True)
    return lines


def rows(trials: int) -> list[str]:
    """The tables, as Markdown."""
    head = " | ".join(f"{seeds} seeds" if seeds > 1 else "1 seed" for seeds in SEEDS)
    lines = [f"| accuracy, images, world | {head} |", "| --- |" + " ---: |" * len(SEEDS)]
    wrong = [
        "| accuracy, images, world | " + " | ".join(f"{n} seeds" for n in SEEDS[1:]) + " |",
        "| --- |" + " ---: |" * (len(SEEDS) - 1),
    ]
    for level, images, world in itertools.product(LEVELS, IMAGES, WORLDS):
        name = f"{level:g}, {images:,}, {world.name}"
        held = [coverage(world, level, n, images, trials, seed=n) for n in SEEDS]
        lines.append(f"| {name} | " + " | ".join(f"{a:.3f}, {d:.3f}" for a, d in held) + " |")
        false = [false_verdicts(world, level, n, images, trials // 4, seed=n) for n in SEEDS[1:]]
        wrong.append(f"| {name} | " + " | ".join(f"{p:.3f}, {c:.3f}" for p, c in false) + " |")
        print(lines[-1], wrong[-1], sep="\n", flush=True)
    return [
        f"Held the truth, of {trials:,} trials: the interval of an accuracy, that of a difference.",
        "\n".join(lines),
        f"Any false verdict among five equal variants, of {trials // 4:,} trials: among ten pairs, "
        "among four claims.",
        "\n".join(wrong),
        f"Held the truth of other scores, of {trials // 4:,} trials where seeds differ: the "
        "intervals of balanced accuracy, macro precision, macro F1, loss.",
        "\n".join(other_rows(trials // 4)),
    ]


def main() -> None:
    words = argparse.ArgumentParser(description="coverage of the intervals")
    words.add_argument("--trials", type=int, default=2000)
    found = "\n\n".join(rows(words.parse_args().trials))
    text = PAGE.read_text(encoding="utf-8")
    marks = "<!-- by benchmarks/known_truth.py -->", "<!-- end -->"
    inner = f"{marks[0]}\n\n{found}\n\n{marks[1]}"
    write_text(PAGE, re.sub(f"{marks[0]}.*{marks[1]}", lambda _: inner, text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
