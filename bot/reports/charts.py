"""Bars for a table of years, worked out here and drawn by the template as SVG; the table always stands beside them."""

from dataclasses import dataclass

from bot.reports.tables import Row, Table

WIDTH, LONGEST = 720, 640
LABEL, BAR, GAP, LEGEND = 18, 13, 10, 26
# Newest first. Each differs from white by more than 3 to 1, so that a bar is seen without its colour.
COLOURS = ("#1d70b8", "#5694ca", "#8a9299")


@dataclass(frozen=True)
class Bar:
    """One bar: its year, what it counts, and where it lies in the drawing."""

    year: str
    count: int
    colour: str
    y: int
    length: int


@dataclass(frozen=True)
class Group:
    """The bars of one row, under its label."""

    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Chart:
    """A bar chart and the sentence that says the same for those who do not see it."""

    key: str
    sentence: str
    width: int
    height: int
    legend: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]


def bar_chart(table: Table) -> Chart | None:
    """The chart of a table of years; None when every number is nought."""
    shown = [row for row in table.rows if any(cell.count for cell in row.cells)]
    if not shown:
        return None
    years = [each.key for each in table.columns]
    scale = max(cell.count for row in shown for cell in row.cells)
    height = LABEL + BAR * len(years) + GAP
    colours = [COLOURS[min(back, len(COLOURS) - 1)] for back in range(len(years))]
    return Chart(
        key=table.key,
        sentence=_sentence(table, shown),
        width=WIDTH,
        height=LEGEND + height * len(shown),
        legend=tuple(zip(reversed(years), colours, strict=True)),
        groups=tuple(_group(row, years, colours, LEGEND + height * place, scale) for place, row in enumerate(shown)),
    )


def _group(row: Row, years: list[str], colours: list[str], y: int, scale: int) -> Group:
    newest_first = list(zip(reversed(years), reversed(row.cells), colours, strict=True))
    bars = tuple(
        Bar(year, cell.count, colour, y + LABEL + BAR * place, LONGEST * cell.count // scale)
        for place, (year, cell, colour) in enumerate(newest_first)
    )
    return Group(row.label, y + LABEL - 5, bars)


def _sentence(table: Table, rows: list[Row]) -> str:
    newest = ", ".join(f"{row.label} {row.cells[-1].count}" for row in rows)
    return f"Bar chart: {table.title}. In {table.columns[-1].label}: {newest}."
