"""When a text may leave, and whether in its own words. Pure: one rule for everything that is sent to a telephone.

Children share telephones, have them read, and change them. What a person told us about safety (`safe_to_contact`) is
kept by every text we send of our own accord. An answer to somebody who is writing to us at this moment always goes:
they are holding the telephone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from bot.clocks import ENGLAND

Safety = Literal["not_safe", "certain_times", "neutral_wording", "safe"]
# The strictest first: where several people use one number, the most careful wish counts for all.
STRICTEST: tuple[Safety, ...] = ("not_safe", "certain_times", "neutral_wording", "safe")
WRITING_NOW = timedelta(minutes=15)
NEUTRAL = "utter_neutral"
_OFFER = "utter_advocacy_neutral"
# What we write of our own accord, with the neutral words that stand in its place. Everything else answers somebody.
UNASKED: Mapping[str, str] = {
    "utter_reminder": "utter_neutral_reminder",
    "utter_advocacy_after_refusal": _OFFER,
    "utter_advocacy_at_stage": _OFFER,
    "utter_advocacy_after_silence": _OFFER,
}
# What we write of our own accord and nothing else can stand for: it is held, behind words that there is a message.
NEWS = frozenset({"utter_advocate_accepted", "utter_advocate_declined", "utter_advocate_not_reached"})
GOODBYES = frozenset({"utter_opt_out_done", "utter_neutral_wrong_number"})
WORKDAYS, WEEKEND = frozenset(range(5)), frozenset({5, 6})

_TIME = r"(?P<{0}>\d{{1,2}})(?:[:.]?(?P<{0}m>[0-5]\d))?\s*(?P<{0}h>am|pm|a\.m\.?|p\.m\.?)?"
_BETWEEN = re.compile(rf"\b{_TIME.format('a')}\s*(?:and|to|till?|until|-)\s*{_TIME.format('b')}(?!\d)")
_AFTER = re.compile(rf"\b(?:after|from|past)\s+{_TIME.format('a')}(?!\d)")
_BEFORE = re.compile(rf"\b(?:before|until|till?|up to|by)\s+{_TIME.format('b')}(?!\d)")
_NOT = re.compile(r"\b(?:don'?t|do not|dont|never|not)\b")
DAY_BEGINS, DAY_ENDS = time(8), time(21)
# Words for a part of the day, with its hours. "After school" first: it holds the word school.
_PARTS = (
    (re.compile(r"\bafter (?:school|college|tea)\b"), time(16), time(20)),
    (re.compile(r"\bbefore (?:school|college)\b"), time(7, 30), time(8, 30)),
    (re.compile(r"\bmornings?\b"), time(8), time(12)),
    (re.compile(r"\bafternoons?\b"), time(12), time(17)),
    (re.compile(r"\b(?:evenings?|eves?)\b"), time(17), time(21)),
    (re.compile(r"\b(?:nights?|nite)\b"), time(19), time(21)),
    (re.compile(r"\b(?:lunch|dinner ?time|lunch ?time)\b"), time(12), time(13)),
)
_SCHOOL = re.compile(r"\b(?:at|in|during) (?:school|college|class|lessons?)\b|\bschool (?:time|hours|day)\b")
_WEEKENDS, _WEEKDAYS = re.compile(r"\bweekends?\b"), re.compile(r"\b(?:weekdays|school days|monday to friday)\b")
# What parts one wish from the next: "not at night, only after 4".
_WISHES = re.compile(r"[,;!?\n]+|\.(?!\d)|\bbut\b|(?=\bonly\b)")


@dataclass(frozen=True)
class SafeHours:
    """When a telephone may be texted first: from `opens` to `closes` by the clock in England, on `days` (0 is Monday).

    Raises:
        ValueError: it closes before it opens, or there is no day.
    """

    opens: time
    closes: time
    days: frozenset[int] = WORKDAYS | WEEKEND

    def __post_init__(self) -> None:
        if not self.opens < self.closes or not self.days:
            raise ValueError(f"hours from {self.opens} to {self.closes} on {sorted(self.days)} are none")

    def next_open(self, now: datetime) -> datetime:
        """The first moment from `now` on at which they hold; `now` itself inside them."""
        here = now.astimezone(ENGLAND)
        for ahead in range(8):
            day = here.date() + timedelta(days=ahead)
            opens = datetime.combine(day, self.opens, ENGLAND)
            if day.weekday() in self.days and here < datetime.combine(day, self.closes, ENGLAND):
                return max(now, opens.astimezone(now.tzinfo))
        raise AssertionError("a week has every day")

    def as_text(self) -> str:
        """The form in which they are kept: "16:00-19:00 0123456"."""
        return f"{self.opens:%H:%M}-{self.closes:%H:%M} {''.join(str(day) for day in sorted(self.days))}"

    @classmethod
    def from_text(cls, kept: str) -> "SafeHours":
        """Hours out of the form in which they are kept."""
        span, _, days = kept.partition(" ")
        opens, _, closes = span.partition("-")
        return cls(time.fromisoformat(opens), time.fromisoformat(closes), frozenset(int(day) for day in days))


@dataclass(frozen=True)
class Line:
    """What is known of a telephone at the moment of sending.

    Args:
        safety: the strictest wish of anybody who uses the number; None if nobody was asked.
        hours: when it may be texted first: the person's own hours, or the profile's.
        has_own_hours: the hours are the person's.
        opted_out: no more texts were asked for.
        is_theirs: the number is in the hands of the person this is for, as far as we know.
        wrote_at: when the person this is for last wrote.
    """

    safety: Safety | None
    hours: SafeHours
    has_own_hours: bool
    opted_out: bool
    is_theirs: bool
    wrote_at: datetime

    def is_writing(self, now: datetime) -> bool:
        """Whether the person is holding the telephone: they wrote a moment ago."""
        return self.is_theirs and now - self.wrote_at <= WRITING_NOW


@dataclass(frozen=True)
class Leave:
    """What becomes of a text: send, wait (until a safe time), hold (until they write), nudge (hold, and send neutral
    words that there is a message), or drop."""

    how: Literal["send", "wait", "hold", "nudge", "drop"]
    until: datetime | None = None


def is_unasked(response: str | None) -> bool:
    """Whether a named response is one that we write of our own accord, plain or neutral."""
    return response is not None and response in {*UNASKED, *UNASKED.values(), *NEWS}


def unasked_words(line: Line, response: str) -> str | None:
    """Which words we may write of our own accord; None for none, so that a person finds another way.

    Plain ones only where texts were called safe; whoever was never asked, or named times or neutral wording, gets the
    neutral ones. When they leave is for `may_leave`.

    Args:
        response: one of `UNASKED`.
    """
    if line.opted_out or not line.is_theirs or line.safety == "not_safe":
        return None
    return response if line.safety == "safe" else UNASKED[response]


def may_leave(line: Line, *, response: str | None, kind: str, first: bool, now: datetime) -> Leave:
    """What becomes of one text.

    Args:
        response: the named response; None for words of a member of staff.
        kind: of the message; words for somebody in danger ("crisis") pass an opt-out while the person is writing.
        first: we write of our own accord, as a reminder does, so that our hours hold for everybody.
    """
    writing, neutral = line.is_writing(now), _is_neutral(response)
    if line.opted_out:
        return Leave("send" if response in GOODBYES or (kind == "crisis" and writing) else "drop")
    if writing:
        return Leave("send")
    if line.safety == "not_safe":
        return Leave("drop" if neutral else "hold")
    if first or line.has_own_hours or line.safety == "certain_times":
        opens = line.hours.next_open(now)
        if opens > now:
            return Leave("wait", opens)
    plain_is_safe = line.safety == "safe" if response in NEWS else line.safety != "neutral_wording"
    return Leave("send" if neutral or (line.is_theirs and plain_is_safe) else "nudge")


def _is_neutral(response: str | None) -> bool:
    return response is not None and (response.startswith(NEUTRAL) or response in UNASKED.values())


def strictest(wishes: Iterable[str | None]) -> Safety | None:
    """The most careful of several wishes; None if there is none."""
    told = set(wishes)
    return next((each for each in STRICTEST if each in told), None)


def read_hours(text: str) -> SafeHours | None:
    """The hours in which somebody says they can be texted; None if they name none.

    An hour without am or pm is one in which children are up: 4 is 4pm, 9 is 9am. "Not after 8pm" means until then.
    Every part of the sentence narrows the hours: "not at night, only after 4".
    """
    said = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").casefold()
    wishes = [each for each in _WISHES.split(said) if each.strip()]
    days = frozenset.intersection(WORKDAYS | WEEKEND, *map(_days, wishes))
    spans = [span for wish in wishes for span in _spans(wish)]
    if not days or not (spans or days < WORKDAYS | WEEKEND):
        return None
    opens, closes = (
        max((first for first, _ in spans), default=DAY_BEGINS),
        min((last for _, last in spans), default=DAY_ENDS),
    )
    return SafeHours(opens, closes, days) if opens < closes else None


def _days(wish: str) -> frozenset[int]:
    named = WEEKEND if _WEEKENDS.search(wish) else WORKDAYS if _WEEKDAYS.search(wish) else None
    if named is None:
        return WORKDAYS | WEEKEND
    return (WORKDAYS | WEEKEND) - named if _NOT.search(wish) else named


def _spans(wish: str) -> list[tuple[time, time]]:
    """The hours that one wish leaves, from each of the times that it names."""
    refused = _NOT.search(wish) is not None
    if match := _BETWEEN.search(wish):
        return [] if refused else [(_at(match, "a"), _at(match, "b", after=_at(match, "a")))]
    if refused and _SCHOOL.search(wish):
        return [(time(16), time(20))]
    if part := next((each for each in _PARTS if each[0].search(wish)), None):
        return [_outside(part[1], part[2]) if refused else (part[1], part[2])]
    after, before = _AFTER.search(wish), _BEFORE.search(wish)
    spans = []
    if after:
        at = _evening(after, "a", until=24 if refused else 9)
        spans.append((DAY_BEGINS, at) if refused else (at, DAY_ENDS))
    if before:
        at = _at(before, "b") if refused else _evening(before, "b", until=9)
        spans.append((at, DAY_ENDS) if refused else (DAY_BEGINS, at))
    return spans


def _evening(match: re.Match[str], name: str, *, until: int) -> time:
    """A time that is meant for the evening where its hour, told without am or pm, is before `until`.

    "After 8" may mean either, and the later hour is safe in both readings; "not after 9" means at night.
    """
    at = _at(match, name)
    return at.replace(hour=at.hour + 12) if not match[f"{name}h"] and at.hour < min(until, 12) else at


def _outside(first: time, last: time) -> tuple[time, time]:
    """The day without these hours: what comes before them, or what follows where they open the day."""
    return (last, DAY_ENDS) if first <= DAY_BEGINS else (DAY_BEGINS, first)


def _at(match: re.Match[str], name: str, *, after: time | None = None) -> time:
    hour, half = int(match[name]), match[f"{name}h"]
    minute = int(match[f"{name}m"] or 0)
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    elif hour < 8 or (after is not None and hour < 12 and hour <= after.hour):
        hour += 12
    return time(min(hour, 23), minute)
