"""Telling people of a danger: by text to the duty phone and by e-mail, beside the banner every officer sees.

An alert says that there is something to read and where, never what was written.
"""

import logging
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import phonenumbers
from requests import RequestException
from sqlalchemy.orm import Session
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot.cases import jobs, safeguarding
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Job
from bot.service import Service
from bot.staff_words import staff_words

logger = logging.getLogger(__name__)

WAITS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


def raise_next(service: Service, client: Client | None) -> bool:
    """Send the next alert that is due, by every route that is configured; False when none is due."""
    now = datetime.now(UTC)
    with service.database.write() as session:
        job = jobs.claim(session, kinds=("alert",), now=now)
        if job is None:
            return False
        referral = safeguarding.get(session, job.subject_id or "")
        level, done = referral.level, referral.acknowledged_at is not None
    failed, reached = ([], []) if done else _send(service, client, level)
    with service.database.write() as session:
        current = jobs.held(session, job)
        if current is not None:
            _conclude(session, current, failed=failed, reached=reached)
    return True


def _send(service: Service, client: Client | None, level: str) -> tuple[list[str], list[str]]:
    """Try every route; returns the routes that failed and those that worked."""
    words = staff_words("alert", level=level, url=f"{service.settings.public_url}/casework/referrals")
    routes: dict[str, Callable[[], None]] = {}
    # A concern is for the same working day: the e-mail and the queue are enough. Danger rings the duty phone.
    if client is not None and level == "immediate" and service.council.duty.phone:
        routes["text"] = lambda: _text(service, client, words["text"])
    if service.settings.smtp_url:
        routes["email"] = lambda: _email(service, words["subject"], words["text"])
    failed, reached = [], []
    for name, send in routes.items():
        try:
            send()
        except (TwilioException, RequestException, smtplib.SMTPException, OSError) as error:
            logger.warning("alert failed route=%s error=%s", name, type(error).__name__)
            failed.append(name)
        else:
            reached.append(name)
    return failed, reached


def _conclude(session: Session, job: Job, *, failed: list[str], reached: list[str]) -> None:
    now = datetime.now(UTC)
    record(
        session, by=ASSISTANT, kind="alerted", subject="referral", subject_id=job.subject_id or "", at=now,
        reached=reached, failed=failed,
    )  # fmt: skip
    if not failed:
        jobs.finish(job)
    elif job.attempts <= len(WAITS):
        jobs.put_off(job, now=now, wait=WAITS[job.attempts - 1], error=f"failed: {', '.join(failed)}")
    else:
        jobs.give_up(job, error=f"failed: {', '.join(failed)}")


def _text(service: Service, client: Client, text: str) -> None:
    number = phonenumbers.parse(service.council.duty.phone or "", "GB")
    to = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    client.messages.create(to=to, from_=service.settings.twilio_from, body=text)


def _email(service: Service, subject: str, text: str) -> None:
    to = [each for each in (service.council.duty.email, service.council.complaints_team.email) if each]
    address = urlsplit(service.settings.smtp_url)
    message = EmailMessage()
    message["Subject"], message["To"] = subject, ", ".join(to)
    message["From"] = service.council.complaints_team.email or "speak-up@localhost"
    message.set_content(text)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    with kind(address.hostname or "localhost", address.port or 0, timeout=10) as server:
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(message)
