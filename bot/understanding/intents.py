"""What somebody wants with a message: an intent of domain.yml, learned from `data/nlu/`, or one of the questions of
`data/questions.yml`, as `ask_` and its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import yaml

from bot import asked
from bot.settings import ROOT
from bot.understanding.learned import TextClassifier, kept
from bot.understanding.narratives import narratives
from bot.understanding.wording import spelt

DATA = ROOT / "data/nlu"
# What other programs are told: questions are finer inside than anybody outside needs, and so is leaving.
TOLD_AS = {
    "inform": "make_complaint", "new_complaint": "make_complaint", "compliment": "make_compliment",
    "ask_who_are_you": "who_are_you", "ask_private": "is_it_private", "ask_who_reads": "is_it_private",
    "ask_how_long": "how_long", f"ask_{asked.SOMETHING_ELSE}": "out_of_scope",
    "stop_for_now": "goodbye", "answer_advocacy": "request_advocate", "share_with_advocate": "change_answer",
    "withdraw_advocate": "change_answer", "ask_copy": "check_status", "ask_changed": "check_status",
}  # fmt: skip
SURE_WHICH = 0.4  # chosen on ways of an author not learned from: 0.5 finds 2 in 100 fewer, 0.3 misleads 1 in 100 more
A_QUESTION = "ask_question"  # for Rasa and for other programs, every question is this
# Alone, these take somebody off the texts, as the networks have it, whatever else they could mean.
LEAVING_WORDS = frozenset({"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})


@dataclass(frozen=True)
class Intent:
    """An intent by its name, and the chance that it is right, between 0 and 1."""

    name: str
    confidence: float

    @property
    def question(self) -> str | None:
        """The name of the question that is asked; None for any other intent.

        Where it is not clear which question it is, it counts as `something_else`: a wrong answer is worse than none.
        """
        name = self.name.removeprefix(asked.INTENT)
        if name == self.name or name not in asked.questions():  # what is asked of one's own complaint has no one answer
            return None
        return name if self.confidence >= SURE_WHICH else asked.SOMETHING_ELSE

    @property
    def for_rasa(self) -> str:
        """The intent of domain.yml: all questions are one there."""
        return A_QUESTION if self.question else self.name


def classify(text: str) -> Intent:
    """What a person's free text is for."""
    name, chance = ranked(text)[0]
    return Intent(name, chance)


def ranked(text: str) -> list[tuple[str, float]]:
    """Every intent with its chance, the likeliest first."""
    return _classifier().ranked(text)


def told_outside(text: str) -> Intent:
    """The intent by the name other programs are told: kinds of one thing are counted together."""
    if text.strip(" .,!?'\"").casefold() in LEAVING_WORDS:
        return Intent("stop_optout", 1.0)
    ranking = ranked(text)
    if Intent(*ranking[0]).question == asked.SOMETHING_ELSE:
        # As in a conversation: what cannot be answered is not taken for a question that can.
        return Intent(outside_name(f"{asked.INTENT}{asked.SOMETHING_ELSE}"), ranking[0][1])
    chances: dict[str, float] = {}
    for name, chance in ranking:
        outside = outside_name(name)
        chances[outside] = chances.get(outside, 0.0) + chance
    best = max(chances, key=lambda name: chances[name])
    return Intent(best, chances[best])


def outside_name(intent: str) -> str:
    """The name by which other programs know an intent of ours."""
    return TOLD_AS.get(intent) or (A_QUESTION if intent.startswith(asked.INTENT) else intent)


@lru_cache(maxsize=1)
def _classifier() -> TextClassifier:
    return kept("intents", [*examples(), *(("inform", each.text) for each in narratives())], among="messages")


def is_example(text: str, intent: str) -> bool:
    """Whether a text is, spelling aside, one of the examples of an intent: then it is no name that looks like one."""
    return _bare(text) in _phrases().get(intent, frozenset())


def _bare(text: str) -> str:
    return spelt(text).rstrip("?! ")


@lru_cache(maxsize=1)
def _phrases() -> dict[str, set[str]]:
    phrases: dict[str, set[str]] = {}
    for intent, text in examples():
        phrases.setdefault(intent, set()).add(_bare(text))
    return phrases


def examples() -> Iterator[tuple[str, str]]:
    """Every example of `data/nlu/` and every way of asking a question, with its intent."""
    yield from ((f"{asked.INTENT}{question}", text) for question, text in asked.ways())
    for file in sorted(DATA.glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            for line in entry["examples"].splitlines():
                yield entry["intent"], line.removeprefix("- ")
