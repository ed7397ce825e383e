"""What other rules would say of contacts decided before, and what a conversation in flight still has to ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from bot.clocks import NO_EXTRA
from bot.eligibility.decide import Decision, decide
from bot.eligibility.facts import Facts
from bot.eligibility.reading import read_leniently
from bot.eligibility.rules import Rules

COMPARED = ("outcome", "reason_code", "sub_reason", "rule")


class Past(NamedTuple):
    """A contact decided before: its facts as kept, the decision as `Decision.as_json` wrote it, and its day."""

    id: str
    facts: Mapping[str, Any]
    decision: Mapping[str, Any]
    decided_on: date | None = None


@dataclass(frozen=True)
class Change:
    """What other rules would change for one contact.

    `changed` names the parts of the decision that differ (outcome, reason_code, sub_reason, rule), `newly_missing`
    the facts that only the other rules would ask for, `set_aside` a line for each kept fact that can no longer be
    read.
    """

    id: str
    before: Mapping[str, Any]
    after: Decision
    changed: tuple[str, ...]
    newly_missing: tuple[str, ...]
    set_aside: tuple[str, ...]


def replay(
    past: Iterable[Past], rules: Rules, today: date, extra_holidays: frozenset[date] = NO_EXTRA
) -> Iterator[Change]:
    """What would change for contacts decided before, if these rules had decided them. Nothing is written.

    Args:
        past: the contacts. Limits are counted to the day each was decided on, so that only the rules make a
            difference and not the time gone by; without that day, to `today`.
        rules: the other rules.
        today: the day whose rows apply.
        extra_holidays: one-off bank holidays of the council profile.

    Yields:
        A `Change` for each contact that would be decided otherwise, or would have been asked for more.
    """
    for each in past:
        change = _change(Past(*each), rules, today, extra_holidays)
        if change.changed or change.newly_missing or change.set_aside:
            yield change


def _change(contact: Past, rules: Rules, today: date, extra_holidays: frozenset[date]) -> Change:
    counted_on = contact.decided_on or today
    reading = read_leniently(contact.facts, counted_on)
    after = decide(reading.facts, rules, today, extra_holidays, counted_on=counted_on)
    before = contact.decision
    return Change(
        id=contact.id,
        before=before,
        after=after,
        changed=tuple(name for name in COMPARED if before.get(name) != getattr(after, name)),
        newly_missing=tuple(name for name in after.missing if name not in before.get("missing", ())),
        set_aside=reading.set_aside,
    )


def still_missing(
    facts: Facts, rules: Rules, today: date, extra_holidays: frozenset[date] = NO_EXTRA
) -> tuple[str, ...]:
    """What is left to ask the person under these rules, after everything already told (in the table's order).

    A conversation begun under older rules goes on by asking this, so that nothing is asked twice. Facts of a group
    are named in full (``proceedings.live``).
    """
    return decide(facts, rules, today, extra_holidays).to_ask
