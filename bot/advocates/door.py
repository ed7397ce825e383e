"""The advocates' door: pages behind a link and a code, for their own young people and nobody else's.

What a page shows is asked anew each time: a permission that was narrowed or taken back holds on the next click.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import clocks
from bot.advocates import lodging, offering, sharing
from bot.advocates.forms import AddForm, AnswerForm, CodeForm, LodgeForm
from bot.advocates.links import read_link
from bot.cases import advocacy, authority, casework, conversations, events
from bot.cases.tables import AdvocateDoor, Authority
from bot.errors import InvalidStep, NotAllowed, NotFound
from bot.service import Service
from bot.web_security import limiter

blueprint = Blueprint("advocates", __name__, url_prefix="/advocate")

INSIDE = "advocate"
STAYS_OPEN = timedelta(hours=1)
PUBLIC = frozenset({"advocates.knock"})
# Codes are counted in the store as well; this is a brake on scripts, for all links together.
KNOCKS = "20 per minute; 100 per hour"
POSTS = "30 per minute; 300 per hour"

View = Callable[..., ResponseReturnValue]


def service() -> Service:
    """The service this application was made with."""
    return cast("Service", current_app.extensions["speakup"])


def now() -> datetime:
    """The moment of this request."""
    return datetime.now(UTC)


def door() -> AdvocateDoor:
    """The door somebody came in by.

    Raises:
        NotAllowed: nobody is in.
    """
    inside = g.get("door")
    if inside is None:
        raise NotAllowed("Open this page by the link in our message and your code.")
    return cast("AdvocateDoor", inside)


@blueprint.before_request
def let_in() -> ResponseReturnValue | None:
    """Refuse every page but the one that asks for the code to everybody who did not come in by a door."""
    g.door = _came_in()
    if g.door is None and request.endpoint not in PUBLIC:
        return render_template("advocates/outside.html", state="outside"), 403
    return None


def _came_in() -> AdvocateDoor | None:
    kept = session.get(INSIDE)
    if not isinstance(kept, dict) or now() - datetime.fromisoformat(kept["at"]) > STAYS_OPEN:
        return None
    with service().database.read() as reading:
        found = reading.get(AdvocateDoor, kept["door"])
        if found is None or authority.link_state(found, kept["link"], now()) != "works":
            return None
        return found


def seen(subject: str, subject_id: str) -> None:
    """Put a view into the event log before the page leaves: what is not logged is not shown."""
    with service().database.write() as writing:
        events.record(writing, by=door().id, kind="viewed", subject=subject, subject_id=subject_id, at=now())


# --- coming in and leaving -------------------------------------------------------------------------------------------


@blueprint.route("/door/<signed>", methods=["GET", "POST"])
@limiter.limit(KNOCKS, methods=["POST"])
def knock(signed: str) -> ResponseReturnValue:
    """Ask for the code that belongs to a link."""
    found = read_link(service().settings, signed)
    if found is None:
        return render_template("advocates/outside.html", state="unknown"), 404
    door_id, key = found
    with service().database.read() as reading:
        state = authority.link_state(reading.get(AdvocateDoor, door_id), authority.digest(key), now())
    if state != "works":
        return render_template("advocates/outside.html", state=state), 410
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("advocates/knock.html", form=form), 400 if form.errors else 200
    if not _opened(door_id, form.code.data or ""):
        form.code.errors = ["This code is not right. After five wrong codes the page is locked for 15 minutes."]
        return render_template("advocates/knock.html", form=form), 403
    session[INSIDE] = {"door": door_id, "link": authority.digest(key), "at": now().isoformat()}
    return redirect(url_for("advocates.young_people"), 303)


def _opened(door_id: str, code: str) -> bool:
    with service().database.write() as writing:
        return authority.enter(writing, authority.get_door(writing, door_id), code=code, now=now())


@blueprint.post("/leave")
def leave() -> ResponseReturnValue:
    """Go out; the link and the code open the page again."""
    session.pop(INSIDE, None)
    return render_template("advocates/outside.html", state="left")


# --- their young people ----------------------------------------------------------------------------------------------


@blueprint.get("/")
def young_people() -> ResponseReturnValue:
    """Everybody this advocate may know of, and who took their permission back."""
    seen("door", door().id)
    with service().database.read() as reading:
        held = authority.get_door(reading, door().id)
        shown = [_summary(reading, each) for each in held.authorities]
        return render_template("advocates/young_people.html", door=held, shown=shown)


def _summary(reading: Session, given: Authority) -> dict[str, Any]:
    if given.withdrawn_at is not None:
        return {"given": given, "name": None}
    return {"given": given, "name": _name(reading, given)}


def _name(reading: Session, given: Authority) -> str | None:
    """What the young person is called, where they agreed to have it told."""
    return sharing.name_of(reading, given) if "name" in given.scope else None


@blueprint.get("/young-people/<authority_id>")
def young_person(authority_id: str) -> ResponseReturnValue:
    """What this advocate may see of one young person."""
    return _young_person(authority_id, AnswerForm(formdata=None), AddForm(formdata=None))


def _young_person(authority_id: str, answering: AnswerForm, adding: AddForm, status: int = 200) -> ResponseReturnValue:
    with service().database.read() as reading:
        given = authority.at_door(reading, door(), authority_id)
        seen("authority", given.id)
        if given.case_id:
            seen("case", given.case_id)
        page = render_template(
            "advocates/young_person.html", given=given, answering=answering, adding=adding,
            **_shown(reading, given),
        )  # fmt: skip
    return page, status


def _shown(reading: Session, given: Authority) -> dict[str, Any]:
    """Everything the page may say, and nothing that was not agreed to; never what staff note among themselves."""
    referral, case = given.referral, given.case
    waiting = referral is not None and referral.state != "accepted"
    facts = sharing.shared_facts(reading, given, given.scope)
    about = facts.get("about")
    shown: dict[str, Any] = {
        "name": facts.get("name"),
        "waiting": waiting,
        "contact": facts.get("contact"),
        "about": service().council.category_name(about) if about else None,
        "words": facts.get("words"),
        "elements": case.elements if case and "words" in given.scope else [],
        **dict.fromkeys(("case", "stage")),
        **{each: [] for each in ("letters", "replies", "said")},
    }
    if waiting:
        return shown
    if case is not None and "progress" in given.scope:
        shown |= {"case": case, "stage": casework.present_stage(case)}
    shown |= {"letters": authority.letters_seen(given), "replies": authority.replies_seen(reading, given)}
    if given.thread_id:
        said = conversations.transcript(reading, given.thread_id)
        # What they lodged stands on the page already, as the complaint.
        shown["said"] = [each for each in said if case is None or each.text != case.statement]
    return shown


@blueprint.post("/young-people/<authority_id>/answer")
@limiter.limit(POSTS)
def answer(authority_id: str) -> ResponseReturnValue:
    """Take a referral on, turn it down, or say that the young person could not be reached."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _young_person(authority_id, form, AddForm(formdata=None), 400)
    try:
        with service().database.write() as writing:
            _conclude(writing, authority.at_door(writing, _fresh(writing), authority_id), form)
    except InvalidStep as error:
        form.form_errors.append(str(error))
        return _young_person(authority_id, form, AddForm(formdata=None), 409)
    flash("Thank you. Your answer is recorded.")
    return redirect(url_for("advocates.young_person", authority_id=authority_id), 303)


def _fresh(writing: Session) -> AdvocateDoor:
    return authority.get_door(writing, door().id)


def _conclude(writing: Session, given: Authority, form: AnswerForm) -> None:
    if given.referral is None:
        raise InvalidStep("There is nothing to answer here.")
    outcome, held = form.answer.data, given.door
    advocacy.conclude(writing, given.referral, outcome=outcome, by=held.id, now=now())
    if outcome == "accepted":
        authority.name_holder(writing, held, name=(form.name.data or "").strip(), now=now())
    offering.tell(
        writing, service(), given.referral.conversation, f"utter_advocate_{outcome}", now=now(),
        advocate=held.name or held.organisation,
    )  # fmt: skip


@blueprint.post("/young-people/<authority_id>/add")
@limiter.limit(POSTS)
def add(authority_id: str) -> ResponseReturnValue:
    """Add something to the complaint."""
    form = AddForm()
    if not form.validate_on_submit():
        return _young_person(authority_id, AnswerForm(formdata=None), form, 400)
    with service().database.write() as writing:
        given = authority.at_door(writing, _fresh(writing), authority_id)
        if given.referral is not None and given.referral.state != "accepted":
            raise InvalidStep("Say first that you will be this young person's advocate.")
        danger = lodging.add(
            writing, given, (form.text.data or "").strip(), message_id=form.message_id.data or "", now=now()
        )
    _say_kept(danger, "Thank you. The complaints team will read what you added.")
    return redirect(url_for("advocates.young_person", authority_id=authority_id), 303)


def _say_kept(danger: str, done: str) -> None:
    flash(done)
    if danger != "none":
        flash(
            "What you wrote shows a worry about somebody's safety. We have passed it on at once. If somebody is in"
            " danger now, call 999.",
            "danger",
        )


@blueprint.route("/lodge", methods=["GET", "POST"])
@limiter.limit(POSTS, methods=["POST"])
def lodge() -> ResponseReturnValue:
    """Make a complaint for a young person."""
    form = LodgeForm()
    if not door().name:
        raise NotFound("Take a referral on first, or ask the complaints team for a page in your name.")
    if not form.validate_on_submit():
        return render_template("advocates/lodge.html", form=form, door=door()), 400 if form.errors else 200
    with service().database.write() as writing:
        lodged = lodging.lodge(
            writing, service(), _fresh(writing), form.told(), message_id=form.message_id.data or "", now=now()
        )
    _say_kept(lodged.danger, f"The complaint is with the complaints team. Its reference is {lodged.reference}.")
    return redirect(url_for("advocates.young_person", authority_id=lodged.authority_id), 303)


@blueprint.context_processor
def _dates() -> dict[str, Any]:
    return {"today": clocks.local_day(now()), "inside": g.get("door")}
