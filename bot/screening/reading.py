"""A text as screening reads it: lower case, short forms written out, disguises taken off, sentence by sentence."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# A sign spans fewer words than a window overlaps the next one by, so that none falls between two windows.
WINDOW, STRIDE = 72, 48


@dataclass(frozen=True)
class Spelling:
    """What is needed to read a text: short forms, words that only add force, words often masked, words we know."""

    two_for_to: re.Pattern[str]
    spellings: Mapping[str, str]
    masked: tuple[str, ...]
    fillers: frozenset[str]
    vocabulary: frozenset[str]


_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})
_LEET = str.maketrans("013457@$!", "oieastasi")
_MIXED = re.compile(r"[a-z]+[013457@$!]+[a-z]+[a-z013457@$!]*|[013457@$][a-z]{2,}")
_SPACED = re.compile(r"(?<![a-z0-9])(?:[a-z][ .\-_*]){2,}[a-z](?![a-z0-9'])")
_TOKEN = re.compile(r"[a-z0-9@$!*']*[a-z0-9@$*']|[.?!;\n…]")
_GAPS = re.compile(r"[^\S\n]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_END = frozenset(".?!;\n…")


def windows(text: str, spelling: Spelling) -> Iterator[list[str]]:
    """Sentences, or overlapping stretches of long ones; letters set apart are read joined as well."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    plain = spelling.two_for_to.sub("to ", _GAPS.sub(" ", plain))
    yield from _sentences(plain, spelling)
    joined = _SPACED.sub(lambda run: re.sub(r"[ .\-_*]", "", run[0]), plain)
    if joined != plain:
        yield from _sentences(joined, spelling)


def _sentences(plain: str, spelling: Spelling) -> Iterator[list[str]]:
    sentence: list[str] = []
    known: dict[str, list[str]] = {}  # a long text holds the same words over and over
    for token in _TOKEN.findall(plain):
        if token in _END:
            yield from _stretches(sentence)
            sentence = []
        else:
            if token not in known:
                known[token] = [word for word in _spelt(token, spelling) if word not in spelling.fillers]
            sentence.extend(known[token])
    yield from _stretches(sentence)


def _stretches(sentence: list[str]) -> Iterator[list[str]]:
    for start in range(0, max(1, len(sentence) - (WINDOW - STRIDE)), STRIDE):
        yield sentence[start : start + WINDOW]


def words_of(text: str, spelling: Spelling) -> list[str]:
    """Every word of a text in order."""
    return [word for window in windows(text, spelling) for word in window]


def _spelt(token: str, spelling: Spelling) -> list[str]:
    """The words a token stands for: text-speak, digits for letters, masked and drawn-out spellings."""
    for written in (token, token.replace("'", "")):
        if written in spelling.spellings:
            return spelling.spellings[written].split()
    word = token.replace("'", "")
    if "*" in word:
        word = _unmasked(word, spelling.masked)
    if _MIXED.fullmatch(word):
        word = word.translate(_LEET)
    if _REPEATED.search(word):
        twice = _REPEATED.sub(r"\1\1", word)
        word = twice if twice in spelling.vocabulary else _REPEATED.sub(r"\1", word)
    return spelling.spellings.get(word, word).split()


def _unmasked(word: str, masked: tuple[str, ...]) -> str:
    return next((each for each in masked if _fits(word, each)), word.replace("*", ""))


def _fits(word: str, whole: str) -> bool:
    return len(word) == len(whole) and all(given in ("*", letter) for given, letter in zip(word, whole, strict=True))
