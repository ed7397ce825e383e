"""When whom must be told of a worry, and by when a named person should have it (R1). Pure: the moment is an argument.

What is due follows from the moment the message came and from the profile alone. So a sweep may ask as often as it likes
and after any stop: it finds what is due now, and never a queue of what was due long ago.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.council import AlertStep, Council

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Round:
    """One telling of one step: `number` is 0 for the first time, and grows with each repetition."""

    step: AlertStep
    number: int


def due_at(council: Council, level: str, raised_at: datetime) -> datetime:
    """By when a named person should have acknowledged a worry.

    Args:
        level: "immediate" (the profile's minutes) or "concern" (the end of the same working day).
        raised_at: when the message came.
    """
    if level == "immediate":
        return raised_at + timedelta(minutes=council.escalation.acknowledge_minutes)
    return council.closes_next(raised_at)


def due_rounds(council: Council, level: str, raised_at: datetime, now: datetime) -> tuple[Round, ...]:
    """Who should have been told by now of a worry that nobody has acknowledged, the newest telling of each step.

    An immediate danger is told at once and again every `repeat_minutes`, and goes up a step as the minutes pass, by the
    people of the present hour: when the office closes, the emergency team is told of what is still open. A concern is
    told once, and from the end of its day to everybody in order, once a day.

    Args:
        level: "immediate" or "concern".
        raised_at: when the message came.
    """
    if level == "immediate":
        return _of_danger(council, raised_at, now)
    late_by = now - council.closes_next(raised_at)
    if late_by < timedelta(0):
        # By the hour at which it came: nobody is told a second time because the office has opened or closed since.
        return tuple(Round(step, 0) for step in council.first_alerted(raised_at))
    return tuple(Round(step, 1 + late_by // DAY) for step in council.alerted(now) if late_by >= _after(step))


def _of_danger(council: Council, raised_at: datetime, now: datetime) -> tuple[Round, ...]:
    waited = max(now - raised_at, timedelta(0))
    again = timedelta(minutes=council.escalation.repeat_minutes)
    return tuple(
        Round(step, (waited - _after(step)) // again) for step in council.alerted(now) if waited >= _after(step)
    )


def _after(step: AlertStep) -> timedelta:
    return timedelta(minutes=step.after_minutes)
