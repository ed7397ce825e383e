"""What the store knows of advocates, as far as counting needs it: offers and referrals, without names or words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases import advocacy
from bot.cases.tables import AdvocacyOffer, AdvocacyReferral, Case, Conversation
from bot.reports.records import Span
from bot.reports.tables import Counted


@dataclass(frozen=True)
class Offered:
    """One offer of an advocate. `to` tells apart whom it was made to: a conversation, or a case without one."""

    id: str
    to: str
    offered_at: datetime
    occasion: str
    answer: str | None

    @property
    def year(self) -> str:
        """The council year it was made in."""
        return clocks.financial_year(clocks.local_day(self.offered_at))


@dataclass(frozen=True)
class Wished:
    """One referral to the advocacy provider, by the day an advocate was asked for."""

    id: str
    state: str
    asked_at: datetime
    answered_at: datetime | None

    @property
    def year(self) -> str:
        """The council year in which an advocate was asked for."""
        return clocks.financial_year(clocks.local_day(self.asked_at))

    @property
    def hours(self) -> int | None:
        """Whole hours from the wish to an advocate; None until one has taken it on."""
        if self.state != "accepted" or self.answered_at is None:
            return None
        return int((self.answered_at - self.asked_at).total_seconds() // 3600)


@dataclass(frozen=True)
class Advocacy:
    """Every offer and every referral of the span, in order."""

    offers: Sequence[Offered] = field(default=())
    wishes: Sequence[Wished] = field(default=())


def read(session: Session, span: Span) -> Advocacy:
    """Offers made and advocates asked for in the span."""
    offers = (
        select(
            AdvocacyOffer.id,
            func.coalesce(AdvocacyOffer.conversation_id, AdvocacyOffer.case_id).label("to"),
            AdvocacyOffer.offered_at, AdvocacyOffer.occasion, AdvocacyOffer.answer,
        )
        .outerjoin(Conversation, Conversation.id == AdvocacyOffer.conversation_id)
        .outerjoin(Case, Case.id == AdvocacyOffer.case_id)
        .order_by(AdvocacyOffer.offered_at, AdvocacyOffer.id)
    )  # fmt: skip
    wishes = (
        select(AdvocacyReferral.id, AdvocacyReferral.state, AdvocacyReferral.asked_at, AdvocacyReferral.answered_at)
        .join(Conversation, Conversation.id == AdvocacyReferral.conversation_id)
        .order_by(AdvocacyReferral.asked_at, AdvocacyReferral.id)
    )
    if not span.include_demo:
        offers = offers.where(~func.coalesce(Conversation.is_demo, Case.is_demo))
        wishes = wishes.where(~Conversation.is_demo)
    made = [Offered(**row) for row in session.execute(offers).mappings()]
    asked = [Wished(**row) for row in session.execute(wishes).mappings()]
    return Advocacy(
        offers=[each for each in made if span.start <= clocks.local_day(each.offered_at) <= span.end],
        wishes=[each for each in asked if span.start <= clocks.local_day(each.asked_at) <= span.end],
    )


def people(offers: Iterable[Offered]) -> list[Counted]:
    """Each person once a year, however often an advocate was offered to them, by where the offers together stand.

    The reference is that of their first offer in the year.
    """
    by_person: dict[tuple[str, str], list[Offered]] = {}
    for each in offers:
        by_person.setdefault((each.year, each.to), []).append(each)
    return [
        Counted(theirs[0].id, advocacy.standing(each.answer for each in theirs), year)
        for (year, _), theirs in by_person.items()
    ]
