"""Images to be classified, from whatever is at a path; labels are left aside."""

import math
from collections.abc import Iterator
from pathlib import Path

from assay.data.sources import csv_text, folder_storage, parquet, pixel_csv
from assay.data.sources.index_rows import Columns, rows
from assay.data.sources.reading import Found, Reading
from assay.data.sources.tree import Tree, is_archive, opened
from assay.fault import Fault

_FEWEST_PIXELS = 16  # columns: with fewer, a CSV is taken for one of paths that lacks their column


def read_any(path: Path, *, label: str, image: str, shape: tuple[int, int, int] | None) -> Reading:
    """The images of a folder, an archive, a CSV, a Parquet file, or the file that is an image.

    A CSV with a column `image` lists paths, which count from its own folder; any other CSV holds
    pixels c h w of `shape`, a square grey image where it is None. A column `label` is left aside.
    In a Parquet file the column may be called `image` too.
    """
    name = path.name.lower()
    if path.is_dir() or is_archive(path):
        return _tree(opened(path))
    if name.endswith((".csv", ".csv.gz")):
        return _csv(path, label, image, shape)
    if name.endswith(".parquet"):
        return _parquet(path, image)
    return Reading(_listed(path.parent, {0: path.name}), total=1)


def _tree(tree: Tree) -> Reading:
    names = sorted(tree.files)
    if not names:
        raise Fault(f"{tree.path}: no file in it; put images there, or correct the path")
    return Reading(_files(tree, names), total=len(names) + len(tree.refused))


def _files(tree: Tree, names: list[str]) -> Iterator[Found | Fault]:
    yield from tree.faults()
    ranks = {name: rank for rank, name in enumerate(names)}
    for name, content in tree.stream(names):
        if isinstance(content, Fault):
            yield content
        else:
            yield Found(ranks[name], name, None, None, content)


def _csv(path: Path, label: str, image: str, shape: tuple[int, int, int] | None) -> Reading:
    names = csv_text.header(path)
    if image in names:
        with csv_text.opened(path) as text:
            listed = list(rows(text, str(path), Columns(image, None, None)))
        paths = {place: row.path for place, row in enumerate(listed) if not isinstance(row, Fault)}
        faults = [row for row in listed if isinstance(row, Fault)]
        return Reading(_after(faults, _listed(path.parent, paths)), total=len(listed))
    columns = len(names) - (label in names)
    if columns < _FEWEST_PIXELS and not (shape and math.prod(shape) == columns):
        raise csv_text.missing_column(str(path), image, names, "--image")
    pixels = pixel_csv.layout(path, label, shape, labelled=label in names, blank=True)
    return Reading(_pixels(pixels))


def _pixels(file: pixel_csv.Layout) -> Iterator[Found | Fault]:
    for place, (_, image) in enumerate(pixel_csv.rows(file)):
        yield Found(place, f"{file.path.name}:{place + 1}", None, None, image)


def _parquet(path: Path, image: str) -> Reading:
    column = image if image in parquet.columns(path) else "image"
    table = parquet.table(path, column, None)
    return Reading(_rows(table), total=table.rows)


def _rows(table: parquet.Table) -> Iterator[Found | Fault]:
    for place, row in enumerate(parquet.rows(table)):
        if isinstance(row, Fault):
            yield row
        else:
            yield Found(place, f"{table.path.name}:{place + 1}", None, None, row[1])


def _listed(folder: Path, paths: dict[int, str]) -> Iterator[Found | Fault]:
    for place, content in folder_storage.contents(folder, paths):
        if isinstance(content, str):
            yield Fault(f"{folder / paths[place]}: {content}")
        else:
            yield Found(place, paths[place], None, None, content)


def _after(faults: list[Fault], images: Iterator[Found | Fault]) -> Iterator[Found | Fault]:
    yield from faults
    yield from images
