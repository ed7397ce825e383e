"""The council profile: everything local, in one reviewed file per council (`councils/NAME.yml`).

`councils/default.yml` explains each field. A profile is checked as it is read: every fault is told with its file, its
field and what to do, and all faults of one kind at once.
"""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from bot import clocks
from bot.eligibility import load_signposts
from bot.errors import ProfileError
from bot.safe_texting import SafeHours
from bot.settings import ROOT
from bot.telephones import e164

COUNCILS = ROOT / "councils"
CANONICAL_CATEGORIES = COUNCILS / "_canonical.yml"  # the underscore keeps it out of the list of profiles
STALE_AFTER_DAYS = 400

# Numbers Ofcom keeps for drama, as their first digits: they ring nobody.
DRAMA_NUMBERS = (
    "01134960", "01144960", "01154960", "01164960", "01174960", "01184960", "01214960", "01314960", "01414960",
    "01514960", "01614960", "01632960", "01914980", "02079460", "02896496", "02920180", "03069990", "07700900",
    "08081570", "09098790",
)  # fmt: skip
ROUTES = ("phone", "text", "email", "web")
COPIED = "complaints_team"  # has every alert by e-mail beside whoever must act on it
FIRST_STEPS = ("duty", "emergency_duty_team", COPIED)  # whom an alert tells at once; the rest are `steps`

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
WEEK: tuple[Day, ...] = get_args(Day)
Scope = Literal["inside", "outside"]
ReportLayout = Literal["standard", "committee_tables", "covering_report", "statistics_annex"]


def _rings(number: str) -> str:
    # The duty number is parsed when danger is alerted, and that is no moment to learn that it is none.
    if e164(number) is None:
        raise ValueError(f"{number!r} is no telephone number; write it whole, with its area code")
    return number


Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
StepKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Phone = Annotated[Text, AfterValidator(_rings)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Part(BaseModel):
    """A part of a profile: unknown fields are refused, so that a misspelt one is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Period(Part):
    """Something that holds from one day to another, both included; an end that is left out is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"valid_to {self.valid_to} is before valid_from {self.valid_from}; put them in order")
        return self

    def covers(self, day: date) -> bool:
        """Whether it holds on this day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class PrintedAs(Period):
    """A name that reports of other years printed for the same thing, so that years can be compared."""

    name: Text


class Named(Part):
    """A team or a category: `aliases` are words people use for it and are never printed."""

    key: Key
    name: Text
    aliases: tuple[Text, ...] = ()
    printed_as: tuple[PrintedAs, ...] = ()

    def called(self, name: str, day: date) -> bool:
        """Whether a report of this day would mean it by this name."""
        printed = (each.name for each in self.printed_as if each.covers(day))
        return _plain(name) in {_plain(each) for each in (self.name, *printed)}


AnyNamed = TypeVar("AnyNamed", bound=Named)


class Team(Named):
    """A team that is complained about and that answers."""

    service_area: Text = "Children's social care"
    manager_email: Email | None = None


class Category(Named):
    """A kind of complaint in this council's annual report, with words that hint at it.

    `maps_to` is the canonical category it is compared under; a profile in which one is missing is refused.
    """

    maps_to: Key | None = None


class Contact(Part):
    """How to reach somebody. A number is told to people only while `verified_on` is recent."""

    name: Text
    phone: Phone | None = None
    text: Text | None = None
    email: Email | None = None
    web: Text | None = None
    verified_on: date | None = None

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not (self.phone or self.text or self.email or self.web):
            raise ValueError("give at least one of phone, text, email or web")
        return self

    def told(self, today: date) -> str | None:
        """The number to tell people on `today`, or None while it is unverified or stale."""
        fresh = self.verified_on is not None and (today - self.verified_on).days <= STALE_AFTER_DAYS
        return self.phone if fresh else None


class OnCall(Contact):
    """Somebody who must be reached when a danger shows, so a web address alone will not do (R1)."""

    @model_validator(mode="after")
    def _can_be_alerted(self) -> Self:
        if not (self.phone or self.email):
            raise ValueError("nobody here can be told of a danger; give a phone or an email")
        return self


class AlertStep(OnCall):
    """Somebody who is alerted while nobody has acknowledged a danger.

    `key` names the step in the records; `after_minutes` counts from the message; `hours` says when it is used.
    """

    key: StepKey
    after_minutes: int = Field(ge=0, le=1440)
    hours: Literal["always", "office", "out_of_office"] = "always"


class Escalation(Part):
    """How an alert is repeated and goes up until a named person acknowledges it.

    `acknowledge_minutes` is the council's own aim, by which the yearly report measures.
    """

    acknowledge_minutes: int = Field(default=15, ge=1, le=240)
    repeat_minutes: int = Field(default=15, ge=5, le=240)
    steps: tuple[AlertStep, ...] = ()

    @field_validator("steps")
    @classmethod
    def _in_order(cls, steps: tuple[AlertStep, ...]) -> tuple[AlertStep, ...]:
        keys = [step.key for step in steps]
        if taken := [key for key in keys if key in FIRST_STEPS or keys.count(key) > 1]:
            raise ValueError(f"the key {taken[0]!r} is taken; give each step a key of its own")
        if any(earlier.after_minutes > later.after_minutes for earlier, later in pairwise(steps)):
            raise ValueError("the steps are not in order; put them by after_minutes, the soonest first")
        return steps


class AdvocacyReferrals(Part):
    """How a young person's wish for an advocate reaches the provider, and how soon an answer is looked for.

    By e-mail a message without any name goes to the provider's address; by webhook a signed one to theirs. `code_phone`
    is a mobile number of the provider to which the code of the link is texted, apart from the link.
    """

    by: Literal["email", "webhook"]
    webhook: Text | None = None
    code_phone: Phone | None = None
    answer_hours: int = Field(default=48, ge=1, le=336)
    link_days: int = Field(default=90, ge=1, le=365)

    @model_validator(mode="after")
    def _has_its_address(self) -> Self:
        if (self.by == "webhook") != (self.webhook is not None):
            raise ValueError("give webhook, and only then, when referrals go by webhook")
        if self.webhook and not self.webhook.startswith("https://"):
            raise ValueError(f"webhook {self.webhook!r} must begin with https://, because it carries a child's name")
        return self


class AdvocacyProvider(Contact):
    """Who helps children to complain (Children Act 1989, section 26A).

    `referrals` is left out where the complaints team rings the provider itself. `offer_again_days`: how long a young
    person has been silent before an advocate is offered once more; left out, never.
    """

    referrals: AdvocacyReferrals | None = None
    offer_again_days: int | None = Field(default=None, ge=1, le=60)

    @model_validator(mode="after")
    def _can_be_written_to(self) -> Self:
        if self.referrals and self.referrals.by == "email" and not self.email:
            raise ValueError("referrals go by e-mail, but there is no email; give one, or leave referrals out")
        return self


class OpeningHours(Part):
    """Days on which the complaints team is there, from `opens` to `closes` by the clock in England ("09:00").

    Only Monday to Friday: no working day of the procedure falls on another (R30), so nobody is promised then.
    """

    days: tuple[Day, ...] = Field(min_length=1)
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError(f"closes {self.closes} is not after opens {self.opens}; write both on the 24-hour clock")
        return self


class ProcedureDays(Part):
    """Working days of a procedure: to acknowledge from receipt, and from then to answer, without and with extension."""

    acknowledge: int = Field(default=clocks.LIMITS["corporate_acknowledgement"].amount, ge=1, le=20)
    answer: int = Field(default=clocks.LIMITS["corporate_stage1"].amount, ge=1, le=65)
    answer_at_most: int = Field(default=clocks.LIMITS["corporate_stage1_ceiling"].amount, ge=1, le=65)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.answer_at_most < self.answer:
            raise ValueError(f"answer_at_most {self.answer_at_most} is less than answer {self.answer}; raise it")
        return self


class Texting(Part):
    """How careful texts are: when we text first, after how long a code word is asked for, when we remind.

    `first_from` and `first_until` are the hours in which a text leaves that answers nobody: a reminder, and every text
    to somebody who said "only at some times" and named none. Times are by the clock in England ("16:00").
    `copy_segments` is the most that a copy of a complaint may take by text; a longer one is read on the web.
    """

    first_from: Clock = "16:00"
    first_until: Clock = "19:00"
    code_after_hours: int = Field(default=12, ge=1, le=24 * 14)
    reminder_after_days: int = Field(default=3, ge=1, le=28)
    copy_segments: int = Field(default=8, ge=1, le=30)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first_until <= self.first_from:
            raise ValueError(f"first_until {self.first_until} is not after {self.first_from}; put them in order")
        return self

    @property
    def hours(self) -> SafeHours:
        """The hours in which we may text first."""
        return SafeHours(time.fromisoformat(self.first_from), time.fromisoformat(self.first_until))

    @property
    def code_after(self) -> timedelta:
        """How long a silence makes us ask for the code word."""
        return timedelta(hours=self.code_after_hours)

    @property
    def reminder_after(self) -> timedelta:
        """How long an unfinished complaint is silent before the one reminder."""
        return timedelta(days=self.reminder_after_days)


class ChildProtection(Period):
    """Whether section 47 and child-protection matters were inside the procedure at a time, and who says so."""

    scope: Scope
    source: Text


class Neighbour(Part):
    """Another council that people name, and may mean (R19)."""

    name: Text
    aliases: tuple[Text, ...] = ()
    web: Text | None = None


class Place(Part):
    """Where the council is, in the names people use."""

    towns: tuple[Text, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


class Council(Part):
    """One council. See `councils/default.yml` for what each field means, in its comments."""

    name: Text
    short_name: Text
    # True: all of it. A list: those fields. False or empty: nothing. Anything but nothing shows a banner on each page.
    invented: tuple[Text, ...] | bool = False
    complaints_team: Contact
    advocacy: AdvocacyProvider
    front_door: OnCall
    duty: OnCall
    emergency_duty_team: OnCall | None = None
    escalation: Escalation = Escalation()
    crisis_helplines: tuple[Key, ...] = ()
    signposts: dict[Key, Contact] = Field(default_factory=dict)
    opening_hours: tuple[OpeningHours, ...] = Field(min_length=1)
    texting: Texting = Texting()
    place: Place = Place()
    teams: tuple[Team, ...] = Field(min_length=1)
    category_scheme: Text
    categories: tuple[Category, ...] = Field(min_length=1)
    acknowledgement_days: int = Field(default=clocks.LIMITS["acknowledgement"].amount, ge=1, le=5)
    education_days: ProcedureDays = ProcedureDays()
    informal_limit_hours: int | None = Field(default=None, ge=1, le=240)
    adr_cap_months: int = Field(default=clocks.LIMITS["resolution_cap"].amount, ge=1, le=12)
    child_protection: tuple[ChildProtection, ...] = ()
    extra_holidays: frozenset[date] = frozenset()
    report_layout: ReportLayout = "standard"
    text_price_pence: Decimal | None = Field(default=None, ge=0, le=100)

    @field_validator("invented", mode="before")
    @classmethod
    def _true_or_fields(cls, value: object) -> object:
        if not isinstance(value, bool | list | tuple):
            raise ValueError("write true, or a list of the fields that are made up, such as complaints_team.phone")  # noqa: TRY004 # pydantic reports ValueError alone
        return value

    @field_validator("teams", "categories")
    @classmethod
    def _told_apart(cls, items: tuple[AnyNamed, ...]) -> tuple[AnyNamed, ...]:
        keys = [item.key for item in items]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"the key {twice[0]!r} stands twice; give each its own")
        meant = defaultdict(set)
        for item in items:
            for word in (item.name, *item.aliases):
                meant[_plain(word)].add(item.key)
        if shared := {word: sorted(keys) for word, keys in meant.items() if len(keys) > 1}:
            told = "; ".join(f"{word!r} means {' and '.join(keys)}" for word, keys in shared.items())
            raise ValueError(f"one name or alias for two: {told}; leave it with one of them")
        return items

    @field_validator("categories")
    @classmethod
    def _each_maps(cls, categories: tuple[Category, ...]) -> tuple[Category, ...]:
        known = canonical_categories()
        if lost := [each.key for each in categories if each.maps_to not in known]:
            raise ValueError(
                f"{', '.join(lost)}: maps to no canonical category; set maps_to to one of: {', '.join(known)}"
            )
        return categories

    @field_validator("opening_hours")
    @classmethod
    def _no_hour_twice(cls, entries: tuple[OpeningHours, ...]) -> tuple[OpeningHours, ...]:
        for day in WEEK:
            spans = sorted((each.opens, each.closes) for each in entries for named in each.days if named == day)
            if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
                raise ValueError(f"{day} has hours that overlap; give each hour of a day once")
        return entries

    @field_validator("child_protection")
    @classmethod
    def _one_scope_a_day(cls, periods: tuple[ChildProtection, ...]) -> tuple[ChildProtection, ...]:
        in_order = sorted(periods, key=lambda each: each.valid_from or date.min)
        for earlier, later in pairwise(in_order):
            if earlier.covers(later.valid_from or date.min):
                raise ValueError(f"two periods hold on {later.valid_from or 'the first day'}; end one before the other")
        return periods

    @model_validator(mode="after")
    def _invented_is_marked(self) -> Self:
        if faults := [*self._marks_without_field(), *self._marks_that_disagree()]:
            raise ValueError("\n".join(faults))
        return self

    def _marks_without_field(self) -> Iterator[str]:
        for path in () if isinstance(self.invented, bool) else self.invented:
            if not _leads_somewhere(self, path.split(".")):
                yield f"invented: {path!r} is no field of this profile; correct its spelling or remove it"

    def _marks_that_disagree(self) -> Iterator[str]:
        for field, contact in self.contacts():
            for route in ROUTES:
                value = getattr(contact, route)
                if value and _is_made_up(route, value) != self.is_invented(f"{field}.{route}"):
                    yield _disagreement(f"{field}.{route}", value, marked=self.is_invented(f"{field}.{route}"))
            if contact.verified_on and self.invented is not True and self.is_invented(f"{field}.phone"):
                yield f"{field}.verified_on: nobody can have rung a number that is made up; remove the date"

        yield from self._referral_marks_that_disagree()

    def _referral_marks_that_disagree(self) -> Iterator[str]:
        referrals = self.advocacy.referrals
        for name, route in (("webhook", "web"), ("code_phone", "phone")):
            field, value = f"advocacy.referrals.{name}", getattr(referrals, name, None)
            if value and _is_made_up(route, value) != self.is_invented(field):
                yield _disagreement(field, value, marked=self.is_invented(field))

    def contacts(self) -> Iterator[tuple[str, Contact]]:
        """Everybody the profile says how to reach, each with the path of its field."""
        for field in ("complaints_team", "advocacy", "front_door", "duty", "emergency_duty_team"):
            if (contact := getattr(self, field)) is not None:
                yield field, contact
        for step in self.escalation.steps:
            yield f"escalation.steps.{step.key}", step
        for key, contact in self.signposts.items():
            yield f"signposts.{key}", contact

    def is_invented(self, field: str) -> bool:
        """Whether a field is made up, by itself or with what it belongs to.

        Args:
            field: its path: `duty`, `duty.phone`, `teams.leaving_care.name`.
        """
        if isinstance(self.invented, bool):
            return self.invented
        return any(field == marked or field.startswith(f"{marked}.") for marked in self.invented)

    @property
    def named_in_responses(self) -> dict[str, object]:
        """The blanks of the assistant's responses that any council fills in."""
        return {
            "council": self.name,
            "provider": self.advocacy.name,
            "front_door": self.front_door.name,
            "complaints_team": self.complaints_team.name,
            "office_hours": self.opening_hours,
        }

    def team_name(self, key: str | None) -> str:
        """The printed name of a team; the key itself for a team the profile no longer lists."""
        return next((team.name for team in self.teams if team.key == key), key or "Not yet known")

    def category_name(self, key: str | None) -> str:
        """The printed name of a category; the key itself for one the profile no longer lists."""
        return next((each.name for each in self.categories if each.key == key), key or "Not yet known")

    def canonical_category(self, key: str | None) -> str | None:
        """The canonical category under which councils and years compare; None for one the profile does not list."""
        return next((each.maps_to for each in self.categories if each.key == key), None)

    def team_printed_as(self, name: str, day: date) -> Team | None:
        """The team that a report of this day meant by a name, so that renamed teams compare across years."""
        return next((team for team in self.teams if team.called(name, day)), None)

    def category_printed_as(self, name: str, day: date) -> Category | None:
        """The category that a report of this day meant by a name."""
        return next((each for each in self.categories if each.called(name, day)), None)

    def is_open(self, now: datetime) -> bool:
        """Whether the complaints team is there at this moment: its hours, and no bank holiday (R30).

        Raises:
            ValueError: the moment carries no time zone.
        """
        if not clocks.is_working_day(clocks.local_day(now), self.extra_holidays):
            return False
        here = now.astimezone(clocks.ENGLAND)
        today, at = WEEK[here.weekday()], f"{here:%H:%M}"
        return any(today in each.days and each.opens <= at < each.closes for each in self.opening_hours)

    def closes_next(self, moment: datetime) -> datetime:
        """The end of the working day a moment falls in or before: what must be done the same day is due then (R1).

        Raises:
            ValueError: the moment carries no time zone.
        """
        day = clocks.local_day(moment)
        while (end := self._closes_on(day)) is None or end <= moment:
            day += timedelta(days=1)
        return end

    def _closes_on(self, day: date) -> datetime | None:
        named = WEEK[day.weekday()] if clocks.is_working_day(day, self.extra_holidays) else None
        last = max((each.closes for each in self.opening_hours if named in each.days), default=None)
        return datetime.combine(day, time.fromisoformat(last), clocks.ENGLAND).astimezone(UTC) if last else None

    def first_alerted(self, now: datetime) -> tuple[AlertStep, ...]:
        """Who is alerted as soon as danger shows: duty while the team is there, at other times the emergency team."""
        if self.is_open(now) or self.emergency_duty_team is None:
            first = AlertStep(key="duty", after_minutes=0, **self.duty.model_dump())
        else:
            first = AlertStep(key="emergency_duty_team", after_minutes=0, **self.emergency_duty_team.model_dump())
        team = self.complaints_team
        if not team.email:
            return (first,)
        return first, AlertStep(key=COPIED, name=team.name, email=team.email, after_minutes=0)

    def alerted(self, now: datetime) -> tuple[AlertStep, ...]:
        """Everybody an alert may go up to at this hour, in order."""
        hours = "office" if self.is_open(now) else "out_of_office"
        return (
            *self.first_alerted(now), *(step for step in self.escalation.steps if step.hours in ("always", hours))
        )  # fmt: skip

    def child_protection_scope(self, day: date) -> Scope:
        """Whether child-protection matters are inside the procedure on a day.

        Outside where the profile is silent: section 47 and conference decisions are not among the functions of
        regulation 3 (R11).
        """
        return next((each.scope for each in self.child_protection if each.covers(day)), "outside")

    def signpost(self, key: str) -> Contact | None:
        """The local contact behind an entry of the directory that has only words there; None if there is none."""
        return self.complaints_team if key == "complaints_team" else self.signposts.get(key)


@lru_cache(maxsize=1)
def canonical_categories() -> Mapping[str, str]:
    """Every canonical category by key, with its name: the one list to which all councils' own lists map."""
    loaded: dict[str, str] = _read(CANONICAL_CATEGORIES)
    return loaded


def known_councils(folder: Path = COUNCILS) -> list[str]:
    """The names of the profiles there are."""
    return sorted(each.stem for each in folder.glob("*.yml") if not each.stem.startswith("_"))


def load_council(name: str, folder: Path = COUNCILS) -> Council:
    """Read and check one profile.

    Args:
        name: the file's name without `.yml`, as in SPEAKUP_COUNCIL.

    Raises:
        ProfileError: there is no such file, it is not YAML, or a field is missing or wrong; the message names the
            file, the field and what to do.
    """
    path = folder / f"{name}.yml"
    if name not in known_councils(folder):
        known = ", ".join(known_councils(folder)) or "none"
        raise ProfileError(f"There is no profile {path}. Set SPEAKUP_COUNCIL to one of: {known}.")
    data = _read(path)
    try:
        council = Council.model_validate(data)
    except ValidationError as error:
        lines = [line for each in error.errors() for line in _explain(each, data)]
        raise ProfileError("\n".join(f"{path}: {line}." for line in lines)) from error
    if lost := [key for key in council.signposts if key not in load_signposts()]:
        raise ProfileError(
            f"{path}: signposts.{lost[0]}: the directory has no such entry; use a key of bot/eligibility/signposts.yml."
        )
    if lost := [key for key in council.crisis_helplines if key not in load_signposts()]:
        raise ProfileError(
            f"{path}: crisis_helplines: there is no entry {lost[0]}; use a key of bot/eligibility/signposts.yml."
        )
    return council


# --- reading ---------------------------------------------------------------------------------------------------------


class _EachKeyOnce(yaml.SafeLoader):
    """YAML in which a repeated field is a fault: the library would silently keep the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 # the library's signature
        """The fields of one mapping.

        Raises:
            yaml.constructor.ConstructorError: a field stands twice; the error knows the line.
        """
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the field {key.value!r} stands twice", problem_mark=key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _EachKeyOnce)  # noqa: S506 # it is a SafeLoader
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path} is not UTF-8 text: {error}. Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise ProfileError(f"{path} is not readable as YAML: {error}. Correct the line named.") from error


_REMEDIES = {
    "missing": "add it (councils/default.yml shows how)",
    "extra_forbidden": "remove it, or correct its spelling",
    "string_type": "write it as text, in quotes",
    "tuple_type": "write it as a list",
    "frozen_set_type": "write it as a list of days",
    "dict_type": "write it as fields with values",
    "model_type": "write it as fields with values (councils/default.yml shows how)",
    "too_short": "give at least one",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "date_type": "write a day as 2026-11-02",
    "date_parsing": "write a day as 2026-11-02",
    "date_from_datetime_parsing": "write a day as 2026-11-02",
}


def _explain(error: Any, data: Any) -> Iterator[str]:
    """One fault in words; what our own checks say brings its remedy with it, and may be several lines."""
    field = ".".join(_steps(error["loc"], data))
    if error["type"] == "value_error":
        for line in str(error["ctx"]["error"]).splitlines():
            yield f"{field}: {line}" if field else line
        return
    remedy = _REMEDIES.get(error["type"], "correct it")
    if error["type"] == "extra_forbidden" and (near := get_close_matches(str(error["loc"][-1]), _fields(), 1)):
        remedy += f" (perhaps {near[0]})"
    yield f"{field or 'the whole file'}: {error['msg']}; {remedy}"


def _steps(location: Iterable[str | int], data: Any) -> Iterator[str]:
    """The way to a field as people read it: an entry of a list by its key, or by its number from one."""
    for step in location:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else None
            key = data.get("key") if isinstance(data, dict) else None
            yield str(key or f"entry {step + 1}")
        else:
            data = data.get(step) if isinstance(data, dict) else None
            yield step


@lru_cache(maxsize=1)
def _fields() -> tuple[str, ...]:
    kinds = (
        Council, AlertStep, Escalation, AdvocacyProvider, AdvocacyReferrals, Team, Category, OpeningHours, Texting,
        ChildProtection, Place, Neighbour, ProcedureDays,
    )  # fmt: skip
    return tuple({field for kind in kinds for field in kind.model_fields})


# --- words and marks -------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u2019", "'")).strip().casefold()


def _is_made_up(route: str, value: str) -> bool:
    """Whether nobody can be reached by it: an address at example.org or a number kept for drama."""
    if route in ("email", "web"):
        return re.search(r"(^|[@./])example\.org(/|$)", value) is not None
    return re.sub(r"\D", "", re.sub(r"^\s*\+44", "0", value)).startswith(DRAMA_NUMBERS)


def _disagreement(field: str, value: str, *, marked: bool) -> str:
    if not marked:
        return f"{field}: {value} is made up; put the real one, or list {field} under invented"
    return (
        f"{field}: it is marked as invented, yet {value} could reach somebody; take a number Ofcom keeps for drama "
        "or an address at example.org, or take the field out of invented"
    )


def _leads_somewhere(part: Any, path: list[str]) -> bool:
    """Whether a path of field names and keys ends at something the profile holds."""
    if not path:
        return True
    step, *rest = path
    if isinstance(part, tuple):
        return any(_leads_somewhere(each, rest) for each in part if getattr(each, "key", None) == step)
    if isinstance(part, dict):
        return step in part and _leads_somewhere(part[step], rest)
    return isinstance(part, Part) and step in type(part).model_fields and _leads_somewhere(getattr(part, step), rest)
