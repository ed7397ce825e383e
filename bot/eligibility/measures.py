"""What the rules need to know that follows from other facts: has a limit passed, is the child grown, do dates agree?

The limits themselves belong to `bot.clocks`; the rules ask only whether one has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from bot import clocks
from bot.eligibility.facts import Facts, Interval, allowed_values

ADULT = 18
# Rough dates in words ("last spring") turn into months that are a little off; more than this is another story.
MONTHS_OFF = 2
_ONLY_CHILDREN = frozenset({"looked_after", "in_need", "cp_plan", "sgo", "referred"})

# A limit of working days walks the calendar; the same few days are asked for all day long.
_due_on = lru_cache(maxsize=4096)(clocks.due_on)


@dataclass(frozen=True)
class Day:
    """The day of deciding, and what counts as a holiday."""

    today: date
    extra_holidays: frozenset[date]


@dataclass(frozen=True)
class Measure:
    """A yes or no worked out of facts; `needs` is the fact that is missing when it cannot be."""

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
    return day.today > _due_on("stage1_ceiling", facts.received_on, day.extra_holidays)


def _request_late(clock: clocks.Clock, replied_on: date | None, facts: Facts, day: Day) -> bool | None:
    """The next stage was asked for after its window (R33, R39)."""
    if replied_on is None:
        return None
    # A contact received after the reply is the request itself; time the council takes to decide never counts.
    received = facts.received_on
    asked_on = received if received is not None and received >= replied_on else day.today
    return asked_on > _due_on(clock, replied_on, day.extra_holidays)


def _child_is_grown(facts: Facts, _: Day) -> bool | None:
    """The person spoken of is 18 or over (R8). A care leaver or adopted person may be either."""
    if facts.child_age is not None:
        return facts.child_age >= ADULT
    if facts.child_status == "adult":
        return True
    return False if facts.child_status in _ONLY_CHILDREN else None


def _grounds_after_receipt(facts: Facts, _: Day) -> bool | None:
    earliest = facts.grounds_on.earliest if isinstance(facts.grounds_on, Interval) else facts.grounds_on
    return None if earliest is None or facts.received_on is None else earliest > facts.received_on


def _months_disagree(facts: Facts, _: Day) -> bool | None:
    """The number of months told is not the number from the grounds to receipt."""
    received = facts.received_on
    if facts.grounds_on is None or facts.months_since_grounds is None or received is None:
        return None
    grounds = facts.grounds_on
    earliest, latest = (grounds.earliest, grounds.latest) if isinstance(grounds, Interval) else (grounds, grounds)
    shortest, longest = _months(latest, received), _months(earliest, received)
    return not shortest - MONTHS_OFF <= facts.months_since_grounds <= longest + MONTHS_OFF


def _months(start: date, end: date) -> float:
    return (end - start).days / (365.25 / 12)


def _answers_out_of_order(facts: Facts, _: Day) -> bool | None:
    first, second = facts.stage1_response_on, facts.stage2_response_on
    return None if first is None or second is None else second < first


MEASURES: dict[str, Measure] = {
    "past_time_bar": Measure("grounds_on", _past_time_bar),
    "stage1_overdue": Measure("received_on", _stage1_overdue),
    "stage2_request_late": Measure(
        "stage1_response_on", lambda facts, day: _request_late("stage2_request", facts.stage1_response_on, facts, day)
    ),
    "stage3_request_late": Measure(
        "stage2_response_on", lambda facts, day: _request_late("stage3_request", facts.stage2_response_on, facts, day)
    ),
    "child_is_grown": Measure("child_age", _child_is_grown),
    "grounds_after_receipt": Measure("grounds_on", _grounds_after_receipt),
    "months_disagree": Measure("months_since_grounds", _months_disagree),
    "answers_out_of_order": Measure("stage2_response_on", _answers_out_of_order),
}


_MAY_BE_UNKNOWN = tuple(name for name in Facts.model_fields if "unknown" in allowed_values(name))


class Seen(dict[str, Any]):
    """Facts and measures by the names the rules use, measures worked out when asked for; `None`: not shown."""

    def __init__(self, facts: Facts, day: Day) -> None:
        super().__init__(facts.__dict__)
        for name in _MAY_BE_UNKNOWN:
            if self[name] == "unknown":
                self[name] = None
        self.facts = facts
        self.day = day

    def __missing__(self, name: str) -> Any:
        value: Any
        if name in MEASURES:
            value = MEASURES[name].work_out(self.facts, self.day)
        else:
            group, _, last = name.partition(".")
            value = getattr(self[group], last, None)
        self[name] = value = None if value == "unknown" else value
        return value
