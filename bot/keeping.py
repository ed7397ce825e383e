"""How trained models are kept: under a name that tells what they were trained from, whole, and only the newest.

A changed example, cue or line of code gives another name, so an old model is never taken for a new one.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def digest(parts: Iterable[bytes]) -> str:
    """A short name for the present state of everything that a model depends on.

    Args:
        parts: the content of each thing it depends on, and the name of each where that matters.
    """
    known = hashlib.sha256()
    for part in parts:
        known.update(part + b"\0")
    return known.hexdigest()[:16]


def contents(files: Iterable[Path], *, beneath: Path) -> Iterator[bytes]:
    """Name and content of each file, for `digest`.

    Args:
        beneath: the folder from which the names count, so that a checkout elsewhere gives the same.
    """
    for file in files:
        yield str(file.relative_to(beneath)).encode()
        yield file.read_bytes()


def write(path: Path, save: Callable[[Path], object]) -> None:
    """Write a model whole or not at all: another process that looks meanwhile finds nothing or all of it.

    Args:
        save: writes it to the path it is given.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    save(unfinished)
    unfinished.replace(path)


def forget_older(folder: Path, pattern: str, *, most: int) -> None:
    """Remove all but the newest models.

    Args:
        pattern: which files of the folder are models of one kind.
        most: how many stay.
    """
    newest_first = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in newest_first[most:]:
        file.unlink(missing_ok=True)
