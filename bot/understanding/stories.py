"""What a story tells besides what happened: kind of matter, wish, team, category, who else may have to answer."""

import re
from collections.abc import Iterable
from typing import Any

from bot.council import Council
from bot.understanding.answers import as_fact
from bot.understanding.categories import guess_category, guess_team
from bot.understanding.cues import cues, found, occurrences, plain

LEAST_WORDS = 4
# The chance from which a guess is worth proposing: what is less likely is left for staff to choose.
SURE_OF_TEAM, SURE_OF_CATEGORY, SURE_WHEN_ASKED = 0.5, 0.4, 0.3


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
    team, category = _team(text, council), guess_category(text, council)[0]
    facts = {"team": team} if team else {}
    facts |= {"category": category.key} if category.score >= SURE_OF_CATEGORY else {}
    return facts | ({"responsible_body": "other_local_authority"} if _neighbour_answers(plain(text), council) else {})


def _team(text: str, council: Council) -> str | None:
    """The one team whose name stands in the words; of several named none; of none named the likely one."""
    named = _teams_named(plain(text), council)
    if named:
        return named[0] if len(named) == 1 else None
    likely = guess_team(text, council)[0]
    return likely.key if likely.score >= SURE_OF_TEAM else None


def read_proceedings(text: str) -> dict[str, Any] | None:
    """A court, police or tribunal case that is told of as going on, or that there is none (R18)."""
    said = plain(text)
    denied = [match[0] for cue in cues()["proceedings_denied"] for match in occurrences(cue, said)]
    for words in denied:
        said = said.replace(words, "")
    kind = next((each["type"] for each in cues()["proceedings_told"] if found(each["cues"], said)), None)
    if kind is not None and found(cues()["proceedings_over"], said):
        return None
    if kind is None and denied and not speaks_of("proceedings_words", said):
        kind = "none"
    return as_fact("proceedings", kind)["proceedings"] if kind else None


def read_prior(text: str) -> str | None:
    """What became of an earlier complaint, where the words say that there was one."""
    said = plain(text)
    return next((each["prior"] for each in cues()["prior_told"] if found(each["cues"], said)), None)


def _teams_named(said: str, council: Council) -> list[str]:
    """Teams whose names occur other than as part of a longer team name."""
    places = [
        (match.span(), team.key)
        for team in council.teams
        for name in (team.name, *team.aliases)
        for match in occurrences(re.escape(plain(name)), said)
    ]
    standing = {key for span, key in places if not any(_is_part_of(span, other) for other, _ in places)}
    return [team.key for team in council.teams if team.key in standing]


def _is_part_of(span: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places share words and the other is the longer."""
    return span[0] < other[1] and other[0] < span[1] and span[1] - span[0] < other[1] - other[0]


def _neighbour_answers(said: str, council: Council) -> bool:
    """Whether the service of another council that the profile names is meant, and none of this one's (R19)."""
    neighbours = [name for each in council.place.neighbours for name in (each.name, *each.aliases)]
    return _service_of(neighbours, said) and not _service_of([council.name, council.short_name], said)


def _service_of(names: Iterable[str], said: str) -> bool:
    escaped = [re.escape(plain(name)) for name in names]
    whole = [name for name in escaped if name.endswith("council")]
    around = [cue.replace("{name}", name) for cue in cues()["of_a_council"] for name in escaped]
    return found([*whole, *around], said) is not None


def other_body(text: str) -> str | None:
    """Somebody other than children's services who is named where nothing of ours is (R19)."""
    said = plain(text)
    if found(cues()["ours"], said):
        return None
    return next((each["body"] for each in cues()["other_bodies"] if found(each["cues"], said)), None)


def speaks_of(words: str, text: str) -> bool:
    """Whether a story touches `proceedings_words` or `prior_words`."""
    return found(cues()[words], plain(text)) is not None
