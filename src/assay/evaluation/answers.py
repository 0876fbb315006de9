"""Answers for new images: the label and every class's probability, image by image."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from assay.data.fit import Pixels, fitted
from assay.data.packed import Packed
from assay.data.sources.reading import Found, Reading
from assay.evaluation.classify import Classifier
from assay.fault import Fault
from assay.params.preprocess import Fit

AT_ONCE = 250  # images in memory


def answers(
    classifier: Classifier, reading: Reading, *, on_bad: Callable[[Fault], None]
) -> Iterator[pd.DataFrame]:
    """Columns image, label and one `p(class)` a class; `on_bad` hears of images left out."""
    meta, classes = classifier.saved.meta, classifier.saved.classes
    channels, *size = meta["shape"]
    prepared = _prepared(reading.images, (size[0], size[1]), meta["fit"], channels, on_bad)
    while some := list(itertools.islice(prepared, AT_ONCE)):
        names, images = zip(*some, strict=True)
        none = np.full(len(names), -1, np.int64)
        packed = Packed(np.stack(images), none, pd.DataFrame({"name": names}), meta)
        shares = classifier.probabilities(packed)
        table = pd.DataFrame(shares, columns=[f"p({name})" for name in classes])
        table.insert(0, "label", [classes[best] for best in shares.argmax(1)])
        table.insert(0, "image", names)
        yield table


def _prepared(
    images: Iterator[Found | Fault],
    size: tuple[int, int],
    fit: Fit,
    channels: int,
    on_bad: Callable[[Fault], None],
) -> Iterator[tuple[str, Pixels]]:
    """Each image's name and its pixels as training had them."""
    for found in images:
        if isinstance(found, Fault):
            on_bad(found)
            continue
        try:
            yield found.name, fitted(found.image, size, fit, channels)
        except Fault as fault:
            on_bad(Fault(f"{found.name}: {fault}"))
