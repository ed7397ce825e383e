"""Figures that know their cases, tables that must add up, shares that show their base. Pure: no store, no words.

A number is never held beside the cases it counts: it *is* how many there are, so the two cannot differ. The total of a
table is counted from the records again and not summed from its rows, so a record that fell through every row, or into
two, is found and the table refuses to be published (printed reports of the field show what happens otherwise: a row of
54 whose parts make 53).

Rounding, one rule for every report: a share is a whole percent, an average has one decimal, halves go up.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import median
from typing import Literal

from bot.errors import NotFound, SpeakUpError

TOTAL = "total"
Across = Literal["years", "outcomes"]


class ReportDoesNotAddUp(SpeakUpError):
    """A table contradicts itself and must not be published; the message names the table, the row and both sums."""


@dataclass(frozen=True)
class Figure:
    """A number and the references of what it counts, in order of receipt."""

    cases: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.cases)


@dataclass(frozen=True)
class Heading:
    """A row's or a column's stable key and its printed name."""

    key: str
    label: str


@dataclass(frozen=True)
class Counted:
    """One record and the one place it has in a table."""

    reference: str
    row: str
    column: str


@dataclass(frozen=True)
class Row:
    """A row: one figure for each column of its table."""

    key: str
    label: str
    cells: tuple[Figure, ...]


@dataclass(frozen=True)
class Table:
    """One table of a report.

    `across` is "years" (one column a year) or "outcomes" (one column for each way it went in `year`, the last being
    the row's total). `opens` says what its references name: "cases", "referrals", "offers" or "advocacy_referrals".
    `base` is the sentence that says what was counted. `headed` is the name of the first column. `repeats` is true where
    one case may rightly count more than once (it began two stages in a year).
    """

    key: str
    title: str
    headed: str
    base: str
    across: Across
    year: str
    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: Row
    opens: str = "cases"
    repeats: bool = False

    def figure(self, row: str, column: str) -> Figure:
        """One cell.

        Args:
            row: key of a row, or "total".
            column: a year ("2026-27"), or key of a column, or "total".

        Raises:
            NotFound: the table has no such cell.
        """
        lines = {each.key: each for each in (*self.rows, self.total)}
        keys = [each.key for each in self.columns]
        if row not in lines or column not in keys:
            raise NotFound(f"The table {self.key} has no cell in row {row!r} and column {column!r}.")
        return lines[row].cells[keys.index(column)]

    def column(self, key: str) -> tuple[Figure, ...]:
        """The figures of one column, without its total."""
        return tuple(self.figure(row.key, key) for row in self.rows)


@dataclass(frozen=True)
class Rate:
    """A share that is never printed without what it is a share of."""

    key: str
    label: str
    year: str
    of: str
    part: Figure
    base: Figure
    opens: str = "cases"

    @property
    def percent(self) -> int | None:
        """The whole percent; None when there was nothing to take a share of."""
        return percent(self.part.count, self.base.count)


@dataclass(frozen=True)
class Average:
    """A mean, a median or a longest time with its unit and what it was taken over; None when there was nothing."""

    key: str
    label: str
    year: str
    unit: str
    of: str
    value: Decimal | None
    base: Figure
    opens: str = "cases"


def percent(part: int, base: int) -> int | None:
    """`part` of `base` as a whole percent, halves up; None for a base of nothing."""
    return (200 * part + base) // (2 * base) if base else None


def mean(values: Sequence[int]) -> Decimal | None:
    """The mean to one decimal, halves up; None of nothing."""
    return _one_decimal(Fraction(sum(values), len(values))) if values else None


def middle(values: Sequence[int]) -> Decimal | None:
    """The median to one decimal, halves up; None of nothing."""
    return _one_decimal(Fraction(median(Fraction(value) for value in values))) if values else None


def longest(values: Sequence[int]) -> Decimal | None:
    """The longest, to one decimal as the others are; None of nothing."""
    return _one_decimal(Fraction(max(values))) if values else None


def _one_decimal(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def tally(
    *,
    key: str,
    title: str,
    headed: str,
    base: str,
    across: Across,
    year: str,
    rows: Sequence[Heading],
    columns: Sequence[Heading],
    counted: Iterable[Counted],
    total: str,
    opens: str = "cases",
    repeats: bool = False,
) -> Table:
    """Count records into a table and check it.

    Args:
        rows: every row, in print order; a row nobody falls into stays, with noughts.
        columns: every column; for "outcomes" the total's column is added here.
        counted: each record with its place; a place the table does not have is an error and not a silent loss.
        total: the printed name of totals.

    Raises:
        ReportDoesNotAddUp: a record has no place in the table, or two.
    """
    cells: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in counted:
        for place in ((each.row, each.column), (each.row, TOTAL), (TOTAL, each.column), (TOTAL, TOTAL)):
            cells[place].append(each.reference)
    shown = (*columns, Heading(TOTAL, total)) if across == "outcomes" else tuple(columns)

    def line(row: Heading) -> Row:
        return Row(row.key, row.label, tuple(Figure(tuple(cells[row.key, each.key])) for each in shown))

    table = Table(
        key=key, title=title, headed=headed, base=base, across=across, year=year, columns=shown,
        rows=tuple(line(row) for row in rows), total=line(Heading(TOTAL, total)), opens=opens,
        repeats=repeats,
    )  # fmt: skip
    check(table)
    return table


def check(table: Table) -> None:
    """Make sure that every row and every column of a table adds up, and that nothing is counted twice.

    Raises:
        ReportDoesNotAddUp: naming the table, the row or column, and both sums.
    """
    for place, column in enumerate(table.columns):
        parts = [row.cells[place] for row in table.rows]
        _compare(table, f"column {column.label!r}", parts, table.total.cells[place])
    if table.across == "outcomes":
        for row in (*table.rows, table.total):
            _compare(table, f"row {row.label!r}", row.cells[:-1], row.cells[-1])


def _compare(table: Table, where: str, parts: Sequence[Figure], whole: Figure) -> None:
    summed = sum(part.count for part in parts)
    if summed != whole.count:
        raise ReportDoesNotAddUp(
            f"The table {table.title!r} ({table.key}) does not add up: {where} makes {' + '.join(_counts(parts))}"
            f" = {summed}, but {whole.count} records were counted. It is not published; correct the records first."
        )
    twice = not table.repeats and len(set(whole.cases)) != whole.count
    if twice or Counter(case for part in parts for case in part.cases) != Counter(whole.cases):
        raise ReportDoesNotAddUp(
            f"The table {table.title!r} ({table.key}) counts a record twice or not at all in {where}, though the sum"
            f" of {whole.count} agrees. It is not published; correct the records first."
        )


def _counts(parts: Sequence[Figure]) -> list[str]:
    return [str(part.count) for part in parts] or ["0"]
