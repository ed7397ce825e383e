"""What the store knows of each contact and referral, as far as counting needs it: no names and no words are read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, load_only

from bot import clocks, escalation
from bot.cases import advocacy, dates
from bot.cases.tables import (
    AdvocacyOffer,
    AdvocacyReferral,
    Case,
    Conversation,
    Decision,
    Element,
    Hold,
    OnwardReferral,
    OtherProcedure,
    Referral,
    Stage,
)
from bot.council import Council
from bot.eligibility import CHILDREN

WHO = {
    "child_in_need": "child_not_looked_after",
    "disabled_child": "child_not_looked_after",
    "parent": "parent_or_guardian",
    "friend": "friend_or_other",
    "member_of_public": "friend_or_other",
    "representative": "not_known",
    "unknown": "not_known",
}
"""Roles of the register that share a row of the yearly report; every other role has its own."""

ADVOCATES = ("advocate", "childrens_rights_officer")
NOT_COMPLAINTS = ("enquiry", "compliment", "suggestion")
COMPLAINTS = ("stage_1", "straight_to_stage_2", "withdrawn", "parked", "waiting")


@dataclass(frozen=True)
class StageRun:
    """A stage that was begun: when, and what came of it if anything has."""

    number: int
    started_on: date
    finding: str | None

    @property
    def year(self) -> str:
        """The council year it began in."""
        return clocks.financial_year(self.started_on)


@dataclass(frozen=True)
class Point:
    """One point of a complaint (R15): its category, accepted / not_accepted / undecided, and what was found on it."""

    category: str | None
    decided: str
    finding: str | None


@dataclass(frozen=True)
class Contact:
    """One contact in the register, without its words.

    `advocacy` is the last answer, no_answer or not_offered; `with_advocate` whether an advocate brought it, was had
    already or took it on; `stage1_days` the working days from receipt to the Stage 1
    answer without those of a freeze (R45); `overdue` whether Stage 1 is unanswered past its last day;
    `further_reasons` the codes the rules found beside the one it was refused for; `elsewhere` the procedures it goes on
    under, and "passed_on" if another body was given it with consent.
    """

    reference: str
    received_on: date
    record_type: str
    status: str
    role: str
    brought_by: str | None
    channel: str
    reason_code: str | None
    category: str | None
    team: str | None
    is_demo: bool
    stages: tuple[StageRun, ...] = ()
    advocacy: str = "not_offered"
    with_advocate: bool = False
    stage1_days: int | None = None
    overdue: bool = False
    further_reasons: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()

    @property
    def year(self) -> str:
        """The council year it was received in."""
        return clocks.financial_year(self.received_on)

    @property
    def handling(self) -> str:
        """The one way it was handled, so that the yearly table adds up: what happened last outranks where it began."""
        if self.status in ("withdrawn", "not_accepted"):
            return self.status
        if self.stages:
            return "stage_1" if self.stages[0].number == 1 else "straight_to_stage_2"
        if self.record_type in NOT_COMPLAINTS:
            return "not_a_complaint"
        # An open or closed complaint without a stage contradicts itself: it finds no row, and the report says so.
        return "waiting" if self.status == "new" else self.status

    @property
    def is_complaint(self) -> bool:
        """Whether the tables of complaints count it."""
        return self.handling in COMPLAINTS

    @property
    def is_childs(self) -> bool:
        """Whether it is a child's or a care leaver's, whoever brought it."""
        return self.role in CHILDREN

    @property
    def who(self) -> str:
        """The row of the yearly report that whose complaint it is belongs to."""
        return WHO.get(self.role, self.role)

    @property
    def speed(self) -> str:
        """How long Stage 1 took, by the two limits of the Regulations (R31)."""
        if self.stage1_days is None:
            return "withdrawn" if self.status == "withdrawn" else "still_open"
        if self.stage1_days <= clocks.LIMITS["stage1"].amount:
            return "within_10"
        return "within_20" if self.stage1_days <= clocks.LIMITS["stage1_ceiling"].amount else "later"

    def standing(self, stage: StageRun) -> str:
        """What came of a stage, or where it stands."""
        return stage.finding or ("withdrawn" if self.status == "withdrawn" else "under_investigation")

    def standing_of(self, point: Point) -> str:
        """What was found on an accepted point, or where it stands."""
        return point.finding or ("withdrawn" if self.status == "withdrawn" else "under_investigation")

    def stage(self, number: int) -> StageRun | None:
        """A stage it has been through or is in."""
        return next((stage for stage in self.stages if stage.number == number), None)


@dataclass(frozen=True)
class Worry:
    """One safeguarding referral, without its words.

    `due_at` is by when the council means a named person to have it: its own minutes for danger, the end of the working
    day for a concern, as its profile says now.
    """

    id: str
    level: str
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    passed_at: datetime | None
    outcome: str | None
    is_demo: bool

    @property
    def year(self) -> str:
        """The council year it was raised in."""
        return clocks.financial_year(clocks.local_day(self.raised_at))

    @property
    def standing(self) -> str:
        """How far it has come."""
        if self.outcome:
            return self.outcome
        if self.passed_at:
            return "passed_on"
        return "acknowledged" if self.acknowledged_at else "not_acknowledged"

    @property
    def speed(self) -> str:
        """Whether a named person had it in time."""
        if self.acknowledged_at is None:
            return "not_acknowledged"
        return "in_time" if self.acknowledged_at <= self.due_at else "late"

    @property
    def minutes(self) -> int | None:
        """Whole minutes until a named person had it."""
        if self.acknowledged_at is None:
            return None
        return int((self.acknowledged_at - self.raised_at).total_seconds() // 60)


@dataclass(frozen=True)
class Span:
    """What is read: the first and last day, whether invented records are, and by which calendar days are counted."""

    start: date
    end: date
    today: date
    extra_holidays: frozenset[date]
    include_demo: bool


def contacts(session: Session, span: Span) -> list[Contact]:
    """Contacts received in the span, or that began a stage in it, in order of receipt."""
    begun = select(Stage.case_id).where(Stage.started_on.between(span.start, span.end))
    wanted = or_(Case.received_on.between(span.start, span.end), Case.id.in_(begun))
    if not span.include_demo:
        wanted = wanted & ~Case.is_demo
    beside = {
        kept: _grouped(session, query.join(Case, Case.id == kept.case_id).where(wanted))
        for kept, query in _BESIDE.items()
    }
    rows = session.execute(
        select(
            Case.id, Case.reference, Case.received_on, Case.record_type, Case.status, Case.role, Case.brought_by,
            Case.channel, Case.reason_code, Case.category, Case.team, Case.is_demo,
        )
        .where(wanted)
        .order_by(Case.received_at, Case.id)
    ).mappings()  # fmt: skip
    taken_on = set(session.scalars(select(AdvocacyReferral.case_id).where(AdvocacyReferral.state == "accepted")))
    return [
        _contact(row, {kept: found[row["id"]] for kept, found in beside.items()}, span, has_one=row["id"] in taken_on)
        for row in rows
    ]


# What stands beside a case and is counted; of each only what is no word of anybody's is read.
_BESIDE: Mapping[Any, Select[Any]] = {
    Stage: select(Stage).order_by(Stage.number),
    AdvocacyOffer: select(AdvocacyOffer).order_by(AdvocacyOffer.offered_at),
    Hold: select(Hold).options(load_only(Hold.case_id, Hold.kind, Hold.begun_at, Hold.ended_at)),
    Decision: select(Decision)
    .where(~Decision.made_by_person)
    .options(load_only(Decision.case_id, Decision.at, Decision.secondary))
    .order_by(Decision.at),
    Element: select(Element)
    .options(load_only(Element.case_id, Element.category, Element.outcome, Element.finding))
    .order_by(Element.number),
    OtherProcedure: select(OtherProcedure).order_by(OtherProcedure.begun_at),
    OnwardReferral: select(OnwardReferral),
}


def _advocacy(brought_by: str | None, offers: Sequence[AdvocacyOffer]) -> str:
    """Where the offers of an advocate stand; a complaint that an advocate brought needs none."""
    return "has_one" if brought_by in ADVOCATES and not offers else advocacy.standing(each.answer for each in offers)


def _grouped(session: Session, query: Select[Any]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.case_id].append(each)
    return found


def _contact(row: Mapping[Any, Any], kept: Mapping[type, list[Any]], span: Span, *, has_one: bool) -> Contact:
    told = {name: value for name, value in row.items() if name != "id"}
    stages, holds, offers = kept[Stage], kept[Hold], kept[AdvocacyOffer]
    first = next((stage for stage in stages if stage.number == 1), None)
    days = _days_taken(first, holds, span) if first else None
    elsewhere = [each.procedure for each in kept[OtherProcedure]] + (["passed_on"] if kept[OnwardReferral] else [])
    return Contact(
        **told,
        stages=tuple(StageRun(each.number, each.started_on, each.finding) for each in stages),
        advocacy=_advocacy(row["brought_by"], offers),
        with_advocate=row["brought_by"] in ADVOCATES or has_one or any(each.answer == "has_one" for each in offers),
        stage1_days=days,
        overdue=first is not None and days is None and row["status"] == "open" and _is_past(first, holds, span),
        further_reasons=_further_reasons(kept[Decision], row["reason_code"]),
        elsewhere=tuple(elsewhere),
        points=tuple(_point(element) for element in kept[Element]),
    )


def _point(element: Element) -> Point:
    decided = "not_accepted" if element.outcome == "ineligible" else "accepted" if element.outcome else "undecided"
    return Point(element.category, decided, element.finding)


def _further_reasons(proposals: list[Decision], first: str | None) -> tuple[str, ...]:
    """The secondary codes of the newest proposal; each matter of a contact may have one made at that moment."""
    newest = [each for each in proposals if each.at == proposals[-1].at]
    return tuple(sorted({code for each in newest for code in each.secondary or ()} - {first}))


def _days_taken(stage: Stage, holds: list[Hold], span: Span) -> int | None:
    if stage.answered_on is None:
        return None
    frozen = dates.frozen_days(holds, stage.started_on, stage.answered_on, span.extra_holidays)
    return clocks.days_taken(stage.started_on, stage.answered_on, span.extra_holidays) - frozen


def _is_past(stage: Stage, holds: list[Hold], span: Span) -> bool:
    limits = dates.of_stage(stage, holds, today=span.today, extra_holidays=span.extra_holidays)
    return limits.latest_on < span.today


def worries(session: Session, span: Span, council: Council) -> list[Worry]:
    """Safeguarding referrals raised in the span, in order."""
    query = (
        select(
            Referral.id, Referral.level, Referral.raised_at, Referral.acknowledged_at, Referral.passed_at,
            Referral.outcome, Conversation.is_demo,
        )
        .join(Conversation, Conversation.id == Referral.conversation_id)
        .order_by(Referral.raised_at, Referral.id)
    )  # fmt: skip
    if not span.include_demo:
        query = query.where(~Conversation.is_demo)
    found = [
        Worry(**row, due_at=escalation.due_at(council, row["level"], row["raised_at"]))
        for row in session.execute(query).mappings()
    ]
    return [each for each in found if span.start <= clocks.local_day(each.raised_at) <= span.end]


def first_record(session: Session, *, include_demo: bool) -> date | None:
    """The day of the register's first contact or referral; None while it is empty."""
    received = select(func.min(Case.received_on))
    raised = select(func.min(Referral.raised_at)).join(Conversation, Conversation.id == Referral.conversation_id)
    if not include_demo:
        received, raised = received.where(~Case.is_demo), raised.where(~Conversation.is_demo)
    first_raised = session.scalar(raised)
    days = (session.scalar(received), clocks.local_day(first_raised) if first_raised else None)
    return min((day for day in days if day is not None), default=None)
