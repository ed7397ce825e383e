"""Reads `cues.yml` once and searches it: the words people use, kept as data."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

# The lists of words that answer something and tell nothing.
SMALL_ANSWERS = ("yes", "no", "dont_know", "skip", "story_told")
_FILE = Path(__file__).with_name("cues.yml")


@lru_cache(maxsize=1)
def cues() -> dict[str, Any]:
    """The whole file, as written."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces: the form in which cues are searched."""
    return re.sub(r"\s+", " ", text.replace("\u2019", "'").replace("\u2018", "'")).strip().lower()


@lru_cache(maxsize=2000)
def _compiled(cue: str) -> re.Pattern[str]:
    opening = "" if cue.startswith("^") else r"(?<!\w)"
    return re.compile(f"{opening}(?:{cue})(?!\\w)" if not cue.startswith("^") else cue)


def found(patterns: Iterable[str], text: str) -> re.Match[str] | None:
    """The first of these cues that occurs in a text already made `plain`."""
    return next((match for cue in patterns if (match := _compiled(cue).search(text))), None)


def occurrences(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Every place where one cue occurs in a text already made `plain`."""
    return _compiled(pattern).finditer(text)


def without(patterns: Iterable[str], text: str) -> str:
    """A text already made `plain`, with every occurrence of these cues taken out."""
    for cue in patterns:
        text = _compiled(cue).sub(" ", text)
    return text


def is_only(words: str, text: str) -> bool:
    """Whether a short answer is one of a named list (one of SMALL_ANSWERS) and says nothing else."""
    return _bare(text) in cues()[words] or plain(text) in cues()[words]


def is_small_answer(text: str) -> bool:
    """Whether a message is a yes, a no, "skip" or the like: an answer to something, and no story, name or wish."""
    return any(is_only(words, text) for words in SMALL_ANSWERS)


def says_no_more(text: str) -> bool:
    """Whether a message is a no, or says by itself that a story is told."""
    return is_only("no", text) or is_only("story_told", text)


def is_whole(patterns: Iterable[str], text: str) -> bool:
    """Whether one of these cues is all that a short answer says."""
    return any(_compiled(cue).fullmatch(_bare(text)) for cue in patterns)


def _bare(text: str) -> str:
    """A short answer without stops and without a courtesy behind it."""
    return re.sub(r"[.!,;:]+|\s+(please|pls|thanks|thank you|ta|mate|x+|tbh|lol)$", "", plain(text)).strip()


def may_ask(text: str) -> bool:
    """Whether anything in a message could be a question, however it is put."""
    return "?" in text or found(cues()["question_signs"], plain(text)) is not None


def asks(text: str) -> bool:
    """Whether a message is put as a question."""
    said = plain(text)
    return said.endswith("?") or found(cues()["question_openings"], said) is not None
