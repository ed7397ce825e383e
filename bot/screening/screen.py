"""Is anybody in danger? Cues and a learned model over a normalised text, in our own process, on every message (R1).

A miss is far worse than a needless call: `immediate` is answered at once with the crisis words, `concern` opens a
referral while the conversation goes on. Either part raises the level; but where a cue shows and the model holds the
message for harmless (a figure of speech, a record, a denial), the cue is left aside.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.screening.cues import Cues, Level, cues_in, load_cues
from bot.screening.learned import Learned, Scores
from bot.screening.reading import windows, words_of
from bot.settings import models_folder

log = logging.getLogger(__name__)

NOT_SAFE = "not_safe_now"
UNSURE = "unsure_safe_now"
REPEATED = "third_concern_running"
LEARNED: Mapping[Level, str] = {"immediate": "learned_immediate", "concern": "learned_concern"}

# Chosen on examples of authors whom the model had not read; docs/decisions/0020 tells how.
RAISED, RAISED_NOW = -0.5, -0.5
# A message that is raised counts as danger now from here on: in doubt it does.
NOW = -2.0
# Taken off a short answer to a question for a plain thing: "somewhere else to live" is what somebody asked to say what
# they want says, and would be a worry out of nothing. Cues are not doubted so.
ANSWERED, LONGEST_ANSWER = Scores(-2.0, -2.0), 8
# What these ask for can be danger, however short.
ASK_FOR_ANYTHING = frozenset({None, "what_happened", "more_to_say", "safe_now"})
# A cue raises from here on; below, the model holds the message for harmless.
CUE_DOUBTED = -2.0


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


def screen(text: str, context: Context = Context()) -> Screening:
    """The level of one message.

    Args:
        text: the person's words, as they came.
        context: what was asked and how earlier messages were screened.

    "No" to "are you safe right now?" is immediate, an unsure answer a concern. A third message of concern in a row is
    immediate too. A short answer to a question for a plain thing (a name, a wish, a day) must show danger more clearly.
    """
    cues = load_cues()
    found = _found(text, cues, context.asking)
    if context.asking == "safe_now":
        found |= _about_safety(text, cues)
    if found and all(level != "none" for level in _before(context)):
        found[REPEATED] = "immediate"
    return Screening(_highest(found), tuple(found))


def why(reason: str) -> str:
    """A reason in words for staff.

    Raises:
        KeyError: no cue has this id.
    """
    return load_cues().reasons[reason]


def learned_ready() -> bool:
    """Whether the learned part is at work; without it the cues screen alone."""
    return _learned() is not None


def _about_safety(text: str, cues: Cues) -> dict[str, Level]:
    answer = " ".join(words_of(text, cues.spelling))
    if cues.unsafe_answers.fullmatch(answer):
        return {NOT_SAFE: "immediate"}
    return {UNSURE: "concern"} if cues.unsure_answers.fullmatch(answer) else {}


def _before(context: Context) -> tuple[str, ...]:
    """The two messages before this one; with fewer, nothing can be the third in a row."""
    return context.previous_levels[-2:] if len(context.previous_levels) >= 2 else ("none",)


def _highest(found: Mapping[str, Level]) -> Level:
    if "immediate" in found.values():
        return "immediate"
    return "concern" if found else "none"


def _found(text: str, cues: Cues, asking: str | None) -> dict[str, Level]:
    """The reasons a text gives, each with its level."""
    sentences = list(windows(text, cues.spelling))
    shown = _cues_of(sentences, cues)
    learned = _learned()
    if learned is None:
        return shown
    scores = learned.scores(sentences, cues)
    answers = not shown and asking not in ASK_FOR_ANYTHING and sum(map(len, sentences)) <= LONGEST_ANSWER
    return _together(shown, scores + ANSWERED if answers else scores)


def _cues_of(sentences: Sequence[Sequence[str]], cues: Cues) -> dict[str, Level]:
    shown: dict[str, Level] = {}
    for sentence in sentences:
        shown |= cues_in(sentence, cues, so_far=shown)
    return shown


def _together(shown: Mapping[str, Level], scores: Scores) -> dict[str, Level]:
    """What cues and model say together: either raises, but not a cue in a message the model holds for harmless."""
    level: Level = "immediate" if scores.immediate > NOW else "concern"
    found: dict[str, Level] = {}
    if max(scores.danger, scores.immediate) > CUE_DOUBTED:
        found = {name: _lower(level, cue_level) for name, cue_level in shown.items()}
    if scores.danger > RAISED or scores.immediate > RAISED_NOW:
        found[LEARNED[level]] = level
    return found


def _lower(one: Level, other: Level) -> Level:
    return "immediate" if one == other == "immediate" else "concern"


@lru_cache(maxsize=1)
def _learned() -> Learned | None:
    """The model, trained on first use where there is none; `None`, and a loud line in the log, if that fails."""
    try:
        from bot.screening.training import load_or_train  # noqa: PLC0415 -- its libraries take a second to load

        return load_or_train(models_folder())
    except (OSError, ValueError) as error:
        log.exception(
            "The learned part of screening cannot be used (%s). Cues screen alone and will miss more. Run `bot train`.",
            type(error).__name__,
        )
        return None
