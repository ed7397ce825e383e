"""Days, dates and hours as people say them, in any language: each has its own words and patterns in `languages/`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from bot.council import WEEK, OpeningHours
from bot.safe_texting import WEEKEND, WORKDAYS, SafeHours

NOON = time(12)


@dataclass(frozen=True)
class Spoken:
    """How one language says times.

    Args:
        days: Monday to Sunday.
        days_bent: the same where grammar bends them, after "to" or "by"; in most languages no different.
        months: January to December, as after a number.
        dated: pattern of a date, of {day}, {day_bent}, {number} and {month}.
        span: pattern of days in a row, of {first}, {first_bent} and {last_bent}.
        listed: what stands between the last two days of a list.
        hours: pattern of opening hours, of {days}, {opens} and {closes}.
        texting: pattern of the hours in which somebody may be texted, of {opens}, {closes} and {when}.
        weekends: {when} on Saturdays and Sundays.
        weekdays: {when} on the other days.
        midday: twelve o'clock.
        clock: 12 for "4pm", 24 for "16:00".
    """

    days: tuple[str, ...]
    days_bent: tuple[str, ...]
    months: tuple[str, ...]
    dated: str
    span: str
    listed: str
    hours: str
    texting: str
    weekends: str
    weekdays: str
    midday: str
    clock: int

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> "Spoken":
        """From the entry `spoken` of a language.

        Raises:
            KeyError: a word is missing.
        """
        days = tuple(words["days"])
        rest = {name: words[name] for name in cls.__dataclass_fields__ if name not in ("days", "days_bent", "months")}
        return cls(days=days, days_bent=tuple(words.get("days_bent", days)), months=tuple(words["months"]), **rest)

    def day(self, day: date) -> str:
        """A date, without its year: Thursday 26 November."""
        at = day.weekday()
        return self.dated.format(
            day=self.days[at], day_bent=self.days_bent[at], number=day.day, month=self.months[day.month - 1]
        )

    def opening_hours(self, entries: Iterable[OpeningHours]) -> str:
        """When an office is open: Monday to Friday, 9am to 5pm."""
        return "; ".join(
            self.hours.format(
                days=self._days({WEEK.index(day) for day in each.days}),
                opens=self.time_of_day(time.fromisoformat(each.opens)),
                closes=self.time_of_day(time.fromisoformat(each.closes)),
            )
            for each in entries
        )

    def texting_hours(self, hours: SafeHours) -> str:
        """When a telephone may be texted first: from 4pm to 7pm at weekends."""
        when = {WEEKEND: self.weekends, WORKDAYS: self.weekdays}.get(hours.days, "")
        return self.texting.format(
            opens=self.time_of_day(hours.opens), closes=self.time_of_day(hours.closes), when=when
        )

    def time_of_day(self, at: time) -> str:
        """A time of day: 4pm, 7:30am, midday."""
        if at == NOON:
            return self.midday
        if self.clock == 24:
            return f"{at.hour}:{at.minute:02d}"
        minutes = f":{at.minute:02d}" if at.minute else ""
        return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < NOON.hour else 'pm'}"

    def _days(self, days: set[int]) -> str:
        first, last = min(days), max(days)
        if len(days) > 2 and last - first + 1 == len(days):
            return self.span.format(
                first=self.days[first], first_bent=self.days_bent[first], last_bent=self.days_bent[last]
            )
        names = [self.days[day] for day in sorted(days)]
        return self.listed.join(part for part in (", ".join(names[:-1]), names[-1]) if part)
