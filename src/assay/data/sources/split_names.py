"""Names that people give to splits, in files, folders and columns."""

_NAMES = {
    "train": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
}
SPLIT_NAMES = tuple(_NAMES)


def split_named(word: str) -> str | None:
    """`train`, `val` or `test` where a word means one of them, in whatever case; else None."""
    return _NAMES.get(word.strip().lower())
