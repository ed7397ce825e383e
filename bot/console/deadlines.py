"""What a due date means today: working days left, or how late. Pure; the counting is `bot.clocks`'s."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot import clocks
from bot.cases import casework, dates
from bot.cases.tables import Case
from bot.council import Council

State = Literal["done", "in_time", "near", "late"]
NEAR = 2


@dataclass(frozen=True)
class Deadline:
    """One date on a case.

    Args:
        key: acknowledge, answer or latest; the labels file has its words.
        on: the last day in time.
        done_on: the day it was done; None while it runs.
        days: working days left, or, negative, working days late; counted to `done_on` when it is done.
    """

    key: str
    on: date
    days: int
    state: State
    done_on: date | None = None


def deadline(key: str, on: date, *, today: date, council: Council, done_on: date | None = None) -> Deadline:
    """Where a date stands today.

    Args:
        key: acknowledge, answer or latest.
        today: the day in England.
    """
    until = done_on or today
    days = clocks.working_days_between(until, on, council.extra_holidays)
    if done_on is not None and done_on <= on:
        return Deadline(key, on, days, "done", done_on)
    if until > on:
        return Deadline(key, on, days, "late", done_on)
    return Deadline(key, on, days, "near" if days <= NEAR else "in_time", done_on)


def acknowledgement(case: Case, *, today: date, council: Council) -> Deadline:
    """When the written acknowledgement is due (R28)."""
    done_on = clocks.local_day(case.acknowledged_at) if case.acknowledged_at else None
    return deadline("acknowledge", case.acknowledge_by, today=today, council=council, done_on=done_on)


def answer(case: Case, *, today: date, council: Council) -> Deadline | None:
    """When the present stage must be answered; None before there is one."""
    stage = casework.present_stage(case)
    if stage is None:
        return None
    limits = dates.of_stage(stage, case.holds, today=today, extra_holidays=council.extra_holidays)
    return deadline("answer", limits.due_on, today=today, council=council, done_on=stage.answered_on)


def on_case(case: Case, *, today: date, council: Council) -> list[Deadline]:
    """Every date of a case that still says something: of the acknowledgement, and of the stage it is at."""
    found = [acknowledgement(case, today=today, council=council)]
    if (first := answer(case, today=today, council=council)) is not None:
        found.append(first)
    if (stage := casework.present_stage(case)) is not None:
        limits = dates.of_stage(stage, case.holds, today=today, extra_holidays=council.extra_holidays)
        if limits.latest_on > limits.due_on:
            found.append(deadline("latest", limits.latest_on, today=today, council=council, done_on=stage.answered_on))
    return found


def is_late(case: Case, *, today: date, council: Council) -> bool:
    """Whether anything that runs on the case is late."""
    return any(each.state == "late" and not each.done_on for each in on_case(case, today=today, council=council))


def minutes_waiting(since: datetime, now: datetime) -> int:
    """How long something has waited, in whole minutes."""
    return max(0, int((now - since).total_seconds() // 60))
