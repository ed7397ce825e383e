"""How long screening a message takes: `python bench/screening.py` prints milliseconds a message.

Texts are made up here: an ordinary text, a long story without a full stop, and texts built to make regular
expressions slow.
"""

import time

from bot.screening import screen

ROUNDS = 20
TEXTS = {
    "ordinary text": "My social worker has not rung me back for three weeks and my review was cancelled again.",
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
    """Print the mean time of each text."""
    screen("compile first")
    for name, text in TEXTS.items():
        started = time.perf_counter()
        for _ in range(ROUNDS):
            screen(text)
        print(f"{(time.perf_counter() - started) / ROUNDS * 1000:8.2f} ms  {name}")


if __name__ == "__main__":
    main()
