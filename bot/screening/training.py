"""Training the learned part of screening from the invented examples: a minute or two, and no network."""

import math
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from bot import keeping
from bot.meaning import digest as digest_of_meaning
from bot.meaning import meaning
from bot.screening import cues as cue_sheet
from bot.screening.cues import Cues, load_cues
from bot.screening.examples import FOLDER, SAID_TO_US, Example, composed, joined, read_examples, said_to_us
from bot.screening.learned import (
    CLASSES_FILE,
    DAMPING,
    FIXED_WEIGHTS,
    REACH,
    Learned,
    Linear,
    Nearness,
    Respeller,
    features,
    stretches,
    word_classes,
)
from bot.screening.reading import windows, words_of
from bot.settings import ROOT

HERE = Path(__file__).parent
# What a model depends on besides the examples; a change in any of it asks for a new one.
CODE = ("cues.py", "reading.py", "learned.py", "training.py", "examples.py")
KEPT = 2
RAISES = ("immediate", "concern")
# How closely the models follow the examples: chosen by cross-validation over families, see docs/decisions/0020.
FOLLOWS, FOLLOWS_NEAR = 8.0, 4.0
# A composed sentence, and small talk, counts half of a message that was written for this as a whole.
HALF = 0.5
# Of composed sentences and small talk, nearness in meaning learns from every fourth: the others mean the same again.
EVERY = 4


def digest_of_examples() -> str:
    """A short name for the present state of everything the learned part of screening depends on."""
    examples = sorted(file for file in FOLDER.iterdir() if file.suffix in (".txt", ".yml"))
    code = (HERE / name for name in CODE)
    files = [*examples, *SAID_TO_US, CLASSES_FILE, cue_sheet.CUES_FILE, *code]
    return keeping.digest([digest_of_meaning().encode(), *keeping.contents(files, beneath=ROOT)])


def model_file(models: Path) -> Path:
    """Where in a folder the model for the present examples is, or will be."""
    return models / f"screening-{digest_of_examples()}.npz"


def load_or_train(models: Path) -> Learned:
    """The model for the present examples: as kept, or trained now and kept.

    Raises:
        OSError: the model can neither be read nor kept.
        ValueError: the file or the examples are broken.
    """
    path = model_file(models)
    if not path.exists():
        keep(train(own_examples(), load_cues()), path)
    return Learned.load(path)


def own_examples() -> list[Example]:
    """Everything the model learns from: the written messages, those of the cues, the composed ones, and small talk."""
    of_cues = [Example(cue.level, f"cue: {cue.id}", text) for cue in load_cues().cues for text in cue.must_match]
    return [*read_examples(FOLDER), *of_cues, *composed(), *said_to_us()]


def keep(model: Learned, path: Path) -> None:
    """Write a model whole or not at all, and forget older ones."""
    keeping.write(path, model.keep)
    keeping.forget_older(path.parent, "screening-*", most=KEPT)


def train(examples: Sequence[Example], cues: Cues) -> Learned:
    """A model of these examples; the same examples give the same model.

    Raises:
        OSError, ValueError: the reader of meaning cannot be loaded or is not the one we know.
    """
    return Learned(_linear(examples, cues), _nearness(examples, cues), meaning())


def _linear(examples: Sequence[Example], cues: Cues) -> Linear:
    taught = [
        (words, each)
        for each in [*examples, *joined([each for each in examples if not _in_bulk(each)])]
        for words in _taught(each, cues)
    ]
    respeller = Respeller.of(_known(taught))
    read = [(features(respeller.respelt(words), cues), each) for words, each in taught]
    rarity = _rarity([found for found, _ in read])
    vectorizer = DictVectorizer()
    seen = vectorizer.fit_transform([_row(found, rarity) for found, _ in read])
    danger, immediate = (
        LogisticRegression(C=FOLLOWS, max_iter=2_000).fit(seen, truth, _counts([each for _, each in read]))
        for truth in _truths([each for _, each in read])
    )
    names = vectorizer.get_feature_names_out()
    weights = {
        name: (rarity[name] * float(one), rarity[name] * float(other), rarity[name] ** 2)
        for name, one, other in zip(names, danger.coef_[0], immediate.coef_[0], strict=True)
    }
    return Linear(weights, float(danger.intercept_[0]), float(immediate.intercept_[0]), respeller)


def _nearness(examples: Sequence[Example], cues: Cues) -> Nearness:
    bulk = [each for each in examples if _in_bulk(each)]
    taught = [*(each for each in examples if not _in_bulk(each)), *bulk[::EVERY]]
    vectors = meaning().vectors([words_of(each.text, cues.spelling) for each in taught])
    say = np.zeros((len(taught), 2))
    bias = np.zeros(2)

    def machine_for(truth: list[bool]) -> SVC:
        return SVC(C=FOLLOWS_NEAR, gamma=REACH, cache_size=500).fit(vectors, truth, _counts(taught))

    with ThreadPoolExecutor() as at_once:  # two minutes each
        machines = list(at_once.map(machine_for, _truths(taught)))
    for column, machine in enumerate(machines):
        say[machine.support_, column] = machine.dual_coef_[0]
        bias[column] = machine.intercept_[0]
    borders = say.any(axis=1)
    return Nearness(vectors[borders], say[borders], bias)


def _in_bulk(example: Example) -> bool:
    """Put together from parts, or written for another purpose."""
    return example.family.startswith(("composed", "said to us"))


def _counts(examples: Sequence[Example]) -> list[float]:
    return [HALF if _in_bulk(each) else 1.0 for each in examples]


def _truths(examples: Sequence[Example]) -> tuple[list[bool], list[bool]]:
    """Of each example whether it shows danger, and whether danger now."""
    return [each.label in RAISES for each in examples], [each.label == "immediate" for each in examples]


def _taught(example: Example, cues: Cues) -> list[tuple[str, ...]]:
    """The stretches of an example that bear its label: every one where there is no danger, else only the whole."""
    found = stretches(list(windows(example.text, cues.spelling)))
    return found[:1] if example.label in RAISES else found


def _known(taught: Sequence[tuple[tuple[str, ...], Example]]) -> list[str]:
    """The words taken as rightly spelt: those of the classes, then those that came twice, most often first."""
    often: Counter[str] = Counter()
    for words, _ in taught:
        often.update(words)
    return list(dict.fromkeys([*word_classes().of_word, *(word for word, n in often.most_common() if n > 1)]))


def _rarity(read: Sequence[set[str]]) -> dict[str, float]:
    """What each feature weighs: the rarer the more; what came once only is left out."""
    often: Counter[str] = Counter()
    for found in read:
        often.update(found)
    return {name: _fixed(name) or math.log((1 + len(read)) / (1 + n)) + 1 for name, n in often.items() if n > 1}


def _fixed(name: str) -> float | None:
    return next((weight for start, weight in FIXED_WEIGHTS.items() if name.startswith(start)), None)


def _row(found: set[str], rarity: dict[str, float]) -> dict[str, float]:
    known = {name: rarity[name] for name in found if name in rarity}
    scale = math.sqrt(sum(weight**2 for weight in known.values()) + DAMPING)
    return {name: weight / scale for name, weight in known.items()}
