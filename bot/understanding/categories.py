"""Which category and which team of a council's profile a complaint belongs to: ranked guesses that staff confirm.

Learned from invented narratives under canonical kinds, so every profile is served by the same examples: a council's
category is known by what it `maps_to`, its team by its kind (`team_kinds.yml`), and both by their names and aliases.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.council import Category, Council, Named, Team
from bot.understanding.cues import found, plain
from bot.understanding.learned import TextClassifier, kept
from bot.understanding.narratives import Narrative, narratives

_KINDS = Path(__file__).with_name("team_kinds.yml")
UNTOLD = "-"  # the label of stories that tell of no team
NAMED_OUTRIGHT = 0.9  # the least chance of a team that is the only one named


@dataclass(frozen=True)
class Guess:
    """One category or team of the profile, and the chance that it is the right one, between 0 and 1."""

    key: str
    name: str
    score: float


def guess_category(text: str, council: Council) -> list[Guess]:
    """The council's categories, the likeliest first."""
    chances: dict[str, float] = defaultdict(float)
    for label, chance in _category_classifier(council.categories).ranked(text):
        for key, share in _shares(label, text, council).items():
            chances[key] += chance * share
    return _ranked(chances, council.categories)


def guess_team(text: str, council: Council) -> list[Guess]:
    """The council's teams, the likeliest first; where the words tell of none, all chances are small."""
    chances = {key: chance for key, chance in _team_classifier(council.teams).ranked(text) if key != UNTOLD}
    named = _named(text, council.teams)
    if len(named) == 1 and chances.get(named[0], 0.0) < NAMED_OUTRIGHT:
        rest = sum(chance for key, chance in chances.items() if key != named[0]) or 1.0
        chances = {key: chance / rest * (1 - NAMED_OUTRIGHT) for key, chance in chances.items()}
        chances[named[0]] = NAMED_OUTRIGHT
    return _ranked(chances, council.teams)


def _ranked(chances: Mapping[str, float], items: Iterable[Named]) -> list[Guess]:
    guesses = (Guess(each.key, each.name, round(chances.get(each.key, 0.0), 3)) for each in items)
    return sorted(guesses, key=lambda guess: -guess.score)


# --- categories ------------------------------------------------------------------------------------------------------


def _shares(label: str, text: str, council: Council) -> dict[str, float]:
    """How a canonical kind's chance is shared by the categories that map to it: by the words of each that occur."""
    kind, _, finer = label.partition(": ")
    own = [each for each in council.categories if each.maps_to == kind]
    if finer and (closer := [each for each in own if _speaks_of(finer, each)]):
        own = closer
    said = plain(text)
    weights = {each.key: 1.0 + 3.0 * sum(_occurs(alias, said) for alias in each.aliases) for each in own}
    whole = sum(weights.values())
    return {key: weight / whole for key, weight in weights.items()}


def _speaks_of(finer: str, category: Category) -> bool:
    return _occurs(finer, plain(" ".join((category.key, category.name, *category.aliases))))


def _occurs(alias: str, said: str) -> bool:
    return found([re.escape(plain(alias))], said) is not None


def _label(narrative: Narrative, categories: tuple[Category, ...]) -> str | None:
    mapped = {each.maps_to for each in categories}
    if narrative.kind in mapped:
        return narrative.kind + (f": {narrative.finer}" if narrative.finer else "")
    return next((kind for kind in (narrative.otherwise, "other") if kind in mapped), None)


@lru_cache(maxsize=4)
def _category_classifier(categories: tuple[Category, ...]) -> TextClassifier:
    told = [(label, each.text) for each in narratives() if (label := _label(each, categories))]
    told += [(str(each.maps_to), words) for each in categories for words in (each.name, *each.aliases)]
    return kept("categories", told, among="complaints")


# --- teams -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def team_kinds() -> dict[str, dict[str, Any]]:
    """Kinds of team by key: their `words`, and the kind that does their work `else`where."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(_KINDS.read_text(encoding="utf-8"))
    return loaded


def team_of_kind(kind: str, teams: tuple[Team, ...]) -> str | None:
    """The team of a kind, or the one that does its work; None if it has neither."""
    sought: str | None = kind
    while sought:
        words = {plain(word) for word in (sought, *team_kinds()[sought]["words"])}
        for by_alias in (False, True):
            for team in teams:
                names = (team.key, team.name, *(team.aliases if by_alias else ()))
                if words & {plain(name) for name in names}:
                    return team.key
        sought = team_kinds()[sought].get("else")
    return None


def _named(text: str, teams: Iterable[Team]) -> list[str]:
    said = plain(text)
    return [team.key for team in teams if any(_occurs(name, said) for name in (team.name, *team.aliases))]


@lru_cache(maxsize=4)
def _team_classifier(teams: tuple[Team, ...]) -> TextClassifier:
    told = [(_team_label(each, teams), each.text) for each in narratives()]
    told += [(team.key, words) for team in teams for words in (team.name, *team.aliases)]
    return kept("teams", told, among="complaints")


def _team_label(narrative: Narrative, teams: tuple[Team, ...]) -> str:
    return (team_of_kind(narrative.team, teams) if narrative.team else None) or UNTOLD
