"""The ways by which staff are told of a worry: a text to their phone, an e-mail, a post to the council's webhook."""

import smtplib

import httpx
from requests import RequestException
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from bot import mail
from bot.council import AlertStep, Contact
from bot.service import Service
from bot.settings import Settings
from bot.telephones import e164

TIMEOUT = 10  # seconds for each route; they are tried side by side, so none holds up another


class NotTold(Exception):
    """An alert did not get through.

    Args:
        fault: why, as a code of the section `alert_fault` of the console's labels.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


def routes_to(settings: Settings, contact: Contact, level: str) -> tuple[str, ...]:
    """By which routes this contact can be told: those that the profile names and the settings have set up.

    A concern is for the same working day: the e-mail and the queue are enough, and no phone rings in the night.

    Args:
        level: "immediate" or "concern".
    """
    there = {
        "text": settings.sms_on and contact.phone is not None and level == "immediate",
        "webhook": bool(settings.alert_webhook) and level == "immediate",
        "email": bool(settings.smtp_url) and contact.email is not None,
    }
    return tuple(route for route, is_there in there.items() if is_there)


def send(service: Service, client: Client | None, step: AlertStep, route: str, words: dict[str, str]) -> str | None:
    """Tell one step by one route; gives the provider's id of a text.

    Args:
        client: Twilio's, where texting is set up.
        route: text, email or webhook.
        words: `subject` and `text`.

    Raises:
        NotTold: it did not get through, or the route is no longer set up; says why.
    """
    if route not in routes_to(service.settings, step, "immediate") or (route == "text" and client is None):
        raise NotTold("not_set_up")
    try:
        if route == "text" and client is not None:
            return text_to(service, client, step.phone or "", words["text"])
        if route == "email":
            _email(service, step, words)
        else:
            _webhook(service, step, words)
    except _FAILURES as error:
        raise NotTold(_fault(error)) from error
    return None


def text_to(service: Service, client: Client, phone: str, text: str) -> str:
    """Text a number of the profile's; gives the provider's id.

    Raises:
        TwilioException: the provider refused it.
        RequestException: the provider could not be reached.
    """
    report = f"{service.settings.public_url}/sms/status"
    to, sender = e164(phone) or phone, service.settings.twilio_from
    return str(client.messages.create(to=to, from_=sender, body=text, status_callback=report).sid)


def _email(service: Service, step: AlertStep, words: dict[str, str]) -> None:
    mail.send(service, to=[step.email or ""], subject=words["subject"], text=words["text"], urgent=True)


def _webhook(service: Service, step: AlertStep, words: dict[str, str]) -> None:
    told = {"subject": words["subject"], "text": words["text"], "for": step.name}
    httpx.post(service.settings.alert_webhook, json=told, timeout=TIMEOUT).raise_for_status()


_FAILURES = (TwilioException, RequestException, httpx.HTTPError, smtplib.SMTPException, OSError)
# The first kind that fits says why.
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "login_refused"),
    (smtplib.SMTPRecipientsRefused, "address_refused"),
    (smtplib.SMTPServerDisconnected, "no_answer"),
    (smtplib.SMTPException, "refused"),
    (TwilioException, "refused"),
    (httpx.HTTPStatusError, "refused"),
    (httpx.TimeoutException, "no_answer"),
    (TimeoutError, "no_answer"),
)


def _fault(error: Exception) -> str:
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), "not_reached")
