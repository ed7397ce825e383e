"""One message by itself, as the assistant would take it: what it is for, and every fact it tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.council import Council
from bot.screening import Context, screen
from bot.understanding.answers import as_fact
from bot.understanding.facts import UNSHAPED, understand
from bot.understanding.intents import Intent, classify, told_outside
from bot.understanding.reaching import route_named

# Told as such where nobody says what a message is for, but it answers what was asked.
ANSWER = "inform"
READ = 0.9  # how sure a reader is that finds in a message what was asked for
PLAIN_ANSWERS = frozenset({"affirm", "deny", "dont_know", "skip", "request_advocate"})
STORY_QUESTIONS = frozenset({"what_happened", "more_to_say"})
DANGER = "safeguarding"
# Only what is told with one of these is a story; a question about complaining is none.
TELLS = frozenset({"make_complaint", "add_information", "safeguarding", "escalate", "inform"})
OF_A_STORY = ("what_happened", "nature", "category", "team", "happened_when", "grounds_on", "months_since_grounds")


@dataclass(frozen=True)
class Heard:
    """An intent by the name other programs know, its chance, and facts by the names of the vocabulary."""

    intent: Intent
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As `bot understand` prints it."""
        return {"intent": self.intent.name, "confidence": round(self.intent.confidence, 3), "facts": self.facts}


def hear(text: str, *, asking: str | None, council: Council, today: date) -> Heard:
    """Take one message without anything known before it.

    Args:
        asking: the fact last asked for, or None if nothing was.
        today: the day on which it was said.
    """
    inside = classify(text)
    facts = understand(text, asking=asking, intent=inside.name, council=council, today=today)
    if asking in UNSHAPED and asking in facts:
        # The conversation shapes these by what else it knows; here nothing else is known.
        facts |= as_fact(asking, facts.pop(asking), route=route_named(text))
    intent, level = told_outside(text), screen(text, Context(asking=asking)).level
    if level == "immediate":
        intent = Intent(DANGER, max(intent.confidence, READ))
    elif asking in facts and asking not in STORY_QUESTIONS and not _says_enough(intent.name, level, facts):
        intent = Intent(ANSWER, max(intent.confidence, READ))
    if asking is None and intent.name not in TELLS:
        facts = {name: value for name, value in facts.items() if name not in OF_A_STORY}
    if intent.name == "make_compliment":
        facts["nature"] = "compliment"
    return Heard(intent, facts)


def _says_enough(intent: str, level: str, facts: Mapping[str, Any]) -> bool:
    """Whether the intent tells more than that the question was answered: a plain yes or no, or a worry."""
    if intent == DANGER:
        return level != "none"
    return intent in PLAIN_ANSWERS and "grounds_on" not in facts
