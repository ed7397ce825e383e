"""Conditions of the rules: read from YAML, checked against the facts there are, and made into quick functions.

A condition is a mapping whose entries must all hold. An entry is

* ``fact: [values]``: the fact is one of these; the value ``unknown`` stands for "nobody has shown it";
* ``fact: known``: the fact has been shown, whatever it is;
* ``fact: {at_least: 3}``: a number compared (at_least, at_most, over, under);
* ``any: [...]`` / ``none: [...]``: at least one, or none, of these conditions;
* ``unless: [...]``: as none, but an exception that is not shown does not stand in the way;
* ``is: term``: a named condition of the section ``terms``.

A condition is true, false, or open because a fact is not known. What is open does not hold; it names the fact.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, get_args

from bot.eligibility.facts import allowed_values
from bot.eligibility.measures import MEASURES

Comparison = Literal["at_least", "at_most", "over", "under"]
GroupKind = Literal["all", "any", "none", "unless"]

_GROUPS: dict[str, GroupKind] = {"any": "any", "none": "none", "unless": "unless"}
_COMPARISONS: dict[str, Comparison] = {name: name for name in get_args(Comparison)}
_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    "at_least": operator.ge,
    "at_most": operator.le,
    "over": operator.gt,
    "under": operator.lt,
}


@dataclass(frozen=True)
class FactTest:
    """One fact against its values (`None`: any shown value), or against a bound."""

    fact: str
    values: frozenset[Any] | None = None
    matches_unknown: bool = False
    comparison: Comparison | None = None
    bound: float = 0

    def matches(self, value: Any) -> bool:
        """Whether a shown value passes."""
        if self.comparison is not None:
            return _COMPARE[self.comparison](float(value), self.bound)
        return self.values is None or value in self.values


@dataclass(frozen=True)
class Group:
    """Conditions joined by all, any, none or unless. `term` is its name when it was written under `terms`."""

    kind: GroupKind
    parts: tuple[Condition, ...]
    term: str | None = None


Condition = FactTest | Group


def tests_of(condition: Condition) -> Iterator[FactTest]:
    """Every test of one fact within a condition."""
    if isinstance(condition, FactTest):
        yield condition
    else:
        for part in condition.parts:
            yield from tests_of(part)


# --- reading ---------------------------------------------------------------------------------------------------------


class ConditionReader:
    """Turns written mappings into conditions, refusing every name and value outside the vocabulary.

    Args:
        terms: named conditions, as written.
        shown_only: refuse a condition that could hold because something is unknown, as a refusal must.
    """

    def __init__(self, terms: Mapping[str, Any], *, shown_only: bool = False) -> None:
        self.terms = terms
        self.shown_only = shown_only

    def read(self, written: Mapping[str, Any]) -> Condition:
        """The condition written.

        Raises:
            KeyError, TypeError, ValueError: a name, value or term that there is not; the text proposes a remedy.
        """
        return self._group(written, shown_only=self.shown_only)

    def _group(self, written: Any, *, shown_only: bool) -> Group:
        if not isinstance(written, Mapping):
            raise TypeError(f"a condition is a mapping, not `{written}`; write `fact: [values]`")
        return Group("all", tuple(self._entries(written, shown_only=shown_only)))

    def _entries(self, written: Mapping[str, Any], *, shown_only: bool) -> Iterator[Condition]:
        for key, value in written.items():
            if key in _GROUPS:
                # Within an exception an unknown only makes the row harder to reach, so there it is allowed.
                inside = shown_only and key == "any"
                if not isinstance(value, list) or not value:
                    raise ValueError(f"`{key}` needs a list of conditions; write one")
                yield Group(_GROUPS[key], tuple(self._group(part, shown_only=inside) for part in value))
            elif key == "is":
                yield self._term(value, shown_only=shown_only)
            else:
                yield self._test(key, value, shown_only=shown_only)

    def _term(self, name: Any, *, shown_only: bool) -> Group:
        if name not in self.terms:
            raise ValueError(f"there is no term `{name}`; add it under `terms` or correct the name")
        others = {key: term for key, term in self.terms.items() if key != name}
        # A term may use other terms, never itself: there it is not to be found.
        group = ConditionReader(others)._group(self.terms[name], shown_only=shown_only)
        return replace(group, term=name)

    def _test(self, fact: str, value: Any, *, shown_only: bool) -> FactTest:
        allowed = MEASURES[fact].values if fact in MEASURES else allowed_values(fact)
        if value == "known":
            return FactTest(fact)
        if isinstance(value, dict):
            return _comparison(fact, value)
        test = _one_of(fact, value, allowed)
        if shown_only and test.matches_unknown:
            raise ValueError(f"a refusal may not rest on an unknown `{fact}`; let a person decide instead")
        return test


def _one_of(fact: str, value: Any, allowed: frozenset[Any]) -> FactTest:
    if not isinstance(value, list) or not value:
        raise ValueError(f"`{fact}` needs a list of values, `known` or a comparison; write one")
    for each in value:
        if each != "unknown" and each not in allowed:
            names = ", ".join(sorted(map(str, allowed)))
            raise ValueError(f"`{fact}` is never `{each}`; use one of {names}")
    return FactTest(fact, frozenset(value) - {"unknown"}, matches_unknown="unknown" in value)


def _comparison(fact: str, value: dict[str, Any]) -> FactTest:
    [(name, bound)] = value.items() if len(value) == 1 else [("", None)]
    if name not in _COMPARISONS or not isinstance(bound, int | float):
        raise ValueError(f"`{fact}` is compared by one of {', '.join(_COMPARISONS)} and a number; write one")
    return FactTest(fact, comparison=_COMPARISONS[name], bound=bound)


# --- asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a condition holds (`None`: open), and the unknown facts it turned on."""

    holds: bool | None
    unknown: tuple[str, ...] = ()


# A condition that fails, or holds and rests on nothing unknown, always gives one of these two.
YES = Finding(holds=True)
NO = Finding(holds=False)


# The same few findings come up in every decision, and making an object costs more than finding one.
@lru_cache(maxsize=1024)
def _open_for(unknown: tuple[str, ...]) -> Finding:
    return Finding(holds=None, unknown=unknown)


@lru_cache(maxsize=1024)
def _resting_on(unknown: tuple[str, ...]) -> Finding:
    return Finding(holds=True, unknown=unknown)


Seen = dict[str, Any]
"""Facts and measures by the names the rules use; `None` for what nobody has shown."""
Check = Callable[[Seen], Finding]


def compiled(condition: Condition) -> Check:
    """The condition as a function of what is seen. Its findings are made once, so that asking makes no objects."""
    if isinstance(condition, FactTest):
        return _compiled_test(condition)
    if condition.term:
        return _remembered(f"is {condition.term}", compiled(replace(condition, term=None)))
    parts = tuple(compiled(part) for part in condition.parts)
    if condition.kind in ("all", "any") and len(parts) == 1:
        return parts[0]
    return _JOINED[condition.kind](parts)


def _compiled_test(test: FactTest) -> Check:
    name = test.fact
    matches: Callable[[Any], bool] = test.matches
    needs = MEASURES[name].needs if name in MEASURES else name
    if test.values is None and test.comparison is None:
        return lambda seen: NO if seen[name] is None else YES
    not_shown = Finding(holds=True if test.matches_unknown else None, unknown=(needs,))
    if test.comparison is None:
        matches = (test.values or frozenset()).__contains__

    def check(seen: Seen) -> Finding:
        value = seen[name]
        if value is None:
            return not_shown
        return YES if matches(value) else NO

    return check


def _remembered(key: str, check: Check) -> Check:
    """Several rows use one term; what it gave is kept beside the facts it was asked of."""

    def remembered(seen: Seen) -> Finding:
        finding: Finding | None = seen.get(key)
        if finding is None:
            finding = seen[key] = check(seen)
        return finding

    return remembered


def _all(parts: tuple[Check, ...]) -> Check:
    """All hold. One that fails settles it; otherwise the first open one is what to ask next."""

    def check(seen: Seen) -> Finding:
        first_open = None
        unknown: tuple[str, ...] = ()
        for part in parts:
            finding = part(seen)
            if finding is NO:
                return NO
            if finding is not YES:
                if finding.holds is None:
                    first_open = first_open or finding
                unknown += finding.unknown
        return first_open or (_resting_on(unknown) if unknown else YES)

    return check


def _any(parts: tuple[Check, ...]) -> Check:
    """One holds, best one that rests on nothing unknown; if none does, every open one might."""

    def check(seen: Seen) -> Finding:
        best = None
        unknown: tuple[str, ...] = ()
        for part in parts:
            finding = part(seen)
            if finding is NO:
                continue
            if finding is YES:
                return YES
            if finding.holds:
                best = finding if best is None or len(finding.unknown) < len(best.unknown) else best
            else:
                unknown += finding.unknown
        return best or (_open_for(unknown) if unknown else NO)

    return check


def _none(parts: tuple[Check, ...]) -> Check:
    any_of = _any(parts)

    def check(seen: Seen) -> Finding:
        finding = any_of(seen)
        if finding.holds is None:
            return finding
        return NO if finding.holds else YES

    return check


def _unless(parts: tuple[Check, ...]) -> Check:
    any_of = _any(parts)

    def check(seen: Seen) -> Finding:
        finding = any_of(seen)
        if finding.holds is None:
            return _resting_on(finding.unknown)
        return NO if finding.holds else YES

    return check


_JOINED: dict[GroupKind, Callable[[tuple[Check, ...]], Check]] = {
    "all": _all,
    "any": _any,
    "none": _none,
    "unless": _unless,
}
