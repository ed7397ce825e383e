"""Compliments: kept in the giver's own words, asked about gently, and passed on to whom they are for (R57).

A compliment is on record from its first message on. What is asked afterwards (for whom, from whom, whether the worker
may hear who said it) adds to it; who answers none of that has still said thank you.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.database import lock, new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Compliment, Conversation, Draft, Message
from bot.clocks import local_day
from bot.council import Council
from bot.errors import InvalidStep, NotFound

NAMED, UNNAMED = "named", "unnamed"


def keep(
    session: Session, conversation: Conversation, message: Message, *, words: str, now: datetime,
    known: Mapping[str, str | None] = MappingProxyType({}),
) -> Compliment:  # fmt: skip
    """Put a compliment on record; the same message again is the same compliment.

    Args:
        message: the one it was said in.
        words: the part of it that thanks or praises, as it was written.
        known: what the words tell besides: `for_words`, `team`, `from_role` and `name`.
    """
    kept = session.scalar(select(Compliment).where(Compliment.message_id == message.id))
    if kept is not None:
        return kept
    # What they said of themselves for a complaint outweighs what is only read out of the praise.
    told = {**{name: value for name, value in known.items() if value}, **_told_before(session, conversation)}
    kept = Compliment(
        id=new_id(), conversation_id=conversation.id, message_id=message.id, channel=conversation.channel,
        received_at=now, received_on=local_day(now), words=words, is_demo=conversation.is_demo, **told,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    record(session, by=ASSISTANT, kind="kept", subject="compliment", subject_id=kept.id, at=now, channel=kept.channel)
    return kept


def catch_up(session: Session, compliment: Compliment, conversation: Conversation) -> None:
    """Take over who the giver is from what they said for a complaint; nobody is asked twice."""
    for name, value in _told_before(session, conversation).items():
        if getattr(compliment, name) is None:
            setattr(compliment, name, value)


def _told_before(session: Session, conversation: Conversation) -> dict[str, str | None]:
    draft, case = session.get(Draft, conversation.id), conversation.case
    if draft is not None:
        told = {"from_role": draft.facts.get("complainant_role"), "name": draft.facts.get("name")}
    elif case is not None:
        writer = next((link.person.name for link in case.people if link.part != "child"), None)
        told = {"from_role": "representative" if case.brought_by else case.role, "name": writer}
    else:
        told = {}
    return {name: value for name, value in told.items() if value not in (None, "unknown")}


def add(session: Session, compliment: Compliment, *, now: datetime, **answer: str | None) -> None:
    """Keep what the giver answered about their compliment.

    Args:
        answer: `for_words`, `team`, `from_role`, `tell` or `name`; "" or "unknown" for a question left open.
    """
    for name, value in answer.items():
        setattr(compliment, name, value)
    if compliment.tell == NAMED and compliment.name == "":
        compliment.tell = UNNAMED  # nobody to name
    record(
        session, by=ASSISTANT, kind="answered", subject="compliment", subject_id=compliment.id, at=now,
        about=sorted(answer),
    )  # fmt: skip


def left_to_ask(compliment: Compliment) -> str | None:
    """The next thing the giver was not asked yet; None when there is nothing more."""
    if compliment.tell == NAMED and compliment.name is None:
        return "name"
    return next((each for each in ("for_words", "from_role", "tell") if getattr(compliment, each) is None), None)


def latest(session: Session, conversation: Conversation) -> Compliment | None:
    """The newest compliment of a conversation that has not been passed on."""
    return session.scalar(
        select(Compliment)
        .where(Compliment.conversation_id == conversation.id, Compliment.passed_on_at.is_(None))
        .order_by(Compliment.received_at.desc(), Compliment.id.desc())
        .limit(1)
    )


def get(session: Session, compliment_id: str) -> Compliment:
    """One compliment.

    Raises:
        NotFound: there is no such compliment.
    """
    found = session.get(Compliment, compliment_id)
    if found is None:
        raise NotFound("There is no such compliment.")
    return found


def waiting(session: Session) -> list[Compliment]:
    """Compliments that nobody has passed on yet, the oldest first."""
    return list(
        session.scalars(select(Compliment).where(Compliment.passed_on_at.is_(None)).order_by(Compliment.received_at))
    )


def passed_on(session: Session) -> list[Compliment]:
    """Compliments that reached whom they are for, the newest first."""
    return list(
        session.scalars(
            select(Compliment).where(Compliment.passed_on_at.is_not(None)).order_by(Compliment.passed_on_at.desc())
        )
    )


def sort_out(
    session: Session, compliment: Compliment, *, team: str, from_role: str, council: Council, by: str, now: datetime
) -> None:
    """Confirm or correct which team a compliment is for and who gave it, by which the yearly report counts it.

    Raises:
        InvalidStep: the profile has no such team.
    """
    if team and team not in {each.key for each in council.teams}:
        raise InvalidStep(f"{council.name} has no team {team!r}; choose one from the list.")
    compliment.team, compliment.from_role = team or None, from_role
    record(
        session, by=by, kind="sorted_out", subject="compliment", subject_id=compliment.id, at=now, team=compliment.team,
        from_role=from_role,
    )  # fmt: skip


def pass_on(session: Session, compliment: Compliment, *, to: str, by: str, now: datetime) -> None:
    """Note that a compliment reached a worker, or a manager for their team.

    Args:
        to: who has it now.

    Raises:
        InvalidStep: it was passed on before, or nobody is named.
    """
    lock(session, compliment)
    if compliment.passed_on_at is not None:
        raise InvalidStep("This compliment has been passed on already.")
    if not to.strip():
        raise InvalidStep("Say who has it now.")
    compliment.passed_on_at, compliment.passed_on_by, compliment.passed_on_to = now, by, to.strip()
    record(session, by=by, kind="passed_on", subject="compliment", subject_id=compliment.id, at=now)
