"""Thanks and praise for a worker, told apart from a complaint; one message can hold both, and neither is lost."""

import re
from dataclasses import dataclass

from bot.council import Council
from bot.understanding.cues import cues, found, is_only, is_small_answer, plain, says_no_more
from bot.understanding.intents import Intent, classify, ranked
from bot.understanding.people import read_role, read_worker
from bot.understanding.stories import LEAST_WORDS, read_place

PRAISE = "compliment"
# What half of a message is for when it tells of something that is wrong.
WRONG = frozenset({"make_complaint", "inform", "new_complaint", "add_information", "escalate", "safeguarding"})
# How sure the classifier must be of half a message, which is shorter than what it learned from.
SURE, CLEAR, FAIRLY_SURE = 0.8, 0.65, 0.5
LONGEST_NAME, LONGEST_WHOM = 4, 12  # words of an answer that says whom it is for
SHORTEST_TURN = 2  # words after a "but" that tell of something: "but always late"
BREAKS_OFF = frozenset({
    "request_human", "request_advocate", "stop_for_now", "stop_optout", "check_status", "help", "withdraw_complaint",
    "make_complaint", "new_complaint", "safeguarding", "escalate", "change_language", "repeat", "ask_copy",
    "ask_changed",
})  # fmt: skip

_PLACE = r"(?:at|from|in|of) (?:the |your )?[\w' ]*(?:team|home|centre|house|unit|office|service)"


@dataclass(frozen=True)
class Thanks:
    """What a message holds of both, as it was written; each is empty where there is none."""

    praise: str = ""
    complaint: str = ""


def read_thanks(text: str, intent: str | None) -> Thanks:
    """The half of a message that praises somebody and the half that tells of something wrong.

    Args:
        intent: what the whole message was classified as; in a message for something else praise must be plainer.
    """
    kinds = [(part, _kind(part, by_tone=intent == PRAISE)) for part in _parts(text)]
    if intent == PRAISE and all(kind != "complaint" for _, kind in kinds):
        return Thanks(praise=text.strip())
    return Thanks(*(" ".join(part for part, each in kinds if each == kind) for kind in ("praise", "complaint")))


def _parts(text: str) -> list[str]:
    """Sentences, and the halves of a sentence that turns ("she is great but …")."""
    turns = "|".join((*cues()["compliments"]["turns"], *cues()["compliments"]["turns_to_a_complaint"]))
    pattern = rf"(?<=[.!?])\s+|\n+|[,;]?\s+(?=(?:{turns})(?!\w))"
    return [part.strip() for part in re.split(pattern, text, flags=re.IGNORECASE) if part and part.strip()]


def _kind(part: str, *, by_tone: bool) -> str | None:
    """What a part is; after a turn whatever is no praise counts as wrong, because a complaint must not be lost."""
    if found(cues()["compliments"]["outright"], plain(part)):
        return "praise"
    rest = re.sub(rf"^(?:{'|'.join(cues()['compliments']['turns'])})\s+", "", plain(part))
    chances = dict(ranked(rest))
    if chances[PRAISE] >= (FAIRLY_SURE if by_tone else CLEAR):
        return "praise"
    turns = by_tone and rest != plain(part) and len(rest.split()) >= SHORTEST_TURN
    is_wrong = sum(chances.get(each, 0.0) for each in WRONG) >= FAIRLY_SURE and len(part.split()) >= LEAST_WORDS
    return "complaint" if turns or is_wrong else None


def is_announced(text: str) -> bool:
    """Whether somebody only says that they want to thank or praise, and not yet whom or for what."""
    rest = plain(text).strip(" .!?")
    for pattern in (*cues()["greetings"], *cues()["compliments"]["announced"]):
        rest = re.sub(pattern, "", rest)
    return len(re.findall(r"\w+", rest)) < 2


def read_praised(text: str, council: Council) -> dict[str, str]:
    """Whom a compliment is for and who gives it, as far as its words tell.

    Returns:
        `for_words` only where they can be found by it: a name. `team` and `from_role` are proposals for staff.
    """
    told = {"for_words": whom(text) if _names(text) else None, "team": read_place(text, council).get("team")}
    role = read_role(text).get("complainant_role")
    return {name: str(value) for name, value in {**told, "from_role": role}.items() if value}


def whom(text: str) -> str:
    """Whom the words name: "my social worker Jess", "the night staff"; empty if nobody."""
    by_place = re.search(cues()["compliments"]["for_whom"], text, re.IGNORECASE)
    return " ".join(each for each in (by_place[0] if by_place else "", _names(text)) if each)


def _names(text: str) -> str:
    """The name of the worker who is praised; empty if none is told."""
    thanked = re.search(cues()["compliments"]["to_whom"], text, re.IGNORECASE)
    beside = re.search(rf"(?i:{cues()['compliments']['for_whom']}),? ([A-Z][a-z'-]+)", text)
    return read_worker(text) or next((each[1] for each in (thanked, beside) if each), "")


def answers(asking: str, text: str, meant: Intent) -> bool:
    """Whether a message answers what was asked about a compliment, rather than being for something else.

    Args:
        asking: compliment_words, compliment_for, compliment_from, compliment_tell or compliment_name.
    """
    if is_small_answer(text):
        return True
    breaks_off = meant.name in BREAKS_OFF or meant.name.startswith("ask_")
    if asking == "compliment_tell" and meant.name == "ask_anonymous":
        return True
    if breaks_off and meant.name not in WRONG and meant.confidence >= SURE:
        return False
    if meant.name not in WRONG or meant.confidence < FAIRLY_SURE:
        return True
    if asking == "compliment_from" and read_role(text):
        return len(text.split()) <= LONGEST_WHOM
    return asking != "compliment_words" and _is_whom(text)


def _is_whom(text: str) -> bool:
    words, said = len(text.split()), plain(text)
    if found(cues()["compliments"]["goes_wrong"], said):
        return False
    return words <= LONGEST_NAME or (words <= LONGEST_WHOM and bool(_names(text) or found([_PLACE], said)))


def read_tell(text: str) -> str:
    """Whether the worker may hear who said it: named or unnamed. Only a plain yes gives somebody's name away."""
    said = plain(text)
    if is_only("yes", text):
        return "named"
    if says_no_more(text) or found(cues()["compliments"]["unnamed"], said):
        return "unnamed"
    return "named" if classify(text).name == "affirm" else "unnamed"
