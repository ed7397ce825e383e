"""One message taken into the complaint being told: an answer, an interruption, something left open, or a miss."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from bot import asked
from bot.council import Council
from bot.understanding.answers import ENDED_BY_SAYING_SO, NO_MEANS, YES_MEANS, as_fact, chosen, declines, says_only
from bot.understanding.cues import asks, cues, found, is_only, is_small_answer, may_ask, plain, says_no_more
from bot.understanding.facts import FIXED, TOLD_WITH_THE_STORY, changeable, understand
from bot.understanding.intents import A_QUESTION, is_example
from bot.understanding.people import read_role, role_facts
from bot.understanding.points import corrected, only_answers, points_in
from bot.understanding.questions import LEFT_OPEN, SKIPPABLE, route_in_question
from bot.understanding.reaching import read_details
from bot.understanding.stories import LEAST_WORDS
from bot.understanding.when import read_when

# Intents that are no answer to anything we ask: they are dealt with, and the question is asked again.
COMMANDS = frozenset({
    "request_human", "request_advocate", "stop_for_now", "change_answer", "check_status", "help", "repeat",
    "change_language", "bot_challenge", "delete_my_data", "answer_advocacy", "share_with_advocate",
    "withdraw_advocate", "withdraw_complaint", "start_again", "stop_optout", "tell_compliment",
})  # fmt: skip
# The last is a question we have no answer to: what sounds like one is rather taken for the answer we asked for.
SMALL_TALK = frozenset({
    "greet", "goodbye", "thanks", "abusive", "out_of_scope", "compliment", "ask_something_else",
})  # fmt: skip
# Wishes in the very words of an answer to this question: "my advocate" and "phone me" say here how to be reached.
SPEAK_OF_THE_SAME = {
    "through_advocate": frozenset({"request_advocate", "share_with_advocate", "answer_advocacy"}),
    "phone": frozenset({"request_human"}),
}
# No wish of these comes with a number to be reached at.
NEVER_WITH_A_NUMBER = SMALL_TALK | {"stop_for_now", "stop_optout", "help", "check_status"}
STORY_QUESTIONS = frozenset({"what_happened", "more_to_say", "desired_outcome"})
TOLD_FREELY = STORY_QUESTIONS | {"happened_when"}
WEIGHTY = frozenset({"affirm", "deny", "skip", "dont_know"})
SHORT_OPEN_QUESTIONS = frozenset({
    "name", "child_name", "relationship", "representative_organisation", "happened_when", "email", "phone", "address",
    "stage1_response_on",
})  # fmt: skip
# How sure the classifier must be before words are taken as something else than the answer asked for, and how long an
# interruption can be. Measured with `rasa test nlu`; a wrong interruption loses an answer, a missed one only a reply.
NEVER, CERTAIN, SURE, FAIRLY_SURE, LONGEST_INTERRUPTION = 2.0, 0.8, 0.6, 0.4, 12
LONGEST_NAME = 3  # words
LEAST_PART = 2  # words of what may be a further part of a story
# What becomes of the proposed list of matters by each answer to it.
POINTS_ANSWERED: dict[str, dict[str, Any]] = {
    "yes": {"points_agreed": "yes", "changing_points": False},
    "one": {"points": None, "points_agreed": "one", "changing_points": False},
    "no": {"points_agreed": None, "changing_points": True},
}


@dataclass(frozen=True)
class Message:
    """One thing said.

    Args:
        intent: what the classifier took it for; of a choice, the intent it stands for.
        confidence: between 0 and 1.
        choice: the entities of one of our own choices; None for free text.
        parts: the ids of all the messages it is made of, where several came one after another.
    """

    text: str
    intent: str | None = None
    confidence: float = 0.0
    choice: Mapping[str, Any] | None = None
    id: str | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """What became of a message, and what it changes; a fact that becomes None is asked for again."""

    how: Literal["answer", "interruption", "left_open", "miss"]
    facts: dict[str, Any] = field(default_factory=dict)


def is_interruption(intent: str | None) -> bool:
    """Whether this intent can break off a question."""
    return bool(intent) and (intent in COMMANDS or intent in SMALL_TALK or str(intent).startswith("ask_"))


def take(
    message: Message, known: Mapping[str, Any], *, asking: str | None, channel: str, council: Council, today: date
) -> Taken:
    """Take one message into what is known.

    Args:
        known: the facts so far.
        asking: the question last put; None for the first message of a complaint.
    """
    if asking == "points_agreed" and message.choice is None and not _breaks_off(message, asking):
        return _take_points(message, known, council, today)
    taken = _take(message, known, asking=asking, channel=channel, council=council, today=today)
    return replace(taken, facts=taken.facts | _points_of_story(taken.facts, known, asking, council, today))


def _points_of_story(
    changes: Mapping[str, Any], known: Mapping[str, Any], asking: str | None, council: Council, today: date
) -> dict[str, Any]:
    """The matters in a story that is told to its end, or has grown since: a list to be agreed, if there are several."""
    story = {**known, **changes}
    if asking == "points_agreed" or story.get("more_to_say") != "no":
        return {}
    if not {"more_to_say", "what_happened"} & set(changes):
        return {}
    points = points_in(story.get("what_happened") or "", council, today)
    if not points and not known.get("points"):
        return {}
    found = {"points": points or None, "points_agreed": None}
    if story.get("happened_when") == TOLD_WITH_THE_STORY and not all("grounds_on" in each["facts"] for each in points):
        # The day told with the story is that of one of them; for the others it is asked.
        found |= dict.fromkeys(("happened_when", "grounds_on", "months_since_grounds", "continuing"))
    return found


def _take(
    message: Message, known: Mapping[str, Any], *, asking: str | None, channel: str, council: Council, today: date
) -> Taken:
    if message.choice is not None:
        return _take_choice(message, known, asking, channel)
    if _breaks_off(message, asking):
        return _interruption(message, known)
    if asking and (settled := _settled(message, known, asking, today)):
        return settled
    age = known.get("complainant_age")
    intent = _sure_intent(message)
    told = understand(message.text, asking=asking, intent=intent, council=council, today=today, age=age)
    changes = _merge(told, known, asking=asking, channel=channel, message=message)
    if asking is None or asking in changes or "what_happened" in changes:
        return Taken("answer", changes)
    if _could_break_off(message) and (not changes or may_ask(message.text)):
        return _interruption(message, known)
    return Taken("miss", changes | _perhaps_more_of_the_story(message, known, asking))


def _settled(message: Message, known: Mapping[str, Any], asking: str, today: date) -> Taken | None:
    """What is settled by a message that tells no fact: a question left open, or the end of the story."""
    if _leaves_open(message, asking, today) and (left := _leave_open(asking, known)):
        return left
    return Taken("answer", {"more_to_say": "no", "saying_more": False}) if _ends(message, known, asking) else None


def _ends(message: Message, known: Mapping[str, Any], asking: str) -> bool:
    """Whether "that's it" closes what is being told, at a question asked in the middle of it that it cannot answer."""
    telling = known.get("what_happened") and known.get("more_to_say") != "no"
    in_between = asking in FIXED | {"complainant_role"} and asking not in ENDED_BY_SAYING_SO
    return bool(telling and in_between and is_only("story_told", message.text))


def _perhaps_more_of_the_story(message: Message, known: Mapping[str, Any], asking: str) -> dict[str, Any]:
    """Words that answer no closed question, while a story is being told, are kept with it: nothing told is lost."""
    in_the_middle = known.get("what_happened") and known.get("more_to_say") != "no" and asking in FIXED
    if not in_the_middle or len(message.text.split()) < LEAST_PART or asks(message.text):
        return {}
    return _grown_story(message.text.strip(), known, message)


def _take_points(message: Message, known: Mapping[str, Any], council: Council, today: date) -> Taken:
    """The answer to the proposed list of matters: agreed, all one, or put right; who is not sure agrees."""
    if _leaves_open(message, "points_agreed", today):
        return Taken("left_open", POINTS_ANSWERED["yes"])
    if only_answers(message.text) and (value := chosen("points_agreed", message.text, message.intent)):
        return Taken("answer", POINTS_ANSWERED[value])
    points = corrected(known["points"], message.text, council, today)
    if points is None:
        return _interruption(message, known) if _could_break_off(message) else Taken("miss")
    if not points:
        return Taken("answer", POINTS_ANSWERED["one"])
    changes: dict[str, Any] = {"points": points, "points_agreed": None, "changing_points": False}
    if len(points) > len(known["points"]):
        changes |= _grown_story(message.text, known, message)
    return Taken("answer", changes)


def _take_choice(message: Message, known: Mapping[str, Any], asking: str | None, channel: str) -> Taken:
    choice = dict(message.choice or {})
    if message.intent == "change_answer" and "fact" in choice:
        return Taken("answer", reopen(choice["fact"], known))
    if message.intent in ("change_answer", "tell_compliment") or {"sure", "question"} & set(choice):
        return _interruption(message, known)
    if choice or asking is None:
        changes: dict[str, Any] = {}
        for fact, value in choice.items():
            changes |= _chosen_fact(fact, str(value), known, channel)
        return Taken("answer", changes)
    left = _leave_open(asking, known) if message.intent in ("skip", "dont_know") else None
    if left:
        return left
    means = {"affirm": YES_MEANS, "deny": NO_MEANS}.get(message.intent or "", {}).get(asking)
    if means:
        return Taken("answer", _chosen_fact(asking, means, known, channel))
    return _interruption(message, known) if is_interruption(message.intent) else Taken("miss")


def _chosen_fact(fact: str, value: str, known: Mapping[str, Any], channel: str) -> dict[str, Any]:
    if fact == "complainant_role":
        return role_facts(value)
    if fact == "more_to_say":
        return {"more_to_say": "no", "saying_more": False} if value == "no" else {"saying_more": True}
    if fact == "change_what":
        return reopen(value, known)
    if fact == "points_agreed":
        return POINTS_ANSWERED[value]
    changes = as_fact(fact, value, route=route_in_question(known, channel))
    if fact == "safe_to_contact":
        changes = {"safe_to_contact": {**(known.get("safe_to_contact") or {}), **changes.get("safe_to_contact", {})}}
        changes |= _safety(value, known, channel)
    return changes or {"skipped": _with_skipped(known, fact)}


def _safety(value: str, known: Mapping[str, Any], channel: str) -> dict[str, Any]:
    if channel == "sms" and not known.get("preferred_contact") and value != "not_safe":
        return {"preferred_contact": "sms"}
    return {}


def _breaks_off(message: Message, asking: str | None) -> bool:
    if not _could_break_off(message) or is_small_answer(message.text):
        return False
    if asking in (None, "complainant_role") and read_role(message.text) and not asks(message.text):
        return False
    if _gives_a_number(message):
        return False
    if asking in FIXED and _can_only_answer(message, str(asking)):
        return False
    if asking in TOLD_FREELY and _only_states(message):
        return False
    return message.confidence >= _sure_enough(message, asking)


def _gives_a_number(message: Message) -> bool:
    """Whether somebody says where to reach them, though it looks like a goodbye: "text 07700 900789"."""
    reaching = read_details(message.text) if message.intent in NEVER_WITH_A_NUMBER else {}
    stops = message.intent == "stop_optout" and found(cues()["stopping"], plain(message.text))
    return bool(reaching) and (not stops or "preferred_contact" in reaching)


def _can_only_answer(message: Message, asking: str) -> bool:
    """Whether a message is an answer to a closed question, whatever wish it looks like by itself."""
    if says_only(asking, message.text):
        return True
    is_statement = not may_ask(message.text) if asking == "safe_to_contact" else _only_states(message)
    if is_statement and chosen(asking, message.text, None):
        # "Dont text after 8" is no wish to leave here, and "we go back to court" no question.
        return True
    if asking != "preferred_contact" or asks(message.text):
        return False
    way = chosen(asking, message.text, message.intent)
    if way == "phone" and found(cues()["meant_for_us"], plain(message.text)):
        return False
    return message.intent in SPEAK_OF_THE_SAME.get(way or "", ())


def _sure_enough(message: Message, asking: str | None) -> float:
    """How sure the classifier must be that this is no answer to what was asked."""
    words = len(message.text.split())
    if asking in SHORT_OPEN_QUESTIONS and words <= LONGEST_NAME:
        # A name or an address is like no word the classifier knows, and could be taken for any wish.
        return SURE if is_example(message.text, str(message.intent)) else NEVER
    small_talk = message.intent in SMALL_TALK
    if asking == "desired_outcome" and not small_talk and words > 1 and _is_a_wish(message.text):
        return NEVER
    if asking in STORY_QUESTIONS and not small_talk and not asks(message.text):
        return CERTAIN
    if asking in FIXED and chosen(str(asking), message.text, message.intent):
        return NEVER if small_talk else CERTAIN
    if small_talk and (asking is None or asking in STORY_QUESTIONS):
        return FAIRLY_SURE if words < LEAST_WORDS else NEVER
    return SURE


def _only_states(message: Message) -> bool:
    """Whether words that are near to a question ask nothing: "i asked for my files in may" belongs to the story."""
    intent = message.intent or ""
    looks_asked = intent == A_QUESTION or intent.removeprefix(asked.INTENT) in asked.questions()
    return looks_asked and not may_ask(message.text) and not is_example(message.text, intent)


def _is_a_wish(text: str) -> bool:
    """Whether what is said could be what should happen: "I want someone to ring me" is no call for a person here."""
    return not asks(text) and not found(cues()["meant_for_us"], plain(text))


def _could_break_off(message: Message) -> bool:
    return (
        is_interruption(message.intent)
        and message.confidence >= FAIRLY_SURE
        and len(message.text.split()) <= LONGEST_INTERRUPTION
    )


def _interruption(message: Message, known: Mapping[str, Any]) -> Taken:
    if message.intent == "change_answer" and message.choice is None:
        fact = changeable(message.text)
        if fact and (known.get(fact) is not None or fact in (known.get("skipped") or ())):
            return Taken("answer", reopen(fact, known))
    if message.intent == "change_answer":
        return Taken("answer", {"confirm_statement": "no"})
    return Taken("interruption")


def reopen(fact: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """The changes by which one answer is asked for again; `nothing` only takes the wish to change back."""
    changes: dict[str, Any] = {"confirm_statement": None, "change_what": None}
    if fact == "nothing":
        return changes
    changes[fact] = None
    if fact == "advocacy":
        changes["advocacy_share"] = None
    if fact == "what_happened":
        changes |= {"more_to_say": None, "parts": None, "saying_more": False, "points": None, "points_agreed": None}
    if fact == "happened_when":
        changes |= {"grounds_on": None, "months_since_grounds": None, "continuing": None}
    if fact == "name":
        changes["identity"] = None
    if fact in ("preferred_contact", "safe_to_contact"):
        changes |= {"preferred_contact": None, "safe_to_contact": None, "email": None, "phone": None, "address": None}
    if fact in (known.get("skipped") or ()):
        changes["skipped"] = [name for name in known["skipped"] if name != fact]
    return changes


def _leaves_open(message: Message, asking: str, today: date) -> bool:
    if asking == "what_happened":
        return False
    if asking in FIXED and chosen(asking, message.text, None) and not declines(message.text, None):
        return False
    refused = asking in SKIPPABLE - FIXED and says_no_more(message.text)
    short = asking in SHORT_OPEN_QUESTIONS
    intent = _declining(message, asking, today) if short else _sure_intent(message)
    return refused or declines(message.text, intent)


def _declining(message: Message, asking: str, today: date) -> str | None:
    """What words at a question for a name or the like are for, where they can be no answer to it.

    A name is like no word the classifier knows: only our own examples, or more words than a name has, leave it open.
    """
    text = message.text
    if is_example(text, str(message.intent)):
        return message.intent
    if message.intent not in ("skip", "dont_know") or message.confidence < CERTAIN:
        return None
    if asking == "happened_when":
        # "Ages ago, cant remember" tells something.
        return "skip" if message.intent == "skip" and not read_when(text, today).earliest else None
    has_digits = any(letter.isdigit() for letter in text)
    return message.intent if len(text.split()) > LONGEST_NAME and not has_digits else None


def _sure_intent(message: Message) -> str | None:
    """What a message is for, where an answer may rest on it: a guess is no yes, and no wish to leave it open."""
    return None if message.intent in WEIGHTY and message.confidence < SURE else message.intent


def _leave_open(asking: str, known: Mapping[str, Any]) -> Taken | None:
    if asking == "change_what":
        return Taken("answer", reopen("nothing", known))
    if asking in LEFT_OPEN:
        value = LEFT_OPEN[asking]
        changes = role_facts(value) if asking == "complainant_role" else as_fact(asking, value)
        return Taken("left_open", changes)
    if asking not in SKIPPABLE:
        return None
    changes = {"skipped": _with_skipped(known, asking)}
    if asking == "name":
        changes["identity"] = "anonymous"
    return Taken("left_open", changes)


def _with_skipped(known: Mapping[str, Any], fact: str) -> list[str]:
    return [*(known.get("skipped") or ()), fact]


def _merge(
    told: dict[str, Any], known: Mapping[str, Any], *, asking: str | None, channel: str, message: Message
) -> dict[str, Any]:
    """What is told, as changes to what is known: words are added, everything else is only filled in."""
    changes = {
        fact: value
        for fact, value in told.items()
        if fact == asking or known.get(fact) is None or (fact == "complainant_role" and known[fact] == "unknown")
    }
    if "what_happened" in told:
        changes |= _grown_story(told["what_happened"], known, message)
    if asking == "more_to_say":
        changes |= _more(changes.pop("more_to_say", None), grown="what_happened" in changes)
    if asking == "safe_to_contact" and "safe_to_contact" in changes:
        value = changes.pop("safe_to_contact")
        changes |= _chosen_fact("safe_to_contact", value, known, channel)
    elif asking in ("change_what", "preferred_contact", "prior") and asking in changes:
        changes |= _chosen_fact(asking, changes.pop(asking), known, channel)
        changes.setdefault(asking, None)
    return changes


def _grown_story(words: str, known: Mapping[str, Any], message: Message) -> dict[str, Any]:
    before = known.get("what_happened")
    return {
        "what_happened": f"{before}\n{words}" if before else words,
        "parts": [*(known.get("parts") or ()), *(message.parts or ([message.id] if message.id else []))],
        "saying_more": False,
    }


def _more(answer: str | None, *, grown: bool) -> dict[str, Any]:
    if grown:
        return {"more_to_say": None, "saying_more": False}
    if answer == "no":
        return {"more_to_say": "no", "saying_more": False}
    return {"more_to_say": None, "saying_more": True} if answer == "yes" else {}
