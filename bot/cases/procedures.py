"""What is not for the statutory procedure and goes on all the same: under another procedure, or with another body.

One history and one day of receipt stay; the clock is the other procedure's own (R14, R19, R22). The type of the record
follows the newest move; the yearly report counts the contact as not accepted all the same, and every move beside it.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import casework, letters
from bot.cases.database import lock, new_id
from bot.cases.events import record
from bot.cases.tables import Case, OnwardReferral, OtherProcedure
from bot.council import Council, ProcedureDays
from bot.errors import InvalidStep

PROCEDURES = ("corporate", "data_protection", "education", "school")
# Section 164A of the Data Protection Act 2018, put there by the Data (Use and Access) Act 2025, section 103.
DATA_PROTECTION_IN_FORCE = date(2026, 6, 19)
CONSENT_OF = ("complainant", "child", "representative")


def move(
    session: Session, case: Case, *, procedure: str, council: Council, by: str, now: datetime,
    points: list[int] | None = None,
) -> OtherProcedure:  # fmt: skip
    """Let what was not accepted go on under another procedure; it stays counted as not accepted.

    Args:
        procedure: corporate, data_protection, education or school.
        points: the numbers of the elements that go on there; None for all that were refused.

    Raises:
        InvalidStep: there is no such procedure, a point was not refused first, it goes on there already, or it is for
            a school and was not passed on yet.
    """
    lock(session, case)
    session.refresh(case, ["procedures", "passed_on"])
    if procedure not in PROCEDURES:
        raise InvalidStep(f"The procedure is one of: {', '.join(PROCEDURES)}.")
    refused = {element.number for element in case.elements if element.outcome == "ineligible"}
    if not refused or not set(points or ()) <= refused:
        raise InvalidStep("Confirm first that it cannot be accepted under the statutory procedure; then move it.")
    if any(each.procedure == procedure for each in case.procedures):
        raise InvalidStep("The contact goes on under this procedure already.")
    if procedure == "school" and not case.passed_on:
        raise InvalidStep("A school answers for itself. First pass the contact on to the school, with consent (R19).")
    moved = OtherProcedure(
        id=new_id(), case_id=case.id, procedure=procedure, points=points, begun_at=now, begun_by=by,
        acknowledge_by=_acknowledge_by(procedure, case.received_on, council),
    )  # fmt: skip
    session.add(moved)
    if case.status == "not_accepted":
        case.record_type = procedure
    session.flush()
    session.refresh(case, ["procedures"])
    record(session, by=by, kind="moved", subject="case", subject_id=case.id, at=now, procedure=procedure)
    letters.draft(session, case, kind="moved", council=council, by=by, now=now, procedure=moved)
    return moved


def acknowledge(
    session: Session, case: Case, *, procedure: str, on: date, council: Council, by: str, now: datetime
) -> None:
    """Note when it was acknowledged there; the time for the answer counts from that day (R14).

    Data protection names no day for the answer: it is owed without undue delay (R22). A school sets its own.

    Raises:
        InvalidStep: it does not go on there, it was acknowledged before, or the day cannot be.
    """
    moved = _of(session, case, procedure)
    if moved.acknowledged_on is not None:
        raise InvalidStep("It has been acknowledged under this procedure already.")
    _must_be_between(on, case.received_on, now)
    moved.acknowledged_on = on
    if days := _days(procedure, council):
        moved.due_on = clocks.due_on("corporate_stage1", on, council.extra_holidays, amount=days.answer)
        moved.latest_on = clocks.due_on(
            "corporate_stage1_ceiling", on, council.extra_holidays, amount=days.answer_at_most
        )
    record(session, by=by, kind="acknowledged_there", subject="case", subject_id=case.id, at=now, procedure=procedure)


def answer(session: Session, case: Case, *, procedure: str, on: date, finding: str, by: str, now: datetime) -> None:
    """Record the answer given there.

    Raises:
        InvalidStep: it does not go on there, it was answered before, or the day or the finding cannot be.
    """
    moved = _of(session, case, procedure)
    if moved.answered_on is not None:
        raise InvalidStep("It has been answered under this procedure already.")
    if finding not in casework.FINDINGS:
        raise InvalidStep(f"Give a finding: one of {', '.join(casework.FINDINGS)}.")
    _must_be_between(on, moved.acknowledged_on or case.received_on, now)
    moved.answered_on, moved.finding = on, finding
    record(
        session, by=by, kind="answered_there", subject="case", subject_id=case.id, at=now, procedure=procedure,
        finding=finding,
    )  # fmt: skip


def pass_on(
    session: Session, case: Case, *, to: str, consent_by: str, consented_on: date, passed_on: date, council: Council,
    by: str, now: datetime,
) -> OnwardReferral:  # fmt: skip
    """Record that the contact was given to another body, which needs the person's consent (R19).

    Args:
        to: the body.
        consent_by: who agreed: complainant, child or representative.

    Raises:
        InvalidStep: no body, nobody who agreed, or passed on before there was consent.
    """
    lock(session, case)
    if not to.strip() or consent_by not in CONSENT_OF:
        raise InvalidStep("Say to whom it is passed on, and who agreed to that.")
    _must_be_between(consented_on, case.received_on, now)
    if not consented_on <= passed_on <= clocks.local_day(now):
        raise InvalidStep("Nothing is passed on before the person has agreed, or on a day to come.")
    onward = OnwardReferral(
        id=new_id(), case_id=case.id, at=now, to=to.strip(), consent_by=consent_by, consented_on=consented_on,
        passed_on=passed_on, passed_by=by,
    )  # fmt: skip
    session.add(onward)
    session.flush()
    session.refresh(case, ["passed_on"])
    record(session, by=by, kind="passed_on", subject="case", subject_id=case.id, at=now, consent_by=consent_by)
    letters.draft(session, case, kind="onward", council=council, by=by, now=now, onward=onward)
    return onward


def _acknowledge_by(procedure: str, received_on: date, council: Council) -> date | None:
    """The day by which it is acknowledged; None where no law and no rule of the council's names one."""
    if days := _days(procedure, council):
        clock: clocks.Clock = "corporate_acknowledgement"
        return clocks.due_on(clock, received_on, council.extra_holidays, amount=days.acknowledge)
    if procedure == "data_protection" and received_on >= DATA_PROTECTION_IN_FORCE:
        return clocks.due_on("data_protection", received_on, council.extra_holidays)
    return None


def _days(procedure: str, council: Council) -> ProcedureDays | None:
    """The working days of the procedures that count in them: those of the Code, and education by the profile."""
    return {"corporate": ProcedureDays(), "education": council.education_days}.get(procedure)


def _of(session: Session, case: Case, procedure: str) -> OtherProcedure:
    lock(session, case)
    session.refresh(case, ["procedures"])
    found = next((each for each in case.procedures if each.procedure == procedure), None)
    if found is None:
        raise InvalidStep("The contact does not go on under this procedure.")
    return found


def _must_be_between(day: date, first: date, now: datetime) -> None:
    if not first <= day <= clocks.local_day(now):
        raise InvalidStep(f"The day lies between {first:%d %B %Y} and today.")
