"""Coming back: the code word by which a person is known again, and who holds a telephone.

A telephone may be shared, lent or passed on, so a number is no proof of a person. After a long silence whoever writes
stands at the door: an empty conversation of their own, in which there is nothing to give away. With the right code word
it is joined to the one they had; without it, it can become the beginning of somebody new. Only a keyed hash of the code
is kept.
"""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.cases import conversations, intake
from bot.cases.database import lock, new_id, vault
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Case, Conversation, Draft, Job, Message, Referral
from bot.safe_texting import Line, SafeHours

TRIES = 3
BARRED_FOR = timedelta(hours=12)


def has_told(session: Session, conversation: Conversation) -> bool:
    """Whether there is anything that a stranger must not hear: a draft or a filed case."""
    return conversation.case_id is not None or session.get(Draft, conversation.id) is not None


def give_code(session: Session, conversation: Conversation, *, code: str, now: datetime) -> str:
    """Give the person a code word; returns the number that goes with it, which their complaint will have.

    Args:
        code: the words themselves; only their hash is kept, and a new code ends the old one.
    """
    conversation.code_hash = _hash(conversation, code)
    conversation.code_tries, conversation.code_barred_until = 0, None
    if conversation.reference is None:
        conversation.reference = intake.new_reference(session)
    record(session, by=ASSISTANT, kind="code_given", subject="conversation", subject_id=conversation.id, at=now)
    return conversation.reference


def forget_code(session: Session, conversation: Conversation, *, by: str, now: datetime) -> None:
    """A member of staff is sure who this is: their next message is let in, and the assistant gives a new code word."""
    lock(session, conversation)
    conversation.code_hash, conversation.code_tries, conversation.code_barred_until = None, 0, None
    conversation.nudged_at = None
    if conversation.phone_key is not None:
        conversation.phone_since = now
    record(session, by=by, kind="code_forgotten", subject="conversation", subject_id=conversation.id, at=now)


def resume_with(
    session: Session,
    *,
    code: str,
    now: datetime,
    reference: str | None = None,
    phone: str | None = None,
    apart_from: Conversation | None = None,
) -> Conversation | None:
    """The conversation that a code word opens; None if it opens none, whatever the reason, so that nothing is told.

    Three wrong words bar every conversation they could have meant for twelve hours; with a reference a person is asked
    for as well. At a telephone's door that is done by `count_wrong`, where whoever tried can be seen.

    Args:
        code: as `code_words.read_code` gives it.
        reference: the number given with the code, or of a case filed from the conversation.
        phone: E.164; a code is then looked for among the conversations on that number.
        apart_from: a conversation that is not meant: the one in which it was said.
    """
    meant = [each for each in _meant(session, reference, phone) if each.code_hash and each is not apart_from]
    for each in meant:
        lock(session, each)
    open_ones = [each for each in meant if each.code_barred_until is None or each.code_barred_until <= now]
    found = next((each for each in open_ones if hmac.compare_digest(each.code_hash or "", _hash(each, code))), None)
    if found is None:
        _count_wrong(session, open_ones, now, ask=reference is not None)
        return None
    found.code_tries, found.code_barred_until = 0, None
    record(session, by=ASSISTANT, kind="came_back", subject="conversation", subject_id=found.id, at=now)
    return found


def _meant(session: Session, reference: str | None, phone: str | None) -> list[Conversation]:
    if reference is not None:
        of_case = select(Case.id).where(Case.reference == reference)
        either = (Conversation.reference == reference) | Conversation.case_id.in_(of_case)
        return list(session.scalars(select(Conversation).where(either).order_by(Conversation.id)))
    if phone is None:
        return []
    key = vault().fingerprint(phone)
    return list(session.scalars(select(Conversation).where(Conversation.phone_key == key).order_by(Conversation.id)))


def count_wrong(session: Session, door: Conversation, *, now: datetime) -> bool:
    """A wrong word at the door of a telephone; True from the last that is allowed on, when a person is asked for."""
    door.code_tries += 1
    if door.code_tries < TRIES:
        return False
    conversations.ask_for_person(session, door, reason="code_failed", now=now)
    return True


def _count_wrong(session: Session, meant: list[Conversation], now: datetime, *, ask: bool) -> None:
    for each in meant:
        each.code_tries += 1
        if each.code_tries >= TRIES:
            each.code_tries, each.code_barred_until = 0, now + BARRED_FOR
            if ask:
                conversations.ask_for_person(session, each, reason="code_failed", now=now)


def _hash(conversation: Conversation, code: str) -> str:
    return vault().fingerprint(f"code {conversation.id} {code}")


# --- a telephone and who has it --------------------------------------------------------------------------------------


def open_door(session: Session, known: Conversation, *, asking: bool, now: datetime) -> Conversation:
    """An empty conversation on the number of a known one, for whoever writes now.

    Args:
        asking: the code word is to be asked for; else it is somebody new.
    """
    door = Conversation(
        id=new_id(),
        handle=conversations.new_handle(),
        channel="sms",
        phone=known.phone,
        phone_key=known.phone_key,
        phone_since=now,
        code_asked_at=now if asking else None,
        opted_out_at=known.opted_out_at,
        started_at=now,
        last_message_at=now,
        is_demo=known.is_demo,
    )
    session.add(door)
    session.flush()
    record(session, by=ASSISTANT, kind="opened", subject="conversation", subject_id=door.id, at=now)
    return door


def become_new(door: Conversation) -> None:
    """Whoever stands at the door is somebody new, and this is their conversation."""
    door.code_asked_at = None


def join(session: Session, door: Conversation, known: Conversation, *, now: datetime) -> None:
    """What was said at the door belongs to the conversation that the code opened; the door is left empty.

    A worry raised at the door goes with its words, and so does the wish for a person.
    """
    session.flush()
    for table in (Message, Job, Referral):
        session.execute(update(table).where(table.conversation_id == door.id).values(conversation_id=known.id))
    if known.case_id is not None:
        moved = select(Message.id).where(Message.conversation_id == known.id)
        session.execute(
            update(Referral)
            .where(Referral.message_id.in_(moved), Referral.case_id.is_(None))
            .values(case_id=known.case_id)
        )
    if door.needs_person_reason not in (None, "code_failed", "code_lost"):
        conversations.ask_for_person(session, known, reason=str(door.needs_person_reason), now=now)
    door.needs_person_since = door.needs_person_reason = None
    # Nobody's number and nobody's words stay behind; the row stays for the event log.
    door.phone = door.phone_key = door.phone_since = door.code_asked_at = None
    door.state = "ended"
    session.flush()


def to_phone(session: Session, conversation: Conversation, *, phone: str, now: datetime) -> None:
    """The person goes on by text from this number, which is theirs from now on."""
    key = vault().fingerprint(phone)
    if conversation.phone_key != key or conversation.channel == "web":
        # A browser left open somewhere, or whoever has the old number now, loses its hold.
        conversation.phone, conversation.phone_key = phone, key
        conversation.handle = conversations.new_handle()
    conversation.channel, conversation.phone_since = "sms", now
    conversation.last_message_at = now
    conversations.reopen(conversation)
    conversations.begin_leg_if_due(conversation, now, forced=True)
    conversations.let_go(session, conversation, now=now)


def to_web(session: Session, conversation: Conversation, *, now: datetime) -> str:
    """The person goes on in a browser; returns the new handle, which ends any other browser's hold on it.

    What was held back stands on the page they read now.
    """
    held = update(Message).where(Message.conversation_id == conversation.id, Message.delivery == "held")
    session.execute(held.values(delivery="delivered"))
    conversation.nudged_at = None
    conversation.channel, conversation.handle = "web", conversations.new_handle()
    conversation.last_message_at = now
    conversations.reopen(conversation)
    conversations.begin_leg_if_due(conversation, now, forced=True)
    return conversation.handle


def line_of(session: Session, conversation: Conversation, *, hours: SafeHours) -> Line:
    """What is known of a conversation's telephone, for the rule of what may be sent.

    Args:
        hours: the profile's, for those who named none.
    """
    sharing = conversations.sharing_number(session, conversation)
    now_theirs = conversations.of_number(session, conversation.phone_key) if conversation.phone_key else None
    own = conversation.safe_hours or next((each.safe_hours for each in sharing if each.safe_hours), None)
    return Line(
        safety=conversations.safety_of_texts(session, conversation),
        hours=SafeHours.from_text(own) if own else hours,
        has_own_hours=own is not None,
        opted_out=conversation.opted_out_at is not None,
        is_theirs=now_theirs is None or now_theirs.id == conversation.id,
        wrote_at=conversation.last_message_at,
    )
