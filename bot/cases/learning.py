"""What is done because of a complaint: recorded with an owner and a day, followed to its end, and told to the person.

A remedy puts it right for the person; an improvement changes how the service works for everybody (R58).
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import clocks
from bot.cases.database import lock, new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Case, CaseAction
from bot.errors import InvalidStep

KINDS = ("remedy", "improvement")


def record_action(
    session: Session, case: Case, *, kind: str, what: str, owner: str, due_on: date, words: str, by: str, now: datetime
) -> CaseAction:
    """Put on record what will be done, by whom and until when.

    Args:
        kind: remedy or improvement.
        owner: the person or team that sees to it.
        words: how the person is told of it when they ask; empty if they are not to be told.

    Raises:
        InvalidStep: the complaint was never taken, the kind is unknown, or nothing or nobody is named.
    """
    if case.stage == 0:
        raise InvalidStep("Actions follow from a complaint that was accepted; this one was not, or not yet.")
    if kind not in KINDS:
        raise InvalidStep(f"An action is one of: {', '.join(KINDS)}.")
    if not what.strip() or not owner.strip():
        raise InvalidStep("Say what will be done, and who sees to it.")
    action = CaseAction(
        id=new_id(), case_id=case.id, kind=kind, stage=case.stage, what=what.strip(), owner=owner.strip(),
        due_on=due_on, words=words.strip() or None, recorded_at=now, recorded_by=by,
    )  # fmt: skip
    session.add(action)
    session.flush()
    session.refresh(case, ["actions"])
    record(session, by=by, kind="action_recorded", subject="case", subject_id=case.id, at=now, action=kind)
    return action


def finish(
    session: Session, case: Case, *, action_id: str, done_on: date, evidence: str, words: str, by: str, now: datetime
) -> None:
    """Note that an action is done, how that is known, and how the person is told.

    Args:
        words: in the place of those it was recorded with; empty keeps them.

    Raises:
        InvalidStep: the case has no such action under way, the day cannot be, or nothing shows that it was done.
    """
    lock(session, case)
    session.refresh(case, ["actions"])
    action = next((each for each in under_way(case) if each.id == action_id), None)
    if action is None:
        raise InvalidStep("This action is done already, or belongs to another case.")
    if not case.received_on <= done_on <= clocks.local_day(now):
        raise InvalidStep(f"The day lies between {case.received_on:%d %B %Y} and today.")
    if not evidence.strip():
        raise InvalidStep("Say how you know that it was done.")
    action.done_on, action.done_by, action.evidence = done_on, by, evidence.strip()
    action.words = words.strip() or action.words
    record(session, by=by, kind="action_done", subject="case", subject_id=case.id, at=now, action=action.kind)


def asked(session: Session, case: Case, *, now: datetime) -> None:
    """The person asked what changed because of them, and there was not enough to tell."""
    record(session, by=ASSISTANT, kind="asked_what_changed", subject="case", subject_id=case.id, at=now)


def under_way(case: Case) -> list[CaseAction]:
    """Actions that are not done yet, the first due first."""
    return sorted((each for each in case.actions if each.done_on is None), key=lambda each: each.due_on)


def all_under_way(session: Session) -> list[CaseAction]:
    """Every action that is not done yet, the first due first."""
    waiting = select(CaseAction).where(CaseAction.done_on.is_(None)).order_by(CaseAction.due_on, CaseAction.id)
    return list(session.scalars(waiting.options(joinedload(CaseAction.case))))


def told(case: Case) -> list[CaseAction]:
    """What the person is told of: actions with words for them, what is done first."""
    with_words = [each for each in case.actions if each.words]
    return sorted(with_words, key=lambda each: (each.done_on is None, each.done_on or each.due_on))
