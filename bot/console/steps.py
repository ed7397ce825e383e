"""What can be done with a case: each step has its form, who may take it, when it is offered, and what it calls."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import casework, deciding, elements, intake, learning, letters, procedures
from bot.cases.tables import Case, Staff
from bot.console import access, forms, point_forms
from bot.council import Council
from bot.eligibility import Rules
from bot.errors import InvalidStep

UNDER_WAY = ("new", "open", "parked")


@dataclass(frozen=True)
class Taken:
    """Everything a step needs to be taken."""

    session: Session
    case: Case
    form: Any
    council: Council
    rules: Rules
    by: str
    now: datetime

    @property
    def who(self) -> deciding.Decider:
        """Who decides, as `bot.cases.deciding` wants it."""
        return deciding.Decider(self.by, self.now, self.council, self.rules)


@dataclass(frozen=True)
class Step:
    """One step.

    Args:
        key: its address under the case, and the name of its template.
        title: what the link and the page say.
        button: what the button says.
        done: what is said afterwards.
        too_late: what is said when the case has moved on.
        offered: whether the case is in a state for it.
        form: what is asked.
        take: the one call into `bot.cases`.
    """

    key: str
    title: str
    button: str
    done: str
    too_late: str
    needs: access.Permission
    offered: Callable[[Case], bool]
    form: type[forms.StaffForm]
    take: Callable[[Taken], None]

    def blank(self, case: Case, council: Council) -> forms.StaffForm:
        """The form as it is first shown, or as it was sent."""
        form = self.form.of(case)()
        form.offer(council)
        if not form.is_submitted():
            form.fill(case)
        return form

    def run(self, taken: Taken) -> None:
        """Take the step.

        Raises:
            InvalidStep: the case is not, or no longer, in a state for it.
        """
        if not self.offered(taken.case):
            raise InvalidStep(self.too_late)
        self.take(taken)


def _undecided(case: Case) -> bool:
    return case.decided_at is None and case.status in UNDER_WAY


def _being_answered(case: Case) -> bool:
    stage = casework.present_stage(case)
    return case.status == "open" and stage is not None and stage.answered_on is None


def _accept(taken: Taken) -> None:
    casework.accept(
        taken.session, taken.case, council=taken.council, by=taken.by, now=taken.now,
        reasons=taken.form.reasons.data or "", stage=int(taken.form.stage.data), refused=taken.form.refused(),
    )  # fmt: skip


def _refuse(taken: Taken) -> None:
    whole = taken.form.whole()
    casework.refuse(
        taken.session, taken.case, reason_code=whole.code, reasons=whole.reasons, refused=taken.form.refused(),
        council=taken.council, by=taken.by, now=taken.now,
    )  # fmt: skip


def _correct_points(taken: Taken) -> None:
    elements.correct(
        taken.session, taken.case, taken.form.wanted(taken.case), council=taken.council, by=taken.by, now=taken.now
    )
    intake.propose(taken.session, taken.case, rules=taken.rules, council=taken.council, now=taken.now)


def _assign(taken: Taken) -> None:
    casework.assign(
        taken.session, taken.case, team=taken.form.team.data, category=taken.form.category.data,
        council=taken.council, by=taken.by, now=taken.now,
    )  # fmt: skip


def _acknowledge(taken: Taken) -> None:
    casework.acknowledge(taken.session, taken.case, by=taken.by, now=taken.now)


def _record_outcome(taken: Taken) -> None:
    casework.record_outcome(
        taken.session, taken.case, findings=taken.form.findings(), answered_on=taken.form.answered_on.data,
        by=taken.by, now=taken.now,
    )  # fmt: skip


def _next_stage(taken: Taken) -> None:
    started_on = taken.form.asked_on.data
    if started_on < taken.case.received_on:
        raise InvalidStep("The next stage cannot be asked for before the complaint was received.")
    casework.begin_stage(
        taken.session, taken.case, number=taken.case.stage + 1, started_on=started_on, council=taken.council,
        by=taken.by, now=taken.now,
    )  # fmt: skip


def _add_note(taken: Taken) -> None:
    casework.add_note(taken.session, taken.case, text=taken.form.text.data, by=taken.by, now=taken.now)


def _withdraw(taken: Taken) -> None:
    casework.withdraw(taken.session, taken.case, by=taken.by, now=taken.now, reason=taken.form.reason.data)


def _freeze(taken: Taken) -> None:
    form = taken.form
    deciding.freeze(
        taken.session, taken.case, proceedings=form.proceedings.data, overlap=form.overlap.data,
        reasons=form.reasons.data, review_on=form.review_on.data, who=taken.who,
    )  # fmt: skip


def _hold(taken: Taken) -> None:
    form = taken.form
    deciding.hold(
        taken.session, taken.case, kind=form.kind.data, reasons=form.reasons.data, review_on=form.review_on.data,
        who=taken.who,
    )  # fmt: skip


def _end_hold(taken: Taken) -> None:
    form = taken.form
    deciding.end_hold(
        taken.session, taken.case, kind=form.kind.data, answer=form.answer.data, reasons=form.reasons.data,
        who=taken.who,
    )  # fmt: skip


def _decide_lateness(taken: Taken) -> None:
    accept = taken.form.decision.data == "yes"
    deciding.decide_lateness(taken.session, taken.case, accept=accept, reasons=taken.form.reasons.data, who=taken.who)


def _decide_interest(taken: Taken) -> None:
    enough = taken.form.decision.data == "yes"
    deciding.decide_interest(taken.session, taken.case, enough=enough, reasons=taken.form.reasons.data, who=taken.who)


def _park(taken: Taken) -> None:
    deciding.park_for_safety(taken.session, taken.case, reasons=taken.form.reasons.data, who=taken.who)


def _draft_acknowledgement(taken: Taken) -> None:
    letters.draft(taken.session, taken.case, kind="acknowledgement", council=taken.council, by=taken.by, now=taken.now)


def _move(taken: Taken) -> None:
    procedures.move(
        taken.session, taken.case, procedure=taken.form.procedure.data, points=taken.form.numbers(),
        council=taken.council, by=taken.by, now=taken.now,
    )  # fmt: skip


def _acknowledged_there(taken: Taken) -> None:
    procedures.acknowledge(
        taken.session, taken.case, procedure=taken.form.procedure.data, on=taken.form.day.data,
        council=taken.council, by=taken.by, now=taken.now,
    )  # fmt: skip


def _answered_there(taken: Taken) -> None:
    procedures.answer(
        taken.session, taken.case, procedure=taken.form.procedure.data, on=taken.form.day.data,
        finding=taken.form.finding.data, by=taken.by, now=taken.now,
    )  # fmt: skip


def _pass_on(taken: Taken) -> None:
    form = taken.form
    procedures.pass_on(
        taken.session, taken.case, to=form.to.data, consent_by=form.consent_by.data,
        consented_on=form.consented_on.data, passed_on=form.passed_on.data, council=taken.council, by=taken.by,
        now=taken.now,
    )  # fmt: skip


def _record_action(taken: Taken) -> None:
    form = taken.form
    learning.record_action(
        taken.session, taken.case, kind=form.kind.data, what=form.what.data, owner=form.owner.data,
        due_on=form.due_on.data, words=form.words.data or "", by=taken.by, now=taken.now,
    )  # fmt: skip


def _finish_action(taken: Taken) -> None:
    form = taken.form
    learning.finish(
        taken.session, taken.case, action_id=form.action.data, done_on=form.done_on.data, evidence=form.evidence.data,
        words=form.words.data or "", by=taken.by, now=taken.now,
    )  # fmt: skip


def _bring_back(taken: Taken) -> None:
    casework.bring_back(
        taken.session, taken.case, asked_on=taken.form.asked_on.data, council=taken.council, by=taken.by, now=taken.now
    )


DECIDED_ALREADY = "This contact has been decided already; see its history for by whom and why."

STEPS: dict[str, Step] = {
    step.key: step
    for step in (
        Step(
            "acknowledge", "Record the acknowledgement", "It was sent", "The acknowledgement is recorded.",
            "This complaint has been acknowledged already.", "work_cases",
            lambda case: case.acknowledged_at is None and case.status in UNDER_WAY,
            forms.ConfirmForm, _acknowledge,
        ),
        Step(
            "accept", "Accept the complaint", "Accept", "The complaint is accepted.", DECIDED_ALREADY,
            "decide_cases", _undecided, point_forms.AcceptForm, _accept,
        ),
        Step(
            "refuse", "Confirm it cannot be accepted", "Confirm: not accepted", "The refusal is confirmed.",
            DECIDED_ALREADY, "decide_cases", _undecided, point_forms.RefuseForm, _refuse,
        ),
        Step(
            "points", "Put the points right", "Save the points", "The points are saved; the rules were asked again.",
            DECIDED_ALREADY, "work_cases", _undecided, point_forms.PointsForm, _correct_points,
        ),
        Step(
            "lateness", "Decide about lateness", "Decide", "The decision on lateness is recorded.", DECIDED_ALREADY,
            "decide_cases", _undecided, forms.LatenessForm, _decide_lateness,
        ),
        Step(
            "interest", "Decide about interest in the child", "Decide", "The decision on interest is recorded.",
            DECIDED_ALREADY, "decide_cases", _undecided, forms.InterestForm, _decide_interest,
        ),
        Step(
            "freeze", "Freeze for other proceedings", "Freeze", "The case is frozen; its letter is drafted.",
            "Only a case that is under way and not frozen can be frozen.", "decide_cases",
            lambda case: case.status in UNDER_WAY and casework.frozen(case) is None, forms.FreezeForm, _freeze,
        ),
        Step(
            "hold", "Put on hold for consent or a view", "Put on hold", "The case is on hold.",
            "Only a case that is under way can be put on hold.", "work_cases",
            lambda case: case.status in UNDER_WAY, forms.HoldForm, _hold,
        ),
        Step(
            "park", "Put safety first", "Park the complaint", "The complaint is parked; safety goes first.",
            "Only a case that is under way and not parked can be parked.", "work_cases",
            lambda case: case.status in ("new", "open"), forms.ReasonsForm, _park,
        ),
        Step(
            "end-hold", "End a hold", "End the hold", "The hold is ended; the rules were asked again.",
            "The case does not wait for anything now.", "decide_cases",
            lambda case: bool(casework.waiting(case)), forms.EndHoldForm, _end_hold,
        ),
        Step(
            "acknowledgement-letter", "Draft the acknowledgement letter", "Draft the letter",
            "The letter is drafted.", "Only a case that is under way and not yet acknowledged needs this letter.",
            "work_cases", lambda case: case.acknowledged_at is None and case.status in UNDER_WAY,
            forms.ConfirmForm, _draft_acknowledgement,
        ),
        Step(
            "move", "Let it go on under another procedure", "Move it", "It goes on there; its letter is drafted.",
            "Confirm first that it cannot be accepted under the statutory procedure.", "decide_cases",
            lambda case: any(each.outcome == "ineligible" for each in case.elements), point_forms.MoveForm, _move,
        ),
        Step(
            "acknowledged-there", "Record the acknowledgement there", "Record it", "The acknowledgement is recorded.",
            "It goes on under no other procedure, or was acknowledged there.", "work_cases",
            lambda case: any(each.acknowledged_on is None for each in case.procedures),
            forms.AcknowledgedThereForm, _acknowledged_there,
        ),
        Step(
            "answered-there", "Record the answer given there", "Record the answer", "The answer is recorded.",
            "It goes on under no other procedure, or was answered there.", "work_cases",
            lambda case: any(each.answered_on is None for each in case.procedures),
            forms.AnsweredThereForm, _answered_there,
        ),
        Step(
            "pass-on", "Pass on to another body, with consent", "Record it", "It is recorded; its letter is drafted.",
            "", "work_cases", lambda _: True, forms.OnwardForm, _pass_on,
        ),
        Step(
            "assign", "Assign a team and a category", "Assign", "The case is assigned.",
            "Only a case that is under way can be assigned.", "work_cases",
            lambda case: case.status in UNDER_WAY, forms.AssignForm, _assign,
        ),
        Step(
            "outcome", "Record the outcome", "Record the outcome", "The outcome is recorded.",
            "Only a case that is being answered can be given an outcome.", "work_cases",
            _being_answered, forms.OutcomeForm, _record_outcome,
        ),
        Step(
            "next-stage", "Move to the next stage", "Begin the next stage", "The next stage has begun.",
            "Only an accepted complaint that is not yet at Stage 3 can go to the next stage.", "decide_cases",
            lambda case: case.stage in (1, 2) and case.status in ("open", "closed"),
            forms.NextStageForm, _next_stage,
        ),
        Step(
            "action", "Record what will be done", "Save the action", "The action is recorded.",
            "Actions follow from a complaint that was accepted.", "work_cases",
            lambda case: case.stage > 0, forms.ActionForm, _record_action,
        ),
        Step(
            "action-done", "Record that it was done", "It is done", "It is recorded as done.",
            "No action of this case is under way.", "work_cases",
            lambda case: bool(learning.under_way(case)), forms.ActionDoneForm, _finish_action,
        ),
        Step(
            "bring-back", "Bring it back", "Bring it back", "The complaint is taken up again.",
            "Only a complaint that was withdrawn can be brought back.", "decide_cases",
            lambda case: case.status == "withdrawn", forms.BringBackForm, _bring_back,
        ),
        Step(
            "note", "Add a note", "Save the note", "The note is saved.", "", "work_cases",
            lambda _: True, forms.NoteForm, _add_note,
        ),
        Step(
            "withdraw", "Record that it was withdrawn", "Withdraw the complaint", "The withdrawal is recorded.",
            "Only a case that is still open can be withdrawn.", "work_cases",
            lambda case: case.status in UNDER_WAY, forms.WithdrawForm, _withdraw,
        ),
    )
}  # fmt: skip


def offered(case: Case, member: Staff) -> list[Step]:
    """The steps a member of staff can take with a case now."""
    return [step for step in STEPS.values() if access.can(member.role, step.needs) and step.offered(case)]
