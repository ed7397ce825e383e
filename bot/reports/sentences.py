"""What a report says in sentences: each is chosen by the figures, so words and numbers cannot disagree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot import clocks
from bot.reports.tables import TOTAL, Rate, Table
from bot.reports.words import words

COMPARED = {
    "contacts": ("volumes", (TOTAL,)),
    "complaints": ("who", (TOTAL,)),
    "not_accepted": ("not_accepted", (TOTAL,)),
    "stage_2": ("stages", ("stage_2", "straight_to_stage_2")),
    "referrals": ("referrals", (TOTAL,)),
    "compliments": ("compliments_givers", (TOTAL,)),
}
TOLD_SHARES = ("turned_away", "children", "within_10", "within_20", "fault_found", "advocacy_offered")


@dataclass(frozen=True)
class Coverage:
    """One year of a report and how much of it the register holds.

    `recorded` is false for a year that lies wholly before the first record, `complete` for one that is not over,
    `begun` for one that lies ahead.
    """

    year: str
    first_day: date
    last_day: date
    recorded: bool
    complete: bool
    begun: bool


def coverage(year: str, first: date | None, today: date) -> Coverage:
    """How much of a year the register holds.

    Args:
        first: the day of the register's first record; None while it is empty.
    """
    start, end = clocks.year_bounds(year)
    return Coverage(
        year=year,
        first_day=start,
        last_day=end,
        recorded=first is not None and first <= end,
        complete=end < today,
        begun=start <= today,
    )


def findings(tables: Mapping[str, Table], rates: Iterable[Rate], covered: Sequence[Coverage]) -> Iterable[str]:
    """How the year compares with the one before it, and its shares with their bases."""
    for key, (table, rows) in COMPARED.items():
        now, before = (
            sum(tables[table].figure(row, each.year).count for row in rows) if each else 0
            for each in (covered[-1], _year_before(covered))
        )
        yield change(words()["compared"][key], now, before, covered[-1], _year_before(covered))
    said = words()["sentences"]
    for rate in rates:
        if rate.key in TOLD_SHARES and rate.year == covered[-1].year:
            form = said["no_share"] if rate.percent is None else said["share"]
            yield form.format(
                what=rate.label, part=rate.part.count, base=rate.base.count, of=rate.of, percent=rate.percent
            )


def change(what: str, now: int, before: int, year: Coverage, earlier: Coverage | None) -> str:
    """One comparison of two counts, in words that fit them."""
    form = _form(now, before, year, earlier)
    return str(
        words()["sentences"][form].format(
            what=what, now=now, before=before, year=year.year, earlier=earlier.year if earlier else ""
        )
    )


def _form(now: int, before: int, year: Coverage, earlier: Coverage | None) -> str:
    if earlier is None:
        return "alone"
    if not year.complete:
        return "so_far"
    if now == before:
        return "same"
    return "up" if now > before else "down"


def _year_before(covered: Sequence[Coverage]) -> Coverage | None:
    """The year to compare with, if the report has it and the register held it."""
    return covered[-2] if len(covered) > 1 and covered[-2].recorded else None


def notes(
    tables: Mapping[str, Table],
    covered: Sequence[Coverage],
    *,
    first: date | None,
    today: date,
    includes_demo: bool,
    counted: int,
    invented: int,
) -> Iterable[str]:
    """What a reader must know to read the figures rightly, the most important first."""
    yield from _said(_about_demo(includes_demo=includes_demo, counted=counted, invented=invented))
    yield from _said(_about_years(tables, covered, first, today))
    yield from _said((name, {"today": _day(today)}) for name in ("complaints", "later_changes", "rounding"))
    yield from _said((name, {}) for name in ("small_numbers", "not_recorded"))


def _said(named: Iterable[tuple[str, Mapping[str, object]]]) -> Iterable[str]:
    return (words()["notes"][name].format_map(facts) for name, facts in named)


def _about_demo(*, includes_demo: bool, counted: int, invented: int) -> Iterable[tuple[str, Mapping[str, object]]]:
    if not includes_demo:
        yield "demo_left_out", {}
    elif invented:
        yield ("demo_all" if invented == counted else "demo_some"), {"demo": invented, "all": counted}


def _about_years(
    tables: Mapping[str, Table], covered: Sequence[Coverage], first: date | None, today: date
) -> Iterable[tuple[str, Mapping[str, object]]]:
    last = covered[-1]
    if not last.begun:
        yield "not_begun", {"year": last.year, "start": _day(last.first_day)}
    elif not last.complete:
        yield "so_far", {"year": last.year, "today": _day(today)}
    if not any(tables[key].figure(TOTAL, last.year).count for key in ("volumes", "stages", "referrals")):
        yield "nothing", {"year": last.year}
    if first is None:
        yield "empty_register", {}
        return
    for each in covered:
        if not each.recorded:
            yield "before_register", {"year": each.year, "first": _day(first)}
        elif each.first_day < first <= each.last_day:
            yield "part_of_year", {"year": each.year, "first": _day(first)}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
