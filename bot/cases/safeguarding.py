"""Worries about somebody's safety: raised, alerted, acknowledged, passed on, answered (R1, R2, R3)."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.cases import jobs
from bot.cases.database import new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Conversation, Message, Referral
from bot.errors import InvalidStep, NotFound

OUTCOMES = ("accepted", "already_known", "no_further_action")


def raise_referral(session: Session, conversation: Conversation, message: Message, *, now: datetime) -> Referral:
    """Open a referral with the person's own words, and owe the alert, in the transaction that keeps the message."""
    referral = Referral(
        id=new_id(),
        conversation_id=conversation.id,
        message_id=message.id,
        case_id=conversation.case_id,
        level=message.screening,
        reasons=message.screening_reasons or [],
        words=message.text,
        raised_at=now,
    )
    session.add(referral)
    session.flush()
    jobs.owe(
        session, kind="alert", dedupe_key=f"alert:{referral.id}", now=now, conversation_id=conversation.id,
        subject_id=referral.id,
    )  # fmt: skip
    record(
        session, by=ASSISTANT, kind="raised", subject="referral", subject_id=referral.id, at=now, level=referral.level
    )
    return referral


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
