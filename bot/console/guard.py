"""The door of the console: who is asking, what the page needs, and what every page shows.

A page is reachable only if it was put up by `page` with the permission it needs. The sign-in page alone is public.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import clocks
from bot.cases import alerts, events, lookup, staff
from bot.cases.tables import Staff
from bot.console import access, labels
from bot.console.deadlines import minutes_waiting
from bot.console.forms import SignInForm
from bot.errors import InvalidStep, NotAllowed, NotFound
from bot.service import Service

COOKIE = "speakup_staff"
PUBLIC = frozenset({"console.sign_in"})
# What somebody who must still choose a password of their own can reach.
BEFORE_NEW_PASSWORD = frozenset({"console.change_password", "console.sign_out"})

blueprint = Blueprint("console", __name__, url_prefix="/casework")
# The fields that hold long texts, which nobody should have to write twice.
TYPED = ("reasons", "text")
NEEDS: dict[str, access.Permission] = {}
WRITTEN = (
    labels.label, labels.day, labels.moment, labels.clock_time, labels.waited, labels.standing, labels.colour,
    labels.noticed, minutes_waiting,
)  # fmt: skip
for way in WRITTEN:
    blueprint.add_app_template_filter(way)

View = Callable[..., ResponseReturnValue]


def page(rule: str, *, needs: access.Permission, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Put up a page at an address, for those who have a permission."""

    def put_up(view: View) -> View:
        blueprint.add_url_rule(rule, view_func=view, methods=list(methods))
        NEEDS[f"{blueprint.name}.{view.__name__}"] = needs
        return view

    return put_up


def service() -> Service:
    """The service this application was made with."""
    return cast("Service", current_app.extensions["speakup"])


def now() -> datetime:
    """The moment of this request."""
    return datetime.now(UTC)


def me() -> Staff:
    """Who is signed in.

    Raises:
        NotAllowed: nobody is.
    """
    member = g.get("staff")
    if member is None:
        raise NotAllowed("Sign in first.")
    return cast("Staff", member)


def seen(subject: str, subject_id: str) -> None:
    """Put a view into the event log, before the page leaves: what is not logged is not shown."""
    with service().database.write() as session:
        events.record(session, by=me().id, kind="viewed", subject=subject, subject_id=subject_id, at=now())


@blueprint.before_request
def let_in() -> ResponseReturnValue | None:
    """Refuse every page to everybody, but those whom the table lets in."""
    g.staff = _signed_in()
    if request.endpoint in PUBLIC:
        return None
    if g.staff is None:
        return _ask_to_sign_in()
    if g.staff.must_change_password and request.endpoint not in BEFORE_NEW_PASSWORD:
        return redirect(url_for("console.change_password"), 303)
    needed = NEEDS.get(request.endpoint or "")
    if needed is None:
        raise NotAllowed("Nobody has been given this page.")
    access.check_can(g.staff.role, needed)
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page; what was typed into a form by somebody whose session had run out is given back."""
    if request.method != "POST":
        return redirect(url_for("console.sign_in", next=request.full_path.removesuffix("?")), 303)
    methods = (request.url_rule.methods if request.url_rule else None) or set()
    wanted = request.path if "GET" in methods else request.path.rpartition("/")[0]
    typed = [request.form[name] for name in TYPED if request.form.get(name)]
    form = SignInForm(formdata=None, next=wanted)
    return render_template("console/sign_in.html", form=form, next=wanted, typed=typed), 401


def _signed_in() -> Staff | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    with service().database.write() as session:
        return staff.of_token(session, token, now=now())


@blueprint.context_processor
def on_every_page() -> dict[str, Any]:
    """Who is signed in, what they may do, how much waits, and what must not be overlooked."""
    member = g.get("staff")
    if member is None or member.must_change_password:
        return {"member": member}
    with service().database.read() as session:
        waiting, not_told = lookup.counts(session, today=clocks.local_day(now())), alerts.faults(session)
    return {
        "member": member,
        "can": lambda permission: access.can(member.role, permission),
        "waiting": waiting,
        "not_told": not_told,
    }


@blueprint.errorhandler(NotFound)
def not_found(error: NotFound) -> ResponseReturnValue:
    """There is no such record."""
    return _refusal("We could not find that", error, 404)


@blueprint.errorhandler(NotAllowed)
def not_allowed(error: NotAllowed) -> ResponseReturnValue:
    """The role does not reach so far."""
    return _refusal("You cannot do this", error, 403)


@blueprint.errorhandler(InvalidStep)
def invalid_step(error: InvalidStep) -> ResponseReturnValue:
    """The record has moved on, and no form was there to say it on."""
    return _refusal("This was not done", error, 409)


def _refusal(title: str, error: Exception, status: int) -> ResponseReturnValue:
    return render_template("console/refusal.html", title=title, reason=str(error)), status
