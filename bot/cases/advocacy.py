"""An advocate for a child: offered, wished for, referred to the provider, answered (Children Act 1989 s26A, R27).

Every offer is proof of its own. A wish becomes a referral, of which the provider learns no more than the young person
agreed to; what becomes of it is timed, and nothing is left lying: where no answer comes, a person takes it on.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.cases import conversations, jobs
from bot.cases.database import lock, new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import AdvocacyOffer, AdvocacyReferral, Authority, Case, Conversation, Letter
from bot.errors import InvalidStep, NotFound
from bot.understanding.sharing import SHARES

ANSWERS = ("accepted", "declined", "has_one", "later")
OUTCOMES = ("accepted", "declined", "not_reached")
UNANSWERED = ("consent", "owed", "sent", "by_hand")
# Who could not be reached may be yet.
UNDER_WAY = (*UNANSWERED, "not_reached")
ANSWERABLE = ("sent", "by_hand", "not_reached")


# --- offers ----------------------------------------------------------------------------------------------------------


def offer(
    session: Session,
    conversation_id: str,
    *,
    provider: str,
    now: datetime,
    occasion: str = "start",
    channel: str | None = None,
    words: str | None = None,
    once: str | None = None,
) -> AdvocacyOffer:
    """Keep proof that the assistant offered an advocate in a conversation.

    At the start of one complaint the question may be put again in other words: that is the same offer. On every other
    occasion each offer is a new row.

    Args:
        occasion: start, asked (they asked by themselves), thinking, refusal, stage or silence.
        words: what was said, as it was said.
        once: a name under which such an offer is made a single time; the first is kept.
    """
    known = _made_before(session, conversation_id, occasion, once)
    if known is not None:
        return known
    case = session.get_one(Conversation, conversation_id).case_id if occasion in ("refusal", "stage") else None
    made = AdvocacyOffer(
        id=new_id(), conversation_id=conversation_id, case_id=case, offered_at=now, provider=provider,
        offered_by=ASSISTANT, occasion=occasion, channel=channel, words=words, once=once,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, by=ASSISTANT, kind="advocate_offered", subject="conversation", subject_id=conversation_id, at=now,
        occasion=occasion,
    )  # fmt: skip
    return made


def _made_before(session: Session, conversation_id: str, occasion: str, once: str | None) -> AdvocacyOffer | None:
    if once is not None:
        return session.scalar(select(AdvocacyOffer).where(AdvocacyOffer.once == once))
    if occasion != "start":
        return None
    return _newest(
        session,
        AdvocacyOffer.conversation_id == conversation_id,
        AdvocacyOffer.case_id.is_(None),
        AdvocacyOffer.occasion == "start",
    )


def offered_by_letter(
    session: Session, letter: Letter, case: Case, conversation: Conversation | None, *, provider: str, now: datetime
) -> AdvocacyOffer:
    """Keep proof of the offer that stands in a letter, once the letter has been sent: it was made by who sent it."""
    made = AdvocacyOffer(
        id=new_id(), conversation_id=conversation.id if conversation else None, case_id=case.id, offered_at=now,
        offered_by=letter.sent_by, occasion="refusal" if letter.kind == "refusal" else "stage", channel="letter",
        letter_id=letter.id, once=f"letter:{letter.id}", provider=provider,
    )  # fmt: skip
    session.add(made)
    session.flush()
    record(
        session, by=letter.sent_by or ASSISTANT, kind="advocate_offered", subject="case", subject_id=case.id, at=now,
        occasion=made.occasion,
    )  # fmt: skip
    return made


def answer(session: Session, conversation_id: str, *, answer: str, provider: str, now: datetime) -> AdvocacyOffer:
    """Record the answer to the newest offer; a later answer replaces an earlier one, and the log keeps both.

    Args:
        answer: accepted, declined, has_one or later.
    """
    made = latest_offer(session, conversation_id) or offer(
        session, conversation_id, provider=provider, now=now, occasion="asked"
    )
    made.answer, made.answered_at = answer, now
    record(
        session, by=ASSISTANT, kind="advocate_answered", subject="conversation", subject_id=conversation_id, at=now,
        answer=answer,
    )  # fmt: skip
    return made


def latest_offer(session: Session, conversation_id: str) -> AdvocacyOffer | None:
    """The newest offer in the complaint now being told, or else in the one that was filed last."""
    here = AdvocacyOffer.conversation_id == conversation_id
    being_told = _newest(session, here, AdvocacyOffer.case_id.is_(None))
    if being_told is not None or conversations.draft_facts(session, conversation_id):
        return being_told
    return _newest(session, here, AdvocacyOffer.letter_id.is_(None))


def _newest(session: Session, *which: object) -> AdvocacyOffer | None:
    return session.scalar(
        select(AdvocacyOffer).where(*which).order_by(AdvocacyOffer.offered_at.desc(), AdvocacyOffer.id.desc()).limit(1)  # type: ignore[arg-type]
    )


def standing(answers: Iterable[str | None]) -> str:
    """Where several offers together stand, by their answers in order: the last answer, no_answer, or not_offered."""
    given = list(answers)
    return next((each for each in reversed(given) if each), "no_answer" if given else "not_offered")


def attach(session: Session, conversation_id: str, case: Case) -> None:
    """What was offered, wished for and allowed while a complaint was told belongs to the case it became."""
    here = {"conversation_id": conversation_id, "case_id": None}
    unfiled: list[AdvocacyOffer | AdvocacyReferral | Authority] = [
        *session.scalars(select(AdvocacyOffer).filter_by(**here)),
        *session.scalars(select(AdvocacyReferral).filter_by(**here)),
        *session.scalars(select(Authority).filter_by(**here)),
    ]
    for each in unfiled:
        each.case_id = case.id
    session.flush()


# --- the wish and what may be told -----------------------------------------------------------------------------------


def wish(session: Session, conversation: Conversation, *, provider: str, now: datetime) -> AdvocacyReferral:
    """Begin a referral; one that is under way or was accepted is the same one."""
    known = referral_of(session, conversation)
    if known is not None and known.state in (*UNANSWERED, "accepted"):
        return known
    begun = AdvocacyReferral(
        id=new_id(), conversation_id=conversation.id, case_id=_case_of(session, conversation), provider=provider,
        asked_at=now, share=[],
    )  # fmt: skip
    session.add(begun)
    session.flush()
    _record(session, begun, "advocate_wished", by=ASSISTANT, now=now)
    return begun


def _case_of(session: Session, conversation: Conversation) -> str | None:
    # While another complaint is being told the wish is about that one.
    return None if conversations.draft_facts(session, conversation.id) else conversation.case_id


def referral_of(session: Session, conversation: Conversation) -> AdvocacyReferral | None:
    """The newest referral of the complaint now being told or last filed in a conversation."""
    case = _case_of(session, conversation)
    return session.scalar(
        select(AdvocacyReferral)
        .where(
            AdvocacyReferral.conversation_id == conversation.id,
            or_(AdvocacyReferral.case_id.is_(None), AdvocacyReferral.case_id == case),
        )
        .order_by(AdvocacyReferral.asked_at.desc(), AdvocacyReferral.id.desc())
        .limit(1)
    )


def consent(
    session: Session, referral: AdvocacyReferral, *, share: Iterable[str], words: str, now: datetime
) -> AdvocacyReferral:
    """Keep what the young person agreed to have told to the provider, in their own words as proof (R8).

    Args:
        share: any of `SHARES` (`bot.understanding.sharing`); none of them means "ask me first", and a person asks.

    Raises:
        InvalidStep: the referral was taken back, or names something that cannot be shared.
    """
    lock(session, referral)
    agreed = _checked(share)
    if referral.state == "withdrawn":
        raise InvalidStep("The young person took this back. Ask whether they want an advocate before beginning again.")
    referral.share, referral.consented_at, referral.consent_words = agreed, now, words
    if referral.state == "consent" and agreed:
        referral.state = "owed"
    elif referral.state in ("owed", "by_hand") and not agreed:
        referral.state = "consent"
    if not agreed:
        conversations.ask_for_person(session, referral.conversation, reason="advocate", now=now)
    _record(session, referral, "advocate_consent", by=ASSISTANT, now=now, share=agreed)
    return referral


def _checked(share: Iterable[str]) -> list[str]:
    wanted = set(share)
    if wanted - set(SHARES):
        raise InvalidStep(f"What can be shared is: {', '.join(SHARES)}.")
    return [each for each in SHARES if each in wanted]


# --- on its way ------------------------------------------------------------------------------------------------------


def get(session: Session, referral_id: str) -> AdvocacyReferral:
    """One referral.

    Raises:
        NotFound: there is no such referral.
    """
    found = session.get(AdvocacyReferral, referral_id)
    if found is None:
        raise NotFound("There is no such referral to an advocate.")
    return found


def ready(session: Session, *, quiet_since: datetime) -> list[AdvocacyReferral]:
    """Referrals to send: the complaint is filed, or the young person has said nothing more for a while.

    Until then they may still be telling what the advocate needs: their name and how to reach them.
    """
    return list(
        session.scalars(
            select(AdvocacyReferral)
            .join(Conversation, Conversation.id == AdvocacyReferral.conversation_id)
            .where(
                AdvocacyReferral.state == "owed",
                ~Conversation.is_demo,
                or_(AdvocacyReferral.case_id.is_not(None), Conversation.last_message_at <= quiet_since),
            )
            .order_by(AdvocacyReferral.asked_at)
        )
    )


def owe_sending(session: Session, referral: AdvocacyReferral, *, now: datetime) -> None:
    """Owe the sending of a referral, or, when it was sent and nobody answered, its chase; each is owed once."""
    kind = "chase" if referral.state == "sent" else "send"
    jobs.owe(
        session, kind="advocate", dedupe_key=f"{kind}:{referral.id}", now=now,
        conversation_id=referral.conversation_id, subject_id=referral.id,
    )  # fmt: skip


def sent(session: Session, referral: AdvocacyReferral, *, route: str, answer_within: timedelta, now: datetime) -> None:
    """The provider has it, for the first time or again; the timer runs from now."""
    again = referral.state == "sent"
    referral.due_at = now + answer_within
    if again:
        referral.chased_at = now
    else:
        referral.state, referral.sent_at, referral.route = "sent", now, route
    _record(session, referral, "advocate_chased" if again else "advocate_referred", by=ASSISTANT, now=now, route=route)


def overdue(session: Session, *, now: datetime) -> list[AdvocacyReferral]:
    """Referrals the provider has not answered in time and that no person has been given yet."""
    return list(
        session.scalars(
            select(AdvocacyReferral)
            .join(Conversation, Conversation.id == AdvocacyReferral.conversation_id)
            .where(
                AdvocacyReferral.state == "sent",
                ~Conversation.is_demo,
                AdvocacyReferral.due_at <= now,
                AdvocacyReferral.to_person_at.is_(None),
            )
            .order_by(AdvocacyReferral.due_at)
        )
    )


def give_to_person(session: Session, referral: AdvocacyReferral, *, why: str, now: datetime) -> None:
    """Put a referral in front of the staff, who pass it on or chase it by themselves.

    Args:
        why: no_route, no_contact, failed or no_answer.
    """
    lock(session, referral)
    if referral.state in ("consent", "owed"):
        referral.state = "by_hand"
    referral.to_person_at = now
    conversations.ask_for_person(session, referral.conversation, reason="advocate", now=now)
    _record(session, referral, "advocate_by_hand", by=ASSISTANT, now=now, why=why)


def conclude(session: Session, referral: AdvocacyReferral, *, outcome: str, by: str, now: datetime) -> None:
    """The provider's answer, given at their door or told to a member of staff.

    Args:
        outcome: accepted, declined or not_reached. One that could not reach the young person may yet.

    Raises:
        InvalidStep: there is nothing to answer: it was never passed on, has its answer, or was taken back.
    """
    lock(session, referral)
    if outcome not in OUTCOMES:
        raise InvalidStep(f"The answer is one of: {', '.join(OUTCOMES)}.")
    if referral.state not in ANSWERABLE:
        raise InvalidStep("This referral has its answer already, was not passed on yet, or was taken back.")
    referral.state, referral.answered_at, referral.answered_by = outcome, now, by
    if outcome != "accepted":
        conversations.ask_for_person(session, referral.conversation, reason="advocate", now=now)
    _record(session, referral, f"advocate_{outcome}", by=by, now=now)


def take_back(session: Session, referral: AdvocacyReferral, *, now: datetime) -> None:
    """The young person wants no advocate to have this any more: nothing else is sent."""
    if referral.state != "withdrawn":
        referral.state = "withdrawn"
        _record(session, referral, "advocate_taken_back", by=ASSISTANT, now=now)


def queue(session: Session) -> tuple[list[AdvocacyReferral], list[AdvocacyReferral]]:
    """Referrals under way, the oldest first, and those that have come to an end, the newest first."""
    everything = list(session.scalars(select(AdvocacyReferral).order_by(AdvocacyReferral.asked_at)))
    running = [each for each in everything if each.state in UNDER_WAY]
    return running, [each for each in reversed(everything) if each not in running]


def referrals_of_case(session: Session, case: Case) -> list[AdvocacyReferral]:
    """The referrals of one case, the oldest first."""
    return list(
        session.scalars(
            select(AdvocacyReferral).where(AdvocacyReferral.case_id == case.id).order_by(AdvocacyReferral.asked_at)
        )
    )


def _record(
    session: Session, referral: AdvocacyReferral, kind: str, *, by: str, now: datetime, **detail: object
) -> None:
    record(session, by=by, kind=kind, subject="advocacy", subject_id=referral.id, at=now, **detail)
    if referral.case_id:
        record(session, by=by, kind=kind, subject="case", subject_id=referral.case_id, at=now, **detail)
