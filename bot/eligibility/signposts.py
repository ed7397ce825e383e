"""The directory of help lines and other bodies: who an entry is for, and when it is fresh enough to show (R3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from bot.eligibility.codes import ReasonCode
from bot.eligibility.facts import Age, ComplainantRole, Facts
from bot.errors import SpeakUpError

SIGNPOSTS_FILE = Path(__file__).with_name("signposts.yml")
FRESH_FOR = timedelta(days=400)
US = "complaints_team"

# Whose help somebody may need who speaks for a child: the child's own, by how the council knows the child.
_ROLE_OF_STATUS: Mapping[str | None, ComplainantRole] = {
    "looked_after": "looked_after_child",
    "care_leaver": "care_leaver",
    "in_need": "child_in_need",
    "cp_plan": "child_in_need",
    "adopted": "adopted_person",
}


class SignpostsError(SpeakUpError):
    """The directory cannot be used; the text names the file, the entry and the remedy."""


class Signpost(BaseModel):
    """One place to go.

    `who` and `what` say in plain words who it is for and what it does; `verified_on` is when a person last checked
    the contact. `kind`: a *route* can deal with the matter, *help* stands by the person, *us* is the complaints team,
    *nothing* says that no route is open. `for_roles` (empty: anyone) and the ages, both included, say whom to show it
    to; where ages are given, a known age says it better than the role. `reasons` are codes that bring it in beside
    what a row of the rules names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: Literal["route", "help", "us", "nothing"]
    who: str
    what: str
    phone: str | None = None
    text: str | None = None
    web: str | None = None
    verified_on: date | None = None
    source: str
    for_roles: tuple[ComplainantRole, ...] = ()
    age_from: Age | None = None
    age_to: Age | None = None
    reasons: tuple[ReasonCode, ...] = ()

    @model_validator(mode="after")
    def _words_are_not_verified(self) -> Self:
        if self.verified_on and not self.has_contact:
            raise ValueError("there is no contact to verify; remove `verified_on` or add the contact")
        return self

    @property
    def has_contact(self) -> bool:
        """Whether there is a number or address that could go out of date."""
        return bool(self.phone or self.text or self.web)

    @property
    def how(self) -> str:
        """How to get there: its number and its page, as far as there are any."""
        return " ".join(each for each in (self.phone, self.web) if each)

    def shown(self, today: date) -> bool:
        """Whether people may be shown this: words alone always, a contact if verified in the last 400 days."""
        if not self.has_contact:
            return True
        return self.verified_on is not None and today - self.verified_on <= FRESH_FOR

    def suits(self, role: ComplainantRole | None, age: int | None) -> bool:
        """Whether it is for somebody of this role and age, either of which may not be known."""
        has_ages = self.age_from is not None or self.age_to is not None
        if has_ages and age is not None:
            return (self.age_from or 0) <= age <= (age if self.age_to is None else self.age_to)
        return not self.for_roles or role in (None, "unknown", *self.for_roles)


class Proposed(Protocol):
    """The part of a decision, new or kept, that says where to go."""

    @property
    def reason_code(self) -> str | None: ...
    @property
    def signposts(self) -> Sequence[str] | None: ...


class LocalContact(Protocol):
    """A contact of a council, such as its profile holds."""

    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def text(self) -> str | None: ...
    @property
    def web(self) -> str | None: ...
    @property
    def verified_on(self) -> date | None: ...


def choose(
    decision: Proposed,
    facts: Facts,
    directory: Mapping[str, Signpost],
    place: Mapping[str, Signpost] | None,
    today: date,
) -> tuple[Signpost, ...]:
    """Where else this person can go: what the row names, then what helps with such a reason.

    Args:
        decision: what was proposed or decided; its `signposts` come first, in their order.
        facts: of the same element. Who speaks for a child is shown what is for the child as well.
        directory: from `load_signposts`.
        place: the council's own entries by key, from `of_place`. They stand before the general ones, unless they
            may not be shown.
        today: the day in England; what is unverified or stale on it is left out.

    Returns:
        The entries to show. When none that the row names can be shown, the complaints team is there instead, so
        that nobody is sent away with nothing.
    """
    named = tuple(decision.signposts or ())
    helping = tuple(key for key, entry in directory.items() if decision.reason_code in entry.reasons)
    people = tuple(_people(facts))

    def shown(keys: tuple[str, ...]) -> dict[str, Signpost]:
        found = {key: _entry(key, directory, place or {}, today) for key in keys}
        return {key: each for key, each in found.items() if each and any(each.suits(*person) for person in people)}

    by_row = shown(named) or shown((US,))
    return tuple((by_row | shown(helping)).values())


def _people(facts: Facts) -> Iterator[tuple[ComplainantRole | None, int | None]]:
    yield facts.complainant_role, facts.complainant_age
    if facts.acting_for == "child" or facts.representative_kind:
        yield _ROLE_OF_STATUS.get(facts.child_status), facts.child_age


def _entry(key: str, directory: Mapping[str, Signpost], place: Mapping[str, Signpost], today: date) -> Signpost | None:
    entries = (place.get(key), directory.get(key))
    return next((entry for entry in entries if entry and entry.shown(today)), None)


def of_place(directory: Mapping[str, Signpost], contacts: Mapping[str, LocalContact]) -> dict[str, Signpost]:
    """A council's own entries: the general ones with the council's names and contacts.

    Args:
        directory: from `load_signposts`.
        contacts: by key of the directory, such as ``complaints_team`` and ``advocacy``.

    Raises:
        SignpostsError: there is no such key.
    """
    for key in contacts:
        if key not in directory:
            raise SignpostsError(f"There is no signpost `{key}`; use one of {', '.join(directory)}.")
    return {
        key: directory[key].model_copy(
            update={
                "name": contact.name,
                "phone": contact.phone,
                "text": contact.text,
                "web": contact.web,
                "verified_on": contact.verified_on,
                "source": "The council's profile",
            }
        )
        for key, contact in contacts.items()
    }


@lru_cache(maxsize=8)
def load_signposts(path: Path = SIGNPOSTS_FILE) -> Mapping[str, Signpost]:
    """The directory by key.

    Raises:
        SignpostsError: an entry cannot be read.
    """
    entries = yaml.safe_load(path.read_bytes())
    directory = {}
    for key, entry in entries.items():
        try:
            directory[key] = Signpost.model_validate(entry)
        except ValidationError as error:
            fault = error.errors()[0]
            place = ".".join(str(part) for part in fault["loc"]) or "entry"
            raise SignpostsError(f"{path.name}, {key}, `{place}`: {fault['msg']}; correct this field.") from error
    return directory
