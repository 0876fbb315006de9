"""Answers for new images: the label and every class's probability, row by row of a file."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from assay.data.pack import resized
from assay.data.packed import Packed
from assay.data.sources import SOURCES
from assay.data.sources.csv_fault import header
from assay.evaluation.classify import Classifier
from assay.params.data import Data


def answers(classifier: Classifier, path: Path, *, label: str) -> Iterator[pd.DataFrame]:
    """Columns file, image (from 1), label and one `p(class)` a class; a column `label` is ignored.

    The images of a pixel CSV have the shape that the network's training images came in.
    """
    meta, classes = classifier.saved.meta, classifier.saved.classes
    first = 1
    data = Data(
        format="pixel_csv",
        path=str(path.parent),
        labelled=path.name,
        label=label,
        shape=tuple(meta["source_shape"]),
    )
    for chunk in SOURCES[data.format](path, data, labelled=label in header(path)):
        images = resized(chunk.pixels, tuple(meta["shape"][1:]))
        none = np.full(len(images), -1, np.int64)
        shares = classifier.probabilities(Packed(images, none, none, meta))
        table = pd.DataFrame(shares, columns=[f"p({name})" for name in classes])
        table.insert(0, "label", [classes[best] for best in shares.argmax(1)])
        table.insert(0, "image", np.arange(first, first + len(images)))
        table.insert(0, "file", str(path))
        first += len(images)
        yield table
