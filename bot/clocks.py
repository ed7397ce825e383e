"""Working days and every due date, by one table. Pure: the day is always an argument.

Days are counted as the Representations Procedure Regulations 2006 (regulation 2) define them for England (R30).
Day 1 is the next working day after the trigger, which is the service's own convention: the Regulations do not say.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

NO_EXTRA: frozenset[date] = frozenset()
ENGLAND = ZoneInfo("Europe/London")

Clock = Literal[
    "risk_handover",
    "safeguarding_review",
    "acknowledgement",
    "sufficient_interest",
    "lateness",
    "proceedings",
    "deferral",
    "stage1",
    "stage1_ceiling",
    "stage2_request",
    "stage2_statement",
    "stage2",
    "stage2_ceiling",
    "stage3_request",
    "panel",
    "panel_report",
    "panel_response",
    "time_bar",
    "resubmission",
    "ombudsman",
    "resolution_cap",
    "corporate_acknowledgement",
    "corporate_stage1",
    "corporate_stage1_ceiling",
    "corporate_stage2",
    "corporate_stage2_ceiling",
    "data_protection",
]
Unit = Literal["working_days", "calendar_days", "months"]


@dataclass(frozen=True)
class Limit:
    """How long a clock runs, from what, and who says so ("local": a setting of the council, no law)."""

    amount: int
    unit: Unit
    starts: str
    source: str


LIMITS: dict[Clock, Limit] = {
    "risk_handover": Limit(0, "working_days", "detection", "local, R1"),
    "safeguarding_review": Limit(1, "working_days", "the referral", "local, R2"),
    "acknowledgement": Limit(3, "working_days", "receipt", "local, R28"),
    "sufficient_interest": Limit(3, "working_days", "receipt", "as soon as possible: regulation 12; days local, R6"),
    "lateness": Limit(5, "working_days", "lateness noticed", "local, R17"),
    "proceedings": Limit(5, "working_days", "proceedings noticed", "local, R18"),
    "deferral": Limit(1, "working_days", "a threatened move or ending noticed", "local, R46"),
    "stage1": Limit(10, "working_days", "receipt from an eligible person", "regulation 14, R31"),
    "stage1_ceiling": Limit(20, "working_days", "receipt from an eligible person", "regulation 14, R31"),
    "stage2_request": Limit(20, "working_days", "receipt of the Stage 1 reply", "regulation 15, R33"),
    "stage2_statement": Limit(10, "working_days", "the Stage 2 request", "local, R37"),
    "stage2": Limit(25, "working_days", "the Stage 2 request", "regulation 17, R37"),
    "stage2_ceiling": Limit(65, "working_days", "the Stage 2 request", "regulation 17(6), R37"),
    "stage3_request": Limit(20, "working_days", "receipt of the adjudication", "regulation 18, R39"),
    "panel": Limit(30, "working_days", "receipt of the Stage 3 request", "regulation 19, R40"),
    "panel_report": Limit(5, "working_days", "the panel meeting", "regulation 20, R41"),
    "panel_response": Limit(15, "working_days", "receipt of the panel's report", "regulation 20, R41"),
    "time_bar": Limit(12, "months", "the grounds arose", "regulation 9, R17"),
    "resubmission": Limit(12, "months", "the end of proceedings", "regulation 8, R18"),
    "ombudsman": Limit(12, "months", "first knowledge", "Local Government Act 1974 s26B, R43"),
    "resolution_cap": Limit(3, "months", "the start of alternative resolution", "local, R44"),
    "corporate_acknowledgement": Limit(5, "working_days", "receipt", "Ombudsman's Complaint Handling Code, R14"),
    "corporate_stage1": Limit(10, "working_days", "acknowledgement", "Ombudsman's Complaint Handling Code, R14"),
    "corporate_stage1_ceiling": Limit(20, "working_days", "acknowledgement", "Complaint Handling Code, R14"),
    "corporate_stage2": Limit(20, "working_days", "acknowledgement", "Ombudsman's Complaint Handling Code, R14"),
    "corporate_stage2_ceiling": Limit(40, "working_days", "acknowledgement", "Complaint Handling Code, R14"),
    "data_protection": Limit(30, "calendar_days", "receipt", "Data Protection Act 2018 s164A, R22"),
}

_STAGES: dict[int, tuple[Clock, Clock]] = {
    1: ("stage1", "stage1_ceiling"),
    2: ("stage2", "stage2_ceiling"),
    3: ("panel", "panel"),
}


@dataclass(frozen=True)
class StageLimits:
    """The two limits of a stage: `due_on` without an extension, `latest_on` whatever is agreed."""

    due_on: date
    latest_on: date


def is_working_day(day: date, extra_holidays: frozenset[date] = NO_EXTRA) -> bool:
    """Whether a day counts: not Saturday, Sunday, Christmas Day, Boxing Day, Good Friday or a bank holiday (R30).

    Args:
        day: the day in England.
        extra_holidays: bank holidays proclaimed since the holiday library was released. A day on which the
            council merely shuts is not one.
    """
    return day.weekday() < 5 and day not in extra_holidays and day not in _bank_holidays(day.year)


def add_working_days(start: date, count: int, extra_holidays: frozenset[date] = NO_EXTRA) -> date:
    """The day a number of working days after another; day 1 is the next working day after `start`.

    Args:
        count: 0 (the day itself) or more.

    Raises:
        ValueError: `count` is negative.
    """
    if count < 0:
        raise ValueError(f"A number of working days cannot be negative: {count}.")
    day = start
    for _ in range(count):
        day = _next_working_day(day, extra_holidays)
    return day


def working_days_between(start: date, end: date, extra_holidays: frozenset[date] = NO_EXTRA) -> int:
    """How many working days have passed: those after `start` up to and with `end`; negative if `end` is earlier."""
    if end < start:
        return -working_days_between(end, start, extra_holidays)
    return sum(is_working_day(day, extra_holidays) for day in _days_after(start, end))


def due_on(
    clock: Clock, started_on: date, extra_holidays: frozenset[date] = NO_EXTRA, *, amount: int | None = None
) -> date:
    """The last day of any clock: the one place from which screens, letters, alerts and reports take a date.

    Args:
        clock: which clock; `LIMITS` says what starts it and under which rule.
        started_on: the day of the trigger, in England.
        amount: another length in the clock's own unit, for clocks a council sets itself (acknowledgement).

    A limit in calendar days that ends on a day off moves to the next working day. A limit in months ends on the
    same day of the month, or the month's last; a thing done on that very day is in time (R17).

    Raises:
        ValueError: there is no such clock, or the amount is negative.
    """
    if clock not in LIMITS:
        raise ValueError(f"There is no clock {clock!r}; the clocks are {', '.join(LIMITS)}.")
    limit = LIMITS[clock]
    length = limit.amount if amount is None else amount
    if limit.unit == "months":
        return add_months(started_on, length)
    if limit.unit == "working_days":
        return add_working_days(started_on, length, extra_holidays)
    last = started_on + timedelta(days=length)
    return last if is_working_day(last, extra_holidays) else _next_working_day(last, extra_holidays)


def stage_limits(number: int, started_on: date, extra_holidays: frozenset[date] = NO_EXTRA) -> StageLimits:
    """When a stage must be answered: 10 and 20 working days, 25 and 65, and the panel's 30 (R31, R37, R40).

    Args:
        number: 1, 2 or 3.
        started_on: receipt (Stage 1), or receipt of the request (Stages 2 and 3).

    Raises:
        ValueError: there is no such stage.
    """
    if number not in _STAGES:
        raise ValueError(f"There is no Stage {number}; the stages are 1, 2 and 3.")
    first, last = _STAGES[number]
    return StageLimits(due_on(first, started_on, extra_holidays), due_on(last, started_on, extra_holidays))


def moved(limits: StageLimits, days: int, extra_holidays: frozenset[date] = NO_EXTRA) -> StageLimits:
    """The limits of a stage that stood still for a number of working days (R45)."""
    return StageLimits(
        add_working_days(limits.due_on, days, extra_holidays), add_working_days(limits.latest_on, days, extra_holidays)
    )


def days_taken(start: date, done_on: date, extra_holidays: frozenset[date] = NO_EXTRA) -> int:
    """How many working days an answer took. One sent on a day off counts as sent on the next working day: what was
    due on the Friday is late on the Saturday.
    """
    whole = working_days_between(start, done_on, extra_holidays)
    return whole if is_working_day(done_on, extra_holidays) else whole + 1


def add_months(day: date, months: int) -> date:
    """The same day of the month some months later, or that month's last day when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def local_day(moment: datetime) -> date:
    """The day in England of a moment: a text at 23:30 UTC in June is received on the next day.

    Raises:
        ValueError: the moment carries no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone has no day in England; give an aware datetime.")
    return moment.astimezone(ENGLAND).date()


def financial_year(day: date) -> str:
    """The council year of a day, 1 April to 31 March, written "2026-27"."""
    first = day.year if day >= date(day.year, 4, 1) else day.year - 1
    return _year_name(first)


def year_bounds(year: str) -> tuple[date, date]:
    """The first and last day of a financial year.

    Args:
        year: as "2026-27".

    Raises:
        ValueError: the text is not two years that follow each other.
    """
    written = re.fullmatch(r"(\d{4})-(\d{2})", year)
    first = int(written[1]) if written else 0
    if not 1900 <= first <= 2199 or year != _year_name(first):
        raise ValueError(f"{year!r} is not a financial year; write two years that follow each other, as 2026-27.")
    return date(first, 4, 1), date(first + 1, 3, 31)


def previous_years(year: str, count: int) -> tuple[str, ...]:
    """The financial years before one, oldest first and without it.

    Args:
        year: as "2026-27".
        count: how many years back.

    Raises:
        ValueError: `year` is not a financial year.
    """
    first = year_bounds(year)[0].year
    return tuple(_year_name(first - back) for back in range(count, 0, -1))


def _year_name(first: int) -> str:
    return f"{first}-{(first + 1) % 100:02d}"


def _next_working_day(day: date, extra_holidays: frozenset[date]) -> date:
    following = day + timedelta(days=1)
    while not is_working_day(following, extra_holidays):
        following += timedelta(days=1)
    return following


def _days_after(start: date, end: date) -> Iterator[date]:
    for offset in range(1, (end - start).days + 1):
        yield start + timedelta(days=offset)


@lru_cache(maxsize=256)
def _bank_holidays(year: int) -> frozenset[date]:
    # Imported here: the library takes long to load, and many commands never count a day.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
