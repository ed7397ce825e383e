"""What can be told of a young person: read from their case, or from what they have told so far, and only as agreed."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import conversations
from bot.cases.tables import AdvocacyReferral, Authority, Case, Person

ROUTES = ("phone", "email", "address")


def shared_facts(session: Session, about: AdvocacyReferral | Authority, scope: Iterable[str]) -> dict[str, Any]:
    """What may be told now, by the names of `SHARES`; how it is going and the replies are no facts to pass on."""
    told: dict[str, Callable[[], Any]] = {
        "name": lambda: name_of(session, about),
        "contact": lambda: contact_of(session, about),
        "about": lambda: about.case.category if about.case else _draft(session, about).get("category"),
        "words": lambda: about.case.statement if about.case else _draft(session, about).get("what_happened"),
    }
    return {share: told[share]() for share in scope if share in told}


def name_of(session: Session, about: AdvocacyReferral | Authority) -> str | None:
    """What the young person wants to be called."""
    person = _young_person(about.case)
    return person.name if person else _draft(session, about).get("name")


def contact_of(session: Session, about: AdvocacyReferral | Authority) -> dict[str, Any]:
    """How the young person can be reached, and what is safe there; empty when nothing is known."""
    person, draft = _young_person(about.case), _draft(session, about)
    known = {each: getattr(person, each) if person else draft.get(each) for each in ROUTES}
    if about.conversation is not None:
        known["phone"] = known["phone"] or about.conversation.phone
    found = {each: value for each, value in known.items() if value}
    safety = person.safe_to_contact if person else draft.get("safe_to_contact")
    return {**found, "safe_to_contact": safety} if found and safety else found


def _young_person(case: Case | None) -> Person | None:
    """The child somebody spoke for, or who complained in person."""
    if case is None:
        return None
    part = "child" if case.brought_by else "complainant"
    return next((link.person for link in case.people if link.part == part), None)


def _draft(session: Session, about: AdvocacyReferral | Authority) -> dict[str, Any]:
    if about.case is not None or about.conversation_id is None:
        return {}
    return conversations.draft_facts(session, about.conversation_id)
