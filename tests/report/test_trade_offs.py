"""Which variants are worth their price, and their picture."""

import itertools

from assay.report.figures import drawing
from assay.report.findings import findings
from assay.report.trade_offs import front, name_points, trade_off


def test_on_the_front_nobody_is_cheaper_and_better():
    points = {"a": (1.0, 0.5), "b": (2.0, 0.4), "c": (2.0, 0.7), "d": (3.0, 0.7), "e": (9.0, 0.9)}
    assert front(points) == ["a", "c", "e"]
    assert front({}) == []


def test_names_of_points_that_lie_close_cover_neither_points_nor_each_other():
    points = {"resnet18-published": (1.0, 0.99), "vgg16": (1.02, 0.9901), "gn": (0.96, 0.9899)}

    def draw(axes):
        axes.plot(*zip(*points.values(), strict=True), "o", markersize=5)
        axes.set(xlim=(0.9, 1.2), ylim=(0.9, 1.1))
        assert name_points(axes, points) == 3
        assert sorted(text.get_text() for text in axes.texts) == sorted(points)
        boxes = [text.get_window_extent() for text in axes.texts]
        assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
        dots = axes.transData.transform(list(points.values()))
        assert not any(box.contains(*dot) for box in boxes for dot in dots)

    drawing("points", draw, (4.6, 2.9))


def test_a_name_without_room_is_left_out_and_that_is_said(study):
    study.variants = {f"the-same-network-{n}": {"train": {"lr": n}} for n in range(1, 9)}
    study.right = dict.fromkeys(study.variants, 0.9)
    figure = trade_off(findings(*study.write()), "parameters")
    assert "names that have no room are left out" in figure.svg
    assert 0 < figure.svg.count("the-same-network-") < 8
