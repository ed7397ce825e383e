"""Facts out of one message, as the assistant would take them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.council import Council
from bot.understanding import people, stories
from bot.understanding.answers import as_fact, chosen
from bot.understanding.cues import asks, cues, found, is_only, is_small_answer, plain, says_no_more, without
from bot.understanding.reaching import beside_details, read_details, read_email, read_phone, read_reaching
from bot.understanding.sharing import read_sharing
from bot.understanding.when import goes_on, read_when

# Asked for with a fixed set of answers: `chosen` reads them.
FIXED = frozenset({
    "advocacy", "consent", "child_status", "responsible_body", "proceedings", "prior", "preferred_contact",
    "safe_to_contact", "confirm_statement", "wants_stage2",
})  # fmt: skip
# Raw answers that the conversation shapes itself, because their meaning depends on what else is known.
UNSHAPED = frozenset({"preferred_contact", "safe_to_contact", "prior", "confirm_statement"})
STORY_WORDS = 8
# Where a shorter text is a story as well: nothing else that was asked could be answered by one.
ANY_STORY = frozenset({None, "complainant_role", "confirm_statement"})
OPEN = frozenset({
    "desired_outcome", "happened_when", "name", "child_name", "address", "relationship", "continuing", "email", "phone",
    "preferred_contact", "safe_to_contact", "team", "category", "worker", "advocacy_share",
})  # fmt: skip
# A number or an address is the answer to these, may be part of the answer to those, and of no other.
DETAILS = frozenset({"email", "phone"})
HOLDS_DETAILS = frozenset({
    "what_happened", "more_to_say", "points_agreed", "desired_outcome", "preferred_contact", "safe_to_contact",
})  # fmt: skip
OF_A_STORY = ("what_happened", "nature", "category", "team")
TOLD_WITH_THE_STORY = "as told above"
LONGEST_TIE = 15
LONGEST_END = 6
LONGEST_GIVEN = 2  # words of a name that could begin a question
LONGEST_DAY = 8  # words that tell a day and nothing else
# Facts that somebody may ask about under the name of the rules, and the question that asks for them.
ASKED_AS = {"grounds_on": "happened_when", "months_since_grounds": "happened_when"}


def understand(
    text: str, *, asking: str | None, intent: str | None, council: Council, today: date, age: int | None = None
) -> dict[str, Any]:
    """Facts that a message tells, by the names of the vocabulary; empty when it tells none.

    Args:
        text: free text of a person, never a choice.
        asking: the fact last asked for, or None if nothing was.
        intent: what the message was classified as, or None if that is not known.
        today: the day on which it was said, from which "last week" is counted.
        age: the writer's age in whole years, from which "when I was 12" is counted, if it was told before.
    """
    age = people.read_own_age(text) or age
    asking = ASKED_AS.get(asking, asking) if asking else None
    told = {} if asking in DETAILS else read_details(text)
    details = {name: value for name, value in told.items() if name != asking}
    said = beside_details(text) if details and asking and asking not in HOLDS_DETAILS else text
    if len(said.split()) >= STORY_WORDS:
        said = text  # a story is kept word for word
    return details | (_read(said, asking, intent, council, today, age=age) if said else {})


def _read(
    text: str, asking: str | None, intent: str | None, council: Council, today: date, *, age: int | None
) -> dict[str, Any]:
    """The facts of a text, but for a number in a short one: the answer, and what nobody asked for."""
    answer = _answer_to(asking, text, intent, council, today, age=age) if asking else {}
    told = "what_happened" in answer
    if answer and not told and len(text.split()) < STORY_WORDS:
        return answer
    volunteered = _volunteered(text, asking, council, today, age=age, told=told)
    if answer and asking in OPEN:
        # The whole message is the answer; told again as the story it would be read back twice.
        volunteered = {name: value for name, value in volunteered.items() if name not in OF_A_STORY}
    if asking == "safe_to_contact":
        # Told of some way or other; the question is about one way, and only a plain answer is an answer to it.
        volunteered.pop(asking, None)
    return {**volunteered, **answer}


def only_tells_when(asking: str | None, text: str, *, today: date) -> bool:
    """Whether a text of few words, put as no question, answers the question for a day: "the last 2 saturdays".

    Args:
        today: the day on which it was said.
    """
    if asking not in _TIMES or len(text.split()) > LONGEST_DAY or asks(text):
        return False
    return bool(_TIMES[asking](text, today, None))


def _answer_to(
    asking: str, text: str, intent: str | None, council: Council, today: date, *, age: int | None
) -> dict[str, Any]:
    if asking in FIXED - {"preferred_contact"}:
        value = chosen(asking, text, intent)
        if value is None:
            return {}
        return {asking: value} if asking in UNSHAPED else as_fact(asking, value)
    if asking in _WITH_INTENT:
        return _WITH_INTENT[asking](text, intent)
    if asking in _TIMES:
        return _TIMES[asking](text, today, age)
    if asking in _PLACES:
        return _PLACES[asking](text, council)
    return _READERS[asking](text) if asking in _READERS else {}


def _volunteered(
    text: str, asking: str | None, council: Council, today: date, *, age: int | None, told: bool
) -> dict[str, Any]:
    """What a message tells without having been asked: most of it in a first message or a story.

    Args:
        told: it is known to be part of the story.
    """
    facts: dict[str, Any] = people.read_role(text) | read_reaching(text)
    if asking == "desired_outcome" and not facts.keys() & DETAILS:
        # How the writer wants to be treated from now on is no way to answer this complaint.
        facts.pop("preferred_contact", None)
    facts |= people.read_children(text)
    facts |= {
        name: value
        for name, value in (
            ("complainant_age", people.read_own_age(text)),
            ("name", people.read_own_name(text)),
            ("worker", people.read_worker(text)),
            ("subject", stories.read_subject(text)),
            ("proceedings", stories.read_proceedings(text)),
            ("prior", stories.read_prior(text)),
        )
        if value is not None
    }
    if "name" in facts:
        facts["identity"] = "named"
    if stories.speaks_of("next_stage_words", text):
        facts["wants_stage2"] = True
    if told or (stories.is_story(text) if asking in ANY_STORY else len(text.split()) >= STORY_WORDS):
        facts["what_happened"] = text.strip()
        facts["nature"] = "complaint"
        facts |= stories.read_place(text, council)
        facts |= _told_in_passing(text, today, age=age)
    return facts


def _told_in_passing(text: str, today: date, *, age: int | None) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if wish := stories.read_wish(text):
        facts["desired_outcome"] = wish
    when = read_when(without(cues()["days_of_other_things"], plain(text)), today, age=age).facts(today)
    if "grounds_on" in when:
        facts |= {"happened_when": TOLD_WITH_THE_STORY, **when}
    elif when.get("continuing"):
        facts |= when
    return facts


def _story(text: str, intent: str | None) -> dict[str, Any]:
    words = len(text.split())
    if is_small_answer(text) or (intent == "affirm" and words < 4):
        return {}
    if words < 2 or (words < stories.LEAST_WORDS and not stories.is_story(text) and intent == "make_complaint"):
        return {}
    return {"what_happened": text.strip(), "nature": "complaint"}


def _more(text: str, intent: str | None) -> dict[str, Any]:
    value = chosen("more_to_say", text, intent)
    if value == "yes" and _goes_on_telling(text):
        return _story(text, intent)
    if value is not None and len(text.split()) <= LONGEST_END:
        return {"more_to_say": value}
    return _story(text, intent)


def _goes_on_telling(text: str) -> bool:
    """Whether words after a yes tell more already: "yeah also she swore at me", but not "yes there is more"."""
    rest = re.sub(r"^(?:yes|yeah|yep|yh|ye)[\s,.!]+", "", plain(text))
    return len(rest.split()) >= stories.LEAST_WORDS and chosen("more_to_say", rest, None) is None


def _wish(text: str) -> dict[str, Any]:
    is_none = is_only("yes", text) or says_no_more(text) or not beside_details(text)
    return {} if is_none else {"desired_outcome": text.strip()}


def _when(text: str, today: date, age: int | None) -> dict[str, Any]:
    if says_no_more(text):
        return {}
    if is_only("yes", text):
        return {"happened_when": text.strip(), "continuing": True}
    told = read_when(text, today, age=age).facts(today)
    if not told and len(text.split()) >= STORY_WORDS:
        return {}
    return {"happened_when": text.strip(), **told}


def _answered_on(text: str, today: date, age: int | None) -> dict[str, Any]:
    """The day an answer came, where it is told to the day; roughly is not enough for a time limit."""
    when = read_when(text, today, age=age)
    return {"stage1_response_on": when.earliest.isoformat()} if when.earliest and when.earliest == when.latest else {}


def _role(text: str) -> dict[str, Any]:
    return people.read_role(text) or (people.role_from_word(text) if len(text.split()) <= LONGEST_TIE else {})


def _own_name(text: str) -> dict[str, Any]:
    if found(cues()["no_name"], plain(text)):
        return {"identity": "anonymous"}
    if _is_no_name(text):
        return {}
    name, _ = people.name_given(text)
    return {"name": name, "identity": "named"} if name else {}


def _is_no_name(text: str) -> bool:
    # "Will" and "May" open questions, and are names.
    question = text.strip().endswith("?") or (asks(text) and len(text.split()) > LONGEST_GIVEN)
    return question or is_small_answer(text)


def _child_name(text: str) -> dict[str, Any]:
    if _is_no_name(text):
        return {}
    name, age = people.name_given(text)
    facts: dict[str, Any] = {"child_name": name} if name else {}
    return facts | ({"child_age": age} if age is not None else {})


def _tie(text: str) -> dict[str, Any]:
    if len(text.split()) > LONGEST_TIE or is_only("yes", text) or is_only("no", text):
        return {}
    return {**people.role_from_word(text), "relationship": text.strip()}


def _organisation(text: str) -> dict[str, Any]:
    if len(text.split()) > LONGEST_TIE or is_only("yes", text):
        return {}
    return {"representative_organisation": text.strip()}


def _email(text: str) -> dict[str, Any]:
    address = read_email(text)
    return {"email": address} if address else {}


def _phone(text: str) -> dict[str, Any]:
    number = read_phone(text)
    return {"phone": number} if number else {}


def _own_age(text: str) -> dict[str, Any]:
    age = people.age_given(text)
    return {"complainant_age": age} if age is not None else {}


def _child_age(text: str) -> dict[str, Any]:
    age = people.age_given(text)
    return {"child_age": age} if age is not None else {}


def _continuing(text: str) -> dict[str, Any]:
    goes = goes_on(plain(text))
    for words, means in (("yes", True), ("no", False)):
        if goes is None and (is_only(words, text) or plain(text).split(" ")[0].strip(",.!") in cues()[words]):
            goes = means
    return {"continuing": goes} if goes is not None else {}


def _worker(text: str) -> dict[str, Any]:
    name = people.read_worker(text) or people.name_given(text)[0]
    return {"worker": name} if name and not _is_no_name(text) else {}


def _team(text: str, council: Council) -> dict[str, Any]:
    return stories.read_place(text, council, team_asked=True)


def _category(text: str, council: Council) -> dict[str, Any]:
    return stories.read_place(text, council, category_asked=True)


def _route(text: str, intent: str | None) -> dict[str, Any]:
    """How to be reached, and the address or number where it stands beside it."""
    details = _email(text) or _phone(text)
    implied = {"email": "email", "phone": "phone"}.get(next(iter(details), ""))
    value = _way_wanted(text) or chosen("preferred_contact", _without_details(text, details), intent) or implied
    return {"preferred_contact": value, **details} if value else {}


def _way_wanted(text: str) -> str | None:
    way = read_reaching(text).get("preferred_contact")
    return str(way) if way else None


def _without_details(text: str, details: dict[str, Any]) -> str:
    return text.replace(str(details.get("email") or "\0"), "")


def _address(text: str) -> dict[str, Any]:
    return {"address": text.strip()} if len(text.split()) >= 2 else {}


def changeable(text: str) -> str | None:
    """The answer that somebody names when they want to change one; "nothing" if they want none changed."""
    said = plain(text)
    return next((fact for fact, words in cues()["changeable"].items() if found(words, said)), None)


def _share(text: str) -> dict[str, Any]:
    sharing = read_sharing(text)
    return {} if sharing is None else {"advocacy_share": sharing.after(None)}


def _change(text: str) -> dict[str, Any]:
    fact = changeable(text) or ("nothing" if is_only("no", text) else None)
    return {"change_what": fact} if fact else {}


_READERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "complainant_role": _role, "desired_outcome": _wish, "name": _own_name, "child_name": _child_name,
    "relationship": _tie, "advocacy_share": _share,
    "representative_organisation": _organisation, "email": _email, "phone": _phone,
    "address": _address, "change_what": _change, "complainant_age": _own_age, "child_age": _child_age,
    "continuing": _continuing, "worker": _worker,
}  # fmt: skip
_TIMES: dict[str, Callable[[str, date, int | None], dict[str, Any]]] = {
    "happened_when": _when, "stage1_response_on": _answered_on,
}  # fmt: skip
_PLACES: dict[str, Callable[[str, Council], dict[str, Any]]] = {"team": _team, "category": _category}
_WITH_INTENT: dict[str, Callable[[str, str | None], dict[str, Any]]] = {
    "preferred_contact": _route, "what_happened": _story, "more_to_say": _more,
}  # fmt: skip
