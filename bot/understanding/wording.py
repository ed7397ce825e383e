"""How the classifiers read a message: plain spelling, and a second reading by what words mean here (`wording.yml`)."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

WORDING = Path(__file__).with_name("wording.yml")
_TOKEN = re.compile(r"[\w*/]+|[?!]|[^\w\s.,;:\"'\-()/…]")


@lru_cache(maxsize=1)
def _wording() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORDING.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    return {str(word): str(plain) for word, plain in _wording()["spellings"].items()}


def spelt(text: str) -> str:
    """Lower case, apostrophes and stops away, letters drawn out cut to two, text-speak in plain words.

    >>> spelt("Wot's happenin w my complaint??? plzzz")
    'what is happenin with my complaint ? ? ? please'
    """
    bare = re.sub(r"(\w)['’‘](\w)", r"\1\2", text.lower())
    words = (re.sub(r"([^\W\d])\1{2,}", r"\1\1", word) for word in _TOKEN.findall(bare))
    return " ".join(_plain_word(word) for word in words)


def _plain_word(word: str) -> str:
    spellings = _spellings()
    return spellings.get(word) or spellings.get(re.sub(r"([^\W\d])\1+$", r"\1", word), word)


@lru_cache(maxsize=2)
def _meanings(among: str) -> tuple[re.Pattern[str], dict[str, str]]:
    groups = _wording()["meanings"][among].items()
    group_of = {spelt(word): group.upper() for group, words in reversed(groups) for word in words}
    longest_first = sorted(group_of, key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, longest_first))})(?!\S)"), group_of


def meant(text: str, among: str) -> str:
    """The text with each word of a group replaced by the group's name.

    Args:
        among: which groups of `wording.yml`: "messages" or "complaints".

    >>> meant("the lady was smashing", "messages")
    'the HUMAN was GOOD'
    """
    pattern, group_of = _meanings(among)
    return pattern.sub(lambda match: group_of[match[0]], spelt(text))
