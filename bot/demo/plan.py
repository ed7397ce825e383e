"""What will happen in the demonstration: who writes when, and how it is dealt with. Pure, and the same for one seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from bot import clocks
from bot.demo.stories import Material, Story
from bot.eligibility import CHILDREN

# Contacts of the year before last, of last year, and of this year up to today.
SIZES = (40, 60, 120)
MOST_A_DAY = 2
LEFT_LYING = 3
# Parents bring most complaints, as every printed report shows.
TIMES = {"parent": 3}
REFUSED_SHARE, DANGER_SHARE = 0.28, 0.06
FINDINGS = {"upheld": 22, "partially_upheld": 38, "not_upheld": 27, "no_finding": 7, "resolved_without_finding": 6}
ANSWERS = {"accepted": 40, "declined": 28, "has_one": 12, "later": 12, None: 8}
SPEEDS = {(3, 10): 58, (11, 20): 22, (21, 34): 14, None: 6}  # working days to the answer; None: withdrawn before it
HANDED_ON = {"accepted": 45, "already_known": 35, "no_further_action": 20}


@dataclass(frozen=True)
class LaterStage:
    """A further stage: asked for so many working days after the last answer, and answered so many later."""

    number: int
    asked_after: int
    answered_after: int
    finding: str


@dataclass(frozen=True)
class Fate:
    """How a contact is dealt with, in working days from the day it was received; what lies ahead has not happened."""

    decided_after: int
    answered_after: int | None
    withdrawn_because: str | None
    finding: str
    later: tuple[LaterStage, ...]
    note: str | None


@dataclass(frozen=True)
class Alarm:
    """How soon a referral was acknowledged and passed on, in minutes, and what the front door said the next day."""

    acknowledged_after: int
    passed_after: int
    outcome: str


@dataclass(frozen=True)
class Planned:
    """One contact: who writes what, when, by which channel, and its fate. `alarm` None leaves a referral waiting."""

    key: str
    story: Story
    received_at: datetime
    channel: str
    people: Mapping[str, Any]
    sorted_at_once: bool
    advocacy: str | None
    fate: Fate
    alarm: Alarm | None


def plan(material: Material, *, today: date, seed: int) -> list[Planned]:
    """Three council years up to yesterday.

    Args:
        today: nothing is planned on it or after it.
        seed: another seed, another council; the same seed, the same.
    """
    rng = Random(seed)  # noqa: S311 -- invention, not secrecy: the same year every time is the point
    this_year = clocks.financial_year(today)
    planned: list[Planned] = []
    for year, size in zip((*clocks.previous_years(this_year, 2), this_year), SIZES, strict=True):
        first, last = clocks.year_bounds(year)
        days = min((last - first).days + 1, (today - first).days)
        if days > 0:
            planned += _Year(material, rng, year, first, days).contacts(min(size, MOST_A_DAY * days))
    return _with_loose_ends(planned, material, today)


def _with_loose_ends(planned: list[Planned], material: Material, today: date) -> list[Planned]:
    """What every live desk has: new contacts of the last days, a worry nobody has seen yet, complaints overdue."""
    if not planned:
        return []
    worry = next(story for story in material.stories["danger"] if story.danger == "concern")
    last_night = datetime.combine(today - timedelta(days=1), time(19, 40), UTC)
    newest = replace(planned[-1], story=worry, received_at=last_night, channel="sms", alarm=None)
    waiting = [_of_these_days(each, today, back) for back, each in zip((4, 3, 2, 1), planned[-5:-1], strict=False)]
    before = planned[: -1 - len(waiting)]
    overdue = [number for number, each in enumerate(before) if _could_lie(each, today)][:LEFT_LYING]
    lying = [_left_lying(each) if number in overdue else each for number, each in enumerate(before)]
    return sorted([*lying, *waiting, newest], key=lambda each: each.received_at)


def _of_these_days(planned: Planned, today: date, back: int) -> Planned:
    """Received so few days ago that nobody has decided yet."""
    received = datetime.combine(today - timedelta(days=back), planned.received_at.timetz())
    return replace(planned, received_at=received, fate=replace(planned.fate, decided_after=back + 1))


def _could_lie(planned: Planned, today: date) -> bool:
    ordinary = planned.story.refuse is None and planned.story.stage == 1 and planned.fate.answered_after is not None
    return ordinary and 35 <= (today - planned.received_at.date()).days <= 60


def _left_lying(planned: Planned) -> Planned:
    return replace(planned, fate=replace(planned.fate, answered_after=None, later=()))


class _Year:
    """Draws the contacts of one year."""

    def __init__(self, material: Material, rng: Random, year: str, first: date, days: int) -> None:
        self.material = material
        self.rng = rng
        self.year = year
        self.first = first
        self.days = days

    def contacts(self, size: int) -> list[Planned]:
        kinds = self._kinds(size)
        decks = {kind: self._deck(stories) for kind, stories in self.material.stories.items()}
        offsets = sorted(self.rng.randrange(self.days) for _ in range(size))
        return [
            self._contact(f"{self.year}:{number}", next(decks[kind]), self.first + timedelta(days=offset))
            for number, (kind, offset) in enumerate(zip(kinds, offsets, strict=True), 1)
        ]

    def _kinds(self, size: int) -> list[str]:
        refused, danger = round(size * REFUSED_SHARE), round(size * DANGER_SHARE)
        kinds = ["refused"] * refused + ["danger"] * danger + ["complaints"] * (size - refused - danger)
        self.rng.shuffle(kinds)
        return kinds

    def _deck(self, stories: Sequence[Story]) -> Iterator[Story]:
        """Every story as often as its role comes, before any comes again."""
        cards = [story for story in stories for _ in range(TIMES.get(story.role, 1))]
        while True:
            yield from self.rng.sample(cards, len(cards))

    def _contact(self, key: str, story: Story, day: date) -> Planned:
        childs = story.role in CHILDREN
        moment = time(self.rng.randrange(8, 18), self.rng.randrange(60))
        return Planned(
            key=key,
            story=story,
            received_at=datetime.combine(day, moment, UTC),
            channel="sms" if self.rng.random() < (0.6 if childs else 0.25) else "web",
            people=self._people(story, childs=childs),
            sorted_at_once=self.rng.random() < 0.85,
            advocacy=self._drawn(ANSWERS) if childs else "has_one" if story.kind == "advocate" else None,
            fate=self._fate(story),
            alarm=self._alarm(story),
        )

    def _people(self, story: Story, *, childs: bool) -> dict[str, Any]:
        people = self.material.people
        young, adult = self.rng.choice(people["young"]), self.rng.choice(people["adults"])
        family, child_age = self.rng.choice(people["surnames"]), self.rng.randrange(3, 17)
        young_age = self.rng.randrange(18, 22) if story.role == "care_leaver" else self.rng.randrange(11, 18)
        return {
            "name": young if childs else f"{adult} {family}",
            "age": young_age if childs else None,
            "child": None if childs else self.rng.choice(people["young"]),
            "child_age": child_age,
            "worker": self.rng.choice(people["workers"]),
            "organisation": people["organisations"].get(story.kind),
            "number": f"+447700900{self.rng.randrange(1000):03d}",
            "email": f"{adult}.{family}@example.org".lower(),
        }

    def _fate(self, story: Story) -> Fate:
        speed = self._drawn(SPEEDS)
        finding = self._drawn(FINDINGS)
        return Fate(
            decided_after=self.rng.randint(1, 3),
            answered_after=self._answered_after(story, speed),
            withdrawn_because=None if speed else self.rng.choice(self.material.withdrawals),
            finding=finding,
            later=tuple(self._later(story, finding)),
            note=self.rng.choice(self.material.notes) if self.rng.random() < 0.3 else None,
        )

    def _answered_after(self, story: Story, speed: tuple[int, int] | None) -> int | None:
        if speed is None:
            return None
        return self.rng.randint(28, 60) if story.stage == 2 else self.rng.randint(*speed)

    def _later(self, story: Story, finding: str) -> Iterator[LaterStage]:
        """About one in ten who were not wholly upheld goes on; of those, one in four asks for a panel."""
        going_on = story.stage == 1 and finding in ("not_upheld", "partially_upheld") and self.rng.random() < 0.1
        if going_on:
            yield LaterStage(2, self.rng.randint(3, 18), self.rng.randint(24, 62), self._drawn(FINDINGS))
        if going_on and self.rng.random() < 0.3:
            yield LaterStage(3, self.rng.randint(4, 15), self.rng.randint(20, 30), "partially_upheld")

    def _alarm(self, story: Story) -> Alarm:
        """For every story: the screening may see a worry where none was told."""
        soon = self.rng.randint(3, 18) if story.danger == "immediate" else self.rng.randint(15, 200)
        return Alarm(soon, soon + self.rng.randint(5, 40), self._drawn(HANDED_ON))

    def _drawn(self, weights: Mapping[Any, int]) -> Any:
        return self.rng.choices(list(weights), list(weights.values()))[0]
