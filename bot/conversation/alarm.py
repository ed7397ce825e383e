"""Telling people of a worry until a named person acknowledges it: by text, e-mail and webhook, beside the banner.

Nothing here waits in a queue's timer. What is due follows from the worry and the profile (`bot.escalation`); the sweep
looks, and owes what is due and not owed yet, so a process that is killed is simply followed by one that looks again. An
alert says that there is something to read and where, never what was written or by whom.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session
from twilio.rest import Client

from bot import clocks
from bot.cases import alerts, jobs, safeguarding
from bot.cases.alerts import NOBODY, Telling, Waiting
from bot.cases.tables import Alert, Job, Referral
from bot.conversation import spool
from bot.conversation.inbox import Received
from bot.conversation.routes import NotTold, routes_to, send
from bot.council import COPIED, AlertStep
from bot.escalation import Round, due_rounds
from bot.service import Service
from bot.staff_words import staff_words

logger = logging.getLogger(__name__)

WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


# --- what is due -----------------------------------------------------------------------------------------------------


def owe_due(service: Service, *, now: datetime) -> bool:
    """The sweep: owe whatever should have been told by now of a worry that nobody has acknowledged.

    Returns:
        Whether there was anything to owe.
    """
    with service.database.read() as session:
        due = [each for referral in alerts.waiting(session) for each in _tellings(service, referral, now)]
        missing = alerts.not_owed_yet(session, due)
    if missing:
        with service.database.write() as session:
            alerts.owe(session, missing, now=now)
    return bool(missing)


def _tellings(service: Service, referral: Waiting, now: datetime) -> Iterator[Telling]:
    for each in due_rounds(service.council, referral.level, referral.raised_at, now):
        routes = routes_to(service.settings, each.step, referral.level)
        # A concern that no e-mail can tell of has the queue, and the team has the banner; whoever must be told of a
        # danger and cannot be is seen as a failure.
        must_be_told = referral.level == "immediate" and each.step.key != COPIED
        for route in routes or ((NOBODY,) if must_be_told else ()):
            yield Telling(referral.id, each.step.key, each.step.name, each.number, route)


# --- sending it ------------------------------------------------------------------------------------------------------


def send_next(service: Service, client: Client | None) -> bool:
    """Send the next alert that is owed; False when none is due.

    Args:
        client: Twilio's, where texting is set up.
    """
    now = datetime.now(UTC)
    with service.database.write() as session:
        job = jobs.claim(session, kinds=("alert",), now=now)
        if job is None:
            return False
        alert = alerts.get(session, job.subject_id or "")
        if not alerts.is_needed(session, alert):
            alerts.drop(alert)
            jobs.finish(job)
            return True
        referral = session.get_one(Referral, alert.referral_id)
        step, route = _step(service, alert, now), alert.route
        words = _words(service, referral, alert, now)
    # No transaction is open while the provider is asked.
    try:
        provider_id = send(service, client, step, route, words) if step else None
        fault = None if step else "not_set_up"
    except NotTold as error:
        provider_id, fault = None, error.fault
    with service.database.write() as session:
        if (current := jobs.held(session, job)) is not None:
            _conclude(session, current, provider_id=provider_id, fault=fault)
    return True


def _step(service: Service, alert: Alert, now: datetime) -> AlertStep | None:
    """Whom the profile names now for this step: an alert that is tried again goes to the present number."""
    hours = (*service.council.alerted(now), *service.council.alerted(alert.owed_at))
    return next((step for step in hours if step.key == alert.step), None)


def _words(service: Service, referral: Referral, alert: Alert, now: datetime) -> dict[str, str]:
    level = referral.level
    if level == "immediate" and (now - referral.raised_at) >= timedelta(minutes=1):
        level = "immediate_again"
    elif level == "concern" and alert.round > 0:
        level = "concern_late"
    minutes = int((now - referral.raised_at).total_seconds() // 60)
    url = f"{service.settings.public_url}/casework/referrals/{referral.id}"
    return staff_words("alert", level=level, url=url, minutes=str(minutes))


def _conclude(session: Session, job: Job, *, provider_id: str | None, fault: str | None) -> None:
    now = datetime.now(UTC)
    alert = alerts.get(session, job.subject_id or "", to_change=True)
    if fault is None:
        alerts.note_sent(session, alert, now=now, provider_id=provider_id)
        jobs.finish(job)
        return
    logger.warning("alert failed step=%s route=%s fault=%s tries=%s", alert.step, alert.route, fault, job.attempts)
    alerts.note_failed(session, alert, fault=fault, now=now)
    jobs.try_again(job, waits=WAITS, now=now, error=fault)


# --- while the store is away -----------------------------------------------------------------------------------------


def raise_for_spooled(service: Service, client: Client | None) -> None:
    """With the store away, tell people that a message which shows danger came; its words stay in the spool.

    Nobody can acknowledge meanwhile, so it is repeated and goes up as the profile says. What was told is noted beside
    the message and kept with its referral once the store is back.
    """
    now = datetime.now(UTC)
    for path in spool.dangers(service.settings.home):
        came_at, told = spool.read(path).received_at, spool.told(path)
        came = f"{came_at.astimezone(clocks.ENGLAND):%H:%M}"
        words = staff_words("alert", level="away", came=came, url=f"{service.settings.public_url}/casework/referrals")
        for each in due_rounds(service.council, "immediate", came_at, now):
            for route in routes_to(service.settings, each.step, "immediate"):
                if _is_to_tell(told, each, route, now):
                    spool.note_told(path, _tell(service, client, each, route, words))


def _is_to_tell(told: list[dict[str, Any]], each: Round, route: str, now: datetime) -> bool:
    """Whether this telling has not been tried yet, or has failed so long ago that it is tried again."""
    wanted = (each.step.key, each.number, route)
    tries = [entry for entry in told if (entry["step"], entry["round"], entry["route"]) == wanted]
    if not tries:
        return True
    last = tries[-1]
    wait = WAITS[min(len(tries), len(WAITS)) - 1]
    return "fault" in last and now - datetime.fromisoformat(last["at"]) >= wait


def _tell(service: Service, client: Client | None, each: Round, route: str, words: dict[str, str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"step": each.step.key, "who": each.step.name, "round": each.number, "route": route}
    try:
        send(service, client, each.step, route, words)
    except NotTold as error:
        logger.warning("alert failed, store away step=%s route=%s fault=%s", each.step.key, route, error.fault)
        entry["fault"] = error.fault
    return entry | {"at": datetime.now(UTC).isoformat()}


def keep_what_was_told(service: Service, received: Received, told: list[dict[str, Any]]) -> None:
    """The store is back and the message is kept: what was told of it meanwhile belongs to its referral."""
    with service.database.write() as session:
        referral = safeguarding.of_message(session, received.conversation_id, received.number)
        if referral is not None:
            alerts.note_told_while_away(session, referral.id, told)
