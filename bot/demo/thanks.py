"""The compliments of the invented year: kept, answered and passed on as real ones are, with the time set back."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from bot.cases import compliments, conversations
from bot.service import Service

_FILE = Path(__file__).with_suffix(".yml")
PASSED_ON_AFTER = timedelta(days=2)


def give(session: Session, service: Service, *, today: date, officer: str) -> None:
    """Put every invented compliment on record; one that is there already is left alone.

    Args:
        officer: the id of the member of staff who passes them on.
    """
    for number, each in enumerate(yaml.safe_load(_FILE.read_text(encoding="utf-8"))):
        marker = f"demonstration:compliment:{number}"
        if conversations.of_provider(session, marker) is None:
            _give(session, service, each, marker=marker, today=today, officer=officer)


def _give(session: Session, service: Service, told: dict[str, Any], *, marker: str, today: date, officer: str) -> None:
    at = datetime.combine(today - timedelta(weeks=told["weeks_ago"]), time(11), UTC)
    held = conversations.open_conversation(session, channel="web", now=at, is_demo=True)
    said = conversations.keep_message(
        session, held, provider_id=marker, text=told["words"], now=at, screening="none", reasons=()
    )
    team = told["team"] if told["team"] in {each.key for each in service.council.teams} else None
    known = {"for_words": told["for_words"], "team": team, "from_role": told["from_role"]}
    given = compliments.keep(session, held, said, words=told["words"], known=known, now=at)
    compliments.add(session, given, now=at, tell=told["tell"], name=told.get("name"))
    if told.get("passed_on_to"):
        compliments.pass_on(session, given, to=told["passed_on_to"], by=officer, now=at + PASSED_ON_AFTER)
