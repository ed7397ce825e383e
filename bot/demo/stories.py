"""The invented people and stories of the demonstration, read from the YAML files beside this one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

KINDS = ("complaints", "refused", "danger")


@dataclass(frozen=True)
class Story:
    """One invented story; what each field means stands at the head of `stories.yml`."""

    key: str
    role: str
    text: tuple[str, ...]
    wish: str
    team: str
    category: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    kind: str | None = None
    tie: str | None = None
    refuse: str | None = None
    reasons: str = ""
    stage: int = 1
    danger: str = "none"


@dataclass(frozen=True)
class Material:
    """Everything a demonstration year is made of: stories by kind, people, and the small words around them."""

    stories: Mapping[str, tuple[Story, ...]]
    says: Mapping[str, str]
    statement: str
    notes: tuple[str, ...]
    withdrawals: tuple[str, ...]
    people: Mapping[str, Any]


@lru_cache(maxsize=1)
def load_material() -> Material:
    """The stories and the people, read once."""
    told = _read("stories.yml")
    return Material(
        stories={kind: tuple(_story(entry) for entry in told[kind]) for kind in KINDS},
        says=told["says"],
        statement=told["statement"],
        notes=tuple(told["notes"]),
        withdrawals=tuple(told["withdrawals"]),
        people=_read("people.yml"),
    )


def _story(entry: Mapping[str, Any]) -> Story:
    return Story(**{**entry, "text": tuple(entry["text"])})


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return read
