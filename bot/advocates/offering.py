"""Offering an advocate again: when a complaint is refused, at each stage, and after silence (R27).

A sweep looks for offers that are owed and makes each once, where writing to the young person is safe. What cannot be
written safely is left to staff, who see it in the console.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import advocacy, conversations, lookup, returning
from bot.cases.tables import AdvocacyOffer, Case, Conversation, Draft, Letter, Stage
from bot.eligibility import CHILDREN
from bot.safe_texting import unasked_words
from bot.service import Service

# What happened longer ago than this is not taken up: a new installation must not write to people about last year.
LOOK_BACK = timedelta(days=30)
WORDS = {
    "refusal": "utter_advocacy_after_refusal",
    "stage": "utter_advocacy_at_stage",
    "silence": "utter_advocacy_after_silence",
}


@dataclass(frozen=True)
class Owed:
    """An offer to make.

    Args:
        once: the name under which it is made a single time.
        facts: for the blanks of the words.
    """

    conversation: Conversation
    occasion: str
    once: str
    facts: dict[str, Any]


def make_what_is_owed(service: Service, *, now: datetime) -> int:
    """Make every offer that is owed and can be made safely; returns how many were made."""
    made = 0
    with service.database.write() as session:
        _record_letters(session, service, now)
        for owed in list(owed_offers(session, service, now=now)):
            words = words_for(session, service, owed)
            if words is not None:
                _make(session, service, owed, words, now)
                made += 1
    return made


def owed_offers(session: Session, service: Service, *, now: datetime) -> Iterator[Owed]:
    """Offers that are owed and have not been made, safe to write or not."""
    made = set(session.scalars(select(AdvocacyOffer.once).where(AdvocacyOffer.once.is_not(None))))
    for owed in (*_after_refusals(session, now), *_at_stages(session, now), *_after_silence(session, service, now)):
        if owed.once not in made and not _has_one(session, owed.conversation):
            yield owed


def _after_refusals(session: Session, now: datetime) -> Iterator[Owed]:
    refused = select(Case).where(
        Case.status == "not_accepted", Case.decided_at >= now - LOOK_BACK, Case.role.in_(CHILDREN), ~Case.is_demo,
        Case.brought_by.is_(None),
    )  # fmt: skip
    for case in session.scalars(refused):
        yield from _about(session, case, "refusal", f"refusal:{case.id}", reference=case.reference)


def _at_stages(session: Session, now: datetime) -> Iterator[Owed]:
    begun = (
        select(Case, Stage.number)
        .join(Stage, Stage.case_id == Case.id)
        .where(
            Stage.answered_on.is_(None), Stage.number == Case.stage, Case.status == "open", Case.role.in_(CHILDREN),
            Stage.started_on >= clocks.local_day(now - LOOK_BACK), ~Case.is_demo, Case.brought_by.is_(None),
        )
    )  # fmt: skip
    for case, number in session.execute(begun):
        once = f"stage:{case.id}:{number}"
        yield from _about(session, case, "stage", once, reference=case.reference, stage=number)


def _about(session: Session, case: Case, occasion: str, once: str, **facts: Any) -> Iterator[Owed]:
    conversation = lookup.conversation_of(session, case)
    if conversation is not None:
        yield Owed(conversation, occasion, once, facts)


def _after_silence(session: Session, service: Service, now: datetime) -> Iterator[Owed]:
    """Young people who began to tell something and then said no more."""
    days = service.council.advocacy.offer_again_days
    if days is None:
        return
    fell_silent = (
        select(Conversation, Draft)
        .join(Draft, Draft.conversation_id == Conversation.id)
        .where(
            Conversation.last_message_at.between(now - LOOK_BACK - timedelta(days=days), now - timedelta(days=days)),
            Conversation.state.in_(("open", "ended")),
            ~Conversation.is_demo,
        )
    )
    for conversation, draft in session.execute(fell_silent):
        if draft.facts.get("complainant_role") in CHILDREN:
            yield Owed(conversation, "silence", f"silence:{conversation.id}", {})


def _has_one(session: Session, conversation: Conversation) -> bool:
    newest = advocacy.latest_offer(session, conversation.id)
    referral = advocacy.referral_of(session, conversation)
    under_way = referral is not None and referral.state in (*advocacy.UNANSWERED, "accepted")
    return under_way or (newest is not None and newest.answer in ("accepted", "has_one"))


def words_for(session: Session, service: Service, owed: Owed) -> str | None:
    """Which response can be said to this person unasked; None where it is not safe to write to them."""
    return _sayable(session, service, owed.conversation, WORDS[owed.occasion])


def _sayable(session: Session, service: Service, conversation: Conversation, response: str) -> str | None:
    """`response`, its neutral stand-in, or None; a web page shows it only to who comes back with the same browser."""
    if not _is_ours_to_write(conversation):
        return None
    if conversation.channel == "web":
        return response
    return unasked_words(returning.line_of(session, conversation, hours=service.council.texting.hours), response)


def _is_ours_to_write(conversation: Conversation) -> bool:
    return not (conversation.opted_out_at or conversation.taken_over_by or conversation.state == "referred")


def _make(session: Session, service: Service, owed: Owed, response: str, now: datetime) -> None:
    reply = service.words.to(owed.conversation, response, **owed.facts)
    conversations.store_replies(session, owed.conversation, [reply], now=now)
    advocacy.offer(
        session, owed.conversation.id, provider=service.council.advocacy.name, now=now, occasion=owed.occasion,
        channel=owed.conversation.channel, words=reply.text, once=owed.once,
    )  # fmt: skip


def tell(
    session: Session, service: Service, conversation: Conversation, response: str, *, now: datetime, **facts: Any
) -> None:
    """Tell a young person news of their advocate, unless that is for a person to tell.

    By text it leaves in its own words only where texts are safe, and otherwise waits until they write (`may_leave`).

    Args:
        response: one of `safe_texting.NEWS`.
    """
    if _is_ours_to_write(conversation):
        reply = service.words.to(conversation, response, **facts)
        conversations.store_replies(session, conversation, [reply], now=now)


def _record_letters(session: Session, service: Service, now: datetime) -> None:
    """Every letter to a child offers an advocate: once sent, it is proof of the offer."""
    known = select(AdvocacyOffer.letter_id).where(AdvocacyOffer.letter_id.is_not(None))
    sent = (
        select(Letter, Case)
        .join(Case, Case.id == Letter.case_id)
        .where(
            Letter.sent_on >= clocks.local_day(now - LOOK_BACK), Letter.id.not_in(known),
            Letter.kind.in_(("refusal", "acknowledgement", "moved", "freeze")), Case.role.in_(CHILDREN), ~Case.is_demo,
        )
        .order_by(Letter.at)
    )  # fmt: skip
    for letter, case in session.execute(sent):
        advocacy.offered_by_letter(
            session, letter, case, lookup.conversation_of(session, case),
            provider=service.council.advocacy.name, now=now,
        )  # fmt: skip
