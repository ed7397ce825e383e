"""Code words: two easy words by which a person who comes back is known again. Pure.

A code is read kindly: in a sentence, in capitals, with a spelling mistake, run together. It is kept only as a keyed
hash (`bot.cases.returning`). The words are data: `code_words.yml`.
"""

import re
import secrets
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import yaml

from bot.conversation.commands import is_only_a_greeting, plain, words_of

_FILE = Path(__file__).with_suffix(".yml")
LONGEST_TRY = 3  # words
NEAR_ENOUGH = 0.8  # of a word's letters: "ottor" is otter
_REFERENCE = re.compile(r"\bSU[-\s]?([A-Z0-9]{4})[-\s]?([A-Z0-9]{4})\b", re.IGNORECASE)


def new_code() -> str:
    """A fresh code: two different words."""
    words = _words()
    first = secrets.choice(words)
    return f"{first} {secrets.choice([word for word in words if word != first])}"


def read_code(text: str) -> str | None:
    """The code that a message tells, in its own spelling; None if it tells none."""
    said = _without_lead(plain(without_reference(text)))
    found = [_nearest(word) for word in said.split()]
    if len(found) == 1:
        return _run_together(said)
    return f"{found[0]} {found[1]}" if len(found) == 2 and all(found) else None


def is_try(text: str) -> bool:
    """Whether a message at the door was meant as a code word, right or wrong."""
    whole = plain(without_reference(text))
    said = _without_lead(whole)
    greets = is_only_a_greeting(whole) or is_only_a_greeting(said)
    return 0 < len(said.split()) <= LONGEST_TRY and not greets


def read_reference(text: str) -> str | None:
    """The reference that a message names, as we write it: SU-ABCD-EFGH."""
    match = _REFERENCE.search(text)
    return f"SU-{match[1]}-{match[2]}".upper() if match else None


def without_reference(text: str) -> str:
    """The message without the reference in it."""
    return _REFERENCE.sub(" ", text)


def _without_lead(said: str) -> str:
    return re.sub(rf"^(?:{words_of('before_code')}(?: |$))+", "", said)


def _nearest(word: str) -> str | None:
    return next(iter(get_close_matches(word, _words(), n=1, cutoff=NEAR_ENOUGH)), None)


def _run_together(said: str) -> str | None:
    known = set(_words())
    halves = ((said[:cut], said[cut:]) for cut in range(1, len(said)))
    return next((f"{first} {second}" for first, second in halves if first in known and second in known), None)


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    return tuple(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
