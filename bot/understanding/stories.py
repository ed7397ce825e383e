"""What a story tells besides what happened: kind of matter, wish, team, category, who else may have to answer."""

import re
from typing import Any

from bot.council import Council
from bot.understanding.cues import cues, found, plain

LEAST_WORDS = 4


def is_story(text: str) -> bool:
    """Whether something is told, once greetings, the mere wish to complain and who is writing are taken away."""
    rest = _unannounced(text)
    for group in cues()["roles"]:
        if (match := found(group["cues"], rest)) and len(rest) - len(match[0]) < 24:
            rest = rest.replace(match[0], "")
    return _has_words(rest)


def tells(text: str) -> bool:
    """Whether part of a story tells anything, once greetings and the mere wish to complain are taken away."""
    return _has_words(_unannounced(text))


def _unannounced(text: str) -> str:
    rest = plain(text)
    for pattern in (*cues()["greetings"], *cues()["announcements"]):
        rest = re.sub(pattern, "", rest)
    return rest


def _has_words(rest: str) -> bool:
    return len(re.findall(r"\w+", rest)) >= LEAST_WORDS


def read_wish(text: str) -> str | None:
    """The sentences, or the ends of sentences, that say what should happen, word for word."""
    sentences = [each.strip() for each in re.split(r"(?<=[.!?\n])\s+|\n", text) if each.strip()]
    return " ".join(wish for each in sentences if (wish := _wish_in(each))) or None


def _wish_in(sentence: str) -> str | None:
    if found(cues()["wishes"], plain(sentence)):
        return sentence
    clauses = (re.search(cue, sentence, re.IGNORECASE) for cue in cues()["wish_in_a_clause"])
    return next((match[1] for match in clauses if match), None)


def read_subject(text: str) -> str | None:
    """The kind of matter, where the words name it."""
    said = plain(text)
    return next((each["subject"] for each in cues()["subjects"] if found(each["cues"], said)), None)


def read_place(text: str, council: Council) -> dict[str, Any]:
    """Team and category of the council's profile whose names or aliases occur; more than one fitting team is none."""
    said = plain(text)
    teams = [team.key for team in council.teams if _named(said, team.name, team.aliases)]
    categories = [each.key for each in council.categories if _named(said, each.name, each.aliases)]
    facts: dict[str, Any] = {}
    if len(teams) == 1:
        facts["team"] = teams[0]
    if categories:
        facts["category"] = categories[0]
    return facts


def _named(said: str, name: str, aliases: tuple[str, ...]) -> bool:
    return found([re.escape(plain(each)) for each in (name, *aliases)], said) is not None


def other_body(text: str) -> str | None:
    """Somebody other than children's services who is named where nothing of ours is (R19)."""
    said = plain(text)
    if found(cues()["ours"], said):
        return None
    return next((each["body"] for each in cues()["other_bodies"] if found(each["cues"], said)), None)


def speaks_of(words: str, text: str) -> bool:
    """Whether a story touches `proceedings_words` or `prior_words`."""
    return found(cues()[words], plain(text)) is not None
