"""Which of the offered choices a person means: by button, number, word or place."""

import re
from typing import Any

NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLACE_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_PLAIN_NUMBER = re.compile(r"^(?:(?:number|no|option)\s*)?(\d)(?:st|nd|rd|th)?(?:\s+one)?$")
_PLACE = re.compile(rf"^(?:the\s+)?({'|'.join(PLACE_WORDS)}|last)(?:\s+one)?$")


_YES = re.compile(
    r"^(?:y|ye|yes|yeah|yea|yep|yh|yup|aye|ok|okay|fine|safe|i am|im|i'm|ydw|ydyn|ie|tak)\b"
    r"(?!.*\b(?:not|no|but|unsafe|ond|ddim|ale|nie)\b)"
)


def is_yes(text: str) -> bool:
    """Whether words typed instead of a choice say a plain yes; "yes but he is coming back" does not."""
    return _YES.match(text.strip().casefold()) is not None


def picked(choices: list[dict[str, Any]] | None, *, text: str, value: str | None) -> dict[str, Any] | None:
    """The choice a person picked, or None when their words are not one of them.

    Args:
        choices: what was offered last, each with label, value and payload.
        text: what they typed: "2", "2.", "the second one", "two", or the label itself.
        value: the value a button sent.
    """
    if not choices:
        return None
    if value is not None:
        return next((choice for choice in choices if choice["value"] == value), None)
    words = _plain(text)
    place = _place(words, len(choices))
    if place is not None:
        return choices[place] if 0 <= place < len(choices) else None
    return next((choice for choice in choices if _plain(choice["label"]) == words), None)


def _place(words: str, count: int) -> int | None:
    if match := _PLAIN_NUMBER.match(words):
        return int(match[1]) - 1
    if words in NUMBER_WORDS:
        return NUMBER_WORDS.index(words)
    if match := _PLACE.match(words):
        return count - 1 if match[1] == "last" else PLACE_WORDS.index(match[1])
    return None


def _plain(words: str) -> str:
    """As people type it: "I'm in care", "im in care" and "I\u2019m in care." are one answer."""
    without = re.sub(r"['\u2019]", "", words.casefold())
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", " ", without)).strip()
