"""Advocates: referrals under way with their timers, offers that could not be written safely, and doors given out."""

from collections.abc import Callable
from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, Field, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from bot.advocates import offering, referring, sharing
from bot.advocates.links import link_of
from bot.cases import advocacy, authority, casework, events, lookup, staff
from bot.cases.tables import AdvocacyReferral, AdvocateDoor
from bot.console import labels
from bot.console.forms import ConfirmForm, StaffForm
from bot.console.guard import me, now, page, seen, service
from bot.errors import InvalidStep, NotFound

LINK_DAYS = 90  # where the profile has no referrals and says nothing


class ProviderAnswerForm(StaffForm):
    """What the provider told a member of staff."""

    outcome = RadioField(
        "What did the provider say?",
        [DataRequired("Choose what the provider said.")],
        choices=labels.choices("advocacy_outcome"),
    )
    name = StringField("The advocate's name", [Length(max=120)])

    def validate_name(self, field: Field) -> None:
        """The young person is told who comes."""
        if self.outcome.data == "accepted" and not (field.data or "").strip():
            raise ValidationError("Enter the advocate's name: the young person is told it.")


class DoorForm(StaffForm):
    """A page for an advocate, and if they help with a complaint already, what they may see of it."""

    name = StringField("The advocate's name", [DataRequired("Enter their name."), Length(max=120)])
    organisation = StringField("Their organisation", [DataRequired("Enter their organisation."), Length(max=120)])
    kind = RadioField("What they are", [DataRequired("Choose one.")], choices=labels.choices("door_kind"))
    reference = StringField("Reference of a complaint they help with", [Length(max=20)])
    scope = SelectMultipleField("What may they see of it?", choices=labels.choices("share"))
    agreed = BooleanField("The young person told us that they agree")

    def validate_agreed(self, field: Field) -> None:
        """Nothing is shown to an advocate without the young person's word (R8)."""
        if (self.reference.data or "").strip() and not field.data:
            raise ValidationError("Ask the young person first, or leave the reference empty.")


def _typed(field: Field) -> str:
    return (field.data or "").strip()


@page("/advocacy", needs="read_cases")
def advocates() -> ResponseReturnValue:
    """Referrals under way, offers left undone, and doors."""
    seen("list", "advocacy")
    with service().database.read() as session:
        running, ended = advocacy.queue(session)
        owed = list(offering.owed_offers(session, service(), now=now()))
        return render_template(
            "console/advocacy.html", running=running, ended=ended[:50], doors=authority.doors(session), now=now(),
            route=referring.route(service()), names=_names(session), form=ConfirmForm(formdata=None),
            unsafe=[each for each in owed if offering.words_for(session, service(), each) is None],
        )  # fmt: skip


def _names(session: Session) -> dict[str, str]:
    return staff.names(session) | authority.names(session)


@page("/advocacy/referrals/<referral_id>", needs="read_cases")
def show_advocacy_referral(referral_id: str) -> ResponseReturnValue:
    """One referral: what was agreed, how far it is, and what became of it."""
    return _referral_page(referral_id, ProviderAnswerForm(formdata=None))


def _referral_page(referral_id: str, form: ProviderAnswerForm) -> str:
    with service().database.read() as session:
        referral = advocacy.get(session, referral_id)
        seen("advocacy", referral.id)
        return render_template(
            "console/advocacy_referral.html", referral=referral, form=form, names=_names(session), now=now(),
            shared=sharing.shared_facts(session, referral, referral.share),
            answerable=referral.state in advocacy.ANSWERABLE, quiet=int(referring.QUIET.total_seconds() // 60),
            history=events.history(session, subject="advocacy", subject_id=referral.id),
        )  # fmt: skip


@page("/advocacy/referrals/<referral_id>/answer", needs="work_cases", methods=("POST",))
def record_provider_answer(referral_id: str) -> ResponseReturnValue:
    """What the provider said by telephone."""
    form = ProviderAnswerForm()
    if form.validate():
        try:
            with service().database.write() as session:
                _record(session, advocacy.get(session, referral_id), form)
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash("The answer is recorded.")
            return redirect(url_for("console.show_advocacy_referral", referral_id=referral_id), 303)
    return _referral_page(referral_id, form), 409 if form.form_errors else 400


def _record(session: Session, referral: AdvocacyReferral, form: ProviderAnswerForm) -> None:
    outcome = form.outcome.data
    advocacy.conclude(session, referral, outcome=outcome, by=me().id, now=now())
    offering.tell(
        session, service(), referral.conversation, f"utter_advocate_{outcome}", now=now(),
        advocate=_typed(form.name),
    )  # fmt: skip


@page("/advocacy/doors/new", needs="work_cases", methods=("GET", "POST"))
def give_door() -> ResponseReturnValue:
    """Give an advocate a page of their own; its link and code are shown once."""
    seen("list", "doors")
    form = DoorForm()
    if form.validate_on_submit():
        try:
            with service().database.write() as session:
                made = _made(session, form)
                return _shown_once(made[0], link=made[1], code=made[2])
        except (InvalidStep, NotFound) as error:
            form.form_errors.append(str(error))
    status = 409 if form.form_errors else 400 if form.errors else 200
    return render_template("console/give_door.html", form=form), status


def _made(session: Session, form: DoorForm) -> tuple[AdvocateDoor, str, str]:
    door, key = authority.make_door(
        session, organisation=_typed(form.organisation), kind=form.kind.data, name=_typed(form.name),
        by=me().id, now=now(), open_for=_open_for(),
    )  # fmt: skip
    reference = _typed(form.reference)
    if reference:
        case = casework.get(session, reference)
        authority.give(
            session, door, scope=form.scope.data or [], case=case, conversation=lookup.conversation_of(session, case),
            by=me().id, now=now(),
        )  # fmt: skip
    return door, link_of(service().settings, door.id, key), authority.new_code(session, door, by=me().id, now=now())


def _open_for() -> timedelta:
    how = service().council.advocacy.referrals
    return timedelta(days=how.link_days if how else LINK_DAYS)


@page("/advocacy/doors/<door_id>/code", needs="work_cases", methods=("POST",))
def give_code(door_id: str) -> ResponseReturnValue:
    """A new code for a door, shown once: to be told to the advocate apart from the link."""

    def take(session: Session, door: AdvocateDoor) -> ResponseReturnValue:
        return _shown_once(door, code=authority.new_code(session, door, by=me().id, now=now()))

    return _door_step(door_id, take)


@page("/advocacy/doors/<door_id>/link", needs="work_cases", methods=("POST",))
def give_link(door_id: str) -> ResponseReturnValue:
    """A new link for a door, shown once; the old one stops working."""

    def take(session: Session, door: AdvocateDoor) -> ResponseReturnValue:
        key = authority.renew_link(session, door, by=me().id, now=now(), open_for=_open_for())
        return _shown_once(door, link=link_of(service().settings, door.id, key))

    return _door_step(door_id, take)


@page("/advocacy/doors/<door_id>/close", needs="work_cases", methods=("POST",))
def close_door(door_id: str) -> ResponseReturnValue:
    """Close a door for good."""

    def take(session: Session, door: AdvocateDoor) -> ResponseReturnValue:
        authority.close_door(session, door, by=me().id, now=now())
        flash("The door is closed.")
        return redirect(url_for("console.advocates"), 303)

    return _door_step(door_id, take)


def _door_step(door_id: str, take: Callable[[Session, AdvocateDoor], ResponseReturnValue]) -> ResponseReturnValue:
    with service().database.write() as session:
        return take(session, authority.get_door(session, door_id))


def _shown_once(door: AdvocateDoor, *, link: str | None = None, code: str | None = None) -> ResponseReturnValue:
    return render_template("console/door_secrets.html", door=door, link=link, code=code)
