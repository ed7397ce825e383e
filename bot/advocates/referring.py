"""Sending a referral to the advocacy provider: when it is ready, by the profile's route, chased once, then a person.

The e-mail says that there is a young person, and where to read of them. The webhook, which is encrypted and signed,
carries what the young person agreed to share, and nothing else.
"""

import hashlib
import hmac
import json
import logging
import smtplib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from requests import RequestException
from sqlalchemy.orm import Session
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot import clocks, mail
from bot.advocates.links import link_of
from bot.advocates.sharing import contact_of, shared_facts
from bot.advocates.words import words
from bot.cases import advocacy, authority, jobs
from bot.cases.events import ASSISTANT
from bot.cases.tables import AdvocacyReferral, Job
from bot.conversation.routes import text_to
from bot.council import AdvocacyReferrals
from bot.service import Service

logger = logging.getLogger(__name__)

# A young person who is still writing may be about to say how they can be reached.
QUIET = timedelta(minutes=30)
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
SIGNATURE, TIMESTAMP = "X-Speak-Up-Signature", "X-Speak-Up-Timestamp"
_FAULTS = (httpx.HTTPError, smtplib.SMTPException, TwilioException, RequestException, OSError)


def route(service: Service) -> AdvocacyReferrals | None:
    """How referrals go to the provider here; None where the complaints team has to ring, or a setting is missing."""
    how = service.council.advocacy.referrals
    if how is None:
        return None
    needed = service.settings.smtp_url if how.by == "email" else service.settings.advocacy_secret
    return how if needed else None


def owe_what_is_due(service: Service, *, now: datetime) -> None:
    """Owe the sending of what is ready and the chase of what nobody answered; what was chased goes to a person."""
    how = route(service)
    with service.database.write() as session:
        for each in advocacy.ready(session, quiet_since=now - QUIET):
            if how is None:
                advocacy.give_to_person(session, each, why="no_route", now=now)
            elif "contact" in each.share and not contact_of(session, each):
                advocacy.give_to_person(session, each, why="no_contact", now=now)
            else:
                advocacy.owe_sending(session, each, now=now)
        for each in advocacy.overdue(session, now=now):
            if how is None or each.chased_at is not None:
                advocacy.give_to_person(session, each, why="no_answer", now=now)
            else:
                advocacy.owe_sending(session, each, now=now)


@dataclass(frozen=True)
class Sending:
    """One message to the provider: the link and code in it open the door and are kept nowhere.

    Args:
        name: referral or chase.
        shared: what the young person agreed to have told.
    """

    name: str
    referral_id: str
    link: str
    code: str | None
    asked_at: datetime
    sent_at: datetime | None
    answer_by: datetime
    ends: datetime
    shared: dict[str, Any]


def send_next(service: Service, client: Client | None, *, now: datetime | None = None) -> bool:
    """Send the next referral that is owed; False when none is.

    Args:
        client: for texting the code, where texts are on.
        now: the present moment, if not the clock's.
    """
    now = now or datetime.now(UTC)
    with service.database.write() as session:
        job = jobs.claim(session, kinds=("advocate",), now=now)
        if job is None:
            return False
        sending = _prepared(session, service, advocacy.get(session, job.subject_id or ""), client, now)
    fault = None
    if sending is not None:
        try:
            _send(service, client, sending)
        except _FAULTS as error:
            logger.warning("referral not sent job=%s attempts=%s error=%s", job.id, job.attempts, type(error).__name__)
            fault = type(error).__name__
    _conclude(service, job, fault=fault, is_sent=sending is not None and fault is None, now=now)
    return True


def _prepared(
    session: Session, service: Service, referral: AdvocacyReferral, client: Client | None, now: datetime
) -> Sending | None:
    """Everything to be sent, with a new link and code; None if it is not to be sent any more."""
    how = route(service)
    if how is None or referral.state not in ("owed", "sent"):
        return None
    chasing = referral.state == "sent"
    key = _open_door(session, service, referral, how, now)
    given = authority.of_referral(session, referral)
    if given is None:
        return None
    code = authority.new_code(session, given.door, by=ASSISTANT, now=now) if _texts_code(how, client) else None
    return Sending(
        name="chase" if chasing else "referral",
        referral_id=referral.id,
        link=link_of(service.settings, given.door_id, key),
        code=code,
        asked_at=referral.asked_at,
        sent_at=referral.sent_at,
        answer_by=now + timedelta(hours=how.answer_hours),
        ends=given.door.expires_at,
        shared=shared_facts(session, referral, referral.share),
    )


def _open_door(
    session: Session, service: Service, referral: AdvocacyReferral, how: AdvocacyReferrals, now: datetime
) -> str:
    """The key of a new link to the door of a referral; the door is made when it is first sent."""
    open_for = timedelta(days=how.link_days)
    given = authority.of_referral(session, referral)
    if given is not None:
        return authority.renew_link(session, given.door, by=ASSISTANT, now=now, open_for=open_for)
    door, key = authority.make_door(
        session, organisation=service.council.advocacy.name, by=ASSISTANT, now=now, open_for=open_for
    )
    authority.give(
        session, door, scope=referral.share, referral=referral, conversation=referral.conversation,
        case=referral.case, now=now,
    )  # fmt: skip
    return key


def _texts_code(how: AdvocacyReferrals, client: Client | None) -> bool:
    # The webhook is authenticated by both sides, and the code goes along; with an e-mail it has to go another way.
    return how.by == "webhook" or (client is not None and how.code_phone is not None)


def _send(service: Service, client: Client | None, sending: Sending) -> None:
    how = service.council.advocacy.referrals
    if how is None:
        raise OSError("the profile has no route")
    if how.by == "webhook":
        post_signed(str(how.webhook), service.settings.advocacy_secret, _payload(service, sending))
        return
    _email(service, sending)
    if sending.code and client is not None and how.code_phone:
        text_to(service, client, how.code_phone, words()["code"].format(code=sending.code))


def _email(service: Service, sending: Sending) -> None:
    council, said = service.council, words()[sending.name]
    how = words()["code_by_text" if sending.code else "code_by_team"]
    facts = {
        "council": council.name,
        "provider": council.advocacy.name,
        "complaints_team": council.complaints_team.name,
        "link": sending.link,
        "answer_by": _spoken(sending.answer_by),
        "sent": _spoken(sending.sent_at or sending.asked_at),
        "ends": _spoken(sending.ends),
    }
    text = said["text"].format(**facts, code=how.format(**facts))
    mail.send(service, to=[council.advocacy.email or ""], subject=said["subject"], text=text)


def _spoken(moment: datetime) -> str:
    local = moment.astimezone(clocks.ENGLAND)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"


def _payload(service: Service, sending: Sending) -> dict[str, Any]:
    return {
        "kind": f"advocacy_{sending.name}",
        "referral": sending.referral_id,
        "council": service.council.name,
        "asked_at": sending.asked_at.isoformat(),
        "answer_by": sending.answer_by.isoformat(),
        "door": {"link": sending.link, "code": sending.code, "until": sending.ends.isoformat()},
        "shared": sending.shared,
    }


def post_signed(url: str, secret: str, payload: dict[str, Any]) -> None:
    """Post JSON with the moment and an HMAC-SHA256 of moment, full stop and body, so that the receiver can check both.

    Raises:
        httpx.HTTPError: it could not be delivered, or was not answered with 2xx. The error is raised anew, because
            the library's own can hold the request.
    """
    body = json.dumps(payload, ensure_ascii=False).encode()
    moment = str(int(datetime.now(UTC).timestamp()))
    headers = {"Content-Type": "application/json", TIMESTAMP: moment, SIGNATURE: signature(secret, moment, body)}
    try:
        httpx.post(url, content=body, headers=headers, timeout=10.0, follow_redirects=False).raise_for_status()
    except httpx.HTTPError as error:
        raise httpx.HTTPError(type(error).__name__) from None


def signature(secret: str, moment: str, body: bytes) -> str:
    """What the receiver compares: the hex HMAC-SHA256 of `moment.body` under the shared secret."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def _conclude(service: Service, job: Job, *, fault: str | None, is_sent: bool, now: datetime) -> None:
    with service.database.write() as session:
        current = jobs.held(session, job)
        if current is None:
            return
        referral = advocacy.get(session, job.subject_id or "")
        if fault is None:
            jobs.finish(current)
            how = service.council.advocacy.referrals
            if is_sent and how is not None and referral.state in ("owed", "sent"):
                within = timedelta(hours=how.answer_hours)
                advocacy.sent(session, referral, route=how.by, answer_within=within, now=now)
        elif not jobs.try_again(current, waits=WAITS, now=now, error=fault):
            advocacy.give_to_person(session, referral, why="failed", now=now)
