"""Can a row ever decide? A search over the values that conditions tell apart, by asking the conditions themselves.

A condition is asked about facts of which some are not assumed yet. When it reaches for one of those, the search
tries every kind of value of that fact in turn, "not shown" first. So only facts that matter are ever tried, and
what is found is what `decide` would do, because the same functions answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.eligibility.conditions import Check, Condition, FactTest, tests_of
from bot.eligibility.facts import allowed_values
from bot.eligibility.measures import MEASURES

ANY_WORDS = "(any words)"


@dataclass(frozen=True)
class Kind:
    """Values of a fact that no condition tells apart; the empty tuple stands for "not shown"."""

    values: tuple[Any, ...]

    @property
    def example(self) -> Any:
        return self.values[0] if self.values else None


class Wanted(Exception):
    """A condition reached for a fact that is not assumed. No error: it carries the fact to try next."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class Assumed(dict[str, Any]):
    """Some facts by name; reaching for another raises `Wanted`."""

    def __missing__(self, name: str) -> Any:
        raise Wanted(name)

    def and_also(self, fact: str, kind: Kind) -> Assumed:
        return Assumed({**self, fact: kind.example})


Kinds = Mapping[str, tuple[Kind, ...]]


def kinds_of(conditions: Iterable[Condition]) -> Kinds:
    """For each fact the conditions test: the kinds of value they tell apart, "not shown" first."""
    tests: dict[str, list[FactTest]] = {}
    for condition in conditions:
        for test in tests_of(condition):
            tests.setdefault(test.fact, []).append(test)
    return {fact: (Kind(()), *_told_apart(fact, of_fact)) for fact, of_fact in tests.items()}


def _told_apart(fact: str, tests: list[FactTest]) -> list[Kind]:
    alike: dict[tuple[bool, ...], list[Any]] = {}
    for value in _values(fact, tests):
        alike.setdefault(tuple(test.matches(value) for test in tests), []).append(value)
    return [Kind(tuple(values)) for values in alike.values()]


def _values(fact: str, tests: list[FactTest]) -> list[Any]:
    bounds = {test.bound for test in tests if test.comparison is not None}
    if bounds:
        return sorted({bound + step for bound in bounds for step in (-1, 0, 1)})
    allowed = MEASURES[fact].values if fact in MEASURES else allowed_values(fact)
    return sorted(allowed - {"unknown"}, key=str) or [ANY_WORDS]


def example(row: Check | None, earlier: Sequence[Check], kinds: Kinds, assumed: Assumed) -> Assumed | None:
    """Facts that include those assumed, on which the row holds and none of the earlier ones does; or `None`.

    Args:
        row: the row's condition; `None` to ask only that no earlier one holds.
    """
    try:
        if row is not None and not row(assumed).holds:
            return None
        if _any_holds(earlier, assumed):
            return None
    except Wanted as wanted:
        further = (assumed.and_also(wanted.fact, kind) for kind in kinds[wanted.fact])
        return next((found for each in further if (found := example(row, earlier, kinds, each)) is not None), None)
    return assumed


def _any_holds(checks: Sequence[Check], assumed: Assumed) -> bool:
    """Whether one holds for certain. Only if none does, and one cannot tell yet, is `Wanted` raised."""
    first_wanted = None
    for check in checks:
        try:
            if check(assumed).holds:
                return True
        except Wanted as wanted:
            first_wanted = first_wanted or wanted
    if first_wanted:
        raise first_wanted
    return False


def in_the_way(row: Check, earlier: Mapping[str, Check], kinds: Kinds) -> tuple[str, ...] | None:
    """The fewest earlier rows that between them always come first; `None` when the row can decide.

    The answer is empty when the row's own condition can never hold.
    """
    if example(row, tuple(earlier.values()), kinds, Assumed()) is not None:
        return None
    needed = dict(earlier)
    for name in earlier:
        without = {key: check for key, check in needed.items() if key != name}
        if example(row, tuple(without.values()), kinds, Assumed()) is None:
            needed = without
    return tuple(needed)
