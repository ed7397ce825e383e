"""Thanks and praise for workers: the list, and the page from which each is passed on (R57)."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot.cases import compliments, events, staff
from bot.cases.tables import Compliment
from bot.console.forms import ComplimentForm, ComplimentPassedForm, StaffForm
from bot.console.guard import me, now, page, seen, service
from bot.errors import InvalidStep


@page("/compliments", needs="read_cases")
def compliments_list() -> ResponseReturnValue:
    """What waits to be passed on, and what was."""
    seen("list", "compliments")
    with service().database.read() as session:
        return render_template(
            "console/compliments.html", waiting_to_go=compliments.waiting(session),
            passed_on=compliments.passed_on(session), names=staff.names(session),
        )  # fmt: skip


@page("/compliments/<compliment_id>", needs="read_cases")
def show_compliment(compliment_id: str) -> ResponseReturnValue:
    """One compliment in the giver's words."""
    return _page(compliment_id)


@page("/compliments/<compliment_id>/sort", needs="work_cases", methods=("POST",))
def sort_compliment(compliment_id: str) -> ResponseReturnValue:
    """Say which team it is for and who gave it."""
    form = _offered(ComplimentForm())

    def take(session: Session, given: Compliment) -> None:
        compliments.sort_out(
            session, given, team=form.team.data, from_role=form.from_role.data, council=service().council, by=me().id,
            now=now(),
        )  # fmt: skip

    return _act(compliment_id, form, take, "The team and the giver are saved.")


@page("/compliments/<compliment_id>/passed-on", needs="work_cases", methods=("POST",))
def pass_compliment_on(compliment_id: str) -> ResponseReturnValue:
    """The worker, or their manager, has it."""
    form = ComplimentPassedForm()

    def take(session: Session, given: Compliment) -> None:
        compliments.pass_on(session, given, to=form.to.data or "", by=me().id, now=now())

    return _act(compliment_id, form, take, "It is recorded that you passed this compliment on.")


def _act(
    compliment_id: str, form: StaffForm, take: Callable[[Session, Compliment], None], done: str
) -> ResponseReturnValue:
    """Take a step, or show the page again with what was typed and what is wrong."""
    if form.validate():
        try:
            with service().database.write() as session:
                take(session, compliments.get(session, compliment_id))
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash(done)
            return redirect(url_for("console.show_compliment", compliment_id=compliment_id), 303)
    return _page(compliment_id, form), 409 if form.form_errors else 400


def _page(compliment_id: str, sent: StaffForm | None = None) -> str:
    with service().database.read() as session:
        given = compliments.get(session, compliment_id)
        seen("compliment", given.id)
        sorting = ComplimentForm(formdata=None, team=given.team or "", from_role=given.from_role or "unknown")
        return render_template(
            "console/compliment.html", given=given, names=staff.names(session),
            history=events.history(session, subject="compliment", subject_id=given.id),
            sorting=sent if isinstance(sent, ComplimentForm) else _offered(sorting),
            passing_on=sent if isinstance(sent, ComplimentPassedForm) else ComplimentPassedForm(formdata=None),
            errors=[sent] if sent is not None else [],
        )  # fmt: skip


def _offered(form: ComplimentForm) -> ComplimentForm:
    form.offer(service().council)
    return form
