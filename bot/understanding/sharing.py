"""What a young person lets an advocate know, read out of their own words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.understanding.cues import cues, found, is_only, plain

SHARES = ("name", "contact", "about", "words", "progress", "replies")
"""What can be told to an advocate: their name, how to reach them, what it is about, their own words, how it is going,
and the answers they get."""

CHOICES: dict[str, tuple[str, ...]] = {
    "everything": SHARES,
    "name_and_contact": ("name", "contact"),
    "ask_first": (),
}
_ONLY = re.compile(r"(?<!\w)(?:just|only)(?!\w)")
LONGEST_BARE = 8  # words; a list of what may be told is shorter
_BUT_NOT = re.compile(r"(?<!\w)(?:not|never|stop|don'?t|do not|except|apart from|without|anything but)(?!\w)")


@dataclass(frozen=True)
class Sharing:
    """What somebody said may be told.

    Args:
        named: what they named as allowed.
        without: what they named as not allowed; it is never told.
        only: nothing else is allowed; otherwise what was allowed before stays so.
    """

    named: frozenset[str]
    without: frozenset[str]
    only: bool

    @property
    def takes_away_part(self) -> bool:
        """Whether it only names some things that are not to be told any more."""
        return bool(self.without) and not self.named and self.without != frozenset(SHARES)

    def after(self, present: Iterable[str] | None) -> list[str]:
        """What may be told from now on.

        Args:
            present: what may be told until now; None before anything was said. Then what they name is all, and where
                they only name what is not allowed, all the rest is.
        """
        before = frozenset(present if present is not None else () if self.named else SHARES)
        allowed = self.named if self.only else self.named | before
        return [each for each in SHARES if each in allowed and each not in self.without]


def read_sharing(text: str) -> Sharing | None:
    """What somebody says may be told to their advocate; None if they say nothing of it.

    A plain "no" and "ask me first" allow nothing. A plain "yes" is no answer to "what may I tell them?": nobody's
    leave is guessed.
    """
    said = plain(text)
    words = cues()["sharing"]
    if is_only("no", text) or found(words["ask_first"], said):
        return Sharing(frozenset(), frozenset(), only=True)
    if len(said.split()) > LONGEST_BARE and not found(words["to_them"], said):
        return None
    wanted, _, unwanted = _BUT_NOT.sub("\n", said, count=1).partition("\n")
    unwanted, _, instead = _ONLY.sub("\n", unwanted, count=1).partition("\n")
    named, without = _named(wanted) | _named(instead), _named(unwanted)
    if not named and not without:
        return None
    return Sharing(named, without, only=bool(named) and _ONLY.search(said) is not None)


def takes_back(text: str) -> bool:
    """Whether words say that an advocate is not to see or have anything any more; it is not done on a hint."""
    return found(cues()["takes_back"], plain(text)) is not None


def _named(said: str) -> frozenset[str]:
    words = cues()["sharing"]
    if found(words["everything"], said):
        return frozenset(SHARES)
    return frozenset(each for each in SHARES if found(words[each], said))
