"""Shares with the interval in which the true share lies, and tables of them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Z = 1.96  # of a two-sided interval of 95 in 100


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    right: int
    whole: int

    @property
    def value(self) -> float:
        """The share itself, 0 to 1; 0 where nothing was counted."""
        return self.right / max(self.whole, 1)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval after Wilson; (0, 1) where nothing was counted.

        >>> [round(end, 2) for end in Share(9, 10).interval]
        [0.6, 0.98]
        """
        if self.whole == 0:
            return 0.0, 1.0
        spread = Z**2 / self.whole
        middle = (self.value + spread / 2) / (1 + spread)
        reach = Z / (1 + spread) * math.sqrt(self.value * (1 - self.value) / self.whole + spread / (4 * self.whole))
        return max(middle - reach, 0.0), min(middle + reach, 1.0)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} ({low:.2f} to {high:.2f}), {self.right} of {self.whole}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Rows under their heads in columns as wide as what they hold; figures to the right, all else to the left."""
    shown = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *shown, strict=True)]
    to_the_right = [all(isinstance(cell, (int, float)) for cell in column) for column in zip(*rows, strict=True)]
    for line in (list(heads), *shown):
        cells = zip(line, widths, to_the_right or [False] * len(heads), strict=True)
        yield "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells).rstrip()
