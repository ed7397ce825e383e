"""Worries about somebody's safety: the queue, and the page of each."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import clocks, escalation
from bot.cases import alerts, events, lookup, safeguarding, staff
from bot.cases.tables import Case, Referral
from bot.console.forms import ConfirmForm, PassOnForm, ReferralOutcomeForm, StaffForm
from bot.console.guard import me, now, page, seen, service
from bot.conversation import crisis
from bot.errors import InvalidStep

# What the table of alerts shows already, with more.
TOLD_ABOVE = ("alerted", "alert_failed")


@page("/referrals", needs="read_cases")
def referral_queue() -> ResponseReturnValue:
    """Unacknowledged first, then immediate before concern, then the oldest."""
    seen("list", "referrals")
    with service().database.read() as session:
        return render_template(
            "console/referrals.html",
            unfinished=lookup.referral_queue(session),
            finished=lookup.finished_referrals(session),
            names=staff.names(session),
            now=now(),
            due=_due,
        )


@page("/referrals/<referral_id>", needs="read_cases")
def show_referral(referral_id: str) -> ResponseReturnValue:
    """One worry, with the person's own words."""
    return _page(referral_id)


@page("/referrals/<referral_id>/acknowledge", needs="handle_referrals", methods=("POST",))
def acknowledge_referral(referral_id: str) -> ResponseReturnValue:
    """I have it."""

    def take(session: Session) -> None:
        taken = safeguarding.acknowledge(session, referral_id, by=me().id, now=now())
        crisis.tell_seen(service(), session, taken, now=now())

    return _act(referral_id, "acknowledging", ConfirmForm(), take, "You have acknowledged this referral.")


@page("/referrals/<referral_id>/pass-on", needs="handle_referrals", methods=("POST",))
def pass_referral_on(referral_id: str) -> ResponseReturnValue:
    """It was given to the front door."""
    form = PassOnForm()

    def take(session: Session) -> None:
        at = now()
        taken = safeguarding.pass_on(session, referral_id, to=(form.to.data or "").strip(), by=me().id, now=at)
        if taken.acknowledged_at == at:  # else the person was told when somebody acknowledged it
            crisis.tell_seen(service(), session, taken, now=at)

    return _act(referral_id, "passing_on", form, take, "It is recorded that you passed this referral on.")


@page("/referrals/<referral_id>/outcome", needs="handle_referrals", methods=("POST",))
def record_referral_outcome(referral_id: str) -> ResponseReturnValue:
    """What the front door answered."""
    form = ReferralOutcomeForm()

    def take(session: Session) -> None:
        safeguarding.record_outcome(session, referral_id, outcome=form.outcome.data, by=me().id, now=now())

    return _act(referral_id, "answering", form, take, "The outcome is recorded.")


@page("/alerts", needs="handle_referrals")
def alert_faults() -> ResponseReturnValue:
    """Whom the alerts do not reach, why, and what to do about it."""
    seen("list", "alert_faults")
    return _faults(ConfirmForm(formdata=None))


@page("/alerts/<alert_id>/seen-to", needs="handle_referrals", methods=("POST",))
def see_to_alert(alert_id: str) -> ResponseReturnValue:
    """I have seen to why it failed."""
    form = ConfirmForm()
    if form.validate():
        try:
            with service().database.write() as session:
                alerts.see_to(session, alert_id, by=me().id, now=now())
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash("It is recorded that you have seen to it.")
            return redirect(url_for("console.alert_faults"), 303)
    return _faults(form), 409 if form.form_errors else 400


def _faults(form: ConfirmForm) -> str:
    with service().database.read() as session:
        failed = alerts.faults(session)
        return render_template(
            "console/alert_faults.html",
            faults=failed,
            tried_next=alerts.being_tried_again(session, failed),
            form=form,
            errors=[form] if form.errors else [],
        )


def _due(referral: Referral) -> datetime:
    return escalation.due_at(service().council, referral.level, referral.raised_at)


def _act(
    referral_id: str, name: str, form: StaffForm, take: Callable[[Session], None], done: str
) -> ResponseReturnValue:
    """Take a step with a referral, or show its page again with what was typed and what is wrong."""
    if form.validate():
        try:
            with service().database.write() as session:
                take(session)
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash(done)
            return redirect(url_for("console.show_referral", referral_id=referral_id), 303)
    return _page(referral_id, {name: form}), 409 if form.form_errors else 400


def _page(referral_id: str, sent: dict[str, StaffForm] | None = None) -> str:
    with service().database.read() as session:
        referral = safeguarding.get(session, referral_id)
        seen("referral", referral.id)
        forms = {**_blank(), **(sent or {})}
        history = events.history(session, subject="referral", subject_id=referral.id)
        return render_template(
            "console/referral.html",
            referral=referral,
            case=session.get(Case, referral.case_id) if referral.case_id else referral.conversation.case,
            names=staff.names(session),
            history=[each for each in history if each.kind not in TOLD_ABOVE],
            since=lookup.said_since(session, referral),
            parked=lookup.draft_of(session, referral.conversation_id),
            now=now(),
            front_door_phone=service().council.front_door.told(clocks.local_day(now())),
            due=_due,
            errors=[form for form in (sent or {}).values() if form.errors],
            **forms,
        )


def _blank() -> dict[str, Any]:
    passing_on = PassOnForm(formdata=None)
    passing_on.offer(service().council)
    return {
        "acknowledging": ConfirmForm(formdata=None),
        "passing_on": passing_on,
        "answering": ReferralOutcomeForm(formdata=None),
    }
