"""The first thing that happens to a message: kept, screened, and — when it shows danger — answered, all at once.

Everything here is one transaction: an acknowledged message is in the store with its screening, its referral and the
work it causes, or nothing is. Rasa has no part in it.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from bot.cases import conversations, jobs, safeguarding
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Message
from bot.conversation import crisis, doorstep, spool
from bot.conversation.choices import picked
from bot.conversation.commands import Command, Order, read_command
from bot.safe_texting import read_hours
from bot.screening import Context, Screening, screen
from bot.service import Service
from bot.understanding.reaching import read_texting_hours, wishes_hours
from bot.words import Words

LONGEST = 10_000
SAFE_YES = "utter_safe_yes"
HEAD_START = timedelta(seconds=10)  # longer than a request stays to answer (`turn.answer_now`)
LONGEST_PLEA = 8  # words; a longer cry is also a story, and the dialogue goes on with it


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
        carrier_order: opt_out, opt_in or help, where the carrier has obeyed the message and answered it already.
    """

    channel: str
    provider_id: str
    text: str
    received_at: datetime
    handle: str | None = None
    phone: str | None = None
    choice: str | None = None
    pictures: int = 0
    carrier_order: Order | None = None


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
    welcome = service.words.to(conversation, "utter_welcome")
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
        if message.channel == "sms":
            conversation = doorstep.place_of(service, session, conversation, now=message.received_at)
        moved = conversations.follow(conversation, message.channel)
        conversations.begin_leg_if_due(conversation, message.received_at, forced=moved)
        conversation.last_message_at = message.received_at
        conversations.reopen(conversation)
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
        _respond(service, session, conversation, kept, carrier_order=message.carrier_order)
        return Received(kept.conversation_id, kept.conversation.handle, kept.number, is_new=True)


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
    # By its value: the label of "no, I am not safe" is in the person's language, and screening reads English.
    choice = crisis.safe_choice(asked, text=message.text, value=message.choice)
    return screen(choice or message.text or message.choice or "", context)


def _respond(
    service: Service, session: Session, conversation: Conversation, message: Message, *, carrier_order: Order | None
) -> None:
    """What a message causes before, beside or instead of the dialogue. Danger comes before any command."""
    command = _command(session, conversation, message, carrier_order)
    if command.by_carrier:
        _follow_carrier(session, conversation, command, now=message.at)
    if message.screening != "none":
        safeguarding.raise_referral(session, conversation, message, now=message.at)
    if message.screening == "immediate":
        _answer_danger(service, session, conversation, message)
        return
    if command.distressed:
        conversations.ask_for_person(session, conversation, reason="distress", now=message.at)
    if _is_dealt_with(service, session, conversation, message, command):
        return
    waits = crisis.waiting_words(session, conversation, message)
    if conversation.taken_over_by is not None:
        return
    cried = _is_cry_alone(service, session, conversation, message, command)
    if waits:
        conversations.set_aside(conversation)
        _say(service, session, conversation, message, *waits)
    elif not cried:
        _go_on(service, session, conversation, message)


def _is_dealt_with(
    service: Service, session: Session, conversation: Conversation, message: Message, command: Command
) -> bool:
    """Whether a message needed no more than what it says about texting and about who is writing."""
    if conversation.channel != "sms":
        return command.order == "have_code" and doorstep.answer(service, session, conversation, message, command)
    if _obeyed(service, session, conversation, message, command):
        return True
    if conversation.opted_out_at is not None:
        # Nothing we say would be sent: a person has to find another way.
        conversations.ask_for_person(session, conversation, reason="opted_out", now=message.at)
        return True
    if doorstep.answer(service, session, conversation, message, command):
        return True
    # Whoever has the number is here and known: what waited for them leaves before the answer.
    conversations.let_go(session, conversation, now=message.at)
    return _told_hours(service, session, conversation, message, command)


def _go_on(service: Service, session: Session, conversation: Conversation, message: Message) -> None:
    """To the dialogue, unless the message is one that it could make nothing of."""
    if _changed_language(service, session, conversation, message):
        return
    instead = _instead_of_dialogue(session, conversation, message)
    if instead is not None:
        _say(service, session, conversation, message, instead)
    if instead is not None and not (instead == SAFE_YES and conversations.draft_facts(session, conversation.id)):
        return
    jobs.owe_turn(session, message, now=message.at + (HEAD_START if conversation.channel == "web" else timedelta()))


def _is_cry_alone(
    service: Service, session: Session, conversation: Conversation, message: Message, command: Command
) -> bool:
    """Gentle words for a worry and for a stop with distress in it; True when the message says nothing else."""
    if message.screening == "concern":
        _say(service, session, conversation, message, "utter_concern")
    elif command.distressed:
        _say(service, session, conversation, message, "utter_cry_heard")
    if command.distressed and conversation.channel == "sms":
        _say(service, session, conversation, message, "utter_only_stop")
    return command.distressed and len(message.text.split()) <= LONGEST_PLEA


def _answer_danger(service: Service, session: Session, conversation: Conversation, message: Message) -> None:
    conversations.ask_for_person(session, conversation, reason="danger", now=message.at)
    conversations.set_aside(conversation)
    _say(service, session, conversation, message, *crisis.FIRST_WORDS)


def _command(session: Session, conversation: Conversation, message: Message, carrier_order: Order | None) -> Command:
    """The order in a message; the label of a choice that was offered ("Don't contact me") is an answer and none."""
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    if picked(asked.choices if asked else None, text=message.text, value=message.choice):
        return Command(carrier_order, by_carrier=carrier_order is not None)
    command = read_command(message.text, at_the_door=conversation.code_asked_at is not None)
    return replace(command, order=carrier_order, by_carrier=True) if carrier_order else command


def _follow_carrier(session: Session, conversation: Conversation, command: Command, *, now: datetime) -> None:
    """Keep our records as the carrier's are, even where danger is answered first."""
    if command.order == "opt_out":
        conversations.opt_out(session, conversation, now=now, how="carrier")
    elif command.order == "opt_in":
        conversations.opt_in(session, conversation, now=now)


def _obeyed(service: Service, session: Session, conversation: Conversation, message: Message, command: Command) -> bool:
    """Do what a text orders about texting itself."""
    if command.by_carrier:
        # The carrier has done and answered it. "YES" can let texts through again there and be an answer to us.
        return command.order != "opt_in" or read_command(message.text).order == "opt_in"
    if command.order in ("opt_out", "wrong_number"):
        _end_texts(service, session, conversation, message, command)
        return True
    if command.order not in ("opt_in", "help"):
        return False
    said = "utter_help"
    if command.order == "opt_in":
        conversations.opt_in(session, conversation, now=message.at)
        said = "utter_opt_in_done"
    at_the_door = conversation.code_asked_at is not None
    _say(service, session, conversation, message, "utter_neutral_code" if at_the_door else said)
    return True


def _end_texts(
    service: Service, session: Session, conversation: Conversation, message: Message, command: Command
) -> None:
    """The last text says so; a wrong number, or words beside the order, are for a person to read."""
    how, said, reason = "asked", "utter_opt_out_done", "opted_out"
    if command.order == "wrong_number":
        how = reason = "wrong_number"
        said = "utter_neutral_wrong_number"
    _say(service, session, conversation, message, said)
    conversations.opt_out(session, conversation, now=message.at, how=how)
    if command.has_more or command.order == "wrong_number":
        conversations.ask_for_person(session, conversation, reason=reason, now=message.at)


def _told_hours(
    service: Service, session: Session, conversation: Conversation, message: Message, command: Command
) -> bool:
    """Keep the hours in which a person says they can be texted; True when the message said nothing else.

    They are told in answer to the question what is safe, by themselves, or in the middle of a story. Where no hours are
    named, ours are said, so that they can be put right.
    """
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    asks_safety = asked is not None and asked.asking == "safe_to_contact"
    choice = picked(asked.choices, text=message.text, value=message.choice) if asks_safety and asked else None
    is_order = command.order == "safe_hours"
    hours = (read_hours if asks_safety or is_order else read_texting_hours)(message.text)
    if hours is not None:
        conversations.keep_safe_hours(session, conversation, hours, now=message.at)
    if hours is not None or (choice is not None and choice["value"] == "certain_times") or wishes_hours(message.text):
        kept = hours or service.council.texting.hours
        _say(service, session, conversation, message, "utter_safe_hours", hours=kept)
    return is_order and not asks_safety


def _changed_language(service: Service, session: Session, conversation: Conversation, message: Message) -> bool:
    """Answer in the language that was asked for from now on; what was asked last is then asked again in it."""
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    choice = picked(asked.choices if asked else None, text=message.text, value=message.choice)
    language = language_of(service.words, message.text, choice)
    if language is None:
        return False
    conversations.speak(session, conversation, language, now=message.at)
    _say(service, session, conversation, message, "utter_language_set")
    if conversations.draft_facts(session, conversation.id):
        jobs.owe_turn(session, message, now=message.at)
    else:
        _say(service, session, conversation, message, "utter_greet")
    return True


def language_of(words: Words, text: str, choice: dict[str, Any] | None) -> str | None:
    """The language a message asks for, by one of our choices or in words; None if it asks for none."""
    if choice is not None:
        return str(choice["value"]) if '"language"' in choice["payload"] else None
    return words.language_asked_for(text)


def _instead_of_dialogue(session: Session, conversation: Conversation, message: Message) -> str | None:
    """The response to what the dialogue could make nothing of; None for an ordinary message."""
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    if crisis.answers_safe(asked, text=message.text, value=message.choice):
        return SAFE_YES
    if message.choice or has_words(message.text):
        return None
    return "utter_not_understood_symbols" if message.text.strip() else "utter_empty_picture"


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit in it; a message of emoji or dots has none."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


def _say(
    service: Service, session: Session, conversation: Conversation, message: Message, *responses: str, **blanks: object
) -> None:
    known = conversations.draft_facts(session, conversation.id)
    replies = [crisis.said_to(service, conversation, name, now=message.at, known=known, **blanks) for name in responses]
    conversations.store_replies(session, conversation, replies, now=message.at, reply_to=message.id)


def plain_text(text: str) -> str:
    """The person's words as Rasa may see them: a leading slash would be taken for an order."""
    return re.sub(r"^[\s/]+", "", text)
