"""Worries about somebody's safety: raised, alerted, acknowledged, passed on, answered (R1, R2, R3)."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.cases.database import new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Conversation, Draft, Message, Referral
from bot.errors import InvalidStep, NotFound

WAIT_AT_MOST = timedelta(hours=1)
OUTCOMES = ("accepted", "already_known", "no_further_action")

# Put together once: it is asked twice with every message. What each part means is told at `holding`.
_NOBODY_YET = Referral.acknowledged_at.is_(None) & (
    Referral.raised_at > bindparam("waiting_since", type_=Referral.raised_at.type)
)
_HOLDING = (
    select(Referral)
    .where(
        Referral.conversation_id == bindparam("conversation_id"),
        Referral.level == "immediate",
        Referral.outcome.is_(None),
        Referral.safe_at.is_(None) | _NOBODY_YET,
    )
    .order_by(Referral.raised_at)
)


def raise_referral(session: Session, conversation: Conversation, message: Message, *, now: datetime) -> Referral:
    """Open a referral with the person's own words, in the transaction that keeps the message.

    Nothing has to be queued beside it: until a named person acknowledges it, it is itself what alerts are owed for.
    What follows in the same conversation while nobody has it is added to it, word for word, so that somebody who writes
    six frightened texts rings one alarm and not six.
    """
    ringing = _unacknowledged(session, conversation.id, level=message.screening or "")
    if ringing is not None:
        return _add(session, ringing, message, now=now)
    # What was told before the danger is parked as a draft: this referral is linked to the case that comes of it.
    parked = session.get(Draft, conversation.id) is not None
    referral = Referral(
        id=new_id(),
        conversation_id=conversation.id,
        message_id=message.id,
        case_id=None if parked else conversation.case_id,
        level=message.screening,
        reasons=message.screening_reasons or [],
        words=message.text,
        raised_at=now,
    )
    session.add(referral)
    session.flush()
    record(
        session, by=ASSISTANT, kind="raised", subject="referral", subject_id=referral.id, at=now, level=referral.level
    )
    return referral


def _unacknowledged(session: Session, conversation_id: str, *, level: str) -> Referral | None:
    """A worry at least as grave that the same person raised and nobody has taken on yet."""
    levels = ("immediate",) if level == "immediate" else ("immediate", "concern")
    return session.scalar(
        select(Referral)
        .where(
            Referral.conversation_id == conversation_id,
            Referral.acknowledged_at.is_(None),
            Referral.level.in_(levels),
        )
        .order_by(Referral.level.desc(), Referral.raised_at.desc())
        .limit(1)
        .with_for_update()
    )


def _add(session: Session, referral: Referral, message: Message, *, now: datetime) -> Referral:
    referral.words = f"{referral.words}\n{message.text}"
    referral.reasons = list(dict.fromkeys([*referral.reasons, *(message.screening_reasons or [])]))
    if message.screening == "immediate":
        referral.safe_at = None
    record(
        session, by=ASSISTANT, kind="added_to", subject="referral", subject_id=referral.id, at=now,
        message=message.id,
    )  # fmt: skip
    return referral


def of_message(session: Session, conversation_id: str, number: int) -> Referral | None:
    """The worry that a message raised or was added to; None if it raised none.

    Args:
        number: of the message, in its conversation.
    """
    message = session.get(Message, number)
    if message is None or message.screening not in ("concern", "immediate"):
        return None
    return session.scalar(
        select(Referral)
        .where(Referral.conversation_id == conversation_id, Referral.raised_at <= message.at)
        .order_by((Referral.message_id == message.id).desc(), Referral.raised_at.desc())
        .limit(1)
    )


def holding(session: Session, conversation_id: str, *, now: datetime) -> list[Referral]:
    """The dangers that keep this conversation from going on with a complaint, the oldest first (R1, R2).

    Each does until the person has said that they are safe and a named person has acknowledged it, or until the front
    door has answered. Somebody who is safe does not wait longer than an hour for us: the alarm rings on without them.
    """
    wanted = {"conversation_id": conversation_id, "waiting_since": now - WAIT_AT_MOST}
    return list(session.scalars(_HOLDING, wanted))


def note_safe(session: Session, conversation_id: str, *, now: datetime) -> None:
    """The person says that they are safe now; it is kept with every danger of theirs that still holds."""
    for referral in holding(session, conversation_id, now=now):
        if referral.safe_at is None:
            referral.safe_at = now
            record(session, by=ASSISTANT, kind="said_safe", subject="referral", subject_id=referral.id, at=now)


def link_to_case(session: Session, conversation_id: str, case_id: str) -> None:
    """The complaint that was parked has been filed: the worries raised while it was told belong to it (R2)."""
    session.execute(
        update(Referral)
        .where(Referral.conversation_id == conversation_id, Referral.case_id.is_(None))
        .values(case_id=case_id)
    )


def acknowledge(session: Session, referral_id: str, *, by: str, now: datetime) -> Referral:
    """A named person has it; the alarm stops.

    Raises:
        NotFound: no such referral.
        InvalidStep: somebody acknowledged it before.
    """
    referral = get(session, referral_id, to_change=True)
    if referral.acknowledged_at is not None:
        raise InvalidStep("This referral has been acknowledged already.")
    referral.acknowledged_at, referral.acknowledged_by = now, by
    record(session, by=by, kind="acknowledged", subject="referral", subject_id=referral.id, at=now)
    return referral


def pass_on(session: Session, referral_id: str, *, to: str, by: str, now: datetime) -> Referral:
    """It was given to the front door or the allocated worker; acknowledges it too if nobody had.

    Raises:
        NotFound: no such referral.
        InvalidStep: it was passed on before.
    """
    referral = get(session, referral_id, to_change=True)
    if referral.passed_at is not None:
        raise InvalidStep("This referral has been passed on already.")
    if referral.acknowledged_at is None:
        acknowledge(session, referral_id, by=by, now=now)
    referral.passed_at, referral.passed_by, referral.passed_to = now, by, to
    record(session, by=by, kind="passed_on", subject="referral", subject_id=referral.id, at=now)
    return referral


def record_outcome(session: Session, referral_id: str, *, outcome: str, by: str, now: datetime) -> Referral:
    """What the front door answered.

    Args:
        outcome: accepted, already_known or no_further_action.

    Raises:
        NotFound: no such referral.
        InvalidStep: it has not been passed on, or the outcome is none of the three.
    """
    referral = get(session, referral_id, to_change=True)
    if outcome not in OUTCOMES:
        raise InvalidStep(f"An outcome is one of: {', '.join(OUTCOMES)}.")
    if referral.passed_at is None:
        raise InvalidStep("Record to whom the referral was passed before recording the answer.")
    referral.outcome, referral.outcome_at, referral.outcome_by = outcome, now, by
    record(session, by=by, kind="outcome_recorded", subject="referral", subject_id=referral.id, at=now, outcome=outcome)
    return referral


def get(session: Session, referral_id: str, *, to_change: bool = False) -> Referral:
    """One referral.

    Args:
        to_change: keep others from changing it until the transaction ends.

    Raises:
        NotFound: no such referral.
    """
    referral = session.get(Referral, referral_id, with_for_update=to_change, populate_existing=to_change)
    if referral is None:
        raise NotFound("There is no such referral.")
    return referral
