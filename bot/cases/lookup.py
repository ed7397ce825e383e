"""What the console shows: queues and single records, read from the store and never changed here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.cases import advocacy, conversations, elements
from bot.cases.tables import (
    AdvocacyOffer,
    AdvocacyReferral,
    Case,
    CaseAction,
    Compliment,
    Conversation,
    Draft,
    Job,
    Message,
    Referral,
)
from bot.clocks import local_day
from bot.eligibility import Past
from bot.errors import NotFound

GIVEN_UP = (Job.state == "dead", Job.kind != "alert")


@dataclass(frozen=True)
class Counts:
    """How much waits in each queue; `alarms` are the immediate referrals nobody has acknowledged, `advocates` the
    referrals to an advocate under way, `compliments` those to be passed on, `actions` those past their day."""

    new_cases: int
    referrals: int
    alarms: int
    people: int
    open_cases: int
    failed_jobs: int
    advocates: int
    compliments: int
    actions: int


def new_cases(session: Session) -> list[Case]:
    """Contacts that wait for a person to decide, parked ones too, the oldest first."""
    return [case for case in _cases(session, "new", "parked") if case.decided_at is None]


def open_cases(session: Session) -> list[Case]:
    """Complaints being answered, the oldest first."""
    return [case for case in _cases(session, "open", "parked") if case.decided_at is not None]


def finished_cases(session: Session) -> list[Case]:
    """Closed, withdrawn and not accepted contacts, the newest first."""
    return _cases(session, "closed", "withdrawn", "not_accepted")[::-1]


def _cases(session: Session, *statuses: str) -> list[Case]:
    return list(
        session.scalars(
            select(Case)
            .where(Case.status.in_(statuses))
            .order_by(Case.received_at)
            .options(
                selectinload(Case.stages),
                selectinload(Case.decisions),
                selectinload(Case.elements),
                selectinload(Case.holds),
            )
        )
    )


def referral_queue(session: Session) -> list[Referral]:
    """Worries nobody has finished with: unacknowledged first, then immediate before concern, then the oldest."""
    waiting = session.scalars(
        select(Referral)
        .where(Referral.outcome.is_(None))
        .order_by(Referral.raised_at)
        .options(selectinload(Referral.alerts))
    )
    return sorted(waiting, key=lambda each: (each.acknowledged_at is not None, each.level != "immediate"))


def finished_referrals(session: Session) -> list[Referral]:
    """Worries the front door has answered, the newest first."""
    return list(
        session.scalars(select(Referral).where(Referral.outcome.is_not(None)).order_by(Referral.raised_at.desc()))
    )


def alarms(session: Session) -> int:
    """How many immediate referrals nobody has acknowledged: the banner on every page."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Referral)
            .where(Referral.level == "immediate", Referral.acknowledged_at.is_(None))
        )
        or 0
    )


def people_waiting(session: Session) -> list[Conversation]:
    """Conversations that need a person, the longest waiting first."""
    return list(
        session.scalars(
            select(Conversation)
            .where(Conversation.needs_person_since.is_not(None))
            .order_by(Conversation.needs_person_since)
        )
    )


def conversation_of(session: Session, case: Case) -> Conversation | None:
    """The conversation a case was filed from, if it came through the assistant; an advocate's own came later."""
    return session.scalar(
        select(Conversation).where(Conversation.case_id == case.id).order_by(Conversation.started_at).limit(1)
    )


@dataclass(frozen=True)
class Way:
    """A way to reach somebody, and what they said about its safety; None if they were not asked."""

    route: str
    detail: str | None
    safety: str | None


def ways_to_reach(session: Session, conversation: Conversation) -> list[Way]:
    """How the person of a conversation can be reached and how safe each way is, as they told us, filed or not."""
    facts = [conversations.draft_facts(session, conversation.id)]
    if conversation.case is not None:
        people = [link.person for link in conversation.case.people if link.part != "child"]
        facts += [{name: getattr(person, name) for name in ("email", "phone", "address")} for person in people]
    details = {"sms": conversation.phone}
    for each in facts:
        for route, name in (("email", "email"), ("phone", "phone"), ("letter", "address")):
            details[route] = details.get(route) or each.get(name)
    safety: dict[str, str] = {}
    for wishes in conversations.safety_wishes(session, conversation):
        safety = {**wishes, **safety}
    routes = [route for route in (*details, "through_advocate") if details.get(route) or route in safety]
    return [Way(route, details.get(route), safety.get(route)) for route in routes]


def also_on_number(session: Session, conversation: Conversation) -> list[Conversation]:
    """The other conversations on the same telephone number, the newest first."""
    others = [each for each in conversations.sharing_number(session, conversation) if each is not conversation]
    return sorted(others, key=lambda each: each.last_message_at, reverse=True)


def failed_jobs(session: Session) -> list[Job]:
    """Work that was given up, for a person to see; alerts that failed have a banner of their own."""
    return list(session.scalars(select(Job).where(*GIVEN_UP).order_by(Job.id)))


def counts(session: Session, *, today: date) -> Counts:
    """How much waits, for the banners and the navigation of every page."""
    cases = select(func.count()).select_from(Case)
    return Counts(
        new_cases=_count(session, cases.where(Case.status.in_(("new", "parked")), Case.decided_at.is_(None))),
        referrals=_count(session, select(func.count()).select_from(Referral).where(Referral.outcome.is_(None))),
        alarms=alarms(session),
        people=_count(
            session,
            select(func.count()).select_from(Conversation).where(Conversation.needs_person_since.is_not(None)),
        ),
        open_cases=_count(session, cases.where(Case.status.in_(("open", "parked")), Case.decided_at.is_not(None))),
        failed_jobs=_count(session, select(func.count()).select_from(Job).where(*GIVEN_UP)),
        advocates=_count(
            session,
            select(func.count()).select_from(AdvocacyReferral).where(AdvocacyReferral.state.in_(advocacy.UNDER_WAY)),
        ),
        compliments=_count(
            session, select(func.count()).select_from(Compliment).where(Compliment.passed_on_at.is_(None))
        ),
        actions=_count(
            session,
            select(func.count()).select_from(CaseAction).where(CaseAction.done_on.is_(None), CaseAction.due_on < today),
        ),
    )


def _count(session: Session, counting: Select[int]) -> int:
    return session.scalar(counting) or 0


def conversation(session: Session, conversation_id: str) -> Conversation:
    """One conversation.

    Raises:
        NotFound: there is no such conversation.
    """
    found = session.get(Conversation, conversation_id)
    if found is None:
        raise NotFound("There is no such conversation.")
    return found


def taken_over(session: Session) -> list[Conversation]:
    """Conversations in which a member of staff speaks, the longest first."""
    return list(
        session.scalars(
            select(Conversation).where(Conversation.taken_over_by.is_not(None)).order_by(Conversation.taken_over_at)
        )
    )


def referrals_about(session: Session, *, case_id: str | None, conversation_id: str | None) -> list[Referral]:
    """The worries that came up in a case or in the conversation it was told in, the newest first."""
    return list(
        session.scalars(
            select(Referral)
            .where(
                or_(
                    Referral.case_id.is_not(None) & (Referral.case_id == case_id),
                    Referral.conversation_id == conversation_id,
                )
            )
            .order_by(Referral.raised_at.desc())
        )
    )


def advocacy_offers(session: Session, conversation_id: str) -> list[AdvocacyOffer]:
    """Every offer of an advocate in a conversation, filed or not, the oldest first."""
    return list(
        session.scalars(
            select(AdvocacyOffer)
            .where(AdvocacyOffer.conversation_id == conversation_id)
            .order_by(AdvocacyOffer.offered_at)
        )
    )


def cases_of(session: Session, references: Sequence[str]) -> list[Case]:
    """The cases of these references, the oldest first."""
    return list(session.scalars(select(Case).where(Case.reference.in_(references)).order_by(Case.received_at)))


def said_since(session: Session, referral: Referral) -> list[Message]:
    """What the person has written after the message that raised a worry, the oldest first."""
    first = select(Message.number).where(Message.id == referral.message_id).scalar_subquery()
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.conversation_id == referral.conversation_id, Message.direction == "in", Message.number > first
            )
            .order_by(Message.number)
        )
    )


def draft_of(session: Session, conversation_id: str) -> Draft | None:
    """The complaint that is being told in a conversation, if one is."""
    return session.get(Draft, conversation_id)


def referrals_of(session: Session, ids: Sequence[str]) -> list[Referral]:
    """The worries of these ids, the oldest first."""
    return list(session.scalars(select(Referral).where(Referral.id.in_(ids)).order_by(Referral.raised_at)))


def offers_of(session: Session, ids: Sequence[str]) -> list[AdvocacyOffer]:
    """The offers of an advocate of these ids, the oldest first."""
    return list(
        session.scalars(select(AdvocacyOffer).where(AdvocacyOffer.id.in_(ids)).order_by(AdvocacyOffer.offered_at))
    )


def advocacy_referrals_of(session: Session, ids: Sequence[str]) -> list[AdvocacyReferral]:
    """The referrals to an advocate of these ids, the oldest first."""
    return list(
        session.scalars(
            select(AdvocacyReferral).where(AdvocacyReferral.id.in_(ids)).order_by(AdvocacyReferral.asked_at)
        )
    )


def compliments_of(session: Session, ids: Sequence[str]) -> list[Compliment]:
    """The compliments of these ids, the oldest first."""
    return list(session.scalars(select(Compliment).where(Compliment.id.in_(ids)).order_by(Compliment.received_at)))


def past_proposals(session: Session) -> list[Past]:
    """Every first proposal of the rules with the facts it was made on, for `bot eligibility replay`."""
    cases = session.scalars(select(Case).order_by(Case.received_at).options(selectinload(Case.decisions)))
    return [past for case in cases for past in _past(case)]


def _past(case: Case) -> Iterator[Past]:
    of = {element.number: element for element in case.elements}
    for number, proposal in elements.proposals(case, first=True).items():
        kept = ("outcome", "reason_code", "sub_reason", "rule", "missing")
        decided = {name: getattr(proposal, name) for name in kept}
        name = f"{case.reference} point {number}" if len(of) > 1 else case.reference
        yield Past(name, elements.facts_of(case, of[number]), decided, local_day(proposal.at))
