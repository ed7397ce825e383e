"""The first thing that happens to a message: kept, screened, and — when it shows danger — answered, all at once.

Everything here is one transaction: an acknowledged message is in the store with its screening, its referral and the
work it causes, or nothing is. Rasa has no part in it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.cases import conversations, jobs, safeguarding
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Message
from bot.conversation import crisis, spool
from bot.screening import Context, Screening, screen
from bot.service import Service

LONGEST = 10_000
# The words a carrier treats as an order when they stand alone (CTIA); in a sentence they are only words.
STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit"}
START_WORDS = {"start", "unstop"}
HELP_WORDS = {"help", "info"}
SAFE_YES = "utter_safe_yes"


@dataclass(frozen=True)
class InboundMessage:
    """One message as a channel parsed it.

    Args:
        channel: "sms" or "web".
        provider_id: the unique name of this delivery; a repeat carries the same one.
        text: the person's words, untouched; at most 10,000 characters are looked at in one go.
        handle: the conversation's handle, on the web.
        phone: the sender's number in E.164, by SMS.
        choice: the value of a choice that was picked instead of typing.
        pictures: how many pictures came along; we keep none.
    """

    channel: str
    provider_id: str
    text: str
    received_at: datetime
    handle: str | None = None
    phone: str | None = None
    choice: str | None = None
    pictures: int = 0


@dataclass(frozen=True)
class Received:
    """Where a message went: its conversation, its number there, and whether it was new."""

    conversation_id: str
    handle: str
    number: int
    is_new: bool


class StoreAway(Exception):
    """The case store is away: the message lies in the spool, and these words can be shown meanwhile."""

    def __init__(self, replies: list[Reply]) -> None:
        super().__init__("The case store is away; the message was spooled.")
        self.replies = replies


def begin(service: Service, *, now: datetime) -> tuple[str, list[Message]]:
    """Open a conversation on the web and welcome the person; returns its handle and what was said."""
    with service.database.write() as session:
        conversation, said = _begin(service, session, now)
        return conversation.handle, said


def _begin(service: Service, session: Session, now: datetime) -> tuple[Conversation, list[Message]]:
    conversation = conversations.open_conversation(session, channel="web", now=now)
    welcome = say(service, "utter_welcome", channel="web")
    return conversation, conversations.store_replies(session, conversation, [welcome], now=now)


def receive(service: Service, message: InboundMessage) -> Received:
    """Keep a message and do at once what cannot wait.

    Raises:
        NotFound: no conversation has such a handle.
        StoreAway: the store cannot be reached; the message was spooled and will be handled when it is back.
    """
    try:
        return keep(service, message)
    except OperationalError:
        level, replies = crisis.without_store(service, message)
        spool.keep(service.settings.home, message, danger=level == "immediate")
        raise StoreAway(replies) from None


def keep(service: Service, message: InboundMessage) -> Received:
    """The same for a message that lies in the spool: while the store is away it simply stays there.

    Raises:
        NotFound: no conversation has such a handle.
        OperationalError: the store cannot be reached.
    """
    try:
        return _receive(service, message)
    except IntegrityError:
        # Two deliveries of one message, or two first messages of one number, met: the second finds what the first made.
        return _receive(service, message)


def _receive(service: Service, message: InboundMessage) -> Received:
    with service.database.write() as session:
        repeat = conversations.of_provider(session, message.provider_id)
        if repeat is not None:
            return Received(repeat.conversation_id, repeat.conversation.handle, repeat.number, is_new=False)
        conversation = _conversation(service, session, message)
        found = _screen(session, conversation, message)
        conversations.begin_leg_if_due(conversation, message.received_at)
        kept = conversations.keep_message(
            session,
            conversation,
            provider_id=message.provider_id,
            text=message.text,
            now=message.received_at,
            screening=found.level,
            reasons=found.reasons,
            choice=message.choice,
            pictures=message.pictures,
        )
        conversation.last_message_at = message.received_at
        conversations.reopen(conversation)
        _respond(service, session, conversation, kept)
        return Received(conversation.id, conversation.handle, kept.number, is_new=True)


def _conversation(service: Service, session: Session, message: InboundMessage) -> Conversation:
    if message.handle is not None:
        return conversations.by_handle(session, message.handle)
    if message.channel == "web":
        # The page shows the welcome before anything is stored; it is kept with the first message that answers it.
        return _begin(service, session, message.received_at)[0]
    return conversations.open_conversation(
        session, channel=message.channel, phone=message.phone, now=message.received_at
    )


def _screen(session: Session, conversation: Conversation, message: InboundMessage) -> Screening:
    asked = conversations.last_asked(session, conversation.id)
    context = Context(
        asking=asked.asking if asked else None,
        previous_levels=conversations.recent_screening(session, conversation.id),
    )
    return screen(message.choice if message.choice and not message.text else message.text, context)


def _respond(service: Service, session: Session, conversation: Conversation, message: Message) -> None:
    """What a message causes before, beside or instead of the dialogue. Danger comes before any command."""
    if message.screening != "none":
        safeguarding.raise_referral(session, conversation, message, now=message.at)
    if message.screening == "immediate":
        _answer_danger(service, session, conversation, message)
        return
    if _obeyed_command(service, session, conversation, message):
        return
    waits = crisis.waiting_words(session, conversation, message)
    if conversation.taken_over_by is not None:
        return
    if message.screening == "concern":
        _say(service, session, conversation, message, "utter_concern")
    if waits:
        conversations.set_aside(conversation)
        _say(service, session, conversation, message, *waits)
        return
    instead = _instead_of_dialogue(session, conversation, message)
    if instead is not None:
        _say(service, session, conversation, message, instead)
    if instead is not None and not (instead == SAFE_YES and conversations.draft_facts(session, conversation.id)):
        return
    jobs.owe(
        session, kind="turn", dedupe_key=f"turn:{message.id}", now=message.at, conversation_id=conversation.id,
        message_id=message.id,
    )  # fmt: skip


def _answer_danger(service: Service, session: Session, conversation: Conversation, message: Message) -> None:
    conversations.ask_for_person(session, conversation, reason="danger", now=message.at)
    conversations.set_aside(conversation)
    _say(service, session, conversation, message, *crisis.FIRST_WORDS)


def _obeyed_command(service: Service, session: Session, conversation: Conversation, message: Message) -> bool:
    """STOP, START and HELP standing alone in a text are orders to the carrier; "make it stop" is not."""
    word = message.text.strip().strip(".!").casefold()
    if conversation.channel != "sms":
        return False
    if word in STOP_WORDS:
        # The one last text says how to come back; opting out first would hold it in the outbox for ever.
        _say(service, session, conversation, message, "utter_opt_out_done")
        conversations.opt_out(session, conversation, now=message.at, how="asked")
        return True
    if word in START_WORDS:
        conversations.opt_in(session, conversation, now=message.at)
        _say(service, session, conversation, message, "utter_opt_in_done")
        return True
    if word in HELP_WORDS:
        _say(service, session, conversation, message, "utter_help")
        return True
    return False


def _instead_of_dialogue(session: Session, conversation: Conversation, message: Message) -> str | None:
    """The response to what the dialogue could make nothing of; None for an ordinary message."""
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    if asked is not None and crisis.answers_safe(asked, text=message.text, value=message.choice):
        return SAFE_YES
    if message.choice or has_words(message.text):
        return None
    return "utter_not_understood_symbols" if message.text.strip() else "utter_empty_picture"


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it; a message of emoji or dots has none."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


def _say(service: Service, session: Session, conversation: Conversation, message: Message, *responses: str) -> None:
    facts = conversations.draft_facts(session, conversation.id)
    replies = [
        crisis.said(service, name, channel=conversation.channel, now=message.at, facts=facts) for name in responses
    ]
    conversations.store_replies(session, conversation, replies, now=message.at, reply_to=message.id)


def say(service: Service, response: str, *, channel: str, **facts: Any) -> Reply:
    """A named response with the council's facts filled in."""
    return service.words.say(response, channel=channel, **service.council.named_in_responses, **facts)


def plain_text(text: str) -> str:
    """The person's words as Rasa may see them: a leading slash would be taken for an order."""
    return re.sub(r"^[\s/]+", "", text)
