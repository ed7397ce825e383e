"""The page of one case, and the steps that can be taken with it."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import casework, conversations, events, intake, lookup, staff
from bot.cases.tables import Case
from bot.console import access, deadlines
from bot.console.forms import StaffForm
from bot.console.guard import me, now, page, seen, service
from bot.console.steps import STEPS, Step, Taken, offered
from bot.errors import InvalidStep, NotFound


@page("/cases/<reference>", needs="read_cases")
def show_case(reference: str) -> ResponseReturnValue:
    """Everything about one case."""
    with service().database.read() as session:
        case = casework.get(session, reference)
        seen("case", case.id)
        return render_template("console/case.html", **_whole(session, case), **_proposal(case))


def _whole(session: Session, case: Case) -> dict[str, Any]:
    """What the page shows beside the case itself."""
    told_in = lookup.conversation_of(session, case)
    spoken = told_in.id if told_in else None
    return {
        "case": case,
        "facts": case.facts,
        "names": staff.names(session),
        "deadlines": _dates(case),
        "steps": offered(case, me()),
        "conversation": told_in,
        "messages": conversations.transcript(session, spoken) if spoken else [],
        "referrals": lookup.referrals_about(session, case_id=case.id, conversation_id=spoken),
        "history": events.history(session, subject="case", subject_id=case.id),
    }


def _dates(case: Case) -> list[deadlines.Deadline]:
    return deadlines.on_case(case, today=clocks.local_day(now()), council=service().council)


def _proposal(case: Case) -> dict[str, Any]:
    """What the rules proposed, and where the person was pointed."""
    proposal = next((each for each in case.decisions if not each.made_by_person), None)
    today = clocks.local_day(now())
    places = intake.signposts_for(case, proposal, service().council, today) if proposal else ()
    return {"proposal": proposal, "signposts": [place.name for place in places]}


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
    page_of = {"step": step, "case": case, "form": form, "deadlines": _dates(case), **_proposal(case)}
    return render_template(f"console/steps/{step.key}.html", **page_of), status


def _taken(step: Step, reference: str, form: StaffForm) -> bool:
    """Take the step in a transaction of its own; what the store refuses is said on the form, which keeps its words."""
    try:
        with service().database.write() as session:
            case = casework.get(session, reference)
            step.run(Taken(session, case, form, service().council, me().id, now()))
    except InvalidStep as error:
        form.form_errors.append(str(error))
        return False
    return True
