"""Every path through the decision table, as a listing for review: `python -m bot.eligibility.paths` prints it.

The table is walked section by section (T0, T1, ... T11). Within a section the facts that its rows test are tried in
the order in which the rows reach for them; values that lead to the same end are put together, and values that no
case can still have there, because an earlier section has taken them, are left out. A path either ends at a row or
goes on to the next section. A whole path through the table is one way on from each earlier section and then one path
of its own. Multiplied out these would be many thousand lines that say no more.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from bot.eligibility.codes import Outcome, ReasonCode
from bot.eligibility.conditions import Check, tests_of
from bot.eligibility.reach import Assumed, Kind, Kinds, Wanted, example, kinds_of
from bot.eligibility.rules import Row, Rules, load_rules

_End = tuple[Row, Check]


@dataclass(frozen=True)
class Step:
    """One fact on a path, the values that lead this way and those that lead elsewhere; `None`: nobody has shown it."""

    fact: str
    values: tuple[Any, ...]
    others: tuple[Any, ...]

    def __str__(self) -> str:
        if self.others == (None,):
            return f"{self.fact}: known"
        if any(type(value) is int for value in self.values):
            return f"{self.fact}: {self._range()}"
        if None in self.values and len(self.others) < len(self.values) - 1:
            return f"{self.fact}: not {_one_of(self.others)}"
        return f"{self.fact}: {_one_of(self.values)}"

    def _range(self) -> str:
        """Numbers stand for all those on their side of a limit."""
        here = [value for value in self.values if value is not None]
        elsewhere = [value for value in self.others if value is not None]
        text = f"{min(here)} to {max(here)}"
        if elsewhere and max(here) < min(elsewhere):
            text = f"{max(here)} or fewer"
        elif elsewhere and min(here) > max(elsewhere):
            text = f"{min(here)} or more"
        return f"{text}, or unknown" if None in self.values else text


@dataclass(frozen=True)
class Path:
    """A way through one section: the facts that lead there, and the row it ends at (`None`: it goes on)."""

    section: str
    steps: tuple[Step, ...]
    row: str | None
    outcome: Outcome | None = None
    reason_code: ReasonCode | None = None


@dataclass(frozen=True)
class _Split:
    fact: str
    branches: tuple[tuple[tuple[Any, ...], _Tree], ...]


_Tree = _Split | str
_ON = ""


def list_paths(rules: Rules, day: date | None = None) -> list[Path]:
    """Every path through the rules in force on a day, section by section.

    Args:
        rules: from `load_rules`.
        day: by default the first day on which all the newest rows are in force.
    """
    rows = rules.in_force(day or newest_day(rules))
    kinds = kinds_of(rules.conditions[row.id] for row, _ in rows)
    by_id = {row.id: row for row, _ in rows}
    earlier: list[_End] = []
    paths = []
    for section, of_section in groupby(rows, key=lambda end: section_of(end[0])):
        ends = tuple(of_section)
        tree = _Walk(ends, earlier, rules, kinds).tree(Assumed())
        paths += [_path(section, steps, by_id.get(end)) for steps, end in _lines(tree)]
        earlier += ends
    return paths


def section_of(row: Row) -> str:
    """The part of the table a row belongs to: T5 for T5c."""
    return re.sub(r"[a-z]+$", "", row.rule)


def newest_day(rules: Rules) -> date:
    """The first day on which no row is still to come."""
    return max((row.effective_from for row in rules.rows if row.effective_from), default=date.min)


class _Walk:
    """The diagram of one section: which facts are reached for, and where each of their values leads."""

    def __init__(self, ends: Sequence[_End], earlier: Sequence[_End], rules: Rules, kinds: Kinds) -> None:
        self.ends = ends
        self.earlier = [check for _, check in earlier]
        self.kinds = kinds
        self.tested_earlier = {test.fact for row, _ in earlier for test in tests_of(rules.conditions[row.id])}
        self.known_to_arrive: dict[frozenset[Any], bool] = {}

    def tree(self, assumed: Assumed) -> _Tree:
        try:
            return next((row.id for row, check in self.ends if check(assumed).holds), _ON)
        except Wanted as wanted:
            return self._split(wanted.fact, assumed)

    def _split(self, fact: str, assumed: Assumed) -> _Tree:
        branches: dict[_Tree, list[Kind]] = {}
        for kind in self.kinds[fact]:
            further = assumed.and_also(fact, kind)
            if self._arrives(further):
                branches.setdefault(self.tree(further), []).append(kind)
        if len(branches) == 1:
            return next(iter(branches))
        return _Split(fact, tuple((_values(kinds), tree) for tree, kinds in branches.items()))

    def _arrives(self, assumed: Assumed) -> bool:
        """Whether some case with these facts is still undecided when it comes to this section."""
        matter = {fact: value for fact, value in assumed.items() if fact in self.tested_earlier}
        key = frozenset(matter.items())
        if key not in self.known_to_arrive:
            self.known_to_arrive[key] = example(None, self.earlier, self.kinds, Assumed(matter)) is not None
        return self.known_to_arrive[key]


def _values(kinds: list[Kind]) -> tuple[Any, ...]:
    return _in_order(value for kind in kinds for value in kind.values or (None,))


def _in_order(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(values, key=lambda value: (value is None, str(value))))


def _lines(tree: _Tree, steps: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], str]]:
    if isinstance(tree, str):
        yield steps, tree
        return
    for values, branch in tree.branches:
        others = _in_order(value for there, _ in tree.branches if there != values for value in there)
        yield from _lines(branch, (*steps, Step(tree.fact, values, others)))


def _path(section: str, steps: tuple[Step, ...], row: Row | None) -> Path:
    if row is None:
        return Path(section, steps, None)
    return Path(section, steps, row.id, row.outcome, row.reason_code)


def _one_of(values: tuple[Any, ...]) -> str:
    *most, last = (_value(value) for value in values)
    return f"{', '.join(most)} or {last}" if most else last


def _value(value: Any) -> str:
    return {"None": "unknown", "True": "yes", "False": "no"}.get(str(value), str(value))


# --- the listing -----------------------------------------------------------------------------------------------------

_HEAD = """# Every path through the eligibility rules

Written by `python -m bot.eligibility.paths > docs/eligibility-paths.md`; do not edit. Rules {version}, as in force on
{day}. {count} paths.

Each section of the decision table is listed by itself: the facts, in the order in which they matter, and where they
lead. A case goes through the sections in order until a row decides; *goes on* means that the next section is read.
So a whole path is one *goes on* line of each earlier section and then one more line. `unknown` is what nobody has
shown. Values that no case can still have, because an earlier section has taken them, are left out.
"""


def render_paths(rules: Rules) -> str:
    """The listing as Markdown, one line a path; the same rules always give the same text."""
    day = newest_day(rules)
    paths = list_paths(rules, day)
    parts = [_HEAD.format(version=rules.version, day=day, count=len(paths))]
    for section, of_section in groupby(paths, key=lambda path: path.section):
        parts.append(f"\n## {section}\n\n| facts | row | outcome | code |\n| --- | --- | --- | --- |\n")
        parts += [_line(path) for path in of_section]
    gone = [row for row in rules.rows if not row.in_force(day)]
    if gone:
        parts.append("\n## Rows no longer in force\n\n")
        parts += [
            f"- {row.id}: to {row.effective_to}, {row.outcome} {row.reason_code or ''}".rstrip() + "\n" for row in gone
        ]
    return "".join(parts)


def _line(path: Path) -> str:
    facts = "; ".join(map(str, path.steps)) or "whatever the facts"
    if path.row is None:
        return f"| {facts} | *goes on* | | |\n"
    return f"| {facts} | {path.row} | {path.outcome} | {path.reason_code or '-'} |\n"


if __name__ == "__main__":
    sys.stdout.write(render_paths(load_rules()))
