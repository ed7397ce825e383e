"""The learned part of screening: how much a message reads like those of people in danger.

A linear model over words and their order, the classes of words, spellings and the cues that show. It is trained from
our own invented examples (`bot.screening.training`), kept as readable JSON under a name that tells the state of what
it was trained from, and read here without any machine-learning package.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from bot.screening.cues import Cues, cues_in
from bot.screening.reading import windows

log = logging.getLogger(__name__)

CLASSES_FILE = Path(__file__).with_name("word_classes.yml")
# A message of up to WHOLE words is read as one; sentences of more than SHORT words in overlapping stretches.
WHOLE, SHORT, STRETCH, STEP = 60, 30, 24, 12
# Of a very long message only so many stretches are read, those with the most words of danger: it bounds the time.
# The cues read all of it.
MOST_STRETCHES = 24
# Added to the length of a stretch's features, so that one word alone never speaks with full weight.
DAMPING = 100.0
# What rare features weigh is learned from the examples; these few weigh the same everywhere.
FIXED_WEIGHTS = {"!": 3.0, "@danger": 4.0}


@dataclass(frozen=True)
class Scores:
    """How far a message lies on the side of danger, and of danger now: log odds, 0 is even."""

    danger: float
    immediate: float


@dataclass(frozen=True)
class WordClasses:
    """Class of a word, who-to-whom pronouns, and the classes that tell of harm."""

    of_word: Mapping[str, str]
    pronouns: Mapping[str, str]
    danger: frozenset[str]


@dataclass(frozen=True)
class Learned:
    """A trained model: of each feature its weight for danger, for danger now, and the square of its rarity."""

    weights: Mapping[str, tuple[float, float, float]]
    danger_bias: float
    immediate_bias: float

    @classmethod
    def load(cls, path: Path) -> "Learned":
        """A model as training kept it.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not a model.
        """
        kept = json.loads(path.read_bytes())
        try:
            weights = {name: (float(a), float(b), float(c)) for name, (a, b, c) in kept["weights"].items()}
            return cls(weights, float(kept["bias"][0]), float(kept["bias"][1]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name} is not a screening model; remove it and run `bot train`.") from error

    def scores(self, text: str, cues: Cues) -> Scores:
        """The highest scores of the message and of each of its stretches."""
        each = [self._of_stretch(words, cues) for words in stretches(text, cues)]
        return Scores(max(one.danger for one in each), max(one.immediate for one in each))

    def _of_stretch(self, words: tuple[str, ...], cues: Cues) -> Scores:
        danger = immediate = length = 0.0
        for feature in features(words, cues):
            if (weight := self.weights.get(feature)) is not None:
                danger += weight[0]
                immediate += weight[1]
                length += weight[2]
        scale = math.sqrt(length + DAMPING)
        return Scores(danger / scale + self.danger_bias, immediate / scale + self.immediate_bias)


def stretches(text: str, cues: Cues) -> list[tuple[str, ...]]:
    """What of a message is read at a time: the whole, if short, and every sentence or stretch of a long one."""
    sentences = [tuple(sentence) for sentence in windows(text, cues.spelling) if sentence]
    whole = tuple(word for sentence in sentences for word in sentence)
    found = [whole] if len(whole) <= WHOLE else []
    found += [stretch for sentence in sentences for stretch in _parts_of(sentence)]
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
    """What the model sees in a stretch: words and classes in order, classes together, letters, and cues."""
    classes = word_classes()
    begun = ("^", *words)
    kinds = [classes.of_word.get(word) or classes.pronouns.get(word) or word for word in begun]
    present = sorted({kind for kind, word in zip(kinds, begun, strict=True) if kind != word or word in _KEPT})
    found = {gram for size in (1, 2, 3) for gram in _grams(begun, size)}
    found.update(f"~{gram}" for size in (1, 2, 3) for gram in _grams(kinds, size))
    found.update(f"@{one}+{other}" for place, one in enumerate(present) for other in present[place + 1 :])
    found.add(f"@danger{min(4, len(classes.danger.intersection(present)))}")
    shown = cues_in(words, cues)
    found.update(f"!{name}" for name in shown)
    found.update(f"!level {level}" for level in shown.values())
    for word in words:
        found.update(_letters(word))
    return found


# Pronouns that are their own class still count as present.
_KEPT = frozenset({"i", "me", "my", "we", "they", "them"})


def _grams(words: Sequence[str], size: int) -> Iterator[str]:
    return (" ".join(words[start : start + size]) for start in range(len(words) - size + 1))


@lru_cache(maxsize=20_000)
def _letters(word: str) -> tuple[str, ...]:
    closed = f"<{word[:30]}>"
    return tuple(f"#{closed[start : start + size]}" for size in (3, 4, 5) for start in range(len(closed) - size + 1))


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
    return WordClasses(of_word, sheet["pronouns"], frozenset(name.upper() for name in sheet["danger"]))
