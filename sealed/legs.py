"""The tracker store: short legs, in memory, few of them, and forgotten whenever something went wrong.

What a person said rests in the case store, encrypted. A leg that is forgotten here is begun again from the draft kept
there, so forgetting costs one request and nobody notices.
"""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

# Rasa builds the store and wraps it in another that has no way to forget, so the channel reaches it here.
_stores: list[Legs] = []


def forget(leg: str) -> None:
    """Drop what is known of a leg wherever it is kept; unknown legs are no error."""
    for store in _stores:
        store.forget(leg)


class Legs(InMemoryTrackerStore):
    """Trackers of the legs spoken on last, at most `most` of them (`endpoints.yml`)."""

    def __init__(self, *args: Any, most: int = 2000, **kwargs: Any) -> None:
        kwargs.pop("host", None)
        super().__init__(*args, **kwargs)
        self.most = int(most)
        _stores.append(self)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep this leg as the newest, and let the oldest go when there are too many.

        It is kept as it is: written out and read back each turn, as stock Rasa does, it costs more the longer it gets.
        Nobody sees a leg half changed, because one whose turn failed is forgotten.
        """
        self.forget(tracker.sender_id)
        self.store[tracker.sender_id] = tracker
        while len(self.store) > self.most:
            self.forget(next(iter(self.store)))

    async def _retrieve(self, sender_id: str, fetch_all_sessions: bool) -> DialogueStateTracker | None:  # noqa: FBT001, ARG002 -- Rasa's signature; a leg is one session
        return self.store.get(sender_id)

    def forget(self, leg: str) -> None:
        """Drop what is known of a leg; unknown legs are no error."""
        self.store.pop(leg, None)
