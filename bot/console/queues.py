"""The front page and the queues."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import clocks
from bot.cases import casework, learning, lookup, staff
from bot.cases.tables import Case
from bot.console import deadlines
from bot.console.forms import FindForm
from bot.console.guard import now, page, seen, service
from bot.errors import NotFound

PAGE_LENGTH = 50


def today() -> date:
    """The day in England."""
    return clocks.local_day(now())


@page("/", needs="read_cases")
def home() -> ResponseReturnValue:
    """What waits, and what is late."""
    seen("list", "home")
    return _home(FindForm(formdata=None))


def _home(form: FindForm) -> str:
    with service().database.read() as session:
        late = [case for case in lookup.open_cases(session) + lookup.new_cases(session) if _late(case)]
        return render_template("console/home.html", form=form, late=late, deadlines=_deadlines)


@page("/find", needs="read_cases")
def find() -> ResponseReturnValue:
    """Open a case by its reference."""
    seen("list", "find")
    form = FindForm(request.args)
    if form.validate():
        with service().database.read() as session:
            try:
                case = casework.get(session, form.reference.data or "")
                return redirect(url_for("console.show_case", reference=case.reference), 303)
            except NotFound:
                form.reference.errors = ["There is no case with this reference. Check each letter and digit."]
    return _home(form)


@page("/new", needs="read_cases")
def new_cases() -> ResponseReturnValue:
    """Contacts that wait for a decision, the oldest first."""
    seen("list", "new_cases")
    with service().database.read() as session:
        return render_template(
            "console/new_cases.html", cases=lookup.new_cases(session), deadlines=_deadlines, today=today,
            on_hold=casework.waiting, newest=casework.proposal,
        )  # fmt: skip


@page("/open", needs="read_cases")
def open_cases() -> ResponseReturnValue:
    """Complaints being answered, with the clock of their stage."""
    seen("list", "open_cases")
    with service().database.read() as session:
        return render_template("console/open_cases.html", cases=lookup.open_cases(session), deadlines=_deadlines)


@page("/finished", needs="read_cases")
def finished_cases() -> ResponseReturnValue:
    """Closed, withdrawn and not accepted: kept in the same register."""
    seen("list", "finished_cases")
    number = max(request.args.get("page", 1, type=int), 1)
    with service().database.read() as session:
        cases = lookup.finished_cases(session)
        shown = cases[(number - 1) * PAGE_LENGTH : number * PAGE_LENGTH]
        pages = -(-len(cases) // PAGE_LENGTH)
        return render_template("console/finished_cases.html", cases=shown, page=number, pages=pages)


@page("/people", needs="talk_to_people")
def people_waiting() -> ResponseReturnValue:
    """Conversations that need a person, and those a person has."""
    seen("list", "people_waiting")
    with service().database.read() as session:
        return render_template(
            "console/people_waiting.html",
            waiting_for_person=lookup.people_waiting(session),
            taken_over=lookup.taken_over(session),
            names=staff.names(session),
            now=now(),
        )


@page("/actions", needs="read_cases")
def actions_under_way() -> ResponseReturnValue:
    """What was promised because of complaints and is not done yet."""
    seen("list", "actions")
    with service().database.read() as session:
        return render_template("console/actions.html", actions=learning.all_under_way(session), today=today())


@page("/unfinished-work", needs="work_cases")
def failed_work() -> ResponseReturnValue:
    """Work that was given up and that a person must look at."""
    seen("list", "failed_work")
    with service().database.read() as session:
        return render_template("console/failed_work.html", jobs=lookup.failed_jobs(session))


def _deadlines(case: Case) -> list[deadlines.Deadline]:
    return deadlines.on_case(case, today=today(), council=service().council)


def _late(case: Case) -> bool:
    return deadlines.is_late(case, today=today(), council=service().council)
