"""What has come due for advocates: referrals to send or chase, and offers to make again."""

import time
from datetime import UTC, datetime

from bot.advocates import offering, referring
from bot.service import Service

EVERY = 30.0  # seconds; nothing here is due to the minute


class Sweep:
    """Looks at the store now and again; what it does is done once, however many look."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._next = 0.0

    def look(self) -> bool:
        """Do what has come due, if it is time to look; False, because there is nothing more to do at once."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY
            now = datetime.now(UTC)
            referring.owe_what_is_due(self._service, now=now)
            offering.make_what_is_owed(self._service, now=now)
        return False
