"""Our own classifiers of text: trained in seconds from files in the tree, kept under the folder of models.

What is kept is named after everything it was trained from, so a changed example asks for a new model and an old one is
never taken for it. It is a joblib file that this installation wrote itself; one from elsewhere has no business there.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import joblib
import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from bot import keeping
from bot.meaning import WIDTH, Vectors, meaning
from bot.meaning import digest as digest_of_meaning
from bot.settings import models_folder
from bot.understanding.wording import WORDING, meant, spelt

logger = logging.getLogger(__name__)

KEPT = 4  # of each classifier: every profile has its own, and data that is being worked on changes
MEANING_COUNTS = 1.5  # measured beside 0 and 3: docs/decisions/0024
FOLDS = 3  # in which chances are made to agree with how often the guess is right
_CODE = (Path(__file__), Path(__file__).with_name("wording.py"), WORDING)
_one_at_a_time = Lock()


class TextClassifier:
    """Says what a text is, with a chance for each label.

    A linear support-vector machine over words, pieces of words, what the words mean here and what the whole means in
    English at large, its margins turned into chances by one temperature
    (docs/decisions/0024-intents-in-our-own-process.md has what else was tried).
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[str], *, among: str) -> None:
        model = fitted(texts, labels, among=among)
        reading, chances = (step for _, step in model.steps)
        calibrated = chances.calibrated_classifiers_[0]
        *by_words, _ = (step for _, step in reading.transformer_list)
        # How each splits a text, the place of each feature, and what it weighs: the rarer the more.
        self._readers = [(each.build_analyzer(), each.vocabulary_, each.idf_) for each in by_words]
        self._labels = [str(label) for label in model.classes_]
        # One row a feature, so that those of a text are found without looking through all.
        self._weights = np.ascontiguousarray(calibrated.estimator.coef_.T)
        self._bias = calibrated.estimator.intercept_
        self._sharpness = float(calibrated.calibrators[0].beta_)

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """Every label with its chance, the likeliest first; the chances add up to one.

        The sums are those of scikit-learn's own `predict_proba`, which takes ten times as long over a single text.
        """
        margins = self._margins(text)
        if len(margins) == 1:  # of two labels only the second one's is kept
            margins = np.concatenate([-margins, margins])
        raised = np.exp(self._sharpness * (margins - margins.max()))
        chances = (raised / raised.sum()).tolist()
        return sorted(zip(self._labels, chances, strict=True), key=lambda each: -each[1])

    def _margins(self, text: str) -> Any:
        margins, first = self._bias + (by_meaning([text]) @ self._weights[-WIDTH:])[0], 0
        for split, places_of, rarity in self._readers:
            seen = Counter(place for each in split(text) if (place := places_of.get(each)) is not None)
            if seen:
                places = np.fromiter(seen, dtype=np.intp)
                weights = (1 + np.log(np.fromiter(seen.values(), dtype=float))) * rarity[places]
                margins = margins + weights / np.linalg.norm(weights) @ self._weights[first + places]
            first += len(places_of)
        return margins


def fitted(texts: Sequence[str], labels: Sequence[str], *, among: str) -> Any:
    """The whole as a scikit-learn pipeline, trained.

    Args:
        among: the groups of meanings by which the texts are read (`wording.meant`).
    """
    texts, labels = _enough_of_each(texts, labels)
    separator = LinearSVC(C=0.2, class_weight="balanced", random_state=0)
    chances = CalibratedClassifierCV(separator, method="temperature", cv=FOLDS, ensemble=False)
    return make_pipeline(_features(among), chances).fit(texts, labels)


def by_meaning(texts: Sequence[str]) -> Vectors:
    """What each text means in English at large, a row each, as heavy as it counts beside the words."""
    return MEANING_COUNTS * meaning().vectors([spelt(text).split() for text in texts])


def _enough_of_each(texts: Sequence[str], labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """The examples, those of labels that have fewer than there are folds repeated, so that each fold has one."""
    rare = {label for label, times in Counter(labels).items() if times < FOLDS}
    again = [(text, label) for text, label in zip(texts, labels, strict=True) if label in rare] * (FOLDS - 1)
    return [*texts, *(text for text, _ in again)], [*labels, *(label for _, label in again)]


def _features(among: str) -> Any:
    words = {"token_pattern": r"\S+", "sublinear_tf": True, "lowercase": False}
    return make_union(
        TfidfVectorizer(preprocessor=spelt, ngram_range=(1, 2), min_df=2, **words),
        TfidfVectorizer(preprocessor=spelt, analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True,
                        lowercase=False),
        TfidfVectorizer(preprocessor=partial(meant, among=among), ngram_range=(1, 3), min_df=2, **words),
        FunctionTransformer(by_meaning),
    )  # fmt: skip


def kept(name: str, examples: Sequence[tuple[str, str]], *, among: str) -> TextClassifier:
    """The classifier of this name for these examples: as kept, or trained now and kept.

    Args:
        examples: label and text of each.
        among: the groups of meanings by which they are read (`wording.meant`).
    """
    path = models_folder() / f"{name}-{_digest(examples)}.joblib"
    with _one_at_a_time:
        return _load(path) or _train_and_keep(path, name, examples, among)


def _digest(examples: Sequence[tuple[str, str]]) -> str:
    code = [file.read_bytes() for file in _CODE]
    told = ("\0".join(example).encode() for example in examples)
    return keeping.digest([sklearn.__version__.encode(), digest_of_meaning().encode(), *code, *told])


def _load(path: Path) -> TextClassifier | None:
    if not path.exists():
        return None
    try:
        loaded = joblib.load(path)
    except Exception as error:  # noqa: BLE001 -- whatever a broken file does, a new one is trained in seconds
        logger.warning("classifier unreadable, trained anew file=%s error=%s", path.name, type(error).__name__)
        return None
    return loaded if isinstance(loaded, TextClassifier) else None


def _train_and_keep(path: Path, name: str, examples: Sequence[tuple[str, str]], among: str) -> TextClassifier:
    logger.info("training classifier name=%s", name)
    trained = TextClassifier([text for _, text in examples], [label for label, _ in examples], among=among)
    try:
        keeping.write(path, partial(joblib.dump, trained, compress=3))
    except OSError as error:
        # It works all the same, but each process trains its own until the folder can be written.
        logger.warning("classifier not kept file=%s error=%s", path.name, type(error).__name__)
        return trained
    keeping.forget_older(path.parent, f"{name}-*.joblib", most=KEPT)
    return trained
