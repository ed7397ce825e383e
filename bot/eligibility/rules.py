"""The eligibility rules as data: read from YAML, checked in full, and stamped with a version and a digest.

A condition is a mapping whose entries must all hold. An entry is

* ``fact: [values]``: the fact is one of these; the value ``unknown`` stands for "nobody has shown it";
* ``fact: known``: the fact has been shown, whatever it is;
* ``fact: {at_least: 3}``: a number compared (at_least, at_most, over, under);
* ``any: [...]`` / ``none: [...]``: at least one, or none, of these conditions;
* ``unless: [...]``: as none, but an exception that is not shown does not stand in the way;
* ``is: term``: a named condition of the section ``terms``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.eligibility.facts import allowed_values
from bot.eligibility.measures import MEASURES
from bot.eligibility.signposts import load_signposts
from bot.errors import SpeakUpError

Outcome = Literal["accept_stage1", "straight_to_stage2", "ineligible", "safeguarding_referral", "needs_human_decision"]
ReasonCode = Literal[
    "COURT_RELATED",
    "INSUFFICIENT_INTEREST",
    "ALTERNATIVE_PROCESS",
    "GENERAL_ENQUIRY",
    "OUT_OF_TIME_JURISDICTION",
    "CONSENT_NOT_GAINED",
    "S47_CHILD_PROTECTION",
    "SAFEGUARDING_REFERRAL",
    "OTHER",
]
REASON_CODES: tuple[ReasonCode, ...] = get_args(ReasonCode)
"""The nine fixed codes, in the order of the annual table of contacts not accepted."""

Comparison = Literal["at_least", "at_most", "over", "under"]
GroupKind = Literal["all", "any", "none", "unless"]

RULES_FILE = Path(__file__).with_name("rules.yml")
FALLBACK = "T11"
_GROUPS: dict[str, GroupKind] = {"any": "any", "none": "none", "unless": "unless"}
_COMPARISONS: dict[str, Comparison] = {name: name for name in get_args(Comparison)}
_WITH_CODE = {"ineligible", "safeguarding_referral", "needs_human_decision"}


class RulesError(SpeakUpError):
    """The rules cannot be used; the text names the file, the row and the remedy."""


@dataclass(frozen=True)
class FactTest:
    """One fact against its values (`None`: any shown value), or against a bound."""

    fact: str
    values: frozenset[Any] | None = None
    matches_unknown: bool = False
    comparison: Comparison | None = None
    bound: float = 0


@dataclass(frozen=True)
class Group:
    """Conditions joined by all, any, none or unless."""

    kind: GroupKind
    parts: tuple[Condition, ...]


Condition = FactTest | Group


class Row(BaseModel):
    """One row of the decision table, as written in the file.

    `id` is unique; `rule` is the row of the table it carries out (several rows may share one, as T5e does).
    `say` is for the person, `officer` for the member of staff who decides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    rule: str
    when: dict[str, Any]
    outcome: Outcome
    reason_code: ReasonCode | None = None
    sub_reason: str | None = None
    rules: tuple[str, ...] = Field(min_length=1)
    source: str
    effective_from: date | None = None
    effective_to: date | None = None
    say: str
    officer: str
    signposts: tuple[str, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the row applies on a day; both ends count."""
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)


@dataclass(frozen=True)
class Rules:
    """A checked set of rules. `conditions` holds each row's condition by the row's id."""

    version: str
    digest: str
    rows: tuple[Row, ...]
    conditions: Mapping[str, Condition]


def load_rules(path: Path = RULES_FILE) -> Rules:
    """The rules of a file, checked.

    Args:
        path: a YAML file with `version`, `terms` and `rows`.

    Raises:
        RulesError: the file cannot be read, or a row names an unknown fact, value, outcome, code, term or
            signpost, repeats an id, rests a refusal on something unknown, or the fallback T11 is missing.
    """
    raw = path.read_bytes()
    sheet = _sheet(raw, path)
    rows = tuple(_row(entry, number, path) for number, entry in enumerate(sheet["rows"], start=1))
    terms = sheet.get("terms") or {}
    _check_order(rows, path)
    conditions = {}
    for row in rows:
        try:
            _check_row(row)
            conditions[row.id] = _Reader(terms, refusal=row.outcome == "ineligible").read(row.when)
        except (KeyError, ValueError) as error:
            raise _fault(path, row.id, str(error.args[0])) from error
    return Rules(str(sheet["version"]), hashlib.sha256(raw).hexdigest(), rows, conditions)


def _sheet(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        sheet = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise _fault(path, "the file", f"not YAML: {error}; mend the line named") from error
    if not isinstance(sheet, dict) or not {"version", "rows"} <= sheet.keys():
        raise _fault(path, "the file", "needs `version` and `rows`; add them")
    return sheet


def _row(entry: dict[str, Any], number: int, path: Path) -> Row:
    name = str(entry.get("id", f"number {number}"))
    try:
        return Row.model_validate({"rule": entry.get("id"), **entry})
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise _fault(path, name, f"`{place}`: {fault['msg']}; correct this field") from error


def _check_order(rows: tuple[Row, ...], path: Path) -> None:
    ids = [row.id for row in rows]
    for name in ids:
        if ids.count(name) > 1:
            raise _fault(path, name, "this id is used twice; give each row its own")
    last = rows[-1] if rows else None
    if last is None or last.id != FALLBACK or last.when or last.effective_from or last.effective_to:
        raise _fault(
            path, FALLBACK, "the fallback is missing; end the file with it, `when: {}` and no dates, always in force"
        )


def _check_row(row: Row) -> None:
    if row.outcome in _WITH_CODE and row.reason_code is None:
        raise ValueError(f"outcome `{row.outcome}` needs a reason_code; use one of {', '.join(REASON_CODES)}")
    for key in row.signposts:
        if key not in load_signposts():
            raise ValueError(f"there is no signpost `{key}`; add it to signposts.yml or correct the key")


def _fault(path: Path, row: str, what: str) -> RulesError:
    return RulesError(f"{path.name}, row {row}: {what}.")


class _Reader:
    """Turns the mapping of a row into a condition, refusing every name and value outside the vocabulary."""

    def __init__(self, terms: Mapping[str, Any], *, refusal: bool) -> None:
        self.terms = terms
        self.refusal = refusal

    def read(self, written: Mapping[str, Any]) -> Condition:
        return Group("all", tuple(self._entries(written)))

    def _entries(self, written: Mapping[str, Any]) -> Iterator[Condition]:
        for key, value in written.items():
            if key in _GROUPS:
                yield Group(_GROUPS[key], tuple(self.read(part) for part in value))
            elif key == "is":
                yield self.read(self._term(value))
            else:
                yield self._test(key, value)

    def _term(self, name: str) -> Mapping[str, Any]:
        if name not in self.terms:
            raise ValueError(f"there is no term `{name}`; add it under `terms` or correct the name")
        return self.terms[name]  # type: ignore[no-any-return]  # YAML; its names and values are checked as it is read

    def _test(self, fact: str, value: Any) -> FactTest:
        allowed = MEASURES[fact].values if fact in MEASURES else allowed_values(fact)
        if value == "known":
            return FactTest(fact)
        if isinstance(value, dict):
            return _comparison(fact, value)
        return self._one_of(fact, value, allowed)

    def _one_of(self, fact: str, value: Any, allowed: frozenset[Any]) -> FactTest:
        if not isinstance(value, list) or not value:
            raise ValueError(f"`{fact}` needs a list of values, `known` or a comparison; write one")
        for each in value:
            if each != "unknown" and each not in allowed:
                names = ", ".join(sorted(map(str, allowed)))
                raise ValueError(f"`{fact}` is never `{each}`; use one of {names}")
        if self.refusal and "unknown" in value:
            raise ValueError(f"a refusal may not rest on an unknown `{fact}`; let a person decide instead")
        return FactTest(fact, frozenset(value) - {"unknown"}, matches_unknown="unknown" in value)


def _comparison(fact: str, value: dict[str, Any]) -> FactTest:
    [(name, bound)] = value.items() if len(value) == 1 else [("", None)]
    if name not in _COMPARISONS or not isinstance(bound, int | float):
        raise ValueError(f"`{fact}` is compared by one of {', '.join(_COMPARISONS)} and a number; write one")
    return FactTest(fact, comparison=_COMPARISONS[name], bound=bound)
