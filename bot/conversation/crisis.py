"""What the assistant says when somebody may be in danger, and how a complaint waits until they are safe (R1 to R3)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from bot import clocks, eligibility
from bot.cases import conversations, safeguarding
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Message, Referral
from bot.conversation import spool
from bot.conversation.choices import is_yes, picked
from bot.screening import Context, screen
from bot.service import Service
from bot.words import ENGLISH

if TYPE_CHECKING:
    from bot.conversation.inbox import InboundMessage

SAFE_NOW = "safe_now"
NOT_SAFE = "deny"  # the value of the choice "no" to "are you safe right now?"
FIRST_WORDS = ("utter_crisis", "utter_ask_safe_now")
MOST_LOOKED_AT = 50  # spooled messages; a person must not wait for a disk
# How many help lines a message has room for.
LINES = {"sms": 1, "web": 3}


def said_to(
    service: Service,
    conversation: Conversation,
    response: str,
    *,
    now: datetime,
    known: Mapping[str, Any] = MappingProxyType({}),
    **blanks: object,
) -> Reply:
    """A named response about danger, in the language of the conversation, with help lines for this person filled in.

    Args:
        known: what is known of the person; role and age choose the help lines.
        blanks: what fills the other blanks.
    """
    return said(
        service, response, channel=conversation.channel, language=conversation.language, now=now, known=known, **blanks
    )


def said(
    service: Service,
    response: str,
    *,
    channel: str,
    now: datetime,
    language: str = ENGLISH,
    known: Mapping[str, Any] = MappingProxyType({}),
    **blanks: object,
) -> Reply:
    """The same where there is no conversation yet, or none can be reached."""
    lines = helplines(service, channel=channel, language=language, now=now, known=known)
    reply = service.words.say(
        response,
        channel=channel,
        language=language,
        shown={},
        helplines=lines,
        **blanks,
    )
    return replace(reply, text=reply.text.strip())


def helplines(
    service: Service, *, channel: str, now: datetime, known: Mapping[str, Any], language: str = ENGLISH
) -> str:
    """The profile's help lines for this person that were checked lately, a sentence or two each; "" if there is none.

    Args:
        channel: "sms" has room for one, "web" for three.
        known: what is known of the person.
    """
    today = clocks.local_day(now)
    facts = eligibility.read_leniently(dict(known), today).facts
    directory = eligibility.load_signposts()
    lines = eligibility.of_place(directory, service.council.signposts)
    suited = (
        line
        for line in (lines.get(key, directory[key]) for key in service.council.crisis_helplines)
        if line.has_contact and line.shown(today) and line.suits(facts.complainant_role, facts.complainant_age)
    )
    told = [_line(service, line, channel, language) for line, _ in zip(suited, range(LINES[channel]), strict=False)]
    return "\n".join(told)


def _line(service: Service, line: eligibility.Signpost, channel: str, language: str) -> str:
    response = "utter_crisis_helpline" if line.phone or not line.text else "utter_crisis_helpline_text"
    how = line.phone or line.text or line.web
    return service.words.say(response, channel=channel, language=language, line=line.name, how=how, what=line.what).text


def waiting_words(session: Session, conversation: Conversation, message: Message) -> tuple[str, ...]:
    """What is said instead of the complaint's next question while a danger goes first; nothing when none does.

    That the person says they are safe is noted here, whoever is speaking with them.
    """
    held = safeguarding.holding(session, conversation.id, now=message.at)
    if not held:
        return ()
    if _says_safe(session, conversation, message):
        safeguarding.note_safe(session, conversation.id, now=message.at)
        return ("utter_safe_wait",) if safeguarding.holding(session, conversation.id, now=message.at) else ()
    if any(referral.safe_at is None for referral in held):
        return ("utter_safe_kept", "utter_ask_safe_now")
    return ("utter_safe_wait",)


def _says_safe(session: Session, conversation: Conversation, message: Message) -> bool:
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    return answers_safe(asked, text=message.text, value=message.choice)


def answers_safe(asked: Message | None, *, text: str, value: str | None) -> bool:
    """Whether this answers the question "are you safe right now?" with yes. A no never comes so far: it is screened."""
    if asked is None or asked.asking != SAFE_NOW:
        return False
    choice = safe_choice(asked, text=text, value=value)
    return choice == "affirm" if choice else is_yes(text)


def safe_choice(asked: Message | None, *, text: str, value: str | None) -> str | None:
    """Which choice this picks in answer to "are you safe right now?", in any language: "affirm", "deny" or None."""
    if asked is None or asked.asking != SAFE_NOW:
        return None
    choice = picked(asked.choices, text=text, value=value)
    return str(choice["value"]) if choice else None


def tell_seen(service: Service, session: Session, referral: Referral, *, now: datetime) -> None:
    """A named person has it now. Somebody who has said that they are safe is told, and can go on when they are ready.

    Nobody else is: an unasked message might be read by whoever they are afraid of.
    """
    conversation = referral.conversation
    if referral.level != "immediate" or referral.safe_at is None or conversation.taken_over_by is not None:
        return
    if safeguarding.holding(session, conversation.id, now=now):
        return
    conversations.reopen(conversation)
    reply = said_to(service, conversation, "utter_safe_seen", now=now)
    conversations.store_replies(session, conversation, [reply], now=now)


def without_store(service: Service, message: "InboundMessage") -> tuple[str, list[Reply]]:
    """How a message is screened while the store is away, and what can be said to it; nothing is offered to pick.

    A danger that the same person wrote just before lies in the spool: what follows answers whether they are safe.
    """
    before = _spooled_danger_of(service, message)
    asking = SAFE_NOW if before else None
    level = screen(
        message.choice if message.choice and not message.text else message.text, Context(asking=asking)
    ).level
    names: tuple[str, ...] = ("utter_outage",)
    if level == "immediate":
        names = FIRST_WORDS
    elif before:
        names = ("utter_safe_wait",) if is_yes(message.text) or message.choice else ("utter_safe_kept",)
    elif level == "concern":
        names = ("utter_concern",)
    replies = [said(service, name, channel=message.channel, now=message.received_at) for name in names]
    return level, [replace(reply, choices=()) for reply in replies]


def _spooled_danger_of(service: Service, message: "InboundMessage") -> bool:
    sender = message.handle or message.phone
    written = (spool.read(path) for path in reversed(spool.dangers(service.settings.home)[-MOST_LOOKED_AT:]))
    return sender is not None and any(sender in (each.handle, each.phone) for each in written)
