"""Folders as labels: `<class>/*` or `<split>/<class>/*`, with images to be labelled beside them.

A folder called train, val, valid, validation, dev or test is a split if any folder so called holds
folders; else it is a class. Images without labels lie in `unlabelled/`, in either layout.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from assay.data.sources.reading import Found, Reading
from assay.data.sources.split_names import split_named
from assay.data.sources.tree import Tree, opened
from assay.fault import Fault, listed
from assay.params.data import Data

UNLABELLED = {"unlabelled", "unlabeled"}
_TOO_DEEP = "lies in a folder of its class's folder; move it up, or name its class by one folder"


class _Place(NamedTuple):
    split: str | None
    label: str | None


def read(data: Data) -> Reading:
    """The images in the order of their paths; a Fault where there are no two classes."""
    tree = opened(Path(data.path))
    top = top_folder(tree)
    names = sorted(name.removeprefix(top) for name in tree.files)
    splits = _splits(tree, names, [name.removeprefix(top) for name in tree.empty])
    places: dict[str, tuple[int, _Place]] = {}
    faults = tree.faults() + [
        Fault(f"{tree.at(name)}: an empty folder; add images, or remove it") for name in tree.empty
    ]
    for rank, name in enumerate(names):
        place = _place(name, splits)
        if isinstance(place, str):
            faults.append(Fault(f"{tree.at(top + name)}: {place}"))
        else:
            places[top + name] = rank, place
    _check_classes(tree, {place.label for _, place in places.values() if place.label is not None})
    return Reading(_images(tree, top, places, faults), total=len(places) + len(faults))


def top_folder(tree: Tree) -> str:
    """The folder that everything lies in, with its `/`, as archives mostly have one; or nothing.

    A split is no such folder, and neither is a class: one that holds no folder.
    """
    names = [*tree.files, *(f"{name}/" for name in tree.empty)]
    tops = {name.partition("/")[0] for name in names}
    top = next(iter(tops), "")
    if len(tops) > 1 or split_named(top) or all(name.count("/") < 2 for name in names):
        return ""
    return f"{top}/"


def _images(
    tree: Tree, top: str, places: dict[str, tuple[int, _Place]], faults: list[Fault]
) -> Iterator[Found | Fault]:
    yield from faults
    for name, content in tree.stream(places):
        rank, place = places[name]
        if isinstance(content, Fault):
            yield content
        else:
            yield Found(rank, name.removeprefix(top), place.split, place.label, content)


def _splits(tree: Tree, names: list[str], empty: list[str]) -> dict[str, str]:
    """The split that each folder of the root means; none where all of them are classes."""
    deep = {name.partition("/")[0] for name in names if name.count("/") > 1}
    deep |= {name.partition("/")[0] for name in empty if "/" in name}
    if not any(split_named(folder) for folder in deep):
        return {}
    folders = sorted({name.partition("/")[0] for name in names if "/" in name} | deep)
    splits = {folder: split for folder in folders if (split := split_named(folder))}
    for folder, split in splits.items():
        same = [other for other in splits if splits[other] == split]
        if len(same) > 1:
            raise Fault(
                f"{tree.path}: the folders {listed(same)} both mean {split}; keep one of them"
            )
        if folder not in deep:
            raise Fault(
                f"{tree.at(folder)}: images without folders of classes; sort them into classes, "
                "or call the folder unlabelled"
            )
    return splits


def _place(name: str, splits: dict[str, str]) -> _Place | str:
    """The split and label that a path means, or what is wrong with it."""
    top, *folders = name.split("/")[:-1] or [""]
    if not top:
        return "lies outside every class; move it into its class's folder, or remove it"
    if top.lower() in UNLABELLED:
        return _TOO_DEEP if folders else _Place("unlabelled", None)
    if not splits:
        return _TOO_DEEP if folders else _Place(None, top)
    if top not in splits:
        return f"lies beside the splits {listed(splits)}; move it into one, or into unlabelled"
    if not folders:
        return "lies outside every class; move it into its class's folder, or remove it"
    return _TOO_DEEP if len(folders) > 1 else _Place(splits[top], folders[0])


def _check_classes(tree: Tree, classes: set[str]) -> None:
    if not classes:
        raise Fault(
            f"{tree.path}: no folders of classes; put the images of each class into a folder "
            "called like it"
        )
    if len(classes) == 1:
        raise Fault(
            f"{tree.path}: one class only, {classes.pop()}; put the images of at least two classes "
            "into a folder each"
        )
