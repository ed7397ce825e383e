"""Messages kept on disk, encrypted, while the case store is away, and handled in order when it is back.

A message lies in `<id>.message`, or in `<id>.danger.message` when it shows danger: people are alerted of those while
the store is away, and `<id>.danger.told` holds, a line each, who was told and when. Neither tells what was written.
"""

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cases.database import new_id, vault
from bot.errors import SpeakUpError

if TYPE_CHECKING:
    from bot.conversation.inbox import InboundMessage, Received

logger = logging.getLogger(__name__)


def keep(home: Path, message: "InboundMessage", *, danger: bool = False) -> None:
    """Write one message; the name sorts by time and the file is complete before it has that name.

    Args:
        danger: people must be told of it before the store is back.
    """
    folder = home / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps({**asdict(message), "received_at": message.received_at.isoformat()})
    path = folder / f"{new_id()}{'.danger' if danger else ''}.message"
    with os.fdopen(os.open(path.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(vault().encrypt(plain))
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".part").rename(path)


def read(path: Path) -> "InboundMessage":
    """One spooled message."""
    from bot.conversation.inbox import InboundMessage  # noqa: PLC0415 -- the inbox spools, the worker replays

    fields = json.loads(vault().decrypt(path.read_bytes()))
    return InboundMessage(**{**fields, "received_at": datetime.fromisoformat(fields["received_at"])})


def waiting(home: Path) -> list[Path]:
    """The spooled messages, the oldest first."""
    return sorted((home / "spool").glob("*.message"))


def dangers(home: Path) -> list[Path]:
    """Those of them that show danger, the oldest first."""
    return sorted((home / "spool").glob("*.danger.message"))


def told(path: Path) -> list[dict[str, Any]]:
    """Who was told of a spooled danger, in order; see `note_told`."""
    beside = path.with_suffix(".told")
    return [json.loads(line) for line in beside.read_text("utf-8").splitlines()] if beside.exists() else []


def note_told(path: Path, entry: dict[str, Any]) -> None:
    """Note beside a spooled danger that somebody was told, or could not be.

    Args:
        entry: step, who, route, round, at, and `fault` if it failed; nothing of the message.
    """
    with path.with_suffix(".told").open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
        file.flush()
        os.fsync(file.fileno())


def replay(
    home: Path,
    handle: Callable[["InboundMessage"], "Received"],
    keep_told: Callable[["Received", list[dict[str, Any]]], None] | None = None,
) -> int:
    """Hand each spooled message to `handle` and forget it once that has worked; returns how many.

    A message that can never be handled (its conversation is gone) is set aside as `.refused`, so that it does not stand
    in the way of those behind it.

    Args:
        keep_told: is given who was told of a danger while the store was away.
    """
    count = 0
    for path in waiting(home):
        try:
            received = handle(read(path))
        except SpeakUpError as error:
            logger.error("spooled message set aside file=%s error=%s", path.name, type(error).__name__)  # noqa: TRY400 -- a traceback could quote words
            path.rename(path.with_suffix(".refused"))
            continue
        if keep_told is not None and (entries := told(path)):
            keep_told(received, entries)
        path.unlink()
        path.with_suffix(".told").unlink(missing_ok=True)
        count += 1
    return count
