"""A table as data: cells with a text, a key to sort by and a small note; and numbers as words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NONE = "–"


@dataclass(frozen=True)
class Cell:
    """A text; `key` is what it sorts by, `note` a second line, `strong` marks the winner."""

    text: str
    key: float | str = ""
    note: str = ""
    strong: bool = False

    @property
    def short(self) -> bool:
        """Whether the text need not be broken into lines."""
        return len(self.text) <= 24

    @property
    def numeric(self) -> bool:
        """Whether the cell holds a number, so that it is set to the right."""
        return not isinstance(self.key, str)


@dataclass(frozen=True)
class Table:
    """Rows of cells below named columns; the first column names the row."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table of any sequences."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def word(text: str, *, strong: bool = False) -> Cell:
    """A cell that sorts as text."""
    return Cell(text, text, strong=strong)


def number(value: float | None, digits: int = 4, note: str = "") -> Cell:
    """A cell with so many decimals; a dash, sorted last, where there is no number."""
    if value is None:
        return Cell(NONE, float("-inf"), note)
    return Cell(f"{value:,.{digits}f}", value, note)


def big(value: float) -> Cell:
    """A cell with three digits and k, M or G."""
    return Cell(short(value), value)


def short(value: float) -> str:
    """Three digits and k, M or G: 11.2 M."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= 0.9995 * size:
            return f"{value / size:#.3g}".rstrip(".").replace("-", "−") + unit
    return f"{value:.3g}".replace("-", "−")


def signed(value: float) -> str:
    """Four decimals and a sign, the minus as long as the plus."""
    return f"{round(value, 4) + 0.0:+.4f}".replace("-", "−")  # + 0.0: no minus before a zero


def span(low: float, high: float) -> str:
    """An interval."""
    return f"{low:.4f} to {high:.4f}"


def signed_span(low: float, high: float) -> str:
    """An interval of a difference."""
    return f"{signed(low)} to {signed(high)}"


def probability(p: float) -> str:
    """A p-value in three decimals."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def shortened(text: str, longest: int) -> str:
    """A text on one line with its middle left out, for names often differ at the end."""
    flat = " ".join(text.split())
    tail = longest // 2
    return flat if len(flat) <= longest else f"{flat[: longest - tail - 1]}…{flat[-tail:]}"


def percent(share: float) -> str:
    """0.95 as 95%."""
    return f"{100 * share:.4g}%"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 image`, `2 images`; `many` is the plural where it is not `one` and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
