"""What happens to a conversation: messages kept, replies stored, legs begun, a person asked for."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from bot.cases import jobs
from bot.cases.database import lock, new_id, vault
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Conversation, Draft, Message
from bot.errors import InvalidStep, NotFound
from bot.safe_texting import WRITING_NOW, SafeHours, Safety, strictest

LEG_TURNS = 25
LEG_PAUSE = timedelta(hours=1)
# A text that is held waits for its person to write; nothing that has left comes back to it.
DELIVERY_ORDER = ("held", "queued", "sent", "delivered", "failed")

# Put together once: these are asked with every message, and building one takes longer than running it.
_BY_HANDLE = select(Conversation).where(Conversation.handle == bindparam("handle"))
_BY_LEG = select(Conversation).where(Conversation.leg == bindparam("leg"))
_OF_PROVIDER = select(Message).where(Message.provider_id == bindparam("provider_id"))
_MESSAGE = select(Message).where(Message.id == bindparam("id")).options(joinedload(Message.conversation))
_TEXT = select(Message.text).where(Message.id == bindparam("id"))
_OF_CONVERSATION = select(Message).where(Message.conversation_id == bindparam("conversation_id"))
_LAST_FEW = _OF_CONVERSATION.order_by(Message.number.desc()).limit(8)
_LAST_FEW_BEFORE = _LAST_FEW.where(Message.number < bindparam("before"))
_AFTER = _OF_CONVERSATION.where(Message.number > bindparam("after")).order_by(Message.number)
_SCREENED = (
    select(Message.screening)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.direction == "in")
    .order_by(Message.number.desc())
    .limit(bindparam("count"))
)


@dataclass(frozen=True)
class Reply:
    """Something the assistant says: the named response, its words, and what it asks for.

    Args:
        kind: say, ask, crisis, receipt or person.
        asking: the fact asked for, by its name in the one vocabulary.
        choices: each `{"label": …, "value": …, "payload": …}`; the payload is what Rasa is sent when it is chosen.
    """

    response: str | None
    text: str
    kind: str = "say"
    asking: str | None = None
    choices: tuple[dict[str, str], ...] = field(default=())


def open_conversation(
    session: Session, *, channel: str, now: datetime, phone: str | None = None, is_demo: bool = False
) -> Conversation:
    """Begin a conversation, or for a telephone number go on with the one of whoever has it now.

    A person has one thread on a number, so that talk after filing stays where they expect it. Whether it is still the
    same person is for `bot.cases.returning`.

    Args:
        channel: "web" or "sms".
        phone: E.164; only for SMS.
    """
    key = vault().fingerprint(phone) if phone else None
    if key and (known := of_number(session, key)):
        return known
    conversation = Conversation(
        id=new_id(),
        # The first of a number takes its fingerprint, so that two first texts at one moment cannot both begin one.
        handle=key or new_handle(),
        channel=channel,
        phone=phone,
        phone_key=key,
        phone_since=now if phone else None,
        started_at=now,
        last_message_at=now,
        is_demo=is_demo,
    )
    session.add(conversation)
    session.flush()
    record(session, by=ASSISTANT, kind="opened", subject="conversation", subject_id=conversation.id, at=now)
    return conversation


def new_handle() -> str:
    """A name for a conversation that nobody can guess."""
    return secrets.token_urlsafe(24)


def of_number(session: Session, phone_key: str) -> Conversation | None:
    """The conversation of whoever has this number now: the one whose code was given last, or that was begun last.

    Args:
        phone_key: the number's fingerprint.
    """
    newest = Conversation.phone_since.desc(), Conversation.id.desc()
    on_it = select(Conversation).where(Conversation.phone_key == phone_key)
    return session.scalar(on_it.order_by(*newest).limit(1))


def sharing_number(session: Session, conversation: Conversation) -> list[Conversation]:
    """Every conversation on this one's number, itself too; only itself where there is no number."""
    if conversation.phone_key is None:
        return [conversation]
    return list(session.scalars(select(Conversation).where(Conversation.phone_key == conversation.phone_key)))


def by_handle(session: Session, handle: str) -> Conversation:
    """The conversation a browser holds the handle of.

    Raises:
        NotFound: nobody has such a handle.
    """
    found = session.scalar(_BY_HANDLE, {"handle": handle})
    if found is None:
        raise NotFound("There is no such conversation. Start a new one.")
    return found


def by_leg(session: Session, leg: str) -> Conversation:
    """The conversation that Rasa knows by this leg.

    Raises:
        NotFound: no conversation is on such a leg.
    """
    found = session.scalar(_BY_LEG, {"leg": leg})
    if found is None:
        raise NotFound("No conversation is on this leg.")
    return found


def of_provider(session: Session, provider_id: str) -> Message | None:
    """The message already kept under the provider's id, if it was delivered before."""
    return session.scalar(_OF_PROVIDER, {"provider_id": provider_id})


def keep_message(
    session: Session,
    conversation: Conversation,
    *,
    provider_id: str,
    text: str,
    now: datetime,
    screening: str,
    reasons: tuple[str, ...],
    choice: str | None = None,
    pictures: int = 0,
) -> Message:
    """Store what a person said, before anything is done with it.

    Args:
        provider_id: the unique name of this delivery (`MessageSid`, or the browser's own id under its handle).
        screening: none, concern or immediate.
    """
    message = Message(
        id=new_id(),
        conversation_id=conversation.id,
        direction="in",
        provider_id=provider_id,
        at=now,
        text=text,
        choice=choice,
        pictures=pictures,
        screening=screening,
        screening_reasons=list(reasons),
    )
    session.add(message)
    session.flush()
    _remember_asked(session, message)
    return message


def store_replies(
    session: Session, conversation: Conversation, replies: list[Reply], *, now: datetime, reply_to: str | None = None
) -> list[Message]:
    """Store what the assistant says, and for SMS owe the sending of it in the same transaction."""
    said = [_outgoing(conversation, reply, now=now, reply_to=reply_to, sent_by=None) for reply in replies]
    return _store_outgoing(session, conversation, said, now=now)


def say_as_staff(session: Session, conversation: Conversation, text: str, *, by: str, now: datetime) -> Message:
    """A member of staff writes to the person, in place of the assistant.

    Raises:
        InvalidStep: they have not taken the conversation over, so that somebody else or the assistant would talk
            across them; or the person asked for no more texts, or said that texts are not safe and is not writing now.
    """
    lock(session, conversation)
    if conversation.taken_over_by is None:
        raise InvalidStep("Take the conversation over first, so that the assistant stays silent.")
    if conversation.taken_over_by != by:
        raise InvalidStep("Somebody else has taken this conversation over. Speak to them first.")
    if conversation.opted_out_at is not None:
        raise InvalidStep("This person asked for no more texts. Reach them another way that is safe for them.")
    if _is_unsafe_to_text(session, conversation, now):
        raise InvalidStep(
            "Texts are not safe for this person while they are not writing to us. Reach them another way that is safe."
        )
    reply = Reply(None, text, kind="person")
    written = _outgoing(conversation, reply, now=now, reply_to=None, sent_by=by)
    [message] = _store_outgoing(session, conversation, [written], now=now)
    record(session, by=by, kind="wrote", subject="conversation", subject_id=conversation.id, at=now)
    return message


def _is_unsafe_to_text(session: Session, conversation: Conversation, now: datetime) -> bool:
    if conversation.channel != "sms" or now - conversation.last_message_at <= WRITING_NOW:
        return False
    return safety_of_texts(session, conversation) == "not_safe"


def safety_of_texts(session: Session, conversation: Conversation) -> Safety | None:
    """The most careful wish about texts of anybody who uses this conversation's number; None if nobody was asked."""
    return strictest(
        wishes.get("sms") for each in sharing_number(session, conversation) for wishes in safety_wishes(session, each)
    )


def safety_wishes(session: Session, conversation: Conversation) -> list[dict[str, str]]:
    """What the person of a conversation told us about safe ways to reach them, by route; filed and not yet filed."""
    told = [draft_facts(session, conversation.id).get("safe_to_contact")]
    if conversation.case is not None:
        told += [link.person.safe_to_contact for link in conversation.case.people if link.part != "child"]
    return [each for each in told if each]


def _outgoing(
    conversation: Conversation, reply: Reply, *, now: datetime, reply_to: str | None, sent_by: str | None
) -> Message:
    return Message(
        id=new_id(),
        conversation_id=conversation.id,
        direction="out",
        at=now,
        text=reply.text,
        kind=reply.kind,
        response=reply.response,
        asking=reply.asking,
        choices=list(reply.choices),
        reply_to=reply_to,
        sent_by=sent_by,
        delivery="queued" if conversation.channel == "sms" else None,
    )


def _store_outgoing(
    session: Session, conversation: Conversation, messages: list[Message], *, now: datetime
) -> list[Message]:
    session.add_all(messages)
    session.flush()
    for each in messages if conversation.channel == "sms" else ():
        jobs.owe(
            session, kind="text", dedupe_key=f"text:{each.id}", now=now, conversation_id=conversation.id,
            message_id=each.id,
        )  # fmt: skip
    return messages


def message(session: Session, message_id: str) -> Message:
    """One message.

    Raises:
        NotFound: there is no such message.
    """
    found = session.scalar(_MESSAGE, {"id": message_id})
    if found is None:
        raise NotFound("There is no such message.")
    return found


def message_text(session: Session, message_id: str) -> str:
    """The whole text of one message, however long; Rasa is only sent its beginning.

    Raises:
        NotFound: there is no such message.
    """
    found = session.scalar(_TEXT, {"id": message_id})
    if found is None:
        raise NotFound("There is no such message.")
    return found


def last_asked(session: Session, conversation_id: str, *, before: int | None = None) -> Message | None:
    """What a person's message answers: the newest question or offer of choices since their message before it.

    Args:
        before: the number of the message; None for one that is not kept yet.
    """
    # What came before a message does not change, and six steps of taking one in ask for it.
    known: dict[tuple[str, int | None], Message | None] = session.info.setdefault("last_asked", {})
    if before is None or (conversation_id, before) not in known:
        known[conversation_id, before] = _last_asked(session, conversation_id, before)
    return known[conversation_id, before]


def _remember_asked(session: Session, message: Message) -> None:
    """What was found to be asked last, before this message was kept, is what it answers."""
    known = session.info.get("last_asked", {})
    if (message.conversation_id, None) in known:
        known[message.conversation_id, message.number] = known.pop((message.conversation_id, None))


def _last_asked(session: Session, conversation_id: str, before: int | None) -> Message | None:
    last_few = _LAST_FEW if before is None else _LAST_FEW_BEFORE
    found = session.scalars(last_few, {"conversation_id": conversation_id, "before": before})
    since_they_spoke = takewhile(lambda each: each.direction == "out", found)
    return next((each for each in since_they_spoke if each.asking or each.choices), None)


def recent_screening(session: Session, conversation_id: str, count: int = 3) -> tuple[str, ...]:
    """How the person's last few messages were screened, oldest first."""
    newest = session.scalars(_SCREENED, {"conversation_id": conversation_id, "count": count})
    return tuple(level or "none" for level in reversed(list(newest)))


def messages_after(session: Session, conversation_id: str, number: int = 0) -> list[Message]:
    """Everything said after message `number`, in order."""
    return list(session.scalars(_AFTER, {"conversation_id": conversation_id, "after": number}))


def follow(conversation: Conversation, channel: str) -> bool:
    """Answer where the person writes now; True when that is another channel than before.

    Args:
        channel: "web" or "sms".
    """
    moved = conversation.channel != channel
    conversation.channel = channel
    return moved


def begin_leg_if_due(conversation: Conversation, now: datetime, *, forced: bool = False) -> bool:
    """Give Rasa a fresh conversation after many turns or a pause; its slots are seeded from the draft.

    Rasa's cost grows with its conversation and its form is lost in a pause; a short leg keeps both away.
    """
    due = forced or conversation.leg_turns >= LEG_TURNS or now - conversation.last_message_at > LEG_PAUSE
    if due:
        conversation.leg, conversation.leg_turns = new_id(), 0
    return due


def ask_for_person(session: Session, conversation: Conversation, *, reason: str, now: datetime | None = None) -> None:
    """Put the conversation in front of the staff: it waits for a person until somebody takes it or clears it.

    Args:
        reason: added, advocate, asked, authority, changed, code_failed, code_lost, come_back, danger, distress,
            not_safe_to_text,
            opted_out, outage, problem, text_failed or wrong_number.
    """
    # An outage is over by itself, and with it that reason: whatever else there is must outlast it.
    if conversation.needs_person_since is None or (conversation.needs_person_reason == "outage" != reason):
        conversation.needs_person_since = conversation.needs_person_since or now or datetime.now(UTC)
        conversation.needs_person_reason = reason
        record(
            session, by=ASSISTANT, kind="person_needed", subject="conversation", subject_id=conversation.id,
            at=now, reason=reason,
        )  # fmt: skip


def take_over(session: Session, conversation: Conversation, *, by: str, now: datetime) -> None:
    """A member of staff speaks from here; the assistant is silent until it is handed back.

    Raises:
        InvalidStep: somebody else has it.
    """
    lock(session, conversation)
    if conversation.taken_over_by not in (None, by):
        raise InvalidStep("Somebody else has taken this conversation over.")
    conversation.taken_over_by, conversation.taken_over_at = by, now
    conversation.needs_person_since = conversation.needs_person_reason = None
    record(session, by=by, kind="taken_over", subject="conversation", subject_id=conversation.id, at=now)


def hand_back(session: Session, conversation: Conversation, *, by: str, now: datetime) -> None:
    """The assistant goes on from here, on a fresh leg.

    Raises:
        InvalidStep: nobody has it, so there is nothing to hand back.
    """
    lock(session, conversation)
    if conversation.taken_over_by is None:
        raise InvalidStep("Nobody has taken this conversation over, so the assistant has it.")
    conversation.taken_over_by = conversation.taken_over_at = None
    conversation.needs_person_since = conversation.needs_person_reason = None
    begin_leg_if_due(conversation, now, forced=True)
    record(session, by=by, kind="handed_back", subject="conversation", subject_id=conversation.id, at=now)


def opt_out(session: Session, conversation: Conversation, *, now: datetime, how: str) -> None:
    """No more texts to this number, whoever uses it; whatever was filed stays open and staff see it.

    Args:
        how: "asked" (STOP, alone or in other words), "carrier" (Twilio's 21610 or its OptOutType) or "wrong_number".
    """
    for each in sharing_number(session, conversation):
        if each.opted_out_at is None:
            each.opted_out_at = now
            record(session, by=ASSISTANT, kind="opted_out", subject="conversation", subject_id=each.id, at=now, how=how)


def opt_in(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Texts may be sent to this number again."""
    for each in sharing_number(session, conversation):
        if each.opted_out_at is not None:
            each.opted_out_at = None
            record(session, by=ASSISTANT, kind="opted_in", subject="conversation", subject_id=each.id, at=now)


def keep_safe_hours(session: Session, conversation: Conversation, hours: SafeHours, *, now: datetime) -> None:
    """The person said when they can be texted; a later word replaces an earlier one."""
    conversation.safe_hours = hours.as_text()
    record(session, by=ASSISTANT, kind="safe_hours_told", subject="conversation", subject_id=conversation.id, at=now)


def let_go(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """The person is here and known: what was held back or waits for a safe time is sent now, in its order."""
    conversation.nudged_at = None
    held = select(Message).where(Message.conversation_id == conversation.id, Message.delivery == "held")
    messages = list(session.scalars(held))
    for each in messages:
        each.delivery = "queued"
    jobs.revive(session, [each.id for each in messages], kind="text", now=now)
    jobs.hurry(session, conversation.id, kind="text", now=now)


def set_delivery(session: Session, provider_id: str, state: str, *, now: datetime, carrier_stop: bool = False) -> None:
    """Note how far a text has come; a later report never moves it backwards, and one about no text of ours is dropped.

    A text that failed is put in front of a person: somebody waits for words that did not arrive.

    Args:
        state: queued, sent, delivered or failed.
        carrier_stop: the carrier refused because the person told it STOP (Twilio's 21610).
    """
    text = session.scalar(
        select(Message).where(Message.provider_id == provider_id, Message.direction == "out").with_for_update()
    )
    if text is None or DELIVERY_ORDER.index(state) <= DELIVERY_ORDER.index(text.delivery or "queued"):
        return
    for each in (text, *_gone_along(session, text)):
        each.delivery = state
    if carrier_stop:
        opt_out(session, text.conversation, now=now, how="carrier")
    elif state == "failed":
        ask_for_person(session, text.conversation, reason="text_failed", now=now)


def _gone_along(session: Session, text: Message) -> list[Message]:
    """The replies that left in the same text as one: they follow it and cost nothing of their own."""
    later = messages_after(session, text.conversation_id, text.number)
    of_the_turn = (each for each in later if each.reply_to is not None and each.reply_to == text.reply_to)
    return list(takewhile(lambda each: each.segments == 0, of_the_turn))


def belongs_to(session: Session, message: Message, conversation: Conversation) -> None:
    """A message turned out to be another person's on the same telephone."""
    message.conversation_id = conversation.id
    session.flush()
    session.expire(message, ["conversation"])


def reword(session: Session, *, response: str, before: datetime, by: Reply) -> int:
    """Put other words in the place of a response said before a moment; returns how many there were.

    For what must not stay to be read, such as a code word. A text that has not left yet is let be.
    """
    said = select(Message).where(Message.response == response, Message.at < before)
    due = [each for each in session.scalars(said) if each.delivery not in ("queued", "held")]
    for each in due:
        each.response, each.text = by.response, by.text
    return len(due)


def last_question(session: Session, conversation_id: str) -> Message | None:
    """The newest question of the complaint being told, answered or not."""
    asked = select(Message).where(
        Message.conversation_id == conversation_id, Message.asking.is_not(None), Message.asking != "safe_now"
    )
    return session.scalar(asked.order_by(Message.number.desc()).limit(1))


def set_aside(conversation: Conversation) -> None:
    """A safety matter goes first; the complaint that was being told waits and is not lost (R2)."""
    if conversation.state == "open":
        conversation.state = "referred"


def end(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """The person leaves for now; what they told us is kept."""
    if conversation.state == "open":
        conversation.state = "ended"
    record(session, by=ASSISTANT, kind="left", subject="conversation", subject_id=conversation.id, at=now)


def reopen(conversation: Conversation) -> None:
    """The person writes again: what was set aside or left goes on."""
    if conversation.state in ("referred", "ended"):
        conversation.state = "open"


def transcript(session: Session, conversation_id: str) -> list[Message]:
    """All messages of a conversation in order."""
    return messages_after(session, conversation_id, 0)


def speak(session: Session, conversation: Conversation, language: str, *, now: datetime) -> None:
    """Answer in this language from now on; what the person writes stays as they write it.

    Args:
        language: a code of `languages/`.
    """
    conversation.language = language
    record(
        session, by=ASSISTANT, kind="language_chosen", subject="conversation", subject_id=conversation.id, at=now,
        language=language,
    )  # fmt: skip


def draft_facts(session: Session, conversation_id: str) -> dict[str, Any]:
    """What the person has told us so far in a complaint not yet filed; empty when there is none."""
    draft = session.get(Draft, conversation_id)
    return dict(draft.facts) if draft else {}
