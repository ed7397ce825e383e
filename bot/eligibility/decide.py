"""The decision on one element of a complaint: first matching row wins; what is not shown never refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.clocks import NO_EXTRA
from bot.eligibility.codes import Outcome, ReasonCode
from bot.eligibility.conditions import Check
from bot.eligibility.facts import Facts, askable
from bot.eligibility.measures import Day, Seen
from bot.eligibility.rules import Row, Rules

_WRITTEN = (
    "outcome", "reason_code", "sub_reason", "rule", "source", "say", "officer", "signposts", "missing", "secondary",
    "rules_version",
)  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What the rules propose. A person decides: `ineligible` is a proposal until a named officer confirms it (R4).

    `rule` is the row of the decision table ("T5c"), `row` the row of the file that carried it ("T5e.send").
    `say` is for the person, `officer` for staff, `signposts` are keys of the directory, `unknown` the facts that
    this decision would need and nobody has shown (a fact of a group as ``proceedings.live``), `secondary` the codes
    of later rows that hold as well, `rules_version` the version of the rules with the start of their digest.
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
    unknown: tuple[str, ...]
    secondary: tuple[ReasonCode, ...]
    rules_version: str

    @property
    def missing(self) -> tuple[str, ...]:
        """The facts still missing, a group by its own name (`proceedings`)."""
        return tuple(dict.fromkeys(name.partition(".")[0] for name in self.unknown))

    @property
    def to_ask(self) -> tuple[str, ...]:
        """Those of the unknown facts that the person can be asked; the others are for staff or the service."""
        return askable(self.unknown)

    def as_json(self) -> dict[str, Any]:
        """The decision as plain JSON types, as `bot eligibility` prints it and the store keeps it."""
        values = {name: getattr(self, name) for name in _WRITTEN}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def decide(
    facts: Facts,
    rules: Rules,
    today: date,
    extra_holidays: frozenset[date] = NO_EXTRA,
    *,
    counted_on: date | None = None,
) -> Decision:
    """What the rules propose for one element of a complaint (R15: decide each element by itself).

    Args:
        facts: what is known; anything may be absent.
        rules: from `load_rules`.
        today: the day of deciding, in England; rows out of force on it are passed over.
        extra_holidays: one-off bank holidays of the council profile.
        counted_on: the day to which limits are counted when that is not `today`: other rules asked about a
            decision of the past.
    """
    seen = Seen(facts, Day(counted_on or today, extra_holidays))
    lines = rules.in_force(today)
    unknown: list[str] = []
    secondary: list[ReasonCode] = []
    place, row = _first(lines, seen, unknown)
    for other, check in lines[place + 1 :]:
        code = other.reason_code
        if code and code != row.reason_code and code not in secondary and check(seen).holds:
            secondary.append(code)
    return Decision(
        outcome=row.outcome,
        reason_code=row.reason_code,
        sub_reason=row.sub_reason,
        rule=row.rule,
        row=row.id,
        source=row.citation,
        say=row.say,
        officer=row.officer,
        signposts=row.signposts,
        unknown=tuple(dict.fromkeys(unknown)),
        secondary=tuple(secondary),
        rules_version=rules.stamp,
    )


def _first(lines: tuple[tuple[Row, Check], ...], seen: Seen, unknown: list[str]) -> tuple[int, Row]:
    """The first row that holds, with its place; what the rows up to it turned on and is not known is added."""
    for place, (row, check) in enumerate(lines):
        finding = check(seen)
        unknown += finding.unknown
        if finding.holds:
            return place, row
    raise AssertionError("The fallback row is always in force and always holds.")
