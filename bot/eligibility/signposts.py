"""The directory of help lines and other bodies, and when an entry is fresh enough to show (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from bot.errors import SpeakUpError

SIGNPOSTS_FILE = Path(__file__).with_name("signposts.yml")
FRESH_FOR = timedelta(days=400)


class SignpostsError(SpeakUpError):
    """The directory cannot be used; the text names the file, the entry and the remedy."""


class Signpost(BaseModel):
    """One place to go. `what` says in plain words what it is for; `verified_on` when a person last checked it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    what: str
    phone: str | None = None
    text: str | None = None
    web: str | None = None
    verified_on: date | None = None
    source: str

    @model_validator(mode="after")
    def _words_are_not_verified(self) -> Self:
        if self.verified_on and not self.has_contact:
            raise ValueError("there is no contact to verify; remove `verified_on` or add the contact")
        return self

    @property
    def has_contact(self) -> bool:
        """Whether there is a number or address that could go out of date."""
        return bool(self.phone or self.text or self.web)

    def shown(self, today: date) -> bool:
        """Whether people may be shown this: words alone always, a contact if verified in the last 400 days."""
        if not self.has_contact:
            return True
        return self.verified_on is not None and today - self.verified_on <= FRESH_FOR


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
