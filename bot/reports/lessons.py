"""Compliments, and what was done because of complaints, as far as counting needs them: no names and no words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clocks
from bot.cases.tables import Case, CaseAction, Compliment
from bot.reports.records import Span

GIVERS = {
    "looked_after_child": "young_person", "care_leaver": "young_person", "child_in_need": "young_person",
    "disabled_child": "young_person", "adult_formerly_looked_after": "young_person", "adopted_person": "young_person",
    "parent": "parent", "special_guardian": "parent", "adoptive_parent": "parent", "prospective_adopter": "parent",
    "foster_carer": "foster_carer", "other_carer": "relative_or_friend", "relative": "relative_or_friend",
    "friend": "relative_or_friend", "professional": "professional", "representative": "professional",
    "member_of_public": "public",
}  # fmt: skip
"""Who gives compliments, in the rows of the yearly report; whoever is not among them is not known."""


@dataclass(frozen=True)
class Praise:
    """One compliment, without its words (R57)."""

    id: str
    received_on: date
    team: str | None
    from_role: str | None
    is_demo: bool

    @property
    def year(self) -> str:
        """The council year it was given in."""
        return clocks.financial_year(self.received_on)

    @property
    def giver(self) -> str:
        """The row of the yearly report that whoever gave it belongs to."""
        return GIVERS.get(self.from_role or "", "not_known")


@dataclass(frozen=True)
class Promise:
    """One action because of a complaint, by the day it was put on record (R58)."""

    reference: str
    kind: str
    recorded_at: datetime
    done_on: date | None

    @property
    def year(self) -> str:
        """The council year in which it was put on record."""
        return clocks.financial_year(clocks.local_day(self.recorded_at))

    @property
    def standing(self) -> str:
        """Which kind it is, and whether it is done."""
        return f"{self.kind}_{'done' if self.done_on else 'under_way'}"


@dataclass(frozen=True)
class Lessons:
    """Every compliment and every action of the span, in order."""

    praise: Sequence[Praise] = field(default=())
    promises: Sequence[Promise] = field(default=())


def read(session: Session, span: Span) -> Lessons:
    """Compliments given and actions put on record in the span."""
    given = (
        select(Compliment.id, Compliment.received_on, Compliment.team, Compliment.from_role, Compliment.is_demo)
        .where(Compliment.received_on.between(span.start, span.end))
        .order_by(Compliment.received_at, Compliment.id)
    )
    promised = (
        select(Case.reference, CaseAction.kind, CaseAction.recorded_at, CaseAction.done_on)
        .join(Case, Case.id == CaseAction.case_id)
        .order_by(CaseAction.recorded_at, CaseAction.id)
    )
    if not span.include_demo:
        given, promised = given.where(~Compliment.is_demo), promised.where(~Case.is_demo)
    promises = [Promise(**row) for row in session.execute(promised).mappings()]
    return Lessons(
        praise=[Praise(**row) for row in session.execute(given).mappings()],
        promises=[each for each in promises if span.start <= clocks.local_day(each.recorded_at) <= span.end],
    )
