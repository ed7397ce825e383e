"""Texts that are owed: let out when safe, sent through Twilio, retried, and shown to a person when they fail."""

import logging
from datetime import UTC, datetime, timedelta

import smsutil
from requests import RequestException
from sqlalchemy.orm import Session
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.cases import conversations, jobs, returning
from bot.cases.tables import Conversation, Job, Message
from bot.conversation.doorstep import CODE_WORD
from bot.safe_texting import is_unasked, may_leave
from bot.service import Service
from bot.settings import Settings

logger = logging.getLogger(__name__)

OPTED_OUT = 21610  # Twilio's code: the person has told their carrier STOP
LONGEST_TEXT = 1600  # characters; Twilio refuses more
WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=45))
PLAIN_LETTERS = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{HORIZONTAL ELLIPSIS}": "...",
        "\N{NO-BREAK SPACE}": " ",
    }
)


class TwilioAt(TwilioHttpClient):  # type: ignore[misc]  # the package ships no types
    """Twilio's own HTTP client, sent to another address: the local stand-in, or a council's proxy."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=10)
        self._base = base.rstrip("/")

    def request(self, method, url, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN002, ANN003, ANN201 -- Twilio's own signature, passed on untouched
        return super().request(method, url.replace("https://api.twilio.com", self._base, 1), *args, **kwargs)


def twilio_client(settings: Settings) -> Client:
    """The real client, pointed where the settings say."""
    http = TwilioAt(settings.twilio_api_base) if settings.twilio_api_base else TwilioHttpClient(timeout=10)
    return Client(settings.twilio_account_sid, settings.twilio_auth_token, http_client=http)


def plain(text: str) -> str:
    """The text with typographic quotes and dashes made plain: one curly apostrophe halves what fits in a segment.

    Letters outside GSM-7 stay as they are, and the text is sent as UCS-2: a child's name is never sent as "?".
    """
    return text.translate(PLAIN_LETTERS)


def body_of(text: str, choices: list[dict[str, str]] | None) -> str:
    """A reply as one text: its words, then the choices as numbers to answer with."""
    numbered = [f"{number} {choice['label']}" for number, choice in enumerate(choices or [], 1)]
    return plain("\n".join([text, *numbered]))


def body_of_all(messages: list[Message]) -> str:
    """Replies that leave as one text; only the last may offer choices."""
    *before, last = messages
    return plain("\n".join([*(each.text for each in before), body_of(last.text, last.choices)]))


def segments(text: str) -> int:
    """How many segments a text takes."""
    return len(smsutil.split(text).parts)


def send_next(service: Service, client: Client) -> bool:
    """Send the next text that is due; False when none is."""
    now = datetime.now(UTC)
    with service.database.write() as session:
        job = jobs.claim(session, kinds=("text",), now=now)
        if job is None:
            return False
        message = conversations.message(session, job.message_id or "")
        if not _leaves(service, session, job, message, now):
            return True
        together = _together(service, session, message, now)
        body, to = body_of_all(together), message.conversation.phone
        ids = [each.id for each in together]
    # No transaction is open while the provider is asked.
    try:
        sent = client.messages.create(
            to=to,
            from_=service.settings.twilio_from,
            body=body,
            status_callback=f"{service.settings.public_url}/sms/status",
        )
    except TwilioRestException as error:
        _not_sent(service, job, code=error.code or 0, error=f"Twilio {error.code}")
    except (TwilioException, RequestException) as error:
        _not_sent(service, job, code=0, error=type(error).__name__)
    else:
        _sent(service, job, ids, provider_id=str(sent.sid), count=segments(body))
    return True


def _leaves(service: Service, session: Session, job: Job, message: Message, now: datetime) -> bool:
    """Whether this text is sent now; if not, what becomes of it is done: this is the one door of every text."""
    conversation = message.conversation
    if message.delivery != "queued" or conversation.phone is None:
        jobs.finish(job)
        return False
    line = returning.line_of(session, conversation, hours=service.council.texting.hours)
    first = is_unasked(message.response)
    leave = may_leave(line, response=message.response, kind=message.kind, first=first, now=now)
    if leave.how == "wait":
        jobs.defer(job, until=leave.until or now)
    elif leave.how != "send":
        _lay_aside(service, session, job, message, how=leave.how, now=now)
    return leave.how == "send"


def _together(service: Service, session: Session, message: Message, now: datetime) -> list[Message]:
    """A reply and those to the same message that can leave in one text with it and make it cheaper than apart.

    A code word ends a text, for that text is to be deleted; what is said to somebody in danger stands alone.
    """
    joined = [message]
    if message.reply_to is None:
        return joined
    line = returning.line_of(session, message.conversation, hours=service.council.texting.hours)
    for each in conversations.messages_after(session, message.conversation_id, message.number):
        apart = segments(body_of_all(joined)) + segments(body_of(each.text, each.choices))
        leaves = may_leave(line, response=each.response, kind=each.kind, first=False, now=now).how == "send"
        body = body_of_all([*joined, each])
        saves = segments(body) < apart and len(body) <= LONGEST_TEXT
        if not (leaves and saves and _goes_with(joined[-1], each)):
            break
        joined.append(each)
    return joined


def _goes_with(before: Message, each: Message) -> bool:
    of_one_turn = each.reply_to == before.reply_to and each.delivery == "queued"
    open_ended = not before.choices and before.response != CODE_WORD
    return of_one_turn and open_ended and "crisis" not in (before.kind, each.kind)


def _lay_aside(service: Service, session: Session, job: Job, message: Message, *, how: str, now: datetime) -> None:
    """The words wait for their person. A text says once that there is a message, where even that is safe."""
    jobs.finish(job)
    conversation = message.conversation
    message.delivery = "stopped" if how == "drop" else "held"
    if how == "hold":
        conversations.ask_for_person(session, conversation, reason="not_safe_to_text", now=now)
    if how == "nudge" and conversation.nudged_at is None:
        conversation.nudged_at = now
        nudge = service.words.to(conversation, "utter_neutral_message")
        conversations.store_replies(session, conversation, [nudge], now=now)


def _sent(service: Service, job: Job, ids: list[str], *, provider_id: str, count: int) -> None:
    """The first carries the name and the price of the text in which they all left."""
    with service.database.write() as session:
        if jobs.held(session, job) is None:
            return
        for each in jobs.about(session, ids, kind="text"):
            jobs.finish(each)
        for place, message in enumerate(conversations.message(session, each) for each in ids):
            message.segments = 0 if place else count
            message.provider_id = None if place else provider_id
            if message.delivery == "queued":
                message.delivery = "sent"


def _not_sent(service: Service, job: Job, *, code: int, error: str) -> None:
    now = datetime.now(UTC)
    logger.warning("text not sent job=%s attempts=%s error=%s", job.id, job.attempts, error)
    with service.database.write() as session:
        if (current := jobs.held(session, job)) is None:
            return
        conversation = session.get_one(Conversation, current.conversation_id, with_for_update=True)
        message = conversations.message(session, job.message_id or "")
        if code == OPTED_OUT:
            conversations.opt_out(session, conversation, now=now, how="carrier")
            message.delivery = "failed"
            jobs.finish(current)
        elif not jobs.try_again(current, waits=WAITS, now=now, error=error):
            message.delivery = "failed"
            conversations.ask_for_person(session, conversation, reason="text_failed", now=now)
