"""Answers to questions with a fixed set of answers, said in people's own ways."""

import re
from collections.abc import Callable
from typing import Any

from bot.understanding.cues import cues, found, is_only, is_whole, plain
from bot.understanding.sharing import CHOICES

YES_MEANS = {
    "advocacy": "accepted", "consent": "given", "child_status": "looked_after", "more_to_say": "yes",
    "proceedings": "family_court", "prior": "stage1_answered", "safe_to_contact": "safe", "confirm_statement": "yes",
    "wants_stage2": "yes", "points_agreed": "yes",
}  # fmt: skip
NO_MEANS = {
    "advocacy": "declined", "consent": "pending", "child_status": "in_need", "more_to_say": "no", "proceedings": "none",
    "prior": "none", "preferred_contact": "none", "safe_to_contact": "not_safe", "confirm_statement": "no",
    "wants_stage2": "no", "points_agreed": "no",
}  # fmt: skip
DONT_KNOW_MEANS = {
    "advocacy": "later", "consent": "unknown", "child_status": "unknown", "responsible_body": "unknown",
    "proceedings": "unknown", "prior": "unknown", "wants_stage2": "unknown",
}  # fmt: skip
# What "that's it" says where the end is asked for; anywhere else it answers nothing.
ENDED_BY_SAYING_SO = {"more_to_say": "no", "confirm_statement": "yes", "points_agreed": "yes"}
LONGEST_ANSWER = 14  # words; more than that is a story, whatever word it holds


def chosen(fact: str, text: str, intent: str | None) -> str | None:
    """Which of the fixed answers to the question for `fact` was given, or None if none can be told."""
    if is_only("story_told", text):
        return ENDED_BY_SAYING_SO.get(fact)
    for words, meanings in (("dont_know", DONT_KNOW_MEANS), ("no", NO_MEANS), ("yes", YES_MEANS)):
        if is_only(words, text) and fact in meanings:
            return meanings[fact]
    said = plain(text)
    if len(said.split()) > LONGEST_ANSWER:
        return None
    named = next((value for value, words in cues()["answers"].get(fact, {}).items() if found(words, said)), None)
    if named is None and fact == "advocacy" and intent == "request_advocate":
        return "accepted"
    if named is None and _says("dont_know", text, intent) and fact in DONT_KNOW_MEANS:
        return DONT_KNOW_MEANS[fact]
    # "No one came" goes on with the story: whether there is more must be said in so many words.
    return named or (_leaning(fact, said, intent) if fact != "more_to_say" else None)


def says_only(fact: str, text: str) -> bool:
    """Whether a message is one of the fixed answers to the question for `fact` and nothing else: "maybe later"."""
    return any(is_whole(words, text) for words in cues()["answers"].get(fact, {}).values())


def _leaning(fact: str, said: str, intent: str | None) -> str | None:
    if intent == "deny" or re.match(r"(no|nope|nah|not)(?!\w)", said):
        return NO_MEANS.get(fact) if len(said.split()) <= 8 else None
    if intent == "affirm" or re.match(r"(yes|yeah|yep|yh|ye|yea|sure|please)(?!\w)", said):
        return YES_MEANS.get(fact) if len(said.split()) <= 8 else None
    return None


def _says(kind: str, text: str, intent: str | None) -> bool:
    return is_only(kind, text) or (intent == kind and len(text.split()) <= 6)


def declines(text: str, intent: str | None) -> bool:
    """Whether somebody would rather not answer, or does not know."""
    return _says("skip", text, intent) or _says("dont_know", text, intent)


def as_fact(fact: str, value: str, *, route: str = "email") -> dict[str, Any]:
    """A chosen value in the shape of the vocabulary; what the vocabulary has no value for is no fact.

    Args:
        route: for `safe_to_contact`, the way that is safe or not.
    """
    if (fact, value) in (("prior", "unknown"), ("preferred_contact", "none")):
        return {}
    return {fact: _SHAPES[fact](value, route) if fact in _SHAPES else value}


def _proceedings(value: str) -> dict[str, Any]:
    if value == "none":
        return {"type": "none", "live": False}
    if value == "unknown":
        return {"live": "unknown"}
    return {"type": value, "live": True, "overlap": "unknown", "prejudice_decision": "undecided"}


_SHAPES: dict[str, Callable[[str, str], Any]] = {
    "advocacy": lambda value, _route: {"answer": value},
    "advocacy_share": lambda value, _route: list(CHOICES[value]),
    "proceedings": lambda value, _route: _proceedings(value),
    "wants_stage2": lambda value, _route: {"yes": True, "no": False}.get(value, "unknown"),
    "safe_to_contact": lambda value, route: {route: value},
}
