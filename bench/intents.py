"""What was tried for intents, in one run: macro F1 on both held-out sets, time to train, time a message, size.

    .venv/bin/python bench/intents.py [--slow]

`--slow` adds the shapes that need minutes to train, among them the one that Rasa's pipeline had before.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import joblib
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from bot.evaluation.language import held_out_intents
from bot.understanding.intents import examples, outside_name
from bot.understanding.learned import by_meaning
from bot.understanding.narratives import narratives
from bot.understanding.wording import meant, spelt

SVM = partial(LinearSVC, C=0.2, class_weight="balanced", random_state=0)


def tfidf(reading: Callable[[str], str], **options: Any) -> TfidfVectorizer:
    """Words of a reading of the text, weighed by how rare they are."""
    words = (
        {"min_df": 2, "ngram_range": (1, 2)} | ({} if "analyzer" in options else {"token_pattern": r"\S+"}) | options
    )
    return TfidfVectorizer(preprocessor=reading, sublinear_tf=True, lowercase=False, **words)


def pieces(longest: int = 4) -> TfidfVectorizer:
    """Pieces of words, from two letters up."""
    return tfidf(spelt, analyzer="char_wb", ngram_range=(2, longest), min_df=3)


def shapes(*, slow: bool) -> Iterator[tuple[str, Any]]:
    """Each shape that was tried, by name."""
    meanings = tfidf(partial(meant, among="messages"), ngram_range=(1, 3))
    yield "words, naive Bayes", make_pipeline(tfidf(spelt), ComplementNB(alpha=0.3))
    yield "words, SVM", make_pipeline(tfidf(spelt), SVM())
    yield "words + pieces, SVM", make_pipeline(make_union(tfidf(spelt), pieces()), SVM())
    yield "words + meanings, SVM", make_pipeline(make_union(tfidf(spelt), meanings), SVM())
    yield "words + pieces + meanings, SVM", make_pipeline(make_union(tfidf(spelt), pieces(), meanings), SVM())
    yield "the embedding, SVM", make_pipeline(FunctionTransformer(by_meaning), SVM())
    yield (
        "words + pieces + meanings + the embedding, SVM (in use)",
        make_pipeline(make_union(tfidf(spelt), pieces(), meanings, FunctionTransformer(by_meaning)), SVM()),
    )
    if slow:
        counts = make_union(CountVectorizer(ngram_range=(1, 2)),
                            CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)))  # fmt: skip
        yield (
            "counts of words + pieces, logistic (Rasa's before)",
            make_pipeline(counts, LogisticRegression(max_iter=400, tol=1e-4, random_state=42)),
        )
        yield (
            "words + pieces + meanings, logistic",
            make_pipeline(
                make_union(tfidf(spelt), pieces(), meanings),
                LogisticRegression(C=20, max_iter=300, class_weight="balanced"),
            ),
        )


def main() -> None:
    """Train and measure each shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", action="store_true")
    told = [*examples(), *(("inform", each.text) for each in narratives())]
    texts, intents = [text for _, text in told], [intent for intent, _ in told]
    held_out = held_out_intents()
    sources = sorted({each.source for each in held_out})
    print(f"{len(texts)} examples, {len(held_out)} held-out messages")
    print(f"{'shape':56} {'train s':>7} {'ms':>5} {'MB':>5}  " + "  ".join(sources))
    for name, model in shapes(slow=parser.parse_args().slow):
        begun = time.perf_counter()
        model.fit(texts, intents)
        trained = time.perf_counter() - begun
        begun = time.perf_counter()
        guesses = [outside_name(str(model.predict([each.text])[0])) for each in held_out]
        each_ms = (time.perf_counter() - begun) / len(held_out) * 1000
        kept = io.BytesIO()
        joblib.dump(model, kept, compress=3)
        size = kept.tell() / 1e6
        figures = []
        for source in sources:
            pairs = [(e.label, g) for e, g in zip(held_out, guesses, strict=True) if e.source == source]
            labels = sorted({label for label, _ in pairs})
            figures.append(f1_score(*zip(*pairs, strict=True), labels=labels, average="macro", zero_division=0))
        print(f"{name:56} {trained:7.1f} {each_ms:5.1f} {size:5.1f}  " + "  ".join(f"{each:.3f}" for each in figures))


if __name__ == "__main__":
    main()
