"""Who is writing, about whom, and what they are called."""

import re
from typing import Any

from bot.eligibility import CHILDREN
from bot.understanding.cues import cues, found, plain
from bot.understanding.numbers import NUMBER_WORDS

# A person is only one of these by what they say of themselves; the rest is a tie to a child, and weaker.
SELF_DECLARED = ("representative", "foster_carer", "special_guardian", "adoptive_parent", "professional")
_YEARS = rf"(\d{{1,3}}|{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})"
_NO_AGE = (
    r"(?![\w:/%£.]\d?| ?(?:weeks|months|wks|mths|days|hours|hrs|miles|mins|minutes|o'?clock|times|social)"
    r"| ?(?:st|nd|rd|th|of)|%)"
)
_AGE = re.compile(
    rf"(?<!\w)(?:i'?m|i am|me,?|i'?ve (?:just )?turned|i (?:just )?turned|just turned|i will be|i'?ll be|turning)"
    rf"(?P<soon> nearly| almost| coming up to| about to be)?(?: a| an| only| just| now| actually)*"
    rf"(?: (?:care ?leaver|girl|boy|lad|lass|teenager|young person|young man|young woman|kid|child),?"
    rf"(?: who is| who's)?(?: aged?| of)?)?"
    rf" {_YEARS}(?: ?(?:yrs?|years?)(?: old)?| ?y/?o)?(?P<next> soon| next| in)?{_NO_AGE}"
)
# "im jay 15 in care": a name stands before the age, and what follows goes on about the writer.
_AGE_BEHIND_A_NAME = re.compile(
    rf"(?<!\w)(?:i'?m|i am|its|it's) (?!(?:about|over|under|like|still|in|on|at|for|with|nearly|almost|only|just|now|"
    rf"turning|aged?|actually|around|roughly|also|male|female)(?!\w))"
    rf"(?P<name>[a-z'-]{{2,}}),? {_YEARS}(?: ?(?:yrs?|years?)(?: old)?| ?y/?o)?"
    rf"(?=,| and| n | in (?:\w+ )?care| from|$)",
    re.IGNORECASE,
)
_CHILD_AGE = re.compile(
    rf"(?:who is|who's|whos|he is|he's|hes|she is|she's|shes|they are|is|(?<!\bi )was|aged|age|turned|just turned)"
    rf"(?P<soon> nearly| almost)?(?: only| just| now| still)* {_YEARS}"
    rf"(?! ?(?:weeks|months|days|th|hours|minutes|mins|times|years? (?:ago|late|since)|social|children|kids|of)"
    rf"|%|\w|[:/£.]\d)"
    rf"|(?<!\w){_YEARS}[ -]?(?:yrs?|years?)[ -]?old|(?<!\w){_YEARS} ?y/?o(?!\w)|[A-Z]?\w+,? \(({_YEARS[1:-1]})\)"
    rf"|(?<=[a-z]), ?{_YEARS},"
)
_MONTHS_OLD = re.compile(r"(\d{1,2}) ?(?:months?|mths?|weeks?|wks?)(?: old)?")
_SOON = re.compile(
    r"nearly|almost|coming up|about to|turning|will be|'ll be|next (week|month|birthday)|on my birthday|"
    r"in (january|february|march|april|may|june|july|august|september|october|november|december|a (week|month|few))"
)
_KIN = (
    "son|daughter|grandson|granddaughter|nephew|niece|child|kid|boy|girl|baby|brother|sister|client|young person"
    "|stepson|stepdaughter|step son|step daughter|lad|cousin|twin|foster (?:son|daughter|child|boy|girl)"
)
_ELDERS = (
    "mum|mam|mom|mother|dad|father|nan|nana|gran|grandma|granny|grandad|grandmother|grandfather|auntie|aunty|aunt|uncle|"
    "carer|advocate|guardian|stepmum|stepdad"
)
_MY_CHILD = re.compile(
    rf"(?:(?:[Mm]y|[Oo]ur|[Hh]er|[Hh]is|[Tt]heir|[Tt]he) (?:\w+ )?(?:{_KIN}),?(?: is)?(?: called| named)? ?|"
    rf"(?:{_ELDERS}|behalf)(?: of| for| to) |(?:a )?(?:boy|girl|lad|child|young person|baby|kid)s? (?:called|named) )"
    rf"(?P<name>[A-Z][a-z'-]+)(?!\w)"
)
# A name in small letters counts only where something is said of who bears it: "my son alfie hasnt seen anyone".
_MY_CHILD_SMALL = re.compile(
    rf"(?<!\w)(?:my|our) (?:\w+ )?(?:{_KIN}),? (?:(?:is )?(?:called |named ))?(?P<name>[a-z]{{3,}})"
    rf"(?=,? (?:is|was|has|hasn'?t|had|hadn'?t|wasn'?t|isn'?t|who|aged?|who'?s|got|gets|lives|needs|wants|should|"
    rf"didn'?t|doesn'?t|can'?t|cannot|won'?t|goes|went|says|said|told|came)(?!\w)|"
    rf",? {_YEARS}(?!\w)(?! (?:days?|weeks?|wks?|months?|times?|years? ago)))"
)
_MY_CHILDREN = re.compile(
    r"(?:[Mm]y|[Oo]ur|[Hh]er|[Hh]is|[Tt]heir|[Tt]he) (?:\w+ )?(?:children|grandchildren|kids|grandkids|sons|daughters|"
    r"grandsons|granddaughters|nieces|nephews|boys|girls|twins|brothers|sisters),?(?: are| called| named)? "
    r"(?P<name>[A-Z][a-z'-]+)(?!\w)"
)
_YEARS_OLD = (
    r"(?:,? (?:who is|who's|is|aged|age) 1?\d(?![\w:%.]\d?| (?:days?|weeks?|wks?|months?|mths?|hours?|times?|miles?))"
    r"| \(1?\d\)|, 1?\d(?=,))"
)
_AGED = re.compile(rf"(?<![\w'])(?P<name>[A-Z][a-z'-]+){_YEARS_OLD}")
_AND_ANOTHER = re.compile(rf"(?:{_YEARS_OLD})?,? (?:and|&) (?P<name>[A-Z][a-z'-]+)(?!\w)")
_SIGNED = re.compile(
    r"(?:regards|faithfully|sincerely|wishes|thanks|thank you),?\s*\n\s*"
    r"(?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2})\s*(?:\n|$)"
)
_CALLED = re.compile(
    r"(?:[Mm]y name is|[Mm]y name'?s|I am called|[Cc]all me|[Mm]y names|I'm called|im called|[Tt]his is) "
    r"(?P<name>(?:(?:Mr|Mrs|Ms|Miss|Dr|Cllr)\.? )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)?)"
)
_I_AM_CALLED = re.compile(
    r"^(?:(?:[Hh]i+|[Hh]iya|[Hh]ello|[Hh]ey|[Gg]ood (?:morning|afternoon|evening))[ ,!.]+)?"
    r"(?:I'?m|I am|im|This is|Its|It's) "
    r"(?P<name>[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?)(?=[,.!]| and | the | \w+'s |$)"
)
_CALLED_SMALL = re.compile(r"(?:my name is|my names|my name's|i'?m called) (?P<name>[a-z][a-z'-]{1,})(?= |[.,!]|$)")
_IM_CALLED = re.compile(
    rf"^(?:hi+|hiya|hello|hey|yo)?[ ,!.]*(?:i'?m|i am|it'?s|its) (?P<name>[a-z]{{3,}})(?: and|,)?"
    rf" (?:i'?m|i am|aged?) {_YEARS}",
    re.IGNORECASE,
)
# "im his mum Dawn", "I am Alfie's nan Pat": the tie, and then who they are.
_TIE_AND_NAME = re.compile(
    rf"(?<!\w)(?:[Ii]'?m|[Ii] am|[Tt]his is|[Ii]t'?s) (?:his|her|their|the|my \w+'?s|[A-Z]\w+'?s) (?:\w+ )?"
    rf"(?:{_ELDERS}),? (?P<name>[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?|[a-z]{{3,}}(?=[.,!]|$))"
)
_TITLED = r"(?:Mr|Mrs|Ms|Miss|Dr)\.? [A-Z][\w'-]+"
_NAMED = r"[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)?"
_WORKER_WORDS = (
    r"(?:[Ss]ocial [Ww]orker|SW|sw|PA|pa|[Pp]ersonal [Aa]dvis[eo]r|[Kk]ey ?worker|IRO|iro|[Rr]eviewing [Oo]fficer|"
    r"[Ss]upport [Ww]orker|[Ff]amily [Ww]orker|[Cc]ontact (?:[Ww]orker|[Ss]upervisor)|[Tt]eam [Mm]anager|[Mm]anager|"
    r"[Ss]upervisor|[Ww]orker|[Ll]ink [Ww]orker|[Yy]outh [Ww]orker)"
)
_WORKERS = (
    re.compile(rf"{_WORKER_WORDS},?(?: is| was)?(?: called| named)?,? (?P<name>{_TITLED}|{_NAMED})(?!\w)"),
    re.compile(rf"{_WORKER_WORDS}(?: is| was|'s)? (?:called|named|name is) (?P<name>[a-z][a-z'-]+)"),
    re.compile(
        rf"(?P<name>{_TITLED}|{_NAMED}),? (?:who is |who's |is )?(?:my|our|the|his|her|a) {_WORKER_WORDS}(?!\w)"
    ),
    re.compile(
        rf"(?P<name>{_TITLED}|{_NAMED}) (?:from|at|in) (?:the |your )?(?:[Ll]eaving [Cc]are|[Ff]oster|[Aa]dopt|"
        rf"[Cc]hildren|[Dd]uty|[Ff]amily|[Cc]ontact|[Dd]isab|[Aa]ssess|[Ss]ocial|[Ff]irst [Rr]|MASH|"
        rf"[Aa]ftercare|unit|home)"
    ),
)
_NOT_NAMES = frozenset(
    {
        "I",
        "The",
        "He",
        "She",
        "They",
        "We",
        "Is",
        "Was",
        "Has",
        "In",
        "And",
        "But",
        "My",
        "Not",
        "It",
        "Who",
        "Social",
        "Services",
        "Team",
        "Manager",
        "Worker",
        "Never",
        "Said",
        "Told",
        "Keeps",
        "This",
        "That",
        "There",
        "When",
        "So",
        "Because",
        "You",
        "No",
        "Nobody",
        "Please",
        "Hello",
        "Dear",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Someone",
        "Anyone",
        "People",
        "Her",
        "His",
        "Their",
        "Our",
        "A",
        "An",
    }
)
_BEFORE_NAME = re.compile(
    r"^(?:(?:hi|hello|yes|ok|well|um|oh)[ ,]+)*(?:(?:my|his|her|their|the) names?(?: is|'s)?|i'?m|i am|it'?s|it is|"
    r"this is|(?:he|she)(?: is|'s)(?: called)?|they are called|call me|you can call me|just)[ :]+",
    re.IGNORECASE,
)


def read_role(text: str) -> dict[str, Any]:
    """Role, and what goes with it, out of a person's own words; empty when unsaid or told both ways."""
    said = _in_full(plain(text))
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


def _in_full(said: str) -> str:
    """The few short forms that stand between a person and what they are: "we r foster carers"."""
    return re.sub(r"(?<!\w)(r|ur|u|n)(?!\w)", lambda short: _IN_FULL[short[0]], said)


_IN_FULL = {"r": "are", "ur": "your", "u": "you", "n": "and"}


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
    return match[0] if match else next((tie for tie, led_by in cues()["ties_to"].items() if found(led_by, said)), None)


def read_child_status(text: str) -> str | None:
    """What the child is to the council, if the words say it."""
    said = plain(text)
    return next((each["status"] for each in cues()["child_statuses"] if found(each["cues"], said)), None)


def read_own_age(text: str) -> int | None:
    """The writer's age in whole years, if they say it; who is nearly 16 is 15."""
    for match in _AGE.finditer(plain(text)):
        age = _years(match[2]) - (1 if match["soon"] or "turning" in match[0] or "ll be" in match[0] else 0)
        if 5 <= age <= 99:
            return age
    named = _AGE_BEHIND_A_NAME.search(plain(text))
    return _years(named[2]) if named and 5 <= _years(named[2]) <= 99 else None


def read_child_age(text: str) -> int | None:
    """The age in whole years of a child written about."""
    match = _CHILD_AGE.search(_AGE.sub(" ", plain(text)))
    said = next((each for name, each in _numbered(match) if each), None) if match else None
    age = _years(said) - (1 if match and match["soon"] else 0) if said else None
    return age if age is not None and age <= 25 else None


def _numbered(match: re.Match[str]) -> list[tuple[int, str | None]]:
    named = set(match.re.groupindex.values())
    return [(number, each) for number, each in enumerate(match.groups(), 1) if number not in named]


def _years(said: str) -> int:
    return NUMBER_WORDS.get(said) or int(said)


def age_given(text: str) -> int | None:
    """Whole years out of the answer to "how old?": "14 and a half", "nearly 16", "18 months", "6 in January"."""
    said = plain(text)
    if _MONTHS_OLD.search(said):
        match = _MONTHS_OLD.search(said)
        return int(match[1]) // (12 if "m" in match[0] else 52) if match else None
    match = re.search(rf"(?<!\w){_YEARS}(?!\w)", said)
    if not match:
        return None
    return _years(match[1]) - (1 if _SOON.search(said) else 0)


def read_worker(text: str) -> str | None:
    """The name of a worker where it stands beside what they are: "my social worker Karen Pike"."""
    for pattern in _WORKERS:
        for match in pattern.finditer(text):
            words = [word for word in match["name"].split() if word not in _NOT_NAMES]
            if words and words[0] == match["name"].split()[0] and words[0] not in _SMALL_WORDS:
                return " ".join(words)
    return None


# What can follow "called" or "named" and is no name.
_SMALL_WORDS = frozenset({
    "me", "us", "my", "the", "a", "is", "was", "to", "him", "her", "it", "them", "and", "off", "out",
})  # fmt: skip


def read_child_name(text: str) -> str | None:
    """A child's first name where it stands beside the tie: "my daughter Tia"."""
    match = _MY_CHILD.search(text)
    return match["name"] if match and _may_be_a_name(match["name"]) else _small_name(text)


def read_children(text: str) -> dict[str, Any]:
    """The first names of the children a message is about, and the age where it is one child.

    A child is named beside the tie ("my daughter Tia"), or with an age ("Leo, who is 9").
    """
    first = next((match for pattern in (_MY_CHILD, _MY_CHILDREN, _AGED) if (match := _named(pattern, text))), None)
    names = _names_from(first) if first else [small] if (small := _small_name(text)) else []
    age = read_child_age(text) if len(names) <= 1 else None
    told = {"child_name": " and ".join(names) or None, "child_age": age}
    return {name: value for name, value in told.items() if value is not None}


def _names_from(first: re.Match[str]) -> list[str]:
    """The name that was found, and those that are told with it: "Ruby, who is 7, and Jake"."""
    names, end = [first["name"]], first.end("name")
    while another := _AND_ANOTHER.match(first.string, end):
        names.append(another["name"])
        end = another.end("name")
    return names


def _small_name(text: str) -> str | None:
    named = _named(_MY_CHILD_SMALL, plain(text))
    return named["name"].capitalize() if named else None


def _named(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if _may_be_a_name(match["name"])), None)


def read_own_name(text: str) -> str | None:
    """The writer's name where they introduce themselves."""
    for pattern in (_TIE_AND_NAME, _CALLED, _I_AM_CALLED, _CALLED_SMALL, _IM_CALLED, _AGE_BEHIND_A_NAME, _SIGNED):
        match = pattern.search(text)
        if match and _may_be_a_name(match["name"]) and not read_role(f"i am {match['name']}"):
            return match["name"]
    return None


def _may_be_a_name(word: str) -> bool:
    return word.capitalize() not in _NOT_NAMES and word not in cues()["no_names"]


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
