"""A copy of what a person sent: their own words, the points they agreed to, what they want, and what they added."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Case, Conversation, Message
from bot.clocks import local_day

ADDED = "utter_added"  # said to each message that was added to a filed complaint


@dataclass(frozen=True)
class Added:
    """Something the person added after it was sent."""

    on: date
    words: str


@dataclass(frozen=True)
class Copy:
    """What was sent.

    Args:
        points: what it is about, a matter each; a complaint about one thing has one.
        wish: what should happen; None if they did not say.
    """

    reference: str
    sent_on: date
    statement: str
    points: tuple[str, ...]
    wish: str | None
    added: tuple[Added, ...] = ()


def copy_of(session: Session, case: Case, conversation: Conversation | None = None) -> Copy:
    """The copy of a case.

    Args:
        conversation: the person's own, for what they added there; None leaves that out.
    """
    return Copy(
        reference=case.reference,
        sent_on=case.received_on,
        statement=case.statement,
        points=tuple(element.words for element in case.elements if element.words),
        wish=case.desired_outcome,
        added=_added(session, conversation, case) if conversation is not None else (),
    )


def give(session: Session, case: Case, conversation: Conversation, *, now: datetime) -> Copy:
    """The copy of a case for its own person, and the event that they had it."""
    record(session, by=ASSISTANT, kind="copy_given", subject="case", subject_id=case.id, at=now)
    return copy_of(session, case, conversation)


def of_handle(session: Session, handle: str | None, *, now: datetime) -> Copy | None:
    """The copy for the browser that holds a conversation; None where it holds none, or nothing was sent from it."""
    if handle is None:
        return None
    held = session.scalar(select(Conversation).where(Conversation.handle == handle))
    return give(session, held.case, held, now=now) if held is not None and held.case is not None else None


def _added(session: Session, conversation: Conversation, case: Case) -> tuple[Added, ...]:
    told_so = select(Message.reply_to).where(
        Message.conversation_id == conversation.id, Message.response == ADDED, Message.at >= case.received_at
    )
    said = select(Message).where(Message.conversation_id == conversation.id, Message.id.in_(told_so))
    return tuple(Added(local_day(each.at), each.text) for each in session.scalars(said.order_by(Message.number)))
