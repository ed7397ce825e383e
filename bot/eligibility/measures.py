"""What the rules need to know that follows from dates: has a limit passed, and which fact would tell?

The limits themselves belong to `bot.clocks`; the rules ask only whether one has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot import clocks
from bot.eligibility.facts import Facts, Interval


@dataclass(frozen=True)
class Day:
    """The day of deciding, and what counts as a holiday."""

    today: date
    extra_holidays: frozenset[date]


@dataclass(frozen=True)
class Measure:
    """A yes or no worked out of dates; `needs` is the fact that is missing when it cannot be."""

    needs: str
    work_out: Callable[[Facts, Day], bool | None]
    values: frozenset[Any] = frozenset({True, False})


def _past_time_bar(facts: Facts, day: Day) -> bool | None:
    """More than a year from the grounds to receipt (R17). A rough date is read in the person's favour."""
    latest = facts.grounds_on.latest if isinstance(facts.grounds_on, Interval) else facts.grounds_on
    if latest is not None:
        return (facts.received_on or day.today) > clocks.due_on("time_bar", latest)
    if facts.months_since_grounds is not None:
        return facts.months_since_grounds > clocks.LIMITS["time_bar"].amount
    return None


def _stage1_overdue(facts: Facts, day: Day) -> bool | None:
    """The absolute limit of Stage 1 is behind us and no reply came (R50)."""
    if facts.received_on is None:
        return None
    return day.today > clocks.due_on("stage1_ceiling", facts.received_on, day.extra_holidays)


def _request_late(clock: clocks.Clock, replied_on: date | None, facts: Facts, day: Day) -> bool | None:
    """The next stage was asked for after its window (R33, R39)."""
    if replied_on is None:
        return None
    # A contact received after the reply is the request itself; time the council takes to decide never counts.
    received = facts.received_on
    asked_on = received if received is not None and received >= replied_on else day.today
    return asked_on > clocks.due_on(clock, replied_on, day.extra_holidays)


MEASURES: dict[str, Measure] = {
    "past_time_bar": Measure("grounds_on", _past_time_bar),
    "stage1_overdue": Measure("received_on", _stage1_overdue),
    "stage2_request_late": Measure(
        "stage1_response_on", lambda facts, day: _request_late("stage2_request", facts.stage1_response_on, facts, day)
    ),
    "stage3_request_late": Measure(
        "stage2_response_on", lambda facts, day: _request_late("stage3_request", facts.stage2_response_on, facts, day)
    ),
}
