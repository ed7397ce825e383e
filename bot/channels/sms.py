"""Texts from Twilio: the signature checked, the message kept, Twilio answered at once."""

import logging
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from bot.cases import alerts, conversations
from bot.conversation import inbox
from bot.conversation.commands import Order
from bot.conversation.inbox import InboundMessage, StoreAway
from bot.conversation.outbox import plain
from bot.service import Service

logger = logging.getLogger(__name__)
blueprint = Blueprint("sms", __name__, url_prefix="/sms")

EMPTY_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
# Twilio's OptOutType: a word it has already obeyed and answered itself (Advanced Opt-Out).
CARRIER_ORDERS: dict[str, Order] = {"STOP": "opt_out", "START": "opt_in", "HELP": "help"}
# Twilio's words for how far a text has come, in ours.
DELIVERY = {"queued": "queued", "accepted": "queued", "sending": "queued", "sent": "sent", "delivered": "delivered"}
DELIVERY |= {"read": "delivered", "undelivered": "failed", "failed": "failed", "canceled": "failed"}


@blueprint.before_request
def only_twilio() -> tuple[str, int] | None:
    """Guard of both routes: Twilio signs the public address and the form; anything else goes no further."""
    settings = _service().settings
    if not settings.sms_on:
        return "Texting is not set up here.", 503
    address = settings.public_url + request.full_path.rstrip("?")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(settings.twilio_auth_token).validate(address, request.form, signature):
        logger.warning("sms refused reason=signature")
        return "The signature is missing or wrong.", 403
    return None


@blueprint.post("/inbound")
def inbound() -> Response | tuple[str, int]:
    """Keep one text and answer with nothing: what there is to say is sent by the outbox."""
    number, sid = request.form.get("From", ""), request.form.get("MessageSid", "")
    if not number or not sid:
        return "A text has a From and a MessageSid; one of them is missing.", 400
    message = InboundMessage(
        channel="sms",
        provider_id=sid,
        text=request.form.get("Body", ""),
        received_at=datetime.now(UTC),
        phone=number,
        pictures=_count(request.form.get("NumMedia", "0")),
        carrier_order=CARRIER_ORDERS.get(request.form.get("OptOutType", "").upper()),
    )
    try:
        inbox.receive(_service(), message)
    except StoreAway as away:
        logger.error("store away, a text was spooled")  # noqa: TRY400 -- a traceback could quote words
        return Response(_said_at_once(away), mimetype="text/xml")
    return Response(EMPTY_ANSWER, mimetype="text/xml")


def _said_at_once(away: StoreAway) -> str:
    """What can be said without the store, in the answer to Twilio itself: the outbox needs the store."""
    answer = MessagingResponse()
    for reply in away.replies:
        answer.message(plain(reply.text))
    return str(answer)


@blueprint.post("/status")
def status() -> tuple[str, int]:
    """Note how far one of our texts has come."""
    state = DELIVERY.get(request.form.get("MessageStatus", ""))
    sid = request.form.get("MessageSid", "")
    if state is None or not sid:
        return "A report has a MessageSid and a known MessageStatus.", 400
    service = _service()
    with service.database.write() as session:
        if alerts.set_delivery(session, sid, state, now=datetime.now(UTC)) is None:
            conversations.set_delivery(
                session, sid, state, carrier_stop=request.form.get("ErrorCode") == "21610", now=datetime.now(UTC)
            )
    return "", 204


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _service() -> Service:
    service: Service = current_app.extensions["speakup"]
    return service
