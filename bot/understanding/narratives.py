"""Invented complaints with the kind of complaint and the kind of team each is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NARRATIVES = Path(__file__).with_name("examples") / "narratives.txt"
_HEADING = re.compile(r"## (?P<kind>\w+)(: (?P<finer>\w+))?(, else (?P<otherwise>\w+))?")


@dataclass(frozen=True)
class Narrative:
    """One complaint as somebody would tell it.

    Args:
        kind: a key of councils/_canonical.yml.
        finer: what a finer list would call it, or None.
        otherwise: the canonical key it counts under where a council has no category for `kind`, or None.
        team: a key of team_kinds.yml, or None where the words tell of no team.
    """

    kind: str
    finer: str | None
    otherwise: str | None
    team: str | None
    text: str


@lru_cache(maxsize=1)
def narratives() -> tuple[Narrative, ...]:
    """All of them, in the order of the file.

    Raises:
        ValueError: a line is neither a heading nor `team | words`; the message names it.
    """
    return tuple(_read())


def _read() -> Iterator[Narrative]:
    heading = None
    for number, line in enumerate(NARRATIVES.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("# "):
            continue
        if found := _HEADING.fullmatch(line):
            heading = found
            continue
        team, bar, words = line.partition(" | ")
        if not bar or heading is None:
            raise ValueError(f"{NARRATIVES.name}, line {number}: expected a heading or `team | words`.")
        yield Narrative(
            heading["kind"], heading["finer"], heading["otherwise"], None if team == "-" else team, words.strip()
        )
