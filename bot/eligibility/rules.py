"""The eligibility rules as data: read from YAML, checked in full, and stamped with a version and a digest.

How a condition is written: see `bot.eligibility.conditions`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.eligibility.codes import REASON_CODES, Outcome, ReasonCode
from bot.eligibility.conditions import Check, Condition, ConditionReader, compiled
from bot.eligibility.reach import in_the_way, kinds_of
from bot.eligibility.signposts import load_signposts
from bot.errors import SpeakUpError

RULES_FILE = Path(__file__).with_name("rules.yml")
FALLBACK = "T11"
_WITH_CODE = {"ineligible", "safeguarding_referral", "needs_human_decision"}


class RulesError(SpeakUpError):
    """The rules cannot be used; the text names the file, the row and the remedy."""


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

    @cached_property
    def citation(self) -> str:
        """The source and the rules it carries out, for staff and letters."""
        return f"{self.source} ({', '.join(self.rules)})"

    def in_force(self, day: date) -> bool:
        """Whether the row applies on a day; both ends count."""
        return (self.effective_from or date.min) <= day <= (self.effective_to or date.max)


@dataclass(frozen=True, eq=False)
class Rules:
    """A checked set of rules. By a row's id: `conditions` its condition, `checks` the same as a function."""

    version: str
    digest: str
    rows: tuple[Row, ...]
    conditions: Mapping[str, Condition]
    checks: Mapping[str, Check]

    @cached_property
    def stamp(self) -> str:
        """Version and content in one: two files with the same version are still told apart."""
        return f"{self.version}+{self.digest[:12]}"

    def in_force(self, day: date) -> tuple[tuple[Row, Check], ...]:
        """The rows that apply on a day, in order, each with its condition as a function."""
        return _in_force(self, day)


@lru_cache(maxsize=64)
def _in_force(rules: Rules, day: date) -> tuple[tuple[Row, Check], ...]:
    return tuple((row, rules.checks[row.id]) for row in rules.rows if row.in_force(day))


def load_rules(path: Path = RULES_FILE) -> Rules:
    """The rules of a file, checked.

    Args:
        path: a YAML file with `version`, `terms` and `rows`.

    Raises:
        RulesError: the file cannot be read, or a row names an unknown fact, value, outcome, code, term or
            signpost, repeats an id, rests a refusal on something unknown, can never be reached because of its
            own condition or of earlier rows, or the fallback T11 is missing.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise RulesError(
            f"The rules {path} cannot be read: {error.strerror}. Correct the path or restore it."
        ) from error
    sheet = _sheet(raw, path)
    rows = tuple(_row(entry, number, path) for number, entry in enumerate(sheet["rows"] or (), start=1))
    terms = sheet.get("terms") or {}
    _check_order(rows, path)
    conditions: dict[str, Condition] = {}
    for row in rows:
        try:
            _check_row(row)
            conditions[row.id] = ConditionReader(terms, shown_only=row.outcome == "ineligible").read(row.when)
        except (KeyError, TypeError, ValueError) as error:
            raise _fault(path, row.id, str(error.args[0])) from error
    checks = {name: compiled(condition) for name, condition in conditions.items()}
    rules = Rules(str(sheet["version"]), hashlib.sha256(raw).hexdigest(), rows, conditions, checks)
    _check_reach(rules, path)
    return rules


def _sheet(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        sheet = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise _fault(path, "the file", f"not YAML: {error}; mend the line named") from error
    if not isinstance(sheet, dict) or not {"version", "rows"} <= sheet.keys():
        raise _fault(path, "the file", "needs `version` and `rows`; add them")
    for name, kind, what in (("rows", list, "a list"), ("terms", dict, "a mapping")):
        if not isinstance(sheet.get(name) or kind(), kind):
            raise _fault(path, "the file", f"`{name}` must be {what}; correct it")
    return sheet


def _row(entry: Any, number: int, path: Path) -> Row:
    if not isinstance(entry, dict):
        raise _fault(path, f"number {number}", "a row is a mapping; write its fields")
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
    if row.effective_from and row.effective_to and row.effective_from > row.effective_to:
        raise ValueError("`effective_from` is after `effective_to`, so it is never in force; swap or correct them")
    for key in row.signposts:
        if key not in load_signposts():
            raise ValueError(f"there is no signpost `{key}`; add it to signposts.yml or correct the key")


def _check_reach(rules: Rules, path: Path) -> None:
    """Each row decides something on some day on which it is in force."""
    kinds = kinds_of(rules.conditions.values())
    for number, row in enumerate(rules.rows):
        first: tuple[str, ...] | None = ()
        for day in _days_that_differ(row, rules.rows[:number]):
            earlier = {other.id: rules.checks[other.id] for other in rules.rows[:number] if other.in_force(day)}
            first = in_the_way(rules.checks[row.id], earlier, kinds)
            if first is None:
                break
        if first is not None:
            what = f"{' and '.join(first)} always come first" if first else "its conditions exclude one another"
            raise _fault(path, row.id, f"can never decide: {what}; remove one, narrow one or change their order")


def _days_that_differ(row: Row, earlier: tuple[Row, ...]) -> Iterator[date]:
    """Days within the row's dates, one for each set of earlier rows in force."""
    yield row.effective_from or date.min
    for other in earlier:
        after_it = other.effective_to + timedelta(days=1) if other.effective_to else None
        yield from (day for day in (other.effective_from, after_it) if day and row.in_force(day))


def _fault(path: Path, row: str, what: str) -> RulesError:
    return RulesError(f"{path.name}, row {row}: {what}.")
