"""The page of one case, and the steps that can be taken with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import (
    advocacy,
    authority,
    casework,
    conversations,
    dates,
    elements,
    events,
    intake,
    letters,
    lookup,
    staff,
)  # fmt: skip
from bot.cases.tables import Case, Decision, Letter, Stage
from bot.console import access, deadlines
from bot.console.forms import LetterForm, SentForm, StaffForm
from bot.console.guard import me, now, page, seen, service
from bot.console.steps import STEPS, Step, Taken, offered
from bot.errors import InvalidStep, NotFound


@page("/cases/<reference>", needs="read_cases")
def show_case(reference: str) -> ResponseReturnValue:
    """Everything about one case."""
    with service().database.read() as session:
        case = casework.get(session, reference)
        seen("case", case.id)
        return render_template("console/case.html", **_whole(session, case), **_proposals(case))


def _whole(session: Session, case: Case) -> dict[str, Any]:
    """What the page shows beside the case itself."""
    told_in = lookup.conversation_of(session, case)
    spoken = told_in.id if told_in else None
    return {
        "case": case,
        "facts": case.facts,
        "names": staff.names(session) | authority.names(session),
        "advocates": advocacy.referrals_of_case(session, case),
        "authorities": authority.of_case(session, case),
        "deadlines": _dates(case),
        "on_hold": casework.waiting(case),
        "elapsed": _elapsed(case),
        "answer_by": {stage.number: _limits(case, stage).due_on for stage in case.stages},
        "today": clocks.local_day(now()),
        "steps": offered(case, me()),
        "conversation": told_in,
        "ways": lookup.ways_to_reach(session, told_in) if told_in else [],
        "messages": conversations.transcript(session, spoken) if spoken else [],
        "referrals": lookup.referrals_about(session, case_id=case.id, conversation_id=spoken),
        "history": events.history(session, subject="case", subject_id=case.id),
    }


def _dates(case: Case) -> list[deadlines.Deadline]:
    return deadlines.on_case(case, today=clocks.local_day(now()), council=service().council)


def _limits(case: Case, stage: Stage) -> clocks.StageLimits:
    holidays = service().council.extra_holidays
    return dates.of_stage(stage, case.holds, today=clocks.local_day(now()), extra_holidays=holidays)


def _elapsed(case: Case) -> tuple[int, int] | None:
    """Working days of the present stage, with the days it stood still and without them (R45)."""
    stage = casework.present_stage(case)
    if stage is None or not any(hold.kind == "frozen" for hold in case.holds):
        return None
    end, holidays = stage.answered_on or clocks.local_day(now()), service().council.extra_holidays
    whole = clocks.working_days_between(stage.started_on, end, holidays)
    return whole, whole - dates.frozen_days(case.holds, stage.started_on, end, holidays)


def _proposals(case: Case) -> dict[str, Any]:
    """What the rules proposed for each point, and where the person was pointed."""
    today, proposed = clocks.local_day(now()), elements.proposals(case)
    return {
        "proposals": [
            (element, proposed[element.number], _places(case, proposed[element.number], today))
            for element in case.elements
            if element.number in proposed
        ],
        "numbers": {element.id: element.number for element in case.elements},
    }


def _places(case: Case, proposal: Decision, today: date) -> list[str]:
    return [place.name for place in intake.signposts_for(case, proposal, service().council, today)]


@page("/cases/<reference>/<key>", needs="read_cases", methods=("GET", "POST"))
def take_step(reference: str, key: str) -> ResponseReturnValue:
    """The page of one step: what it needs to know, and the button.

    Reading the case opens the address; the step's own permission opens the step.
    """
    step = STEPS.get(key)
    if step is None:
        raise NotFound("There is no such page.")
    access.check_can(me().role, step.needs)
    with service().database.read() as session:
        case = casework.get(session, reference)
        form = step.blank(case, service().council)
        if form.validate_on_submit() and _taken(step, reference, form):
            flash(step.done)
            return redirect(url_for("console.show_case", reference=case.reference), 303)
        seen("case", case.id)
        return _step_page(step, case, form)


def _step_page(step: Step, case: Case, form: StaffForm) -> ResponseReturnValue:
    status = 409 if form.form_errors else 400 if form.errors else 200
    page_of = {"step": step, "case": case, "form": form, "deadlines": _dates(case), **_proposals(case)}
    return render_template(f"console/steps/{step.key}.html", **page_of), status


def _taken(step: Step, reference: str, form: StaffForm) -> bool:
    """Take the step in a transaction of its own; what the store refuses is said on the form, which keeps its words."""
    try:
        with service().database.write() as session:
            case = casework.get(session, reference)
            step.run(Taken(session, case, form, service().council, service().rules, me().id, now()))
    except InvalidStep as error:
        form.form_errors.append(str(error))
        return False
    return True


@page("/cases/<reference>/letters/<letter_id>", needs="read_cases")
def show_letter(reference: str, letter_id: str) -> ResponseReturnValue:
    """A letter as it stands, or as it was sent."""
    return _letter_page(reference, letter_id)


@page("/cases/<reference>/letters/<letter_id>/change", needs="work_cases", methods=("POST",))
def change_letter(reference: str, letter_id: str) -> ResponseReturnValue:
    """Change the words of a letter before it is sent."""
    form = LetterForm()

    def take(session: Session, letter: Letter) -> None:
        letters.change(session, letter, text=form.text.data or "", by=me().id, now=now())

    return _letter_step(reference, letter_id, form, take, "The letter is changed.")


@page("/cases/<reference>/letters/<letter_id>/sent", needs="work_cases", methods=("POST",))
def mark_letter_sent(reference: str, letter_id: str) -> ResponseReturnValue:
    """Note that a letter went out; the acknowledgement letter acknowledges the case."""
    form = SentForm()

    def take(session: Session, letter: Letter) -> None:
        letters.mark_sent(session, letter, sent_on=form.sent_on.data, route=form.route.data, by=me().id, now=now())
        case = casework.get(session, reference)
        if letter.kind == "acknowledgement" and case.acknowledged_at is None:
            casework.acknowledge(session, case, by=me().id, now=now())

    return _letter_step(reference, letter_id, form, take, "The letter is recorded as sent.")


def _letter_step(
    reference: str, letter_id: str, form: StaffForm, take: Callable[[Session, Letter], None], done: str
) -> ResponseReturnValue:
    """Do it, or show the page again with what was typed and what is wrong."""
    if form.validate():
        try:
            with service().database.write() as session:
                take(session, letters.get(session, casework.get(session, reference), letter_id))
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash(done)
            return redirect(url_for("console.show_letter", reference=reference, letter_id=letter_id), 303)
    return _letter_page(reference, letter_id, form), 409 if form.form_errors else 400


def _letter_page(reference: str, letter_id: str, sent: StaffForm | None = None) -> str:
    with service().database.read() as session:
        case = casework.get(session, reference)
        letter = letters.get(session, case, letter_id)
        seen("case", case.id)
        return render_template(
            "console/letter.html", case=case, letter=letter, names=staff.names(session),
            changing=sent if isinstance(sent, LetterForm) else LetterForm(formdata=None, text=letter.text),
            sending=sent if isinstance(sent, SentForm) else SentForm(formdata=None),
            errors=[sent] if sent is not None else [],
        )  # fmt: skip
