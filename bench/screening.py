"""How long screening a message takes: `python bench/screening.py` prints milliseconds a message; the aim is 20.

The texts are those screening learns from, and some built to be slow: a long story without a full stop, and texts that
make regular expressions work hard.
"""

import statistics
import time

from bot.screening import screen
from bot.screening.examples import FOLDER, read_examples

ROUNDS = 20
TEXTS = {
    "story, 10,000 characters": (
        "the worker did not come and i am scared of the meeting because they said they would cut my hours and i "
        "want to know why he was not fed or hit home with him and her " * 62
    )[:10_000],
    "sentences, 10,000 characters": ("I was left waiting at the office. Nobody told me about the review. " * 150)[
        :10_000
    ],
    "one letter": "a" * 10_000,
    "letters apart": "k " * 5_000,
    "masked": "k*" * 5_000,
    "openings": "want to have to my little " * 385,
}


def main() -> None:
    """Print median and 95th percentile over the examples, and the median of each slow text."""
    screen("compile first")
    each = sorted(_milliseconds(example.text) for example in read_examples(FOLDER))
    print(f"{statistics.median(each):8.2f} ms  median of {len(each)} examples")
    print(f"{each[int(0.95 * len(each))]:8.2f} ms  95 in 100 of them take less")
    for name, text in TEXTS.items():
        print(f"{statistics.median(_milliseconds(text) for _ in range(ROUNDS)):8.2f} ms  {name}")


def _milliseconds(text: str) -> float:
    started = time.perf_counter()
    screen(text)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
