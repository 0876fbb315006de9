"""CIFAR-10's Python version: pickled batches in a folder, or in the archive as downloaded.

https://www.cs.toronto.edu/~kriz/cifar.html. A batch is a dictionary: `data` uint8 n 3072, a row
an image, its red, green and blue planes of 32 by 32 in turn; `labels` n numbers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from assay.data.sources.inert_pickle import bytes_array, read_pickle, text
from assay.data.sources.reading import Found, Reading
from assay.data.sources.tree import Tree, opened
from assay.fault import Fault, listed
from assay.params.data import Data

BATCHES = {f"data_batch_{i}": "train" for i in range(1, 6)} | {"test_batch": "test"}
_META = "batches.meta"
_SHAPE = (3, 32, 32)


def read(data: Data) -> Reading:
    """The images in official order, a batch in memory at a time; classes as `batches.meta` says."""
    tree = opened(Path(data.path))
    names = _names(tree)
    ((_, content),) = tree.stream([names[_META]])
    meta = _dictionary(content, tree.at(names[_META]), {"label_names", "num_cases_per_batch"})
    classes, each = _classes(meta, tree.at(names[_META]))
    return Reading(_images(tree, names, classes, each), len(BATCHES) * each, classes)


def _names(tree: Tree) -> dict[str, str]:
    """Where each file of the data set lies: at the root, or in a single folder."""
    wanted = [*BATCHES, _META]
    folders = {name.rpartition("/")[0] for name in tree.files if name.endswith(_META)}
    folder = f"{folders.pop()}/".lstrip("/") if len(folders) == 1 else ""
    missing = [name for name in wanted if folder + name not in tree.files]
    if missing:
        raise Fault(
            f"{tree.path}: no {listed(missing, 'or')} in it; download CIFAR-10's Python version, "
            "cifar-10-python.tar.gz"
        )
    return {name: folder + name for name in wanted}


def _dictionary(content: bytes | Fault, where: str, keys: set[str]) -> dict[str, Any]:
    if isinstance(content, Fault):
        raise content
    value = read_pickle(content, where)
    named = {text(key): item for key, item in value.items()} if type(value) is dict else {}
    missing = sorted(keys - named.keys())
    if missing:
        raise Fault(
            f"{where}: no {listed(missing)} in it; take the file of CIFAR-10's Python version"
        )
    return named


def _classes(meta: dict[str, Any], where: str) -> tuple[list[str], int]:
    names, each = meta["label_names"], meta["num_cases_per_batch"]
    classes = [text(name) for name in names] if type(names) is list else []
    whole = type(each) is int and each > 0 and all(type(name) is str for name in classes)
    if not whole or len(set(classes)) < max(2, len(classes)):
        raise Fault(f"{where}: names no classes, each once, or no count; copy or download it again")
    return classes, each


def _images(
    tree: Tree, names: dict[str, str], classes: list[str], each: int
) -> Iterator[Found | Fault]:
    batches = {names[batch]: (number, batch) for number, batch in enumerate(BATCHES)}
    for name, content in tree.stream(batches):
        number, batch = batches[name]
        images, labels = _batch(content, tree.at(name), classes, each)
        for row, (image, label) in enumerate(zip(images, labels, strict=True)):
            place = number * each + row
            yield Found(place, f"{batch}:{row + 1}", BATCHES[batch], classes[label], image)


def _batch(
    content: bytes | Fault, where: str, classes: list[str], each: int
) -> tuple[UInt8[np.ndarray, "n h w c"], list[int]]:
    batch = _dictionary(content, where, {"data", "labels"})
    rows, labels = bytes_array(batch["data"]), batch["labels"]
    if rows is None or rows.shape != (each, np.prod(_SHAPE)):
        shape = "something else" if rows is None else "x".join(map(str, rows.shape))
        raise Fault(
            f"{where}: data are {shape}, not {each}x3072 bytes; take the file of CIFAR-10's "
            "Python version"
        )
    if type(labels) is not list or len(labels) != each:
        count = len(labels) if type(labels) is list else "no"
        raise Fault(f"{where}: {count} labels for {each} images; copy or download it again")
    for row, label in enumerate(labels, start=1):
        if type(label) is not int or not 0 <= label < len(classes):
            raise Fault(
                f"{where}: row {row}: {str(label)[:30]} is no label; there are {len(classes)} "
                "classes, from 0"
            )
    return rows.reshape(-1, *_SHAPE).transpose(0, 2, 3, 1), labels
