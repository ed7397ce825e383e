"""How the console writes codes, days and moments for people."""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import cast

import yaml
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from bot import clocks
from bot.console.deadlines import Deadline
from bot.screening import why


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, str]]:
    text = Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, str]]", yaml.safe_load(text))


def label(code: str | None, kind: str) -> str:
    """The words for a code; the code itself, readable, for one the file does not know.

    Args:
        kind: a section of `labels.yml`.
    """
    if code is None:
        return "Not yet known"
    return _all()[kind].get(code, code.replace("_", " "))


def noticed(reason: str) -> str:
    """What screening noticed in a message, in words; a reason it no longer knows stays readable."""
    try:
        return why(reason)
    except KeyError:
        return reason.replace("_", " ").capitalize() + "."


def choices(kind: str) -> list[SelectChoice]:
    """Every code of a section with its words, for a form."""
    return [SelectChoice(code, words) for code, words in _all()[kind].items()]


def day(value: date | None) -> str:
    """A day in full: Monday 7 December 2026."""
    return f"{value:%A} {value.day} {value:%B %Y}" if value else ""


def moment(value: datetime | None) -> str:
    """A moment in England: Monday 7 December 2026, 2:05pm."""
    if value is None:
        return ""
    local = value.astimezone(clocks.ENGLAND)
    return f"{day(local.date())}, {clock_time(value)}"


def clock_time(value: datetime) -> str:
    """The time of day in England: 2:05pm."""
    local = value.astimezone(clocks.ENGLAND)
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def waited(minutes: int) -> str:
    """A length of time in its two largest units: 1 hour 5 minutes."""
    units = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    said = [_count(number, unit) for number, unit in units if number]
    return " ".join(said[:2]) or "less than a minute"


def standing(due: Deadline) -> str:
    """Where a deadline stands: done, how many working days are left, or how late it is."""
    if due.state == "done":
        return "Done in time"
    if due.state == "late":
        late = f"{_count(-due.days, 'working day')} late" if due.days else "Late"
        return f"Done {late.lower()}" if due.done_on else late
    return f"{_count(due.days, 'working day')} left" if due.days else "Due today"


COLOURS = {"done": "green", "in_time": "grey", "near": "yellow", "late": "red"}


def colour(due: Deadline) -> str:
    """The colour of a deadline's tag; the words say the same."""
    return COLOURS[due.state]


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
