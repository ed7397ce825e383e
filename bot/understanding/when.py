"""When something happened, out of the way people say it. What cannot be known stays unknown."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from bot.understanding.cues import cues, found, plain
from bot.understanding.numbers import NUMBER_WORDS

NUMBERS: dict[str, float] = {
    **NUMBER_WORDS, "half a": 0.5, "half an": 0.5, "a": 1, "an": 1, "couple": 2, "couple of": 2, "a couple of": 2,
    "a couple": 2, "a few": 3, "few": 3, "several": 4,
}  # fmt: skip
DAYS_IN = {
    "yr": 365.25, "wk": 7.0, "mth": 30.4375, "mnth": 30.4375, "day": 1.0, "week": 7.0, "fortnight": 14.0,
    "month": 30.4375, "year": 365.25,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "winter": (12, 12)}
# Feasts and days of the year by which people count, with their first and last day; those that move are below.
DAYS_OF_THE_YEAR = {
    r"christmas eve": ((12, 24), (12, 24)),
    r"boxing day": ((12, 26), (12, 26)),
    r"(christmas|xmas|crimbo)( day)?": ((12, 24), (12, 26)),
    r"new year'?s? eve|nye": ((12, 31), (12, 31)),
    r"new year'?s?( day)?": ((1, 1), (1, 1)),
    r"valentine'?s?( day)?": ((2, 14), (2, 14)),
    r"halloween|hallowe'en": ((10, 31), (10, 31)),
    r"(bonfire|guy fawkes|fireworks) night": ((11, 5), (11, 5)),
    r"(the )?summer (holidays|hols|break)|the six weeks( holidays?)?": ((7, 20), (9, 5)),
}
# Wider than this, the middle of an interval says nothing that a rule may rest on.
NARROW = 62

# Slips in the longer names are read: "septmber", "feburary".
_MONTH = (
    r"(?P<month>jan(?:[a-z]*ry)?|feb(?:[a-z]*ry)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:[a-z]*st)?|"
    r"sept?(?:[a-z]*ber)?|oct(?:[a-z]*ber)?|nov(?:[a-z]*ber)?|dec(?:[a-z]*ber)?)(?![a-z])"
)
_PART = r"(?P<part>early|beginning of|start of|middle of|mid|end of|late)"
_COUNT = (
    r"(?P<count>\d{1,3}|half an?|a couple of|a couple|couple of|couple|a few|few|an?|"
    + "|".join(word for word in NUMBERS if " " not in word and word not in ("a", "an", "couple", "few"))
    + ")"
)
_UNIT = r"(?P<unit>day|week|wk|fortnight|month|mnth|mth|year|yr)s?(?P<half> and a half)?"
_WEEKDAY = r"(?P<weekday>mon(day)?|tue(s|sday)?|wed(s|nesday)?|thu(r|rs|rsday)?|fri(day)?|sat(urday)?|sun(day)?)"


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


def read_when(text: str, today: date, *, age: int | None = None) -> When:
    """What a text says about time, seen from `today`.

    Args:
        age: the writer's age in whole years, by which "when I was 12" can be counted.

    >>> read_when("3 weeks ago", date(2026, 11, 22)).earliest
    datetime.date(2026, 11, 1)
    """
    said = plain(text)
    days = next((span for read in _READERS if (span := read(said, today))), None) or _at_age(said, today, age)
    earliest, latest = days or (None, None)
    return When(earliest, latest, goes_on(said))


def goes_on(said: str) -> bool | None:
    """Whether something told in plain words still happens; None if they do not say."""
    if found(cues()["finished"], said):
        return False
    return True if found(cues()["continuing"], said) else None


Span = tuple[date, date] | None


def _written_date(said: str, today: date) -> Span:
    """The latest of the days written out: whoever names several means that it went on until the last."""
    days = [day for read in (_iso, _in_numbers, _in_words) for day in read(said, today)]
    return (max(days), max(days)) if days else None


def _iso(said: str, today: date) -> Iterator[date]:
    for year, month, day in re.findall(r"(?<!\d)(20\d\d)-(\d{1,2})-(\d{1,2})(?!\d)", said):
        yield from _past(int(year), int(month), int(day), today)


def _in_numbers(said: str, today: date) -> Iterator[date]:
    pattern = r"(?<![\d/.\-])(\d{1,2})([/.\-])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![\d/%]|[.\-]\d|\.?\d|[ap]m|\s?(?:am|pm))"
    for day, mark, month, year in re.findall(pattern, said):
        if year:
            yield from _past(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day), today)
        elif mark == "/":
            yield from _last_time(int(month), int(day), today)


def _in_words(said: str, today: date) -> Iterator[date]:
    day_first = rf"(?<!\d)(?P<day>\d{{1,2}})(st|nd|rd|th)?( of)? {_MONTH}(,? (?P<year>\d{{4}}))?"
    month_first = rf"(?<![a-z]){_MONTH} (the )?(?P<day>\d{{1,2}})(st|nd|rd|th)?(?!\d)(,? (?P<year>\d{{4}}))?"
    for match in (*re.finditer(day_first, said), *re.finditer(month_first, said)):
        month = MONTHS.index(match["month"][:3]) + 1
        if match["year"]:
            yield from _past(int(match["year"]), month, int(match["day"]), today)
        else:
            yield from _last_time(month, int(match["day"]), today)


def _past(year: int, month: int, day: int, today: date) -> Iterator[date]:
    try:
        told = date(year, month, day)
    except ValueError:
        return
    if told <= today:
        yield told


def _last_time(month: int, day: int, today: date) -> Iterator[date]:
    """The most recent day of this name that is not to come."""
    for year in range(today.year, today.year - 9, -1):
        if days := list(_past(year, month, day, today)):
            yield days[0]
            return


def _named_day(said: str, today: date) -> Span:
    for back, words in (
        (2, r"(the )?day before (yesterday|yday)"),
        (0, r"today|2day|this (morning|afternoon|evening)|tonight|just now|earlier today"),
        (1, r"yesterday|yday|last (night|nite)"),
    ):
        if re.search(rf"(?<!\w)({words})(?!\w)", said):
            day = today - timedelta(days=back)
            return day, day
    return _weekday(said, today) or _day_of_the_month(said, today)


def _weekday(said: str, today: date) -> Span:
    before = r"(?:(?P<week>a week)( last| on| ago)?|(?P<twice>two weeks)( last| on| ago)?|on|last|this|since|from|past)"
    match = re.search(rf"(?<!\w){before}(?: the)?(?: past| last)? {_WEEKDAY}(?!\w)(?! (just gone|\d))", said)
    match = match or re.search(rf"^(it was |about |like |just )*(?P<week>$^)?(?P<twice>$^)?{_WEEKDAY}(?!s|\w)", said)
    if not match:
        return None
    back = (today.weekday() - WEEKDAYS.index(match["weekday"][:3])) % 7 or 7
    back += 7 if match["week"] else 14 if match["twice"] else 0
    return today - timedelta(days=back), today - timedelta(days=back)


def _day_of_the_month(said: str, today: date) -> Span:
    match = re.search(r"(?<!\w)(?:on |since )?the (\d{1,2})(st|nd|rd|th)(?! (of|time|one|social|placement))", said)
    if not match:
        return None
    for back in range(13):
        month = (today.month - 1 - back) % 12 + 1
        year = today.year - (1 if month > today.month else 0) - (1 if back == 12 else 0)
        if days := list(_past(year, month, int(match[1]), today)):
            return days[0], days[0]
    return None


def _counted(said: str, today: date) -> Span:
    for each in cues()["lengths_of_life"]:
        said = re.sub(rf"(?<!\w){each}(?! (ago|since|back))(?!\w)", " ", said)
    ago = r"( ago| back| since| now|$|[,.;!]| n still| and still)"
    match = re.search(rf"(?P<over>over|more than)? ?(?<!\w){_COUNT} ?(or so |or more )?{_UNIT}{ago}", said)
    match = match or re.search(
        rf"(?P<over>over|more than)? ?(for|past|last|these|waiting|waited)( about| over| nearly| almost| at least)? ?"
        rf"(the (past|last) )?{_COUNT} {_UNIT}",
        said,
    )
    if not match:
        return None
    count = (NUMBERS.get(match["count"]) or int(match["count"])) + (0.5 if match["half"] else 0)
    day = today - timedelta(days=round(count * DAYS_IN[match["unit"]]))
    if match["over"]:
        return day - timedelta(days=365), day
    margin = timedelta(days=_margin(match["unit"][0], count))
    return day - margin, min(day + margin, today)


def _margin(unit: str, count: float) -> int:
    """How many days either way are meant: who says "a month ago" is nearer to it than who says "a year ago"."""
    if unit == "m":
        return 7 if count == 1 else 15
    return 91 if unit == "y" else 0


def _last_period(said: str, today: date) -> Span:
    if re.search(r"(?<!\w)the other (day|night|week)", said):
        return today - timedelta(days=7), today - timedelta(days=1)
    match = re.search(
        r"(?<!\w)(?:(?P<part>beginning|start|end|early|late|middle)(?: of|in)? (?:the )?)?"
        r"(?:(?P<which>last|this|the) (?P<unit>week|month|year)|"
        r"(?:at the|last|this|over the|the) (?P<weekend>weekend))(?!\w)",
        said,
    )
    if not match or (match["which"] == "the" and not match["part"]):
        return None
    if match["weekend"]:
        saturday = today - timedelta(days=(today.weekday() - 5) % 7 or 7)
        return saturday, min(saturday + timedelta(days=1), today)
    begin, end = _begin(match["unit"], today), today
    if match["which"] == "last":
        end = begin - timedelta(days=1)
        begin = _begin(match["unit"], end)
    return _part_of(begin, end, match["part"], today)


def _begin(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else date(day.year, 1, 1)


def _part_of(begin: date, end: date, part: str | None, today: date) -> Span:
    """The third of a time that is meant by "early", "middle" or "end of"."""
    third = (end - begin) / 3
    if part and part.startswith(("beginning", "start", "early")):
        end = begin + third
    elif part and part.startswith(("end", "late")):
        begin = end - third
    elif part:
        begin, end = begin + third, end - third
    return begin, min(end, today)


def _month(said: str, today: date) -> Span:
    month = rf"(?:(?:the )?{_PART}[ -])?{_MONTH}(?:,?(?: of)? (?P<year>\d{{4}})| (?P<before>last year))?"
    before = r"(?<!\w)(?:in|since|last|around|about|from|during|back in|by|until|till|til|at)"
    match = re.search(rf"{before} {month}(?!\w)", said) or re.search(rf"^{month}(?: time|ish)?$", said)
    match = match or re.search(rf"(?<!\w){_PART}[ -]{_MONTH}(?P<year>$^)?(?P<before>$^)?(?!\w)", said)
    if not match:
        return None
    number = MONTHS.index(match["month"][:3]) + 1
    year = int(match["year"]) if match["year"] else today.year - (number > today.month)
    before_this = match["before"] or re.search(r"(?<!\w)last year(?!\w)", said)
    span = _months(today.year - 1 if before_this and not match["year"] else year, number, number, today)
    return _part_of(*span, match["part"], today) if span else None


def _season(said: str, today: date) -> Span:
    match = re.search(
        r"(?<!\w)(last |this |in |since |over |in the |the |during )+(spring|summer|autumn|winter)"
        r"( just gone| term)?(?!\w)",
        said,
    )
    match = match or re.search(r"^(?P<first>)(spring|summer|autumn|winter)$", said)
    if not match:
        return None
    first, last = SEASONS[match[2]]
    return _months(today.year - (first > today.month), first, last, today)


def _feast(said: str, today: date) -> Span:
    for words, ((month, day), (last_month, last_day)) in DAYS_OF_THE_YEAR.items():
        if re.search(rf"(?<!\w)({words})(?!\w)", said):
            year = today.year if date(today.year, month, day) <= today else today.year - 1
            return date(year, month, day), min(date(year, last_month, last_day), today)
    for words, days_in in _MOVING.items():
        if re.search(rf"(?<!\w)({words})(?!\w)", said):
            spans = [days_in(year) for year in (today.year, today.year - 1)]
            first, last = next(span for span in spans if span[0] <= today)
            return first, min(last, today)
    return _half_term(said, today)


def _half_term(said: str, today: date) -> Span:
    """Most schools' week off: the last of October, the third of February, the last of May."""
    match = re.search(r"(?<!\w)((?P<which>oct\w*|feb\w*|may|autumn|spring|summer)( \w+)? )?half[ -]?term(?!\w)", said)
    if not match:
        return None
    months = {"o": [10], "a": [10], "f": [2], "m": [5]}.get((match["which"] or " ")[0], [10, 5, 2])
    mondays = [_monday(year, month) for year in (today.year, today.year - 1) for month in months]
    monday = max(day for day in mondays if day <= today)
    return monday, min(monday + timedelta(days=4), today)


def _monday(year: int, month: int) -> date:
    """The third Monday of February, the last of any other month."""
    if month == 2:
        first = date(year, 2, 1)
        return first + timedelta(days=-first.weekday() % 7 + 14)
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return end - timedelta(days=end.weekday())


def _year(said: str, today: date) -> Span:
    match = re.search(r"(?<![\d£])(19[5-9]\d|20\d\d)(?!\d)", said)
    if match and int(match[1]) <= today.year:
        return _months(int(match[1]), 1, 12, today)
    if re.search(r"(?<!\w)years ago", said):
        return date(today.year - 20, today.month, 1), today - timedelta(days=2 * 365)
    return None


def _at_age(said: str, today: date, age: int | None) -> Span:
    match = re.search(r"(?<!\w)(?:when|since|from when) i (?:was|were|turned) (?:only |about |just )?(\w+)", said)
    if not match or age is None:
        return None
    then = NUMBER_WORDS.get(match[1]) or (int(match[1]) if match[1].isdigit() else None)
    if then is None or not 0 < then <= age:
        return None
    earliest = _years_before(today, age - then + 1) + timedelta(days=1)
    return earliest, min(_years_before(today, age - then - 1), today) if then < age else today


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    england = holidays.country_holidays("GB", subdiv="ENG", years=year)
    return england.get_named("Easter Monday")[0] - timedelta(days=1)


def _around_easter(first: int, last: int) -> Callable[[int], tuple[date, date]]:
    return lambda year: (_easter(year) + timedelta(days=first), _easter(year) + timedelta(days=last))


def _third_sunday_of_june(year: int) -> tuple[date, date]:
    first = date(year, 6, 1)
    sunday = first + timedelta(days=(6 - first.weekday()) % 7 + 14)
    return sunday, sunday


_MOVING: dict[str, Callable[[int], tuple[date, date]]] = {
    r"(mothers|mother's|mum's|mums) day|mothering sunday": _around_easter(-21, -21),
    r"(fathers|father's|dad's|dads) day": _third_sunday_of_june,
    r"(pancake day|shrove tuesday)": _around_easter(-47, -47),
    r"good friday": _around_easter(-2, -2),
    r"easter monday": _around_easter(1, 1),
    r"easter (holidays|hols|break)": _around_easter(-9, 8),
    r"easter( weekend| sunday)?": _around_easter(-2, 1),
}


def _months(year: int, first: int, last: int, today: date) -> Span:
    begin = date(year, first, 1)
    end = date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return (begin, min(end, today)) if begin <= today else None


_READERS = (_written_date, _named_day, _counted, _month, _last_period, _feast, _season, _year)
