"""What a story tells besides what happened: kind of matter, wish, team, category, who else may have to answer."""

import re
from typing import Any

from bot.council import Council
from bot.understanding.answers import as_fact
from bot.understanding.categories import guess_category, guess_team
from bot.understanding.cues import cues, found, plain

LEAST_WORDS = 4
# The chance from which a guess is worth proposing: what is less likely is left for staff to choose.
SURE_OF_TEAM, SURE_OF_CATEGORY, SURE_WHEN_ASKED = 0.5, 0.4, 0.3


def is_story(text: str) -> bool:
    """Whether something is told, once greetings and the mere wish to complain are taken away."""
    rest = plain(text)
    for pattern in cues()["greetings"]:
        rest = re.sub(pattern, "", rest)
    for pattern in cues()["announcements"]:
        rest = re.sub(pattern, "", rest)
    for group in cues()["roles"]:
        if (match := found(group["cues"], rest)) and len(rest) - len(match[0]) < 24:
            rest = rest.replace(match[0], "")
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


def read_place(
    text: str, council: Council, *, team_asked: bool = False, category_asked: bool = False
) -> dict[str, Any]:
    """Team and category of the council's profile, each where the words tell it well enough to be proposed to staff.

    Args:
        team_asked: the text answers the question which team it was; then less certainty will do.
        category_asked: likewise for the category.
    """
    if team_asked or category_asked:
        asked = guess_team(text, council)[0] if team_asked else guess_category(text, council)[0]
        return {"team" if team_asked else "category": asked.key} if asked.score >= SURE_WHEN_ASKED else {}
    team, category = guess_team(text, council)[0], guess_category(text, council)[0]
    facts = {"team": team.key} if team.score >= SURE_OF_TEAM else {}
    return facts | ({"category": category.key} if category.score >= SURE_OF_CATEGORY else {})


def read_proceedings(text: str) -> dict[str, Any] | None:
    """A court, police or tribunal case that is told of as going on (R18)."""
    said = plain(text)
    kind = next((each["type"] for each in cues()["proceedings_told"] if found(each["cues"], said)), None)
    return as_fact("proceedings", kind)["proceedings"] if kind else None


def read_prior(text: str) -> str | None:
    """What became of an earlier complaint, where the words say that there was one."""
    said = plain(text)
    return next((each["prior"] for each in cues()["prior_told"] if found(each["cues"], said)), None)


def other_body(text: str) -> str | None:
    """Somebody other than children's services who is named where nothing of ours is (R19)."""
    said = plain(text)
    if found(cues()["ours"], said):
        return None
    return next((each["body"] for each in cues()["other_bodies"] if found(each["cues"], said)), None)


def speaks_of(words: str, text: str) -> bool:
    """Whether a story touches `proceedings_words` or `prior_words`."""
    return found(cues()[words], plain(text)) is not None
