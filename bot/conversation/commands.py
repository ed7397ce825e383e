"""Orders about the telephone itself: no more texts, texts again, help, somebody new, a code word.

Pure. "STOP" is an order to us and to the carrier, "please stop texting me" is the same order in other words, "make it
stop" is a cry, and "cancel my complaint" is for the assistant. The words are data: `commands.yml`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from bot.safe_texting import read_hours

Order = Literal["opt_out", "opt_in", "help", "safe_hours", "someone_new", "wrong_number", "lost_code", "have_code"]
_FILE = Path(__file__).with_suffix(".yml")
_MOST_REPEATS = 3


@dataclass(frozen=True)
class Command:
    """What a message orders, and whether it is a cry.

    Args:
        order: what to do, or None for words that are no order.
        distressed: a stop with distress in it: a person must see it, whatever else is done.
        has_more: words follow the order that a person should read ("stop texting me, he checks my phone").
        by_carrier: the carrier found the order, has obeyed it and answered it already.
    """

    order: Order | None = None
    distressed: bool = False
    has_more: bool = False
    by_carrier: bool = False


def read_command(text: str, *, at_the_door: bool = False) -> Command:
    """Which order a text gives.

    Args:
        text: the person's words, untouched.
        at_the_door: a code word was just asked for, so that "new" and "forgot it" are orders.
    """
    said = plain(text)
    distressed = _is_cry(said)
    if order := _lone(said):
        return Command(order, distressed)
    if (more := _asks_for_no_texts(said)) is not None:
        return Command("opt_out", distressed, has_more=more)
    if _matches(words_of("about_texting"), said) and read_hours(text):
        return Command("safe_hours", distressed)
    kinds: list[Order] = ["someone_new", "wrong_number", "have_code"]
    if at_the_door:
        if _whole("someone_new_at_the_door", said):
            return Command("someone_new")
        kinds.append("lost_code")
    return Command(next((kind for kind in kinds if _whole(kind, said)), None), distressed)


def is_only_a_greeting(text: str) -> bool:
    """Whether words say no more than that somebody is there."""
    said = plain(text)
    return not said or _whole("only_a_greeting", said)


def plain(text: str) -> str:
    """Lower case, no apostrophes or punctuation, single spaces, drawn-out letters once."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = re.sub(r"['\u2018\u2019`]", "", folded)
    folded = re.sub(r"[^\w\s]|_", " ", folded)
    folded = re.sub(r"([a-z])\1{2,}", r"\1", folded)
    return re.sub(r"\s+", " ", folded).strip()


def _lone(said: str) -> Order | None:
    """A word that is an order where it stands alone; "stop" and "unsubscribe" may be said politely and repeated."""
    words = words_of("lone")
    for order in ("opt_out", "opt_in", "help"):
        if said in words[order]:
            return order
    polite = rf"(?:(?:{_piece('courtesy')}) )*(?:stop|unsubscribe|stopall)(?: stop){{0,{_MOST_REPEATS}}}"
    return "opt_out" if _matches(rf"{polite}(?: (?:{_piece('courtesy')}))*", said) else None


def _asks_for_no_texts(said: str) -> bool | None:
    """None if it does not; else whether more follows that a person should read."""
    core = "|".join(f"(?:{each})" for each in words_of("no_more_texts"))
    before, after = rf"(?:(?:{_piece('opener')}) )*", rf"(?: (?:{_piece('closer')}))*"
    whole = before + rf"(?:{core})" + after
    if _matches(whole, said):
        return False
    for end in _ends(whole, said):
        rest = said[end:].strip()
        if _matches(rf"{_piece('time')}\b.*", rest):
            return None
        if _matches(rf"{_piece('reason')}\b.*", rest) and not _found(rf"{_piece('verb')}$", said[:end]):
            return True
    return None


def _ends(pattern: str, said: str) -> Iterable[int]:
    """Where the order may end within a longer text, the longest first."""
    ends = [index for index, letter in enumerate(said) if letter == " "]
    return (end for end in reversed(ends) if _matches(pattern, said[:end]))


def _is_cry(said: str) -> bool:
    if len(said.split()) > words_of("longest_cry"):
        return False
    if any(_found(each, said) for each in words_of("distress")):
        return True
    says_stop = _found(r"\b(stop|end|quit|cancel)\b", said)
    return says_stop and any(_found(each, said) for each in words_of("distress_beside_stop"))


def _whole(kind: str, said: str) -> bool:
    return any(_matches(each, said) for each in words_of(kind))


def _matches(pattern: str, said: str) -> bool:
    return _compiled(pattern).fullmatch(said) is not None


def _found(pattern: str, said: str) -> bool:
    return _compiled(pattern).search(said) is not None


def _piece(name: str) -> str:
    return str(words_of("pieces")[name])


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> re.Pattern[str]:
    pieces = words_of("pieces")
    return re.compile(re.sub(r"<(\w+)>", lambda name: f"(?:{pieces[name[1]]})", pattern))


@lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


def words_of(name: str) -> Any:
    """One section of the file."""
    return _all()[name]
