"""What has to be decided or cleared up before a contact is accepted or refused: freezes, holds, lateness, interest.

Each is a person's, with a day and reasons (R4). What was decided becomes a fact of the case, and the rules are asked
again by it, so that the new proposal stands beside the old one. Only a freeze stops a clock (R45).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import clocks, eligibility
from bot.cases import casework, intake, letters
from bot.cases.database import lock, new_id
from bot.cases.events import record
from bot.cases.tables import Case, Hold
from bot.council import Council
from bot.errors import InvalidStep

# Which code a freeze is counted under, by the kind of proceedings (R18).
FREEZE_CODES = {
    "family_court": "COURT_RELATED",
    "criminal": "OUT_OF_TIME_JURISDICTION",
    "disciplinary": "ALTERNATIVE_PROCESS",
    "tribunal": "ALTERNATIVE_PROCESS",
}
# How soon each hold is looked at again when nobody says otherwise; the clocks name their rules.
REVIEWED_AFTER: dict[str, clocks.Clock] = {
    "consent": "lateness",
    "legal_view": "proceedings",
    "lateness": "lateness",
    "sufficient_interest": "sufficient_interest",
    "safeguarding": "safeguarding_review",
}
ANSWERS = {"consent": ("given", "refused", "withdrawn"), "legal_view": ("prejudice", "no_prejudice")}


@dataclass(frozen=True)
class Decider:
    """Who decides, when, and by which profile and rules."""

    by: str
    now: datetime
    council: Council
    rules: eligibility.Rules

    @property
    def today(self) -> date:
        """The day in England."""
        return clocks.local_day(self.now)


def freeze(
    session: Session, case: Case, *, proceedings: str, overlap: str, reasons: str, review_on: date, who: Decider
) -> Hold:
    """Wait for the end of proceedings that considering the complaint would prejudice (regulation 8, R18).

    The clock of its stage stands still until the freeze ends (see `bot.cases.dates`). The letter with the reasons and
    the right to bring the complaint back is drafted in the same transaction.

    Args:
        proceedings: family_court, criminal, tribunal or disciplinary.
        overlap: partial or full.
        review_on: when to look again: the working day after the proceedings are expected to end.

    Raises:
        InvalidStep: no reasons, a review day that is not to come, or a case that is frozen or over.
    """
    if proceedings not in FREEZE_CODES or overlap not in ("partial", "full"):
        raise InvalidStep("Say which proceedings there are, and whether they touch part of the complaint or all of it.")
    hold = _begin(session, case, kind="frozen", reasons=reasons, review_on=review_on, who=who)
    found = {"type": proceedings, "live": True, "overlap": overlap, "prejudice_decision": "yes"}
    _learn(session, case, {"proceedings": {**(case.facts.get("proceedings") or {}), **found}}, who)
    _keep(session, case, outcome="frozen", code=FREEZE_CODES[proceedings], reasons=reasons, who=who)
    _write(session, case, "freeze", who, reasons=reasons.strip(), review_on=review_on)
    return hold


def hold(session: Session, case: Case, *, kind: str, reasons: str, who: Decider, review_on: date | None = None) -> Hold:
    """Let a contact wait for somebody's agreement, a legal view, or what is needed to decide. No clock stops.

    Args:
        kind: consent, legal_view, lateness or sufficient_interest.
        review_on: when to look again; by the clock of that decision if left out.

    Raises:
        InvalidStep: no reasons, a review day that is not to come, or a case that waits for this already or is over.
    """
    if kind not in ("consent", "legal_view", "lateness", "sufficient_interest"):
        raise InvalidStep("Choose what the contact waits for.")
    begun = _begin(session, case, kind=kind, reasons=reasons, review_on=review_on, who=who)
    if kind == "consent":
        if case.facts.get("consent") not in ("refused", "withdrawn"):
            _learn(session, case, {"consent": "pending"}, who)
        _write(session, case, "consent", who)
    return begun


def end_hold(session: Session, case: Case, *, kind: str, answer: str | None, reasons: str, who: Decider) -> None:
    """What was waited for has come, or the freeze is over; the case goes on.

    Args:
        answer: for consent: given, refused or withdrawn; for a legal view: prejudice or no_prejudice; else None.

    Raises:
        InvalidStep: the case does not wait for this, no reasons, or an answer that does not fit.
    """
    lock(session, case)
    if not any(each.kind == kind for each in casework.waiting(case)):
        raise InvalidStep("The case does not wait for this, or not any more.")
    if not reasons.strip():
        raise InvalidStep("Write why the hold ends.")
    if kind in ANSWERS and answer not in ANSWERS[kind]:
        raise InvalidStep(f"Say what came of it: {' or '.join(ANSWERS[kind]).replace('_', ' ')}.")
    casework.end_holds(session, case, by=who.by, now=who.now, kinds=(kind,))
    casework.add_note(session, case, text=reasons, by=who.by, now=who.now)
    if kind == "safeguarding":
        case.status = "open" if case.stages else "new"
    if learnt := _learnt(case, kind, answer):
        _learn(session, case, learnt, who)


def decide_lateness(session: Session, case: Case, *, accept: bool, reasons: str, who: Decider) -> None:
    """Use the discretion of regulation 9 (R17): there is a presumption for accepting, and reasons either way.

    Raises:
        InvalidStep: no reasons, or a case that has been decided already.
    """
    _must_have(reasons)
    casework.must_be_undecided(session, case)
    _learn(session, case, {"late_discretion": "accepted" if accept else "refused"}, who)
    outcome = "late_accepted" if accept else "late_refused"
    _keep(session, case, outcome=outcome, code=None if accept else "OUT_OF_TIME_JURISDICTION", reasons=reasons, who=who)
    casework.end_holds(session, case, by=who.by, now=who.now, kinds=("lateness",))
    if accept:
        _write(session, case, "accepted_late", who, reasons=reasons.strip())


def decide_interest(session: Session, case: Case, *, enough: bool, reasons: str, who: Decider) -> None:
    """Decide whether somebody's interest in the child's welfare is enough to complain (regulation 12, R6).

    Raises:
        InvalidStep: no reasons, or a case that has been decided already.
    """
    _must_have(reasons)
    casework.must_be_undecided(session, case)
    _learn(session, case, {"sufficient_interest": "decided_yes" if enough else "decided_no"}, who)
    outcome = "interest_enough" if enough else "interest_not_enough"
    _keep(session, case, outcome=outcome, code=None if enough else "INSUFFICIENT_INTEREST", reasons=reasons, who=who)
    casework.end_holds(session, case, by=who.by, now=who.now, kinds=("sufficient_interest",))


def park_for_safety(session: Session, case: Case, *, reasons: str, who: Decider) -> Hold:
    """Put a worry about safety first; the complaint is kept and goes on afterwards (R1, R2). No clock stops.

    Raises:
        InvalidStep: no reasons, or a case that is parked or over.
    """
    begun = _begin(session, case, kind="safeguarding", reasons=reasons, review_on=None, who=who)
    case.status = "parked"
    return begun


def _begin(session: Session, case: Case, *, kind: str, reasons: str, review_on: date | None, who: Decider) -> Hold:
    _must_have(reasons)
    lock(session, case)
    session.refresh(case, ["holds"])
    if case.status not in ("new", "open", "parked"):
        raise InvalidStep("Only a case that is under way can be put on hold.")
    if any(each.kind == kind for each in casework.waiting(case)):
        raise InvalidStep("The case is on hold for this already.")
    day = review_on or clocks.due_on(REVIEWED_AFTER[kind], who.today, who.council.extra_holidays)
    if day <= who.today:
        raise InvalidStep("Choose a day to come for looking at it again.")
    begun = Hold(
        id=new_id(), case_id=case.id, kind=kind, begun_at=who.now, begun_by=who.by, reasons=reasons.strip(),
        review_on=day,
    )  # fmt: skip
    session.add(begun)
    session.flush()
    session.refresh(case, ["holds"])
    record(
        session, by=who.by, kind="held", subject="case", subject_id=case.id, at=who.now, hold=kind,
        review_on=day.isoformat(),
    )  # fmt: skip
    return begun


def _must_have(reasons: str) -> None:
    if not reasons.strip():
        raise InvalidStep("Write the reasons: every decision is given with its reasons.")


def _learn(session: Session, case: Case, learnt: dict[str, Any], who: Decider) -> None:
    """Keep what was decided as facts of the case, and ask the rules again."""
    case.facts = {**case.facts, **learnt}
    intake.propose(session, case, rules=who.rules, council=who.council, now=who.now)


def _learnt(case: Case, kind: str, answer: str | None) -> dict[str, Any]:
    proceedings = case.facts.get("proceedings") or {}
    if kind == "consent":
        return {"consent": answer}
    if kind == "legal_view":
        return {"proceedings": {**proceedings, "prejudice_decision": "yes" if answer == "prejudice" else "no"}}
    if kind == "frozen":
        return {"proceedings": {**proceedings, "live": False, "prejudice_decision": "no"}}
    return {}


def _keep(session: Session, case: Case, *, outcome: str, code: str | None, reasons: str, who: Decider) -> None:
    """Keep a decision on the way, which leaves accepting or refusing still to be decided."""
    casework.keep_decision(session, case, outcome=outcome, code=code, reasons=reasons.strip(), by=who.by, now=who.now)


def _write(session: Session, case: Case, kind: str, who: Decider, **told: Any) -> None:
    letters.draft(session, case, kind=kind, council=who.council, by=who.by, now=who.now, **told)
