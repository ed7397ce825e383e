"""Who is writing, about whom, and what they are called."""

import re
from typing import Any

from bot.eligibility import CHILDREN
from bot.understanding.cues import cues, found, plain

# A person is only one of these by what they say of themselves; the rest is a tie to a child, and weaker.
SELF_DECLARED = ("representative", "foster_carer", "special_guardian", "adoptive_parent", "professional")
_AGE = re.compile(
    r"(?<!\w)(?:i'?m|i am|aged?)(?: only| just)? (\d{1,2})(?: ?(?:yrs?|years?)(?: old)?| ?y/?o)?"
    r"(?![\w:/%£]| ?(?:weeks|months|days|hours|miles|mins))"
)
_CHILD_AGE = re.compile(
    r"(?:who is|who's|whos|he is|he's|she is|she's|they are|is|aged|age) (?:only )?(\d{1,2})"
    r"(?! ?(?:weeks|months|days|th|hours|%)|\w)"
    r"|(\d{1,2})[ -]?(?:yrs?|years?)[ -]?old|(\d{1,2}) ?y/?o(?!\w)"
)
_MY_CHILD = re.compile(
    r"(?:[Mm]y|[Oo]ur|[Hh]er|[Hh]is|[Tt]heir) (?:\w+ )?"
    r"(?:son|daughter|grandson|granddaughter|nephew|niece|child|boy|girl|brother|sister|client|young person"
    r"|foster (?:son|daughter|child))[ ,]+(?:is )?(?:called |named )?(?P<name>[A-Z][a-z]+)(?!\w)"
)
_CALLED = re.compile(
    r"(?:[Mm]y name is|[Mm]y name's|I am called|[Cc]all me|[Mm]y names) (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
)
_NOT_NAMES = {"I", "The", "He", "She", "They", "We", "Is", "Was", "Has", "In", "And", "But", "My", "Not"}
_BEFORE_NAME = re.compile(
    r"^(?:(?:hi|hello|yes|ok|well|um|oh)[ ,]+)*(?:(?:my|his|her|their|the) names?(?: is|'s)?|i'?m|i am|it'?s|it is|"
    r"this is|(?:he|she)(?: is|'s)(?: called)?|they are called|call me|you can call me|just)[ :]+",
    re.IGNORECASE,
)


def read_role(text: str) -> dict[str, Any]:
    """Role, and what goes with it, out of a person's own words; empty when unsaid or told both ways."""
    said = plain(text)
    fitting = [group["role"] for group in cues()["roles"] if found(group["cues"], said)]
    if not fitting:
        return {}
    told = [role for role in fitting if role in SELF_DECLARED]
    kin = [role for role in fitting if role not in SELF_DECLARED]
    if not told and any(role in CHILDREN for role in kin) and not all(role in CHILDREN for role in kin):
        # "I am in care … my brother is in care too": what somebody says of themselves outweighs a tie.
        kin = (
            [role for role in kin if role in CHILDREN]
            if re.search(r"(?<!\w)i('?m| am)? .{0,12}(in|left) .{0,14}care", said)
            else []
        )
    return role_facts((told or kin)[0], text) if told or kin else {}


def role_from_word(text: str) -> dict[str, Any]:
    """Role out of a short answer such as "mum" or "I've left care"."""
    said = plain(text)
    for role, words in cues()["role_words"].items():
        if found([re.escape(word) for word in words], said):
            return role_facts(role, text)
    return {}


def role_facts(role: str, text: str = "") -> dict[str, Any]:
    """A role with the facts that follow from it, and those the words beside it tell."""
    said = plain(text)
    facts: dict[str, Any] = {"complainant_role": role}
    if role in CHILDREN:
        facts |= {"acting_for": "self", "child_status": _own_status(role)}
    elif role == "representative":
        kinds = (each["kind"] for each in cues()["representative_kinds"] if found(each["cues"], said))
        facts |= {"acting_for": "child", "representative_kind": next(kinds, "other")}
    if role in ("relative", "friend", "professional", "unknown") and (tie := _tie(said)):
        facts["relationship"] = tie
    if role not in CHILDREN and (status := read_child_status(text)):
        facts["child_status"] = status
    return facts


def _own_status(role: str) -> str:
    return {"looked_after_child": "looked_after", "care_leaver": "care_leaver"}.get(role, "in_need")


def _tie(said: str) -> str | None:
    words = [word for role in ("relative", "friend", "professional") for word in cues()["role_words"][role]]
    match = found([re.escape(word) for word in sorted(words, key=len, reverse=True) if word != "relative"], said)
    return match[0] if match else None


def read_child_status(text: str) -> str | None:
    """What the child is to the council, if the words say it."""
    said = plain(text)
    return next((each["status"] for each in cues()["child_statuses"] if found(each["cues"], said)), None)


def read_own_age(text: str) -> int | None:
    """The writer's age in whole years, if they say it."""
    match = _AGE.search(plain(text))
    return int(match[1]) if match and 5 <= int(match[1]) <= 99 else None


def read_child_age(text: str) -> int | None:
    """The age in whole years of a child written about."""
    match = _CHILD_AGE.search(plain(text))
    age = next((int(each) for each in match.groups() if each), None) if match else None
    return age if age is not None and age <= 25 else None


def read_child_name(text: str) -> str | None:
    """A child's first name where it stands beside the tie: "my daughter Tia"."""
    match = _MY_CHILD.search(text)
    return match["name"] if match and match["name"] not in _NOT_NAMES else None


def read_own_name(text: str) -> str | None:
    """The writer's name where they introduce themselves."""
    match = _CALLED.search(text)
    return match["name"] if match else None


def name_given(text: str) -> tuple[str | None, int | None]:
    """A name, and an age beside it, out of the answer to "what name?"; no name if the answer is a sentence."""
    answer = text.strip().strip(".!\"'")
    while (shorter := _BEFORE_NAME.sub("", answer)) != answer:
        answer = shorter
    age_match = re.search(r"(?<!\d)(\d{1,2})(?!\d)", answer)
    age = int(age_match[1]) if age_match and int(age_match[1]) <= 25 else None
    name = re.split(
        r"\d|,|\(| aged?(?!\w)| and (?:he|she|they|i'?m|i)(?!\w)| (?:he|she|who)(?:'s| is)| is(?!\w)", answer
    )[0]
    name = name.strip(" .,-()")
    return (name if name and len(name.split()) <= 5 and len(name) <= 60 else None), age
