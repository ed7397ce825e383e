"""Is anybody in danger? Cues over a normalised text, in our own process, on every message (R1).

A cue misses rarely and errs towards a person: `immediate` is answered at once with the crisis words, `concern`
opens a referral while the conversation goes on. The cues, and the harmless phrases that look like them, are data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

Level = Literal["none", "concern", "immediate"]

CUES_FILE = Path(__file__).with_name("cues.yml")
NOT_SAFE = "not_safe_now"
REPEATED = "third_concern_running"
# A sign spans fewer words than a window overlaps the next one by, so that none falls between two windows.
WINDOW, STRIDE = 72, 48


@dataclass(frozen=True)
class Context:
    """What surrounds a message.

    `asking` is the fact the assistant has just asked for (`safe_now` for "are you safe right now?"), or `None`.
    `previous_levels` are the levels of the person's earlier messages, oldest first.
    """

    asking: str | None = None
    previous_levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Screening:
    """The level of a message and the ids of the cues that gave it; `why` puts an id into words."""

    level: Level
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The screening as plain JSON types."""
        return {"level": self.level, "reasons": list(self.reasons)}


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
    two_for_to: re.Pattern[str]
    long_ago: re.Pattern[str]
    unsafe_answers: re.Pattern[str]
    spellings: Mapping[str, str]
    masked: tuple[str, ...]
    fillers: frozenset[str]
    vocabulary: frozenset[str]
    reasons: Mapping[str, str]


def screen(text: str, context: Context = Context()) -> Screening:
    """The level of one message.

    Args:
        text: the person's words, as they came.
        context: what was asked and how earlier messages were screened.

    "No" to "are you safe right now?" is immediate. A third message of concern in a row is immediate too.
    """
    cues = load_cues()
    found = _found(text, cues)
    if context.asking == "safe_now" and cues.unsafe_answers.fullmatch(" ".join(_normal(text, cues))):
        found[NOT_SAFE] = "immediate"
    if found and all(level != "none" for level in _before(context)):
        found[REPEATED] = "immediate"
    return Screening(_highest(found), tuple(found))


def why(reason: str) -> str:
    """A reason in words for staff.

    Raises:
        KeyError: no cue has this id.
    """
    return load_cues().reasons[reason]


def _before(context: Context) -> tuple[str, ...]:
    """The two messages before this one; with fewer, nothing can be the third in a row."""
    return context.previous_levels[-2:] if len(context.previous_levels) >= 2 else ("none",)


def _highest(found: Mapping[str, Level]) -> Level:
    if "immediate" in found.values():
        return "immediate"
    return "concern" if found else "none"


def _found(text: str, cues: Cues) -> dict[str, Level]:
    found: dict[str, Level] = {}
    for window in _windows(text, cues):
        words = cues.words.intersection(window)
        if words:
            told = " ".join(window)
            shown = [cue for cue in cues.cues if found.get(cue.id) != cue.level and _shows(cue, told, words)]
            found |= _without_look_alikes(shown, told, words, cues)
    return found


def _without_look_alikes(shown: list[Cue], told: str, words: frozenset[str], cues: Cues) -> dict[str, Level]:
    """The cues that still stand once harmless phrases are taken out, and their level."""
    if not shown:
        return {}
    past = cues.long_ago.search(told) is not None
    rest = cues.harmless.sub("_", told)
    return {cue.id: "concern" if past and cue.eases else cue.level for cue in shown if _shows(cue, rest, words)}


def _shows(cue: Cue, told: str, words: frozenset[str]) -> bool:
    return any(not sign.words.isdisjoint(words) and sign.pattern.search(told) for sign in cue.signs)


# --- the text as cues read it -----------------------------------------------------------------------------------

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})
_LEET = str.maketrans("013457@$!", "oieastasi")
_MIXED = re.compile(r"[a-z]+[013457@$!]+[a-z]+[a-z013457@$!]*|[013457@$][a-z]{2,}")
_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z][ .\-_*]){2,}[a-z](?![a-z0-9'])")
_TOKEN = re.compile(r"[a-z0-9@$!*']*[a-z0-9@$*']|[.?!;\n…]")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_END = frozenset(".?!;\n…")


def _windows(text: str, cues: Cues) -> Iterator[list[str]]:
    """Sentences, or overlapping stretches of long ones; letters set apart are read joined as well."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    plain = cues.two_for_to.sub("to ", plain)
    yield from _sentences(plain, cues)
    joined = _SPACED.sub(lambda run: re.sub(r"[ .\-_*]", "", run[0]), plain)
    if joined != plain:
        yield from _sentences(joined, cues)


def _sentences(plain: str, cues: Cues) -> Iterator[list[str]]:
    sentence: list[str] = []
    for token in _TOKEN.findall(plain):
        if token in _END:
            yield from _stretches(sentence)
            sentence = []
        else:
            sentence.extend(word for word in _spelt(token, cues) if word not in cues.fillers)
    yield from _stretches(sentence)


def _stretches(sentence: list[str]) -> Iterator[list[str]]:
    for start in range(0, max(1, len(sentence) - (WINDOW - STRIDE)), STRIDE):
        yield sentence[start : start + WINDOW]


def _normal(text: str, cues: Cues) -> list[str]:
    return [word for window in _windows(text, cues) for word in window]


def _spelt(token: str, cues: Cues) -> list[str]:
    """The words a token stands for: text-speak, digits for letters, masked and drawn-out spellings."""
    for spelling in (token, token.replace("'", "")):
        if spelling in cues.spellings:
            return cues.spellings[spelling].split()
    word = token.replace("'", "")
    if "*" in word:
        word = _unmasked(word, cues.masked)
    if _MIXED.fullmatch(word):
        word = word.translate(_LEET)
    if _REPEATED.search(word):
        twice = _REPEATED.sub(r"\1\1", word)
        word = twice if twice in cues.vocabulary else _REPEATED.sub(r"\1", word)
    return cues.spellings.get(word, word).split()


def _unmasked(word: str, masked: tuple[str, ...]) -> str:
    return next((each for each in masked if _fits(word, each)), word.replace("*", ""))


def _fits(word: str, whole: str) -> bool:
    return len(word) == len(whole) and all(given in ("*", letter) for given, letter in zip(word, whole, strict=True))


# --- the cues ---------------------------------------------------------------------------------------------------


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
        two_for_to=re.compile(rf"\b2 (?=(?:{'|'.join(sheet['to_before'])})\b)"),
        long_ago=_pattern(sheet["long_ago"], parts),
        unsafe_answers=_pattern(sheet["unsafe_answers"], parts),
        spellings=sheet["spellings"],
        masked=tuple(sheet["masked"]),
        fillers=frozenset(sheet["fillers"]),
        vocabulary=frozenset(re.findall(r"[a-z]{2,}", patterns)),
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
