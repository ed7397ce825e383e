"""The questions people ask and what they are answered, as `data/questions.yml` has them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml

from bot.settings import ROOT

QUESTIONS = ROOT / "data/questions.yml"
INTENT = "ask_"  # before a question's name: the intent of asking it
SOMETHING_ELSE = "something_else"  # the question that we have no answer to


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))
    return loaded


def questions() -> dict[str, str]:
    """Each question by its name, in a few words."""
    return {name: str(each["question"]) for name, each in _file()["questions"].items()}


def answered_by(question: str) -> str:
    """The response that answers a question, by the question's name."""
    return f"utter_about_{question}"


def answers() -> dict[str, list[dict[str, Any]]]:
    """The answers in English, as responses in the shape of domain.yml."""
    return {answered_by(name): list(_forms(each)) for name, each in _file()["questions"].items()}


def _forms(entry: dict[str, str]) -> Iterator[dict[str, Any]]:
    yield {"text": entry["answer"]}
    if "sms" in entry:
        yield {"channel": "sms", "text": entry["sms"]}


def ways() -> Iterator[tuple[str, str]]:
    """Each question's name with each way in which people put it."""
    for name, lines in _file()["ways"].items():
        yield from ((name, line) for line in lines.splitlines())
