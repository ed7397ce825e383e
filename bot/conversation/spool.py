"""Messages kept on disk, encrypted, while the case store is away, and handled in order when it is back."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cases.database import new_id, vault

if TYPE_CHECKING:
    from bot.conversation.inbox import InboundMessage


def keep(home: Path, message: "InboundMessage") -> None:
    """Write one message; the name sorts by time and the file is complete before it has that name."""
    folder = home / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    plain = json.dumps({**asdict(message), "received_at": message.received_at.isoformat()})
    path = folder / f"{new_id()}.message"
    with os.fdopen(os.open(path.with_suffix(".part"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(vault().encrypt(plain))
        file.flush()
        os.fsync(file.fileno())
    path.with_suffix(".part").rename(path)


def waiting(home: Path) -> list[Path]:
    """The spooled messages, the oldest first."""
    return sorted((home / "spool").glob("*.message"))


def replay(home: Path, handle: Callable[..., Any]) -> int:
    """Hand each spooled message to `handle` and forget it once that has worked; returns how many."""
    from bot.conversation.inbox import InboundMessage  # noqa: PLC0415 -- the inbox spools, the worker replays

    count = 0
    for path in waiting(home):
        fields = json.loads(vault().decrypt(path.read_bytes()))
        fields["received_at"] = datetime.fromisoformat(fields["received_at"])
        handle(InboundMessage(**fields))
        path.unlink()
        count += 1
    return count
