"""What the complaints team does with a case: accept, refuse, assign, answer, escalate, note.

A machine proposes and a person decides (R4): every function here takes `by=`, the member of staff.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import elements, letters
from bot.cases.database import lock, new_id
from bot.cases.events import record
from bot.cases.tables import Case, Decision, Element, Hold, Note, Stage
from bot.council import Council
from bot.eligibility import REASON_CODES
from bot.errors import InvalidStep, NotFound

FINDINGS = ("upheld", "partially_upheld", "not_upheld", "no_finding", "withdrawn", "resolved_without_finding")


def get(session: Session, reference: str) -> Case:
    """One case by its reference.

    Raises:
        NotFound: no such case.
    """
    case = session.scalar(select(Case).where(Case.reference == reference.strip().upper()))
    if case is None:
        raise NotFound(f"There is no case {reference}.")
    return case


@dataclass(frozen=True)
class Refusal:
    """Why one element cannot be taken under the statutory procedure.

    Args:
        code: one of the nine fixed codes.
        reasons: in words that will be sent to the person.
    """

    code: str
    reasons: str


def accept(
    session: Session, case: Case, *, council: Council, by: str, now: datetime, reasons: str = "", stage: int = 1,
    refused: Mapping[int, Refusal] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Take the complaint into the procedure; the clock counts from the day it was received.

    Args:
        stage: 1, or 2 where both sides agree that Stage 1 is unsuitable or the council is late (R32, R50).
        refused: the elements that cannot be taken, by number; a letter tells why and where they belong (R15).

    Raises:
        InvalidStep: it has been decided already, the stage is neither 1 nor 2, or no element would be left.
    """
    must_be_undecided(session, case)
    _must_not_wait(case)
    if stage not in (1, 2):
        raise InvalidStep("A complaint is accepted at Stage 1 or straight to Stage 2.")
    if not {element.number for element in case.elements} - set(refused):
        raise InvalidStep("No point would be left. Confirm instead that the complaint cannot be accepted.")
    outcome = "accept_stage1" if stage == 1 else "straight_to_stage2"
    case.outcome, case.reason_code, case.decided_at, case.decided_by = outcome, None, now, by
    for element in case.elements:
        if element.number in refused:
            _refuse_element(session, case, element, refused[element.number], by=by, now=now)
        else:
            element.outcome, element.reason_code = outcome, None
            keep_decision(session, case, outcome=outcome, code=None, reasons=reasons, by=by, now=now, element=element)
    case.status = "open"
    end_holds(session, case, by=by, now=now, kinds=("lateness", "sufficient_interest"))
    begin_stage(session, case, number=stage, started_on=case.received_on, council=council, by=by, now=now)
    if refused:
        letters.draft(session, case, kind="refusal", council=council, by=by, now=now)


def refuse(
    session: Session, case: Case, *, reason_code: str, reasons: str, council: Council, by: str, now: datetime,
    refused: Mapping[int, Refusal] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Confirm that it cannot be taken under the statutory procedure. It stays in the register and is counted.

    Its letter is drafted in the same transaction: why, what else is open, and the Ombudsman (R4).

    Args:
        reason_code: one of the nine fixed codes, by which the contact is counted.
        reasons: why, in words that will be sent to the person; a refusal without them is not possible.
        refused: elements with a code and reasons of their own, by number.

    Raises:
        InvalidStep: no reasons, an unknown code, or a case that has been decided already.
    """
    must_be_undecided(session, case)
    whole = Refusal(reason_code, reasons)
    case.outcome, case.reason_code, case.decided_at, case.decided_by = "ineligible", reason_code, now, by
    for element in case.elements:
        _refuse_element(session, case, element, refused.get(element.number, whole), by=by, now=now)
    case.status, case.closed_at = "not_accepted", now
    letters.draft(session, case, kind="refusal", council=council, by=by, now=now)
    end_holds(session, case, by=by, now=now)


def _refuse_element(
    session: Session, case: Case, element: Element, refusal: Refusal, *, by: str, now: datetime
) -> None:
    if refusal.code not in REASON_CODES:
        raise InvalidStep(f"The reason code is one of: {', '.join(REASON_CODES)}.")
    if not refusal.reasons.strip():
        raise InvalidStep("Write the reasons: nobody is refused without being told why.")
    element.outcome, element.reason_code = "ineligible", refusal.code
    keep_decision(
        session, case, outcome="ineligible", code=refusal.code, reasons=refusal.reasons.strip(), by=by, now=now,
        element=element,
    )  # fmt: skip


def assign(
    session: Session, case: Case, *, team: str, category: str | None, council: Council, by: str, now: datetime
) -> None:
    """Give the case to the team that leads on the answer, and confirm its category.

    An element that has another team or category already keeps it.

    Raises:
        InvalidStep: the profile has no such team or category.
    """
    if team not in {each.key for each in council.teams}:
        raise InvalidStep(f"{council.name} has no team {team!r}; choose one from the list.")
    if category and category not in {each.key for each in council.categories}:
        raise InvalidStep(f"{council.name} has no category {category!r}; choose one from the list.")
    for element in case.elements:
        element.team = team if element.team in (None, case.team) else element.team
        if element.category in (None, case.category):
            element.category = category or element.category
    case.team, case.assigned_at = team, now
    case.category = category or case.category
    record(session, by=by, kind="assigned", subject="case", subject_id=case.id, at=now, team=team, category=category)


def acknowledge(session: Session, case: Case, *, by: str, now: datetime) -> None:
    """Note that the written acknowledgement was sent.

    Raises:
        InvalidStep: it was sent before.
    """
    lock(session, case)
    if case.acknowledged_at is not None:
        raise InvalidStep("This complaint has been acknowledged already.")
    case.acknowledged_at = now
    record(session, by=by, kind="acknowledged", subject="case", subject_id=case.id, at=now)


def begin_stage(
    session: Session, case: Case, *, number: int, started_on: date, council: Council, by: str, now: datetime
) -> Stage:
    """Start the clock of a stage. What is kept are its dates without any freeze; see `bot.cases.dates`.

    Raises:
        InvalidStep: the case is frozen, it is past this stage, a stage would be left out, or the day is before receipt
            or to come.
    """
    lock(session, case)
    session.refresh(case, ["holds"])
    if frozen(case):
        raise InvalidStep("The case is frozen. End the freeze first, then begin the stage.")
    if number <= case.stage:
        raise InvalidStep(f"The case is at Stage {case.stage} already.")
    if number == 3 and case.stage != 2:
        raise InvalidStep("Stage 3 reviews a Stage 2 investigation; begin Stage 2 first.")
    if not case.received_on <= started_on <= clocks.local_day(now):
        raise InvalidStep(f"A stage begins between receipt ({case.received_on:%d %B %Y}) and today.")
    first = clocks.stage_limits(number, started_on, council.extra_holidays)
    stage = Stage(case_id=case.id, number=number, started_on=started_on, due_on=first.due_on, latest_on=first.latest_on)
    session.add(stage)
    case.stage, case.status, case.closed_at = number, "open", None
    session.flush()
    session.refresh(case, ["stages"])
    record(session, by=by, kind="stage_begun", subject="case", subject_id=case.id, at=now, stage=number)
    return stage


def record_outcome(
    session: Session, case: Case, *, findings: dict[int, str], answered_on: date, by: str, now: datetime
) -> None:
    """Record the answer at the present stage: a finding for each element, and the day the reply was sent.

    Args:
        findings: element number to finding.

    Raises:
        InvalidStep: the case is not being answered, an element has no finding, or the day is before the start.
    """
    lock(session, case)
    _must_not_wait(case)
    stage = present_stage(case)
    if stage is None or stage.answered_on is not None:
        raise InvalidStep("Only a case that is being answered can be given an outcome.")
    if not stage.started_on <= answered_on <= clocks.local_day(now):
        raise InvalidStep(f"The reply was sent between {stage.started_on:%d %B %Y} and today.")
    answered = elements.standing(case)
    for element in answered:
        element.finding = _checked_finding(element, findings)
    stage.answered_on, stage.finding = answered_on, overall_finding([each.finding or "" for each in answered])
    case.status, case.closed_at = "closed", now
    record(
        session, by=by, kind="outcome_recorded", subject="case", subject_id=case.id, at=now, stage=stage.number,
        finding=stage.finding,
    )  # fmt: skip


def _checked_finding(element: Element, findings: dict[int, str]) -> str:
    finding = findings.get(element.number)
    if finding not in FINDINGS:
        raise InvalidStep(f"Give a finding for point {element.number}: one of {', '.join(FINDINGS)}.")
    return finding


def overall_finding(findings: list[str]) -> str:
    """One finding for the whole: what all share, or partially upheld as soon as one point is upheld in part."""
    if len(set(findings)) == 1:
        return findings[0]
    if {"upheld", "partially_upheld"} & set(findings):
        return "partially_upheld"
    return "not_upheld" if "not_upheld" in findings else "no_finding"


def withdraw(session: Session, case: Case, *, by: str, now: datetime, reason: str) -> None:
    """The person takes the complaint back (R47).

    Args:
        reason: resolved, own_choice, authority_withdrawn, court, moved or other.

    Raises:
        InvalidStep: the case is closed.
    """
    lock(session, case)
    if case.status not in ("new", "open", "parked"):
        raise InvalidStep("Only a case that is still open can be withdrawn.")
    case.status, case.closed_at = "withdrawn", now
    end_holds(session, case, by=by, now=now)
    record(session, by=by, kind="withdrawn", subject="case", subject_id=case.id, at=now, reason=reason)


def bring_back(session: Session, case: Case, *, asked_on: date, council: Council, by: str, now: datetime) -> None:
    """Take up again a complaint that was withdrawn (R47): where it was accepted, its stage begins anew that day.

    Args:
        asked_on: the day they asked for it to go on.

    Raises:
        InvalidStep: it was not withdrawn, or the day cannot be.
    """
    lock(session, case)
    if case.status != "withdrawn":
        raise InvalidStep("Only a complaint that was withdrawn can be brought back.")
    if not case.received_on <= asked_on <= clocks.local_day(now):
        raise InvalidStep(f"They asked between receipt ({case.received_on:%d %B %Y}) and today.")
    stage = present_stage(case)
    if stage is not None:
        limits = clocks.stage_limits(stage.number, asked_on, council.extra_holidays)
        stage.started_on, stage.due_on, stage.latest_on = asked_on, limits.due_on, limits.latest_on
    case.status, case.closed_at = "open" if stage is not None else "new", None
    record(session, by=by, kind="brought_back", subject="case", subject_id=case.id, at=now)


def add_note(session: Session, case: Case, *, text: str, by: str, now: datetime) -> None:
    """Keep what a member of staff wants to remember about the case.

    Raises:
        InvalidStep: the note is empty.
    """
    if not text.strip():
        raise InvalidStep("Write something before saving the note.")
    session.add(Note(id=new_id(), case_id=case.id, at=now, by=by, text=text.strip()))
    session.flush()
    session.refresh(case, ["notes"])
    record(session, by=by, kind="noted", subject="case", subject_id=case.id, at=now)


def present_stage(case: Case) -> Stage | None:
    """The stage whose clock is running or ran last."""
    return next((stage for stage in case.stages if stage.number == case.stage), None)


def proposal(case: Case) -> Decision | None:
    """What the rules propose by what is known now: the newest proposal for the leading element."""
    return elements.leading(elements.proposals(case))


def waiting(case: Case) -> list[Hold]:
    """What the case waits for now, the oldest first."""
    return [hold for hold in case.holds if hold.ended_at is None]


def frozen(case: Case) -> Hold | None:
    """The freeze that is on now, if there is one."""
    return next((hold for hold in waiting(case) if hold.kind == "frozen"), None)


def end_holds(session: Session, case: Case, *, by: str, now: datetime, kinds: Container[str] | None = None) -> None:
    """End what the case waits for, each with its event.

    Args:
        kinds: which holds; all of them if left out.
    """
    session.refresh(case, ["holds"])
    for hold in waiting(case):
        if kinds is None or hold.kind in kinds:
            hold.ended_at, hold.ended_by = now, by
            record(session, by=by, kind="hold_ended", subject="case", subject_id=case.id, at=now, hold=hold.kind)


def _must_not_wait(case: Case) -> None:
    stopping = [hold.kind for hold in waiting(case) if hold.kind in ("frozen", "safeguarding")]
    if stopping:
        why = "frozen" if "frozen" in stopping else "parked, because a worry about safety goes first"
        raise InvalidStep(f"The case is {why}. End that hold first.")


def must_be_undecided(session: Session, case: Case) -> None:
    lock(session, case)
    if case.decided_at is not None:
        raise InvalidStep("This contact has been decided already; see its history for by whom and why.")
    if case.status not in ("new", "parked"):
        raise InvalidStep(f"Only a contact that waits for a decision can be decided; this one is {case.status}.")


def keep_decision(
    session: Session, case: Case, *, outcome: str, code: str | None, reasons: str, by: str, now: datetime,
    element: Element | None = None,
) -> None:  # fmt: skip
    """Keep what a person decided, and the event; on the way to accepting or refusing there can be several.

    Args:
        element: the element it is about; None for the whole case.
    """
    session.add(
        Decision(
            id=new_id(), case_id=case.id, element_id=element.id if element else None, at=now, by=by,
            made_by_person=True, outcome=outcome, reason_code=code, reasons=reasons,
        )
    )  # fmt: skip
    session.flush()
    session.refresh(case, ["decisions"])
    point = {"point": element.number} if element and len(case.elements) > 1 else {}
    record(
        session, by=by, kind="decided", subject="case", subject_id=case.id, at=now, outcome=outcome, code=code, **point
    )
