"""When a case must be answered, with what a freeze gives back. Pure: the day is always an argument.

Only a freeze stops a clock (R45), and it does so as its days pass, not only once it ends. Screens, letters, reports and
what the person is told take the dates of a stage from here.
"""

from collections.abc import Iterable
from datetime import date

from bot import clocks
from bot.cases.tables import Case, Hold, Stage


def frozen_days(holds: Iterable[Hold], start: date, end: date, extra_holidays: frozenset[date]) -> int:
    """Working days after `start` up to and with `end` on which a case was frozen.

    Args:
        holds: every hold of the case; only freezes count.
    """
    total = 0
    for hold in holds:
        if hold.kind == "frozen":
            first = max(start, clocks.local_day(hold.begun_at))
            last = min(end, clocks.local_day(hold.ended_at) if hold.ended_at else end)
            total += max(0, clocks.working_days_between(first, last, extra_holidays))
    return total


def of_stage(
    stage: Stage, holds: Iterable[Hold], *, today: date, extra_holidays: frozenset[date]
) -> clocks.StageLimits:
    """When a stage must be answered; while a freeze is on, both dates move with each working day.

    Args:
        holds: every hold of the case.
        today: the day up to which a freeze counts; the day of the answer if that was sooner.
    """
    until = min(today, stage.answered_on or today)
    days = frozen_days(holds, stage.started_on, until, extra_holidays)
    return clocks.moved(clocks.StageLimits(stage.due_on, stage.latest_on), days, extra_holidays)


def if_accepted(case: Case, *, today: date, extra_holidays: frozenset[date]) -> clocks.StageLimits:
    """When Stage 1 of a contact that nobody has decided yet would have to be answered."""
    days = frozen_days(case.holds, case.received_on, today, extra_holidays)
    return clocks.moved(clocks.stage_limits(1, case.received_on, extra_holidays), days, extra_holidays)
