"""An invented council year, to have something to show: `load` fills the store with it, clearly marked.

Every record goes through the functions that real ones go through, with the time set back, so every rule holds for it:
the screening screens, the rules propose, the clocks count, and each change has its event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import casework, conversations, events, staff
from bot.cases.tables import Event, Staff
from bot.demo import thanks
from bot.demo.handling import Desk
from bot.demo.plan import Planned, plan
from bot.demo.stories import Material, load_material
from bot.demo.telling import Telling, marker
from bot.service import Service

BY = "demonstration"
EVERY = 25


@dataclass(frozen=True)
class DemoSummary:
    """What a load did: how many contacts and referrals it wrote, or that the year was there already."""

    contacts: int
    referrals: int
    there_already: bool

    def __str__(self) -> str:
        if self.there_already:
            return "The demonstration year is there already; nothing was changed."
        return (
            f"The demonstration year is ready: {self.contacts} contacts and {self.referrals} safeguarding referrals,"
            " all invented and marked as such. `bot report annual` counts them."
        )


def load(
    service: Service, *, today: date, seed: int = 7, progress: Callable[[str], object] = lambda _: None
) -> DemoSummary:
    """Fill the store with an invented council year up to yesterday, and two smaller years before it.

    Each contact is one transaction and is recognised by the id of its first message, so a load that was cut off is
    finished by the next one, and a finished one is left alone.

    Args:
        today: the day the demonstration is to look like; nothing happens on it or later.
        seed: which invented year; references and ids differ from one load to the next all the same.
        progress: is told now and then how far it has come.
    """
    material = load_material()
    with service.database.write() as session:
        if _is_loaded(session):
            return DemoSummary(contacts=0, referrals=0, there_already=True)
        officer, manager = (_member(session, material, role) for role in ("officer", "manager"))
    planned = plan(material, today=today, seed=seed)
    referrals = 0
    for number, each in enumerate(planned, 1):
        with service.database.write() as session:
            desk = Desk(session, service.council, officer=officer, manager=manager, today=today)
            referrals += _load_one(session, service, material, each, desk)
        if number % EVERY == 0 or number == len(planned):
            progress(f"{number} of {len(planned)} contacts")
    with service.database.write() as session:
        thanks.give(session, service, today=today, officer=officer)
        events.record(
            session, by=BY, kind="loaded", subject="demonstration", subject_id=str(seed), contacts=len(planned)
        )
    return DemoSummary(contacts=len(planned), referrals=referrals, there_already=False)


def _is_loaded(session: Session) -> bool:
    finished = select(Event.number).where(Event.subject == "demonstration", Event.kind == "loaded")
    return session.scalar(finished.limit(1)) is not None


def _load_one(session: Session, service: Service, material: Material, planned: Planned, desk: Desk) -> int:
    """One contact from its first message to where it stands now; gives the number of referrals it raised."""
    if conversations.of_provider(session, marker(planned)) is not None:
        return 0
    telling = Telling(session, service, material, planned)
    filed = telling.tell()
    for referral in telling.referrals:
        desk.work_referral(referral, planned)
    case = casework.get(session, filed.reference)
    desk.work_advocacy(case, planned)
    desk.work_case(case, planned)
    return len(telling.referrals)


def _member(session: Session, material: Material, role: str) -> str:
    """The id of an invented member of staff, who cannot sign in: the password is thrown away and the account ended."""
    who = material.people["staff"][role]
    known = session.scalar(select(Staff.id).where(Staff.email == who["email"]))
    if known is not None:
        return known
    now = datetime.now(UTC)
    member, _ = staff.create_user(session, email=who["email"], name=who["name"], role=role, now=now, by=BY)
    staff.deactivate(session, member, by=BY, now=now)
    return member.id
