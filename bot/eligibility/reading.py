"""Facts from outside: read strictly, with every fault named, or leniently, so that a complaint is never lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from bot.clocks import NO_EXTRA
from bot.eligibility.conditions import Check, ConditionReader, compiled
from bot.eligibility.facts import Advocacy, Facts, Interval, Proceedings, allowed_values, no_such_fact
from bot.eligibility.measures import Day, Seen

CONTRADICTIONS_FILE = Path(__file__).with_name("contradictions.yml")
_PAST = ("received_on", "grounds_on", "stage1_response_on", "stage2_response_on")
_GROUPS: dict[str, type[BaseModel]] = {"proceedings": Proceedings, "advocacy": Advocacy}
_NAMES = frozenset().union(*(group.model_fields for group in (Facts, Interval, Proceedings, Advocacy)))


class FactsError(ValueError):
    """Facts that cannot be read; the text has one line for each fault and repeats no person's words."""


@dataclass(frozen=True)
class Reading:
    """What a lenient reading gives: facts that hold together, and a line for each that was set aside."""

    facts: Facts
    set_aside: tuple[str, ...]


@dataclass(frozen=True)
class _Contradiction:
    holds: Check
    drop: str
    says: str


def read_facts(data: Mapping[str, Any], today: date | None = None) -> Facts:
    """Facts from a plain mapping, such as a line of JSON.

    Args:
        data: fact names and values; dates as ``YYYY-MM-DD``, nested groups as mappings.
        today: the day in England. When it is given, dates after it and facts that contradict one another are
            refused too; without it only names and values are checked.

    Raises:
        FactsError: naming every fact at fault, with its allowed values, the nearest known name or the other fact.
    """
    try:
        facts = Facts.model_validate(data)
    except ValidationError as error:
        faults = (_fault(fault) for fault in error.errors(include_input=False))
        raise FactsError("\n".join(dict.fromkeys(faults))) from None
    clashes = [] if today is None else [line for _, line in _clashes(facts, today)]
    if clashes:
        raise FactsError("\n".join(clashes))
    return facts


def read_leniently(data: Mapping[str, Any], today: date) -> Reading:
    """As much of the facts as can be read and holds together.

    Of two facts that contradict each other, the one is set aside whose loss cannot count against the person.
    Words (`what_happened`, `desired_outcome`) are never in such a pair.
    """
    kept, set_aside = _known_names(data, Facts, "")
    while True:
        try:
            facts = Facts.model_validate(kept)
        except ValidationError as error:
            for fault in error.errors(include_input=False):
                set_aside.append(_fault(fault))
                _remove(kept, *map(str, fault["loc"]))
            continue
        clash = next(_clashes(facts, today), None)
        if clash is None:
            return Reading(facts, tuple(dict.fromkeys(set_aside)))
        set_aside.append(clash[1])
        _remove(kept, *clash[0].split("."))


def _clashes(facts: Facts, today: date) -> Iterator[tuple[str, str]]:
    """Each fact that cannot stand, with the line that says why."""
    for name in _PAST:
        value = getattr(facts, name)
        if value is not None and (value.earliest if isinstance(value, Interval) else value) > today:
            yield name, f"{name}: is after today, {today}; correct the date"
    seen = Seen(facts, Day(today, NO_EXTRA))
    for contradiction in _contradictions():
        if contradiction.holds(seen).holds:
            yield contradiction.drop, f"{contradiction.drop}: {contradiction.says}"


@lru_cache(maxsize=1)
def _contradictions() -> tuple[_Contradiction, ...]:
    reader = ConditionReader({})
    return tuple(
        _Contradiction(compiled(reader.read(each["when"])), each["drop"], each["says"])
        for each in yaml.safe_load(CONTRADICTIONS_FILE.read_bytes())
    )


def _known_names(data: Mapping[str, Any], model: type[BaseModel], place: str) -> tuple[dict[str, Any], list[str]]:
    kept: dict[str, Any] = {}
    faults = []
    for name, value in data.items():
        if name not in model.model_fields:
            faults.append(f"{place}{no_such_fact(str(name), model.model_fields)}")
        elif name in _GROUPS and isinstance(value, Mapping):
            kept[name], inner = _known_names(value, _GROUPS[name], f"{name}: ")
            faults += inner
        else:
            kept[name] = dict(value) if isinstance(value, Mapping) else value
    return kept, faults


def _remove(kept: dict[str, Any], name: str, inner: str | None = None, *_: str) -> None:
    group = kept.get(name)
    if isinstance(group, dict) and inner in group:
        del group[inner]
    else:
        kept.pop(name, None)


def _fault(fault: Any) -> str:
    # A union adds its branch ("bool", "literal['unknown']") to the place; only names of facts are wanted.
    name = ".".join(str(part) for part in fault["loc"] if part in _NAMES)
    message = str(fault["msg"]).removeprefix("Value error, ")
    if not name:
        return message
    values = sorted(str(value).lower() for value in allowed_values(name))
    return f"{name}: must be one of {', '.join(values)}" if values else f"{name}: {message}"
