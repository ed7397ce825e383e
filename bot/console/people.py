"""Staff users: who may sign in, for managers."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.cases import staff
from bot.console import access
from bot.console.forms import ConfirmForm, NewStaffForm
from bot.console.guard import me, now, page, seen, service
from bot.errors import InvalidStep


@page("/staff", needs="manage_staff")
def staff_users() -> ResponseReturnValue:
    """Everybody who may sign in, or once could."""
    seen("list", "staff")
    with service().database.read() as session:
        return render_template(
            "console/staff.html", everyone=staff.everyone(session), can_deactivate=access.can_deactivate, now=now()
        )


@page("/staff/add", needs="manage_staff", methods=("GET", "POST"))
def add_staff() -> ResponseReturnValue:
    """Add somebody; their first password is shown once."""
    seen("list", "staff")
    form = NewStaffForm()
    if form.validate_on_submit():
        try:
            with service().database.write() as session:
                added, first = staff.create_user(
                    session, email=form.email.data or "", name=(form.name.data or "").strip(), role=form.role.data,
                    now=now(), by=me().id,
                )  # fmt: skip
            return render_template("console/first_password.html", added=added, first=first)
        except InvalidStep as error:
            form.email.errors = [str(error)]
    return render_template("console/add_staff.html", form=form), 400 if form.errors else 200


@page("/staff/<staff_id>/deactivate", needs="manage_staff", methods=("GET", "POST"))
def deactivate_staff(staff_id: str) -> ResponseReturnValue:
    """End somebody's account, after asking once more."""
    form = ConfirmForm()
    with service().database.read() as session:
        member = staff.get(session, staff_id)
    seen("staff", member.id)
    access.check_can_deactivate(member, by=me())
    if form.validate_on_submit():
        try:
            with service().database.write() as session:
                staff.deactivate(session, staff.get(session, staff_id), by=me().id, now=now())
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash(f"{member.name} can no longer sign in.")
            return redirect(url_for("console.staff_users"), 303)
    return render_template("console/deactivate_staff.html", form=form, other=member), 409 if form.errors else 200


@page("/staff/<staff_id>/new-password", needs="manage_staff", methods=("GET", "POST"))
def new_password(staff_id: str) -> ResponseReturnValue:
    """A new first password, for somebody who forgot theirs or comes back; it is shown once."""
    form = ConfirmForm()
    with service().database.read() as session:
        member = staff.get(session, staff_id)
    seen("staff", member.id)
    if member.id == me().id:
        raise InvalidStep("Change your own password under your name at the top of the page.")
    if not form.validate_on_submit():
        return render_template("console/new_password.html", form=form, other=member), 400 if form.errors else 200
    with service().database.write() as session:
        first = staff.give_new_password(session, staff.get(session, staff_id), by=me().id, now=now())
    return render_template("console/first_password.html", added=member, first=first)
