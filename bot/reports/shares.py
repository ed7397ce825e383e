"""The shares and averages of a report: what each is taken of, and which of those it counts (R56, R31)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from bot.reports.advocacy import Wished
from bot.reports.records import Contact, Worry
from bot.reports.tables import Average, Figure, Rate, longest, mean, middle
from bot.reports.words import words

LEVELS = ("immediate", "concern")
FAULT = ("upheld", "partially_upheld")
WITH_FINDING = (*FAULT, "not_upheld", "no_finding")
Holds = Callable[[Contact], bool]


def _is_childs_complaint(each: Contact) -> bool:
    return each.is_complaint and each.is_childs


def _is_answered(each: Contact) -> bool:
    return each.is_complaint and each.stage1_days is not None


def _finding(each: Contact) -> str | None:
    run = each.stage(1)
    return run.finding if run else None


# What each share is taken of, and which of those it counts; so the part lies in its base by construction.
SHARES: Mapping[str, tuple[Holds, Holds]] = {
    "turned_away": (lambda _: True, lambda each: each.handling == "not_accepted"),
    "children": (lambda each: each.is_complaint, lambda each: each.is_childs),
    "represented": (_is_childs_complaint, lambda each: each.brought_by is not None),
    "within_10": (_is_answered, lambda each: each.speed == "within_10"),
    "within_20": (_is_answered, lambda each: each.speed != "later"),
    "overdue": (
        lambda each: each.is_complaint and each.stage(1) is not None and each.speed == "still_open",
        lambda each: each.overdue,
    ),
    "fault_found": (
        lambda each: _is_answered(each) and _finding(each) in WITH_FINDING,
        lambda each: _finding(each) in FAULT,
    ),
    "escalated": (_is_answered, lambda each: each.stage(2) is not None),
    "advocacy_offered": (_is_childs_complaint, lambda each: each.advocacy != "not_offered"),
    "advocacy_supported": (_is_childs_complaint, lambda each: each.advocacy in ("accepted", "has_one")),
    "with_advocate": (_is_childs_complaint, lambda each: each.with_advocate),
}


def rates(found: Sequence[Contact], raised: Sequence[Worry], years: tuple[str, ...]) -> Iterable[Rate]:
    """Every share of every year, each with what it is a share of."""
    for year in years:
        received = [each for each in found if each.year == year]
        for key, (in_base, in_part) in SHARES.items():
            base = [each for each in received if in_base(each)]
            yield _rate(
                key, year, [each.reference for each in base if in_part(each)], [each.reference for each in base]
            )
        yield from _referral_rates([each for each in raised if each.year == year], year)


def _referral_rates(raised: list[Worry], year: str) -> Iterable[Rate]:
    """Acknowledged at all; in time, for each level; and passed on to the front door."""
    seen = [each.id for each in raised if each.acknowledged_at]
    yield _rate("referrals_acknowledged", year, seen, [each.id for each in raised], "referrals")
    for level in LEVELS:
        of_level = [each for each in raised if each.level == level]
        in_time = [each.id for each in of_level if each.speed == "in_time"]
        yield _rate(f"{level}_in_time", year, in_time, [each.id for each in of_level], "referrals")
    passed = [each.id for each in raised if each.passed_at]
    yield _rate("referrals_passed_on", year, passed, [each.id for each in raised], "referrals")


def _rate(key: str, year: str, part: list[str], base: list[str], opens: str = "cases") -> Rate:
    return Rate(
        key=key, year=year, part=Figure(tuple(part)), base=Figure(tuple(base)), opens=opens, **words()["rates"][key]
    )


def averages(
    found: Sequence[Contact], raised: Sequence[Worry], years: tuple[str, ...], wishes: Sequence[Wished] = ()
) -> Iterable[Average]:
    """How long answers took, how long until a named person had a referral and until a child had an advocate, each with
    what it was taken over."""
    for year in years:
        days = {
            each.reference: each.stage1_days
            for each in found
            if each.year == year and each.is_complaint and each.stage1_days is not None
        }
        yield Average(
            key="stage1_days", year=year, value=mean([*days.values()]), base=Figure(tuple(days)),
            **words()["averages"]["stage1_days"],
        )  # fmt: skip
        yield from _minutes([each for each in raised if each.year == year], year)
        hours = {each.id: each.hours for each in wishes if each.year == year and each.hours is not None}
        yield Average(
            key="advocate_hours", year=year, value=middle([*hours.values()]), base=Figure(tuple(hours)),
            opens="advocacy_referrals", **words()["averages"]["advocate_hours"],
        )  # fmt: skip


def _minutes(raised: list[Worry], year: str) -> Iterable[Average]:
    """How long until a named person had a referral: the middle of all, and the middle and the longest of each level."""
    yield _of_minutes("acknowledged_minutes", middle, raised, year)
    for level in LEVELS:
        of_level = [each for each in raised if each.level == level]
        yield _of_minutes(f"{level}_minutes", middle, of_level, year)
        yield _of_minutes(f"{level}_longest", longest, of_level, year)


def _of_minutes(key: str, taken: Callable[[Sequence[int]], Decimal | None], raised: list[Worry], year: str) -> Average:
    minutes = {each.id: each.minutes for each in raised if each.minutes is not None}
    return Average(
        key=key, year=year, value=taken([*minutes.values()]), base=Figure(tuple(minutes)), opens="referrals",
        **words()["averages"][key],
    )  # fmt: skip
