"""The council profile: everything local, in one reviewed file per council (`councils/NAME.yml`)."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.errors import ProfileError
from bot.settings import ROOT

COUNCILS = ROOT / "councils"
STALE_AFTER_DAYS = 400

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Part(BaseModel):
    """A part of a profile: unknown fields are refused, so that a misspelt one is seen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Team(Part):
    """A team that is complained about and that answers.

    `aliases` are other names people use for it; `lead` is the role that must answer.
    """

    key: Key
    name: Text
    aliases: tuple[Text, ...] = ()
    service_area: Text = "Children's social care"
    manager_email: Email | None = None


class Category(Part):
    """A kind of complaint in this council's annual report, with words that hint at it."""

    key: Key
    name: Text
    aliases: tuple[Text, ...] = ()


class Contact(Part):
    """How to reach somebody. A number is told to people only while `verified_on` is recent."""

    name: Text
    phone: Text | None = None
    text: Text | None = None
    email: Email | None = None
    web: Text | None = None
    verified_on: date | None = None

    @model_validator(mode="after")
    def _reachable(self) -> "Contact":
        if not (self.phone or self.text or self.email or self.web):
            raise ValueError("give at least one of phone, text, email or web")
        return self

    def told(self, today: date) -> str | None:
        """The number to tell people on `today`, or None while it is unverified or stale."""
        fresh = self.verified_on is not None and (today - self.verified_on).days <= STALE_AFTER_DAYS
        return self.phone if fresh else None


class Council(Part):
    """One council. See `councils/default.yml` for what each field means, in its comments."""

    name: Text
    short_name: Text
    invented: bool = False
    complaints_team: Contact
    advocacy: Contact
    front_door: Contact
    duty: Contact
    office_hours: Text
    teams: tuple[Team, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    acknowledgement_days: int = Field(default=3, ge=1, le=5)
    extra_holidays: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _keys_are_unique(self) -> "Council":
        for what, items in (("teams", self.teams), ("categories", self.categories)):
            keys = [item.key for item in items]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(f"{what}: the key {twice[0]!r} stands twice; give each its own")
        return self

    def team_name(self, key: str | None) -> str:
        """The printed name of a team; the key itself for a team the profile no longer lists."""
        return next((team.name for team in self.teams if team.key == key), key or "Not yet known")

    def category_name(self, key: str | None) -> str:
        """The printed name of a category; the key itself for one the profile no longer lists."""
        return next((each.name for each in self.categories if each.key == key), key or "Not yet known")


def load_council(name: str, folder: Path = COUNCILS) -> Council:
    """Read and check one profile.

    Raises:
        ProfileError: there is no such file, it is not YAML, or a field is missing or wrong; the message names the
            file, the field and what to do.
    """
    path = folder / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.yml"))) or "none"
        raise ProfileError(f"There is no profile {path}. Set SPEAKUP_COUNCIL to one of: {known}.")
    try:
        return Council.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ProfileError(f"{path} is not readable as YAML: {error}. Correct the line named.") from error
    except ValidationError as error:
        raise ProfileError("\n".join(_explain(path, each) for each in error.errors())) from error


def _explain(path: Path, error: Any) -> str:
    field = ".".join(str(part) for part in error["loc"]) or "the whole file"
    remedy = {
        "missing": "add it (councils/default.yml shows how)",
        "extra_forbidden": "remove it, or correct its spelling",
    }.get(error["type"], "correct it")
    return f"{path}: {field}: {error['msg']}; {remedy}."
