"""Reading the meaning of words with the embedding."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

VOCABULARY_FILE = Path(__file__).with_name("vocabulary.txt")
WIDTH = 384
# How many pieces of words are read: what comes after says little about a stretch, and costs time.
MOST_PIECES = 64
SAME_MESSAGE = 8  # stretches that are remembered
MANY = 100  # stretches: more than any message has


@dataclass(frozen=True)
class Pieces:
    """Cuts words into the pieces that the embedding knows, each by its number."""

    numbers: Mapping[str, int]

    @classmethod
    def read(cls, vocabulary: Path) -> "Pieces":
        """The pieces of a file, one a line, numbered from 0."""
        pieces = vocabulary.read_text(encoding="utf-8").splitlines()
        return cls({piece: number for number, piece in enumerate(pieces)})

    def of(self, words: Sequence[str]) -> list[int]:
        """The pieces of a stretch of words, with the marks of its two ends."""
        found = [number for word in words for number in self._of_word(word)]
        return [self.numbers["[CLS]"], *found[: MOST_PIECES - 2], self.numbers["[SEP]"]]

    def _of_word(self, word: str) -> Iterator[int]:
        """The longest known piece, and so on with the rest: "strangled" as "strangle" and "##d"."""
        start = 0
        while start < len(word):
            begun = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if begun + word[start:end] in self.numbers), None)
            if end is None:
                yield self.numbers["[UNK]"]
                return
            yield self.numbers[begun + word[start:end]]
            start = end


class Meaning:
    """Reads stretches of words in lower case, without punctuation."""

    def __init__(self, model: Path, pieces: Pieces) -> None:
        """Load the embedding.

        Raises:
            OSError: the file cannot be read.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the other cores answer other people
        self._session = onnxruntime.InferenceSession(model.read_bytes(), options, providers=["CPUExecutionProvider"])
        self._pieces = pieces
        # One message is read for its team, its category and more: the same words are read once.
        self._read = lru_cache(maxsize=SAME_MESSAGE)(self._read_anew)

    def vectors(self, stretches: Sequence[Sequence[str]]) -> Vectors:
        """A vector of length 1 for each stretch, a row each: its direction is what the stretch means.

        Each is read by itself, since in a batch the rounding of one would depend on the others.
        """
        pieces = [tuple(self._pieces.of(words)) for words in stretches]
        if len(pieces) < MANY:
            found = [self._read(each) for each in pieces]
        else:  # training waits for these, nobody's message does
            with ThreadPoolExecutor(os.cpu_count()) as at_once:
                found = list(at_once.map(self._read_anew, pieces))
        return np.array(found, np.float32).reshape(len(found), WIDTH)

    def _read_anew(self, pieces: tuple[int, ...]) -> Any:
        numbers = np.array([pieces], np.int64)
        given = {
            "input_ids": numbers,
            "attention_mask": np.ones_like(numbers),
            "token_type_ids": np.zeros_like(numbers),
        }
        (each_piece,) = self._session.run(None, given)
        together = each_piece[0].sum(axis=0)
        return together / np.linalg.norm(together)
