"""What has come due for advocates: referrals to send or chase, and offers to make again."""

from datetime import datetime

from bot.advocates import offering, referring
from bot.service import Service

EVERY = 30.0  # seconds; nothing here is due to the minute


def look(service: Service, *, now: datetime) -> bool:
    """Do what has come due, once however many look; False, because there is nothing more to do at once."""
    referring.owe_what_is_due(service, now=now)
    offering.make_what_is_owed(service, now=now)
    return False
