"""The decision on one element of a complaint: first matching row wins; what is not shown never refuses.

Conditions are true, false, or open because a fact is not known. An open row does not match; it names the fact.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from bot.clocks import NO_EXTRA
from bot.eligibility.facts import Facts
from bot.eligibility.measures import MEASURES, Day
from bot.eligibility.rules import Comparison, Condition, FactTest, Outcome, ReasonCode, Row, Rules


@dataclass(frozen=True)
class Decision:
    """What the rules propose. A person decides: `ineligible` is a proposal until a named officer confirms it (R4).

    `rule` is the row of the decision table ("T5c"), `row` the row of the file that carried it ("T5e.send").
    `say` is for the person, `officer` for staff, `signposts` are keys of the directory, `missing` the facts that
    would have to be known, `secondary` the codes of later rows that hold as well.
    """

    outcome: Outcome
    reason_code: ReasonCode | None
    sub_reason: str | None
    rule: str
    row: str
    source: str
    say: str
    officer: str
    signposts: tuple[str, ...]
    missing: tuple[str, ...]
    secondary: tuple[ReasonCode, ...]
    rules_version: str
    rules_digest: str

    def as_json(self) -> dict[str, Any]:
        """The decision as plain JSON types."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Finding:
    """Whether a condition holds (`None`: open), and the unknown facts it turned on."""

    holds: bool | None
    unknown: tuple[str, ...] = ()


def decide(facts: Facts, rules: Rules, today: date, extra_holidays: frozenset[date] = NO_EXTRA) -> Decision:
    """What the rules propose for one element of a complaint (R15: decide each element by itself).

    Args:
        facts: what is known; anything may be absent.
        rules: from `load_rules`.
        today: the day of deciding, in England; rows out of force on it are passed over.
        extra_holidays: one-off bank holidays of the council profile.
    """
    look = _Look(facts, Day(today, extra_holidays))
    found = [(row, look.at(rules.conditions[row.id])) for row in rules.rows if row.in_force(today)]
    # The fallback is always in force and always holds, so there is a first.
    place = next(number for number, (_, finding) in enumerate(found) if finding.holds)
    row = found[place][0]
    missing = [name for _, finding in found[: place + 1] for name in finding.unknown]
    later = [other.reason_code for other, finding in found[place + 1 :] if finding.holds]
    return Decision(
        outcome=row.outcome,
        reason_code=row.reason_code,
        sub_reason=row.sub_reason,
        rule=row.rule,
        row=row.id,
        source=_source(row),
        say=row.say,
        officer=row.officer,
        signposts=row.signposts,
        missing=tuple(dict.fromkeys(missing)),
        secondary=tuple(dict.fromkeys(code for code in later if code and code != row.reason_code)),
        rules_version=rules.version,
        rules_digest=rules.digest,
    )


def _source(row: Row) -> str:
    return f"{row.source} ({', '.join(row.rules)})"


_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "over": operator.gt,
    "under": operator.lt,
}


class _Look:
    """Evaluates conditions against one set of facts."""

    def __init__(self, facts: Facts, day: Day) -> None:
        self.facts = facts
        self.day = day

    def at(self, condition: Condition) -> Finding:
        if isinstance(condition, FactTest):
            return self._test(condition)
        parts = [self.at(part) for part in condition.parts]
        if condition.kind == "all":
            return _all(parts)
        found = _any(parts)
        if condition.kind == "any":
            return found
        if found.holds is None and condition.kind == "unless":
            return Finding(holds=True, unknown=found.unknown)
        return Finding(holds=None if found.holds is None else not found.holds, unknown=found.unknown)

    def _test(self, test: FactTest) -> Finding:
        value = self._value(test.fact)
        shown = value is not None and value != "unknown"
        if test.values is None and test.comparison is None:
            return Finding(holds=shown)
        if not shown:
            name = MEASURES[test.fact].needs if test.fact in MEASURES else test.fact.partition(".")[0]
            return Finding(holds=True if test.matches_unknown else None, unknown=(name,))
        if test.comparison is not None:
            return Finding(holds=_COMPARE[test.comparison](float(value), test.bound))
        return Finding(holds=value in (test.values or ()))

    def _value(self, name: str) -> Any:
        if name in MEASURES:
            return MEASURES[name].work_out(self.facts, self.day)
        value: Any = self.facts
        for part in name.split("."):
            value = getattr(value, part, None)
        return value


def _all(parts: list[Finding]) -> Finding:
    """All hold. One that fails settles it; otherwise the first open one is what to ask next."""
    if any(part.holds is False for part in parts):
        return Finding(holds=False)
    for part in parts:
        if part.holds is None:
            return part
    return Finding(holds=True, unknown=tuple(name for part in parts for name in part.unknown))


def _any(parts: list[Finding]) -> Finding:
    """One holds, best one that rests on nothing unknown; if none does, every open one might."""
    holding = sorted((part for part in parts if part.holds), key=lambda part: len(part.unknown))
    if holding:
        return holding[0]
    unknown = tuple(name for part in parts if part.holds is None for name in part.unknown)
    return Finding(holds=None if unknown else False, unknown=unknown)
