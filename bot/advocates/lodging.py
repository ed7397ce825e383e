"""What an advocate writes at their door: kept and screened as every message is, and filed by the same intake."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import authority, conversations, intake, safeguarding
from bot.cases.tables import AdvocateDoor, Authority, Case, Conversation, Message
from bot.screening import Context, screen
from bot.service import Service
from bot.understanding import understand


@dataclass(frozen=True)
class Lodged:
    """What became of it.

    Args:
        danger: how the words were screened: none, concern or immediate.
    """

    authority_id: str
    reference: str
    danger: str


def lodge(
    session: Session, service: Service, door: AdvocateDoor, told: dict[str, Any], *, message_id: str, now: datetime
) -> Lodged:
    """File a complaint for a young person.

    Args:
        told: `what_happened`, `desired_outcome`, `child_name`, `child_age`, `child_status`, `child_phone`, `consent`
            (given or pending) and `scope`, what the young person agreed that the advocate may see.
        message_id: the form's own name for itself, so that one sent twice is filed once.
    """
    known = conversations.of_provider(session, _provider_id(door, message_id))
    if known is not None and known.conversation.case is not None:
        return _lodged_before(door, known)
    thread = conversations.open_conversation(session, channel="web", now=now)
    kept = _keep(session, thread, told["what_happened"], _provider_id(door, message_id), now)
    intake.save_draft(session, thread.id, _facts(service, door, told, now) | {"parts": [kept.id]}, now=now)
    filed = intake.file_complaint(
        session, conversation_id=thread.id, council=service.council, rules=service.rules, now=now
    )
    case = _case_of(thread)
    if told.get("child_phone"):
        authority.keep_number(session, case, told["child_phone"])
    given = authority.give(
        session, door, scope=told["scope"], case=case, thread=thread, given_by="advocate", by=door.id, now=now
    )
    return Lodged(given.id, filed.reference, kept.screening or "none")


def _provider_id(door: AdvocateDoor, message_id: str) -> str:
    return f"door:{door.id}:{message_id}"


def _lodged_before(door: AdvocateDoor, known: Message) -> Lodged:
    given = next(each for each in door.authorities if each.thread_id == known.conversation_id)
    return Lodged(given.id, _case_of(known.conversation).reference, known.screening or "none")


def _case_of(thread: Conversation) -> Case:
    if thread.case is None:
        raise LookupError("a filed conversation has its case")
    return thread.case


def _facts(service: Service, door: AdvocateDoor, told: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The facts of the vocabulary: what the form asks, and what the words themselves tell as they would in a chat."""
    today = clocks.local_day(now)
    read = understand(told["what_happened"], asking="what_happened", intent=None, council=service.council, today=today)
    from_words: dict[str, Any] = {
        name: read[name] for name in ("subject", "team", "category", "grounds_on") if name in read
    }
    facts: dict[str, Any] = {
        **from_words,
        "nature": "complaint",
        "complainant_role": "representative",
        "representative_kind": door.kind,
        "representative_organisation": door.organisation,
        "acting_for": "child",
        "name": door.name,
        "identity": "named",
        "preferred_contact": None,
        "child_name": told["child_name"],
        "child_age": told.get("child_age"),
        "child_status": told["child_status"],
        "consent": told["consent"],
        "what_happened": told["what_happened"],
        "desired_outcome": told.get("desired_outcome"),
        "responsible_body": "this_council",
    }
    return {name: value for name, value in facts.items() if value is not None and value != ""}


def add(session: Session, given: Authority, text: str, *, message_id: str, now: datetime) -> str:
    """Add an advocate's words to the case; staff see that there is something to read.

    Returns:
        How the words were screened: none, concern or immediate.
    """
    known = conversations.of_provider(session, f"door:{given.door_id}:{message_id}")
    if known is not None:
        return known.screening or "none"
    thread = authority.thread_of(session, given, now=now)
    kept = _keep(session, thread, text, f"door:{given.door_id}:{message_id}", now)
    if kept.screening != "immediate":
        conversations.ask_for_person(session, thread, reason="added", now=now)
    return kept.screening or "none"


def _keep(session: Session, thread: Conversation, text: str, provider_id: str, now: datetime) -> Message:
    found = screen(text, Context())
    kept = conversations.keep_message(
        session, thread, provider_id=provider_id, text=text, now=now, screening=found.level, reasons=found.reasons
    )
    thread.last_message_at = now
    if found.level != "none":
        safeguarding.raise_referral(session, thread, kept, now=now)
    if found.level == "immediate":
        conversations.ask_for_person(session, thread, reason="danger", now=now)
    return kept
