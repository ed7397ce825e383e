"""The cues of danger: their data, compiled, and where they show in the words of a text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from bot.screening.reading import Spelling

Level = Literal["none", "concern", "immediate"]

CUES_FILE = Path(__file__).with_name("cues.yml")


@dataclass(frozen=True)
class Sign:
    """A way of putting a cue: tried only where one of its words stands."""

    words: frozenset[str]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Cue:
    """One kind of danger. `eases` tells that it is a concern only when it is told of long ago."""

    id: str
    level: Level
    why: str
    eases: bool
    signs: tuple[Sign, ...]
    must_match: tuple[str, ...]
    must_not_match: tuple[str, ...]


@dataclass(frozen=True)
class Cues:
    """The cues and what is needed to read a text for them."""

    cues: tuple[Cue, ...]
    words: frozenset[str]
    harmless: re.Pattern[str]
    long_ago: re.Pattern[str]
    unsafe_answers: re.Pattern[str]
    unsure_answers: re.Pattern[str]
    spelling: Spelling
    reasons: Mapping[str, str]


def cues_in(words: Sequence[str], cues: Cues, so_far: Mapping[str, Level] = MappingProxyType({})) -> dict[str, Level]:
    """The cues that a stretch of words shows, with the level each gives here.

    Args:
        so_far: cues that need not be looked for again, because an earlier stretch gave them their level.
    """
    held = cues.words.intersection(words)
    if not held:
        return {}
    told = " ".join(words)
    open_still = (cue for cue in cues.cues if so_far.get(cue.id) != cue.level)
    return _without_look_alikes([cue for cue in open_still if _shows(cue, told, held)], told, held, cues)


def _without_look_alikes(shown: list[Cue], told: str, words: frozenset[str], cues: Cues) -> dict[str, Level]:
    """The cues that still stand once harmless phrases are taken out, and their level."""
    if not shown:
        return {}
    past = cues.long_ago.search(told) is not None
    rest = cues.harmless.sub("_", told)
    return {cue.id: "concern" if past and cue.eases else cue.level for cue in shown if _shows(cue, rest, words)}


def _shows(cue: Cue, told: str, words: frozenset[str]) -> bool:
    return any(not sign.words.isdisjoint(words) and sign.pattern.search(told) for sign in cue.signs)


@lru_cache(maxsize=1)
def load_cues() -> Cues:
    """The cues of `cues.yml`, compiled once.

    Raises:
        KeyError, ValueError: a cue lacks a field or its pattern does not compile; the tests hold the shipped file.
    """
    sheet = yaml.safe_load(CUES_FILE.read_bytes())
    parts = _parts(sheet["parts"])
    cues = tuple(_cue(entry, parts) for entry in sheet["cues"])
    patterns = " ".join(sign.pattern.pattern for cue in cues for sign in cue.signs)
    return Cues(
        cues=cues,
        words=frozenset().union(*(sign.words for cue in cues for sign in cue.signs)),
        harmless=_pattern(sheet["harmless"], parts),
        long_ago=_pattern(sheet["long_ago"], parts),
        unsafe_answers=_pattern(sheet["unsafe_answers"], parts),
        unsure_answers=_pattern(sheet["unsure_answers"], parts),
        spelling=Spelling(
            two_for_to=re.compile(rf"\b2 (?=(?:{'|'.join(sheet['to_before'])})\b)"),
            spellings=sheet["spellings"],
            masked=tuple(sheet["masked"]),
            fillers=frozenset(sheet["fillers"]),
            vocabulary=frozenset(re.findall(r"[a-z]{2,}", patterns)),
        ),
        reasons={cue.id: cue.why for cue in cues} | sheet["other_reasons"],
    )


def _cue(entry: Mapping[str, Any], parts: Mapping[str, str]) -> Cue:
    return Cue(
        id=entry["id"],
        level=entry["level"],
        why=entry["why"],
        eases=entry.get("eases", False),
        signs=tuple(_sign(sign, parts) for sign in entry["signs"]),
        must_match=tuple(entry["must_match"]),
        must_not_match=tuple(entry["must_not_match"]),
    )


def _sign(entry: Mapping[str, Any], parts: Mapping[str, str]) -> Sign:
    words = entry["words"].split()
    for like in entry["like"]:
        # The words are what a text is first looked through for: a pattern without them would never be tried.
        if "<word>" not in like:
            raise ValueError(f"{CUES_FILE.name}: the pattern {like!r} lacks <word>; put it where its words stand.")
    return Sign(frozenset(words), _pattern(entry["like"], {**parts, "word": f"(?:{'|'.join(words)})"}))


def _parts(written: Mapping[str, str]) -> dict[str, str]:
    """The named parts of patterns; a part may use those before it."""
    parts: dict[str, str] = {}
    for name, pattern in written.items():
        parts[name] = f"(?:{_filled(pattern, parts)})"
    return parts


def _filled(pattern: str, parts: Mapping[str, str]) -> str:
    return re.sub(r"<([a-z_]+)>", lambda name: parts[name[1]], pattern)


def _pattern(written: list[str], parts: Mapping[str, str]) -> re.Pattern[str]:
    """Whole words only, any of the ways written."""
    return re.compile(rf"(?<!\S)(?:{'|'.join(_filled(each, parts) for each in written)})(?!\S)")
