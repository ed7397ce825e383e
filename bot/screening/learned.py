"""The learned part of screening: how much a message reads like those of people in danger.

Two parts of it add up: a linear model over words and their order, the classes of words and the cues that show; and how
near in meaning (`bot.meaning`) the words lie to those of the examples. Both are trained from our own invented
examples (`bot.screening.training`) and kept as plain arrays under a name that tells what they were trained from.
"""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.meaning import Meaning, Vectors, meaning
from bot.screening.cues import Cues, cues_in

log = logging.getLogger(__name__)

CLASSES_FILE = Path(__file__).with_name("word_classes.yml")
# A message of up to WHOLE words is read as one; sentences of more than SHORT words in overlapping stretches.
WHOLE, SHORT, STRETCH, STEP = 60, 20, 14, 7
# A message of up to WHOLE words is judged as a whole, but for a part that shows danger clearly by itself; a longer
# one by the MOST_MEANT parts with most danger.
MOST_MEANT = 2
# What nearness in meaning weighs beside the linear model: chosen by cross-validation, see docs/decisions/0020.
NEARNESS = 4.0
# How fast an example's say falls with distance: what is not near says nothing.
REACH = 1.0
# Of a very long message only so many stretches are read, those with the most words of danger: it bounds the time.
# The cues read all of it.
MOST_STRETCHES = 12
# Added to the length of a stretch's features, so that one word alone never speaks with full weight.
DAMPING = 100.0
# Shorter words have too many neighbours to be put right.
SHORTEST_RESPELT = 4
# Taken off where neither a word of danger nor a cue stands: ordinary words about people at home must say much to count.
UNNAMED, UNNAMED_MARK = 0.5, "@danger none"
# What rare features weigh is learned from the examples; these few weigh the same everywhere.
FIXED_WEIGHTS = {"!": 3.0, "@danger": 4.0}


@dataclass(frozen=True)
class Scores:
    """How far a message lies on the side of danger, and of danger now: log odds, 0 is even."""

    danger: float
    immediate: float

    def __add__(self, other: "Scores") -> "Scores":
        return Scores(self.danger + other.danger, self.immediate + other.immediate)


# A part taken out of its message must show more to count.
PART, LONG = Scores(-3.0, -3.0), Scores(-1.0, -1.0)


@dataclass(frozen=True)
class WordClasses:
    """Class of a word, classes of several words by the first of them, who-to-whom pronouns, and the classes of harm."""

    of_word: Mapping[str, str]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    pronouns: Mapping[str, str]
    danger: frozenset[str]


@dataclass(frozen=True)
class Respeller:
    """Reads a word that nobody knows as the known word that is one slip away: "srangled" as "strangled"."""

    order: tuple[str, ...]
    known: frozenset[str]
    shortened: Mapping[str, str]

    @classmethod
    def of(cls, known: Sequence[str]) -> "Respeller":
        """A respeller to these words; where two are as near, to the earlier one."""
        shortened: dict[str, str] = {}
        for word in known:
            if len(word) >= SHORTEST_RESPELT:
                for shorter in _one_less(word):
                    shortened.setdefault(shorter, word)
        return cls(tuple(known), frozenset(known), shortened)

    def respelt(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words, with slips put right."""
        return tuple(word if word in self.known or len(word) < SHORTEST_RESPELT else self._near(word) for word in words)

    def _near(self, word: str) -> str:
        for near in (word, f"{word}g"):  # "hitin" is first read as "hiting"
            if near in self.known:
                return near
            if near in self.shortened:  # a letter left out
                return self.shortened[near]
        shorter = _one_less(word)
        for one in shorter if len(word) > SHORTEST_RESPELT else ():  # a letter too many
            if one in self.known:
                return one
        swapped = (self.shortened.get(one, "") for one in shorter)
        return next((other for other in swapped if sorted(other) == sorted(word)), word)


def _one_less(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


@dataclass(frozen=True)
class Nearness:
    """How near in meaning a stretch lies to examples of danger, and how far from harmless ones: a kernel machine.

    `examples` are the vectors of those that mark the border, `weights` what each says for danger and for danger now.
    """

    examples: Vectors
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def scores(self, vector: Vectors) -> Scores:
        """The scores of a vector of length 1."""
        closeness = np.exp(-2 * REACH * (1 - self.examples @ vector))
        danger, immediate = NEARNESS * (closeness @ self.weights + self.bias)
        return Scores(float(danger), float(immediate))


@dataclass(frozen=True)
class Linear:
    """A trained linear model: of each feature its weight for danger, for danger now, and the square of its rarity."""

    weights: Mapping[str, tuple[float, float, float]]
    danger_bias: float
    immediate_bias: float
    respeller: Respeller

    def scores(self, words: tuple[str, ...], cues: Cues) -> Scores:
        """The scores of a stretch."""
        danger = immediate = length = 0.0
        found = features(self.respeller.respelt(words), cues)
        for feature in found:
            if (weight := self.weights.get(feature)) is not None:
                danger += weight[0]
                immediate += weight[1]
                length += weight[2]
        scale = math.sqrt(length + DAMPING)
        doubt = UNNAMED if UNNAMED_MARK in found else 0.0
        return Scores(danger / scale + self.danger_bias - doubt, immediate / scale + self.immediate_bias - doubt)


@dataclass(frozen=True)
class Learned:
    """The two parts, trained, and the reader of meaning."""

    linear: Linear
    nearness: Nearness
    meaning: Meaning

    @classmethod
    def load(cls, path: Path) -> "Learned":
        """What training kept.

        Raises:
            OSError: a file cannot be read.
            ValueError: it is not a model, or the reader of meaning is not the one we know.
        """
        try:
            with np.load(path, allow_pickle=False) as kept:
                weights = map(tuple, kept["weights"].tolist())
                danger_bias, immediate_bias = kept["bias"].tolist()
                linear = Linear(
                    dict(zip(kept["features"].tolist(), weights, strict=True)),
                    danger_bias,
                    immediate_bias,
                    Respeller.of(kept["known"].tolist()),
                )
                nearness = Nearness(kept["near"].astype(np.float32), kept["near_weights"], kept["near_bias"])
        except (KeyError, TypeError, ValueError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path.name} is not a screening model; remove it and run `bot train`.") from error
        return cls(linear, nearness, meaning())

    def keep(self, path: Path) -> None:
        """Write what `load` reads.

        Raises:
            OSError: the file cannot be written.
        """
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                features=np.array(list(self.linear.weights)),
                weights=np.array(list(self.linear.weights.values())),
                bias=np.array([self.linear.danger_bias, self.linear.immediate_bias]),
                known=np.array(self.linear.respeller.order),
                near=self.nearness.examples.astype(np.float16),  # half the file; the scores differ by less than 0.001
                near_weights=self.nearness.weights,
                near_bias=self.nearness.bias,
            )

    def scores(self, sentences: Sequence[Sequence[str]], cues: Cues) -> Scores:
        """The scores of a message, given in sentences as it was read."""
        read = stretches(sentences)
        each = {words: self.linear.scores(words, cues) for words in read}
        worst = sorted(each, key=lambda words: each[words].danger, reverse=True)
        whole = tuple(word for sentence in sentences for word in sentence)
        if whole not in each:
            return _highest(self._with_nearness(worst[:MOST_MEANT], each)) + LONG
        together, *parts = self._with_nearness([whole, *[words for words in worst if words != whole][:1]], each)
        return _highest([together, *(part + PART for part in parts)])

    def _with_nearness(self, read: Sequence[tuple[str, ...]], linear: Mapping[tuple[str, ...], Scores]) -> list[Scores]:
        vectors = self.meaning.vectors(read)
        return [linear[words] + self.nearness.scores(vector) for words, vector in zip(read, vectors, strict=True)]


def _highest(scores: Sequence[Scores]) -> Scores:
    return Scores(max(one.danger for one in scores), max(one.immediate for one in scores))


def stretches(sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """What of a message is read at a time: the whole, if short, and every sentence or stretch of a long one."""
    whole = tuple(word for sentence in sentences for word in sentence)
    found = [whole] if len(whole) <= WHOLE else []
    found += [stretch for sentence in sentences if sentence for stretch in _parts_of(tuple(sentence))]
    found = list(dict.fromkeys(found))
    if len(found) > MOST_STRETCHES:
        found = sorted(found, key=_words_of_danger, reverse=True)[:MOST_STRETCHES]
    return found or [()]


def _parts_of(sentence: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(sentence) <= SHORT:
        yield sentence
        return
    for start in range(0, len(sentence) - STRETCH + STEP, STEP):
        yield sentence[start : start + STRETCH]


def _words_of_danger(stretch: tuple[str, ...]) -> int:
    classes = word_classes()
    return len({classes.of_word[word] for word in stretch if word in classes.of_word} & classes.danger)


def features(words: tuple[str, ...], cues: Cues) -> set[str]:
    """What the model sees in a stretch: words and classes in order, classes together, and cues."""
    classes = word_classes()
    begun = ("^", *words)
    kinds = [classes.of_word.get(word) or classes.pronouns.get(word) or word for word in begun]
    together = _phrases_in(words, classes)
    held = {kind for kind, word in zip(kinds, begun, strict=True) if kind != word or word in _KEPT}
    present = sorted(held | {kind for _, kind in together})
    found = {gram for size in (1, 2, 3) for gram in _grams(begun, size)}
    found.update(f"~{gram}" for size in (1, 2, 3) for gram in set(_grams(kinds, size)) - found)
    found.update(f"@{one}+{other}" for place, one in enumerate(present) for other in present[place + 1 :])
    found.update(f"={phrase}" for phrase, _ in together)
    found.update(f"=={kind}" for _, kind in together)
    shown = cues_in(words, cues)
    named = len(classes.danger.intersection(present))
    found.add(f"@danger{min(4, named)}" if named or shown else UNNAMED_MARK)
    found.update(f"!{name}" for name in shown)
    found.update(f"!level {level}" for level in shown.values())
    return found


def _phrases_in(words: Sequence[str], classes: WordClasses) -> set[tuple[str, str]]:
    return {
        (" ".join(phrase), kind)
        for place, word in enumerate(words)
        for phrase, kind in classes.phrases.get(word, ())
        if tuple(words[place : place + len(phrase)]) == phrase
    }


# Pronouns that are their own class still count as present.
_KEPT = frozenset({"i", "me", "my", "we", "they", "them"})


def _grams(words: Sequence[str], size: int) -> Iterator[str]:
    return (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))


@lru_cache(maxsize=1)
def word_classes() -> WordClasses:
    """The classes of `word_classes.yml`.

    Raises:
        ValueError: a word stands in two classes.
    """
    sheet = yaml.safe_load(CLASSES_FILE.read_bytes())
    of_word: dict[str, str] = {}
    for name, words in [*sheet["danger"].items(), *sheet["around"].items()]:
        for word in words.split():
            if word in of_word:
                raise ValueError(f"{CLASSES_FILE.name}: {word} stands in {of_word[word]} and in {name.upper()}.")
            of_word[word] = name.upper()
    danger = frozenset(name.upper() for name in sheet["danger"])
    return WordClasses(of_word, _phrases(sheet["phrases"]), sheet["pronouns"], danger)


def _phrases(sheet: Mapping[str, list[str]]) -> dict[str, tuple[tuple[tuple[str, ...], str], ...]]:
    by_first: dict[str, tuple[tuple[tuple[str, ...], str], ...]] = {}
    for name, phrases in sheet.items():
        for phrase in phrases:
            words = tuple(phrase.split())
            by_first[words[0]] = (*by_first.get(words[0], ()), (words, name.upper()))
    return by_first
