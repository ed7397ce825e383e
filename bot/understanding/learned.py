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
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from bot import keeping
from bot.settings import models_folder
from bot.understanding.wording import WORDING, meant, spelt

logger = logging.getLogger(__name__)

KEPT = 4  # of each classifier: every profile has its own, and data that is being worked on changes
FOLDS = 3  # in which chances are made to agree with how often the guess is right
_CODE = (Path(__file__), Path(__file__).with_name("wording.py"), WORDING)
_one_at_a_time = Lock()


class TextClassifier:
    """Says what a text is, with a chance for each label.

    A linear support-vector machine over words, pieces of words and what the words mean here, its margins turned into
    chances by one temperature (docs/decisions/0024-intents-in-our-own-process.md has what else was tried).
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[str], *, among: str) -> None:
        texts, labels = _enough_of_each(texts, labels)
        separator = LinearSVC(C=0.2, class_weight="balanced", random_state=0)
        chances = CalibratedClassifierCV(separator, method="temperature", cv=FOLDS, ensemble=False)
        self._model = make_pipeline(_features(among), chances).fit(texts, labels)

    def ranked(self, text: str) -> list[tuple[str, float]]:
        """Every label with its chance, the likeliest first; the chances add up to one."""
        chances = self._model.predict_proba([text])[0]
        return sorted(zip(map(str, self._model.classes_), map(float, chances), strict=True), key=lambda each: -each[1])


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
    return keeping.digest([sklearn.__version__.encode(), *code, *told])


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
