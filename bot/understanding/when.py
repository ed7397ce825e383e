"""When something happened, out of the way people say it. What cannot be known stays unknown."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from bot.understanding.cues import cues, found, plain

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "couple of": 2, "a couple of": 2, "a couple": 2, "three": 3,
    "a few": 3, "few": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip
DAYS_IN = {
    "yr": 365.25,
    "wk": 7.0,
    "mth": 30.4375,
    "day": 1.0,
    "week": 7.0,
    "fortnight": 14.0,
    "month": 30.4375,
    "year": 365.25,
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "winter": (12, 12)}
# Wider than this, the middle of an interval says nothing that a rule may rest on.
NARROW = 62

_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_COUNT = (
    r"(?P<count>\d{1,3}|a couple of|a couple|couple of|couple|a few|few|an?|"
    + "|".join(word for word in NUMBERS if " " not in word and word not in ("a", "an", "couple", "few"))
    + ")"
)
_UNIT = r"(?P<unit>day|week|wk|fortnight|month|mth|year|yr)s?"


@dataclass(frozen=True)
class When:
    """The days between which something happened (the same day twice if known), and whether it goes on."""

    earliest: date | None = None
    latest: date | None = None
    continuing: bool | None = None

    def facts(self, today: date) -> dict[str, object]:
        """As facts: `grounds_on`, `months_since_grounds` where the days are few, `continuing`."""
        told: dict[str, object] = {}
        if self.earliest and self.latest:
            one_day = self.earliest == self.latest
            told["grounds_on"] = (
                self.earliest.isoformat()
                if one_day
                else {"earliest": self.earliest.isoformat(), "latest": self.latest.isoformat()}
            )
            if (self.latest - self.earliest).days <= NARROW:
                middle = self.earliest + (self.latest - self.earliest) / 2
                told["months_since_grounds"] = round(max((today - middle).days, 0) / DAYS_IN["month"], 1)
        if self.continuing is not None:
            told["continuing"] = self.continuing
        return told


def read_when(text: str, today: date) -> When:
    """What a text says about time, seen from `today`.

    >>> read_when("3 weeks ago", date(2026, 11, 22)).earliest
    datetime.date(2026, 11, 1)
    """
    said = plain(text)
    days = next((span for read in _READERS if (span := read(said, today))), None)
    if found(cues()["finished"], said):
        continuing: bool | None = False
    else:
        continuing = True if found(cues()["continuing"], said) else None
    earliest, latest = days or (None, None)
    return When(earliest, latest, continuing)


Span = tuple[date, date] | None


def _written_date(said: str, today: date) -> Span:
    numbers = re.search(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)", said)
    if numbers:
        day, month, year = (int(each) for each in numbers.groups())
        return _one_day(year + 2000 if year < 100 else year, month, day, today)
    words = re.search(rf"(?<!\d)(?P<day>\d{{1,2}})(st|nd|rd|th)?( of)? {_MONTH}( (?P<year>\d{{4}}))?", said)
    words = words or re.search(
        rf"(?<![a-z]){_MONTH} (?P<day>\d{{1,2}})(st|nd|rd|th)?(?!\d)(,? (?P<year>\d{{4}}))?", said
    )
    if not words:
        return None
    month = MONTHS.index(words["month"]) + 1
    if words["year"]:
        return _one_day(int(words["year"]), month, int(words["day"]), today)
    return _one_day(today.year, month, int(words["day"]), today) or _one_day(
        today.year - 1, month, int(words["day"]), today
    )


def _one_day(year: int, month: int, day: int, today: date) -> Span:
    try:
        told = date(year, month, day)
    except ValueError:
        return None
    return (told, told) if told <= today else None


def _named_day(said: str, today: date) -> Span:
    for back, words in (
        (0, r"today|this (morning|afternoon|evening)|tonight|just now|earlier"),
        (1, r"yesterday|last night"),
    ):
        if re.search(rf"(?<!\w)({words})(?!\w)", said):
            day = today - timedelta(days=back)
            return day, day
    match = re.search(r"(?<!\w)(on|last|this|since) (mon|tue|wed|thu|fri|sat|sun)[a-z]*", said)
    if not match:
        return None
    back = (today.weekday() - WEEKDAYS.index(match[2])) % 7 or 7
    return today - timedelta(days=back), today - timedelta(days=back)


def _counted(said: str, today: date) -> Span:
    match = re.search(rf"(?P<over>over|more than)? ?(?<!\w){_COUNT} ?(or so )?{_UNIT}( ago| back| now|$|[,.;!])", said)
    match = match or re.search(rf"(?P<over>over|more than)? ?(for|past|last) (the (past|last) )?{_COUNT} {_UNIT}", said)
    if not match:
        return None
    count = NUMBERS.get(match["count"]) or int(match["count"]) if match["count"] != "0" else 0
    day = today - timedelta(days=round(count * DAYS_IN[match["unit"]]))
    if match["over"]:
        return day - timedelta(days=365), day
    return (day, day) if match["unit"] in ("day", "week", "wk") else _around(day, match["unit"], today)


def _around(day: date, unit: str, today: date) -> Span:
    margin = timedelta(days={"fortnight": 2, "month": 15, "mth": 15, "year": 91, "yr": 91}[unit])
    return day - margin, min(day + margin, today)


def _last_period(said: str, today: date) -> Span:
    match = re.search(r"(?<!\w)(?:(last|this) (week|month|year)|(?:at the|last|this) (weekend))(?!\w)", said)
    if not match:
        return None
    if match[3]:
        saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
        return saturday, min(saturday + timedelta(days=1), today)
    begin = _begin(match[2], today)
    if match[1] == "this":
        return begin, today
    end = begin - timedelta(days=1)
    return _begin(match[2], end), end


def _begin(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else date(day.year, 1, 1)


def _month(said: str, today: date) -> Span:
    month = rf"{_MONTH}(?: (?P<year>\d{{4}}))?"
    before = r"(?<!\w)(?:in|since|last|early|late|around|about|from|mid|during|back in)"
    match = re.search(rf"{before} {month}(?!\w)", said) or re.search(rf"^{month}$", said)
    if not match:
        return None
    number = MONTHS.index(match["month"]) + 1
    year = int(match["year"]) if match["year"] else today.year - (number > today.month)
    return _months(year, number, number, today)


def _season(said: str, today: date) -> Span:
    match = re.search(r"(?<!\w)(last |this |in |since |over |in the |the )+(spring|summer|autumn|winter)(?!\w)", said)
    if not match:
        return None
    first, last = SEASONS[match[2]]
    return _months(today.year - (first > today.month), first, last, today)


def _feast(said: str, today: date) -> Span:
    if re.search(r"(?<!\w)(christmas|xmas)(?!\w)", said):
        day = date(today.year, 12, 25)
        day = day if day <= today else date(today.year - 1, 12, 25)
        return day - timedelta(days=5), min(day + timedelta(days=6), today)
    if re.search(r"(?<!\w)easter(?!\w)", said):
        sunday = _easter(today.year)
        sunday = sunday if sunday <= today else _easter(today.year - 1)
        return sunday - timedelta(days=7), min(sunday + timedelta(days=7), today)
    if re.search(r"(?<!\w)new year'?s?(?!\w)", said):
        return date(today.year, 1, 1), min(date(today.year, 1, 2), today)
    return None


def _year(said: str, today: date) -> Span:
    match = re.search(r"(?<!\d)(19[5-9]\d|20\d\d)(?!\d)", said)
    if match and int(match[1]) <= today.year:
        return _months(int(match[1]), 1, 12, today)
    if re.search(r"(?<!\w)years ago", said):
        return date(today.year - 20, today.month, 1), today - timedelta(days=2 * 365)
    return None


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    england = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return england.get_named("Easter Monday")[0] - timedelta(days=1)


def _months(year: int, first: int, last: int, today: date) -> Span:
    begin = date(year, first, 1)
    end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return (begin, min(end, today)) if begin <= today else None


_READERS = (_written_date, _named_day, _counted, _last_period, _month, _season, _feast, _year)
