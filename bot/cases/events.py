"""The event log: every change and every view, written in the transaction of what it tells of."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.tables import Event

ASSISTANT = "assistant"


def record(
    session: Session, *, by: str, kind: str, subject: str, subject_id: str, at: datetime | None = None, **detail: Any
) -> None:
    """Write one event.

    Args:
        by: id of the member of staff, or "assistant", or the name of the rule that acted.
        kind: what happened, in the past tense ("accepted", "viewed").
        subject: what it happened to: case, conversation, referral, staff, report.
        detail: codes, dates and ids that say more; never anybody's words, names or numbers.
    """
    session.add(
        Event(at=at or datetime.now(UTC), by=by, kind=kind, subject=subject, subject_id=subject_id, detail=detail)
    )


def history(session: Session, *, subject: str, subject_id: str) -> list[Event]:
    """The events of one record, oldest first."""
    return list(
        session.scalars(
            select(Event).where(Event.subject == subject, Event.subject_id == subject_id).order_by(Event.number)
        )
    )
