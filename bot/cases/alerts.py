"""Who was told of a worry: every telling is owed, tried, sent, delivered or failed, and each with its time (R1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from bot.cases import jobs
from bot.cases.database import new_id
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Alert, Conversation, Job, Referral
from bot.errors import InvalidStep, NotFound

ARRIVED = ("sent", "delivered")
NOBODY = "none"  # the route of a telling that no route was there for
NO_ROUTE = "no_route"


@dataclass(frozen=True)
class Telling:
    """One telling that is due: which step of which worry, for the how-manieth time, and by which route.

    Args:
        who: the name of whoever is told.
        route: text, email, webhook, or none where nothing is set up by which they could be told.
    """

    referral_id: str
    step: str
    who: str
    round: int
    route: str

    @property
    def key(self) -> str:
        """What names it, so that it is owed once, however often and by however many it is found due."""
        return f"alert:{self.referral_id}:{self.step}:{self.round}:{self.route}"


@dataclass(frozen=True)
class Waiting:
    """A worry that nobody has acknowledged, without its words: this is read several times a second."""

    id: str
    level: str
    raised_at: datetime


def waiting(session: Session) -> list[Waiting]:
    """Worries that nobody has acknowledged, the oldest first; invented ones ring nobody."""
    found = session.execute(
        select(Referral.id, Referral.level, Referral.raised_at)
        .join(Conversation, Conversation.id == Referral.conversation_id)
        .where(Referral.acknowledged_at.is_(None), ~Conversation.is_demo)
        .order_by(Referral.raised_at)
    )
    return [Waiting(*row) for row in found]


def not_owed_yet(session: Session, tellings: Iterable[Telling]) -> list[Telling]:
    """Those of these tellings that are not in the store."""
    wanted = {each.key: each for each in tellings}
    known = set(session.scalars(select(Alert.key).where(Alert.key.in_(wanted)))) if wanted else set()
    return [each for key, each in wanted.items() if key not in known]


def owe(session: Session, tellings: Iterable[Telling], *, now: datetime) -> None:
    """Owe each of these tellings, unless it is owed already or its worry has been acknowledged.

    A telling for which there is no route is kept as failed at once, so that it is seen.
    """
    for each in tellings:
        referral = session.get_one(Referral, each.referral_id, with_for_update=True)
        if referral.acknowledged_at is not None or not not_owed_yet(session, [each]):
            continue
        alert = _alert(each, now)
        session.add(alert)
        session.flush()
        if each.route == NOBODY:
            note_failed(session, alert, fault=NO_ROUTE, now=now)
        else:
            # No conversation: a telling never waits behind another that cannot get through.
            jobs.owe(session, kind="alert", dedupe_key=alert.key, now=now, subject_id=alert.id)


def _alert(telling: Telling, now: datetime) -> Alert:
    return Alert(
        id=new_id(), key=telling.key, referral_id=telling.referral_id, step=telling.step, who=telling.who,
        route=telling.route, round=telling.round, tries=0, owed_at=now,
    )  # fmt: skip


def get(session: Session, alert_id: str, *, to_change: bool = False) -> Alert:
    """One telling.

    Raises:
        NotFound: there is no such telling.
    """
    alert = session.get(Alert, alert_id, with_for_update=to_change, populate_existing=to_change)
    if alert is None:
        raise NotFound("There is no such alert.")
    return alert


def is_needed(session: Session, alert: Alert) -> bool:
    """Whether this telling still has a point: nobody has the worry, and no newer telling has taken its place."""
    newer = aliased(Alert)
    overtaken = session.scalar(
        select(
            exists().where(
                newer.referral_id == alert.referral_id,
                newer.step == alert.step,
                newer.route == alert.route,
                newer.round > alert.round,
                ~newer.while_away,
            )
        )
    )
    return not overtaken and session.get_one(Referral, alert.referral_id).acknowledged_at is None


def drop(alert: Alert) -> None:
    """It is no longer needed. One that failed stays failed: why it did matters for the next worry."""
    if alert.state == "owed":
        alert.state = "dropped"


def note_sent(session: Session, alert: Alert, *, now: datetime, provider_id: str | None = None) -> None:
    """The provider, the mail server or the webhook took it."""
    alert.state, alert.sent_at, alert.fault = "sent", now, None
    alert.provider_id, alert.tries = provider_id, alert.tries + 1
    _log(session, alert, "alerted", now)


def note_failed(session: Session, alert: Alert, *, fault: str, now: datetime) -> None:
    """It did not get through; a failure is on every page until a later telling does, or somebody has seen to it.

    Args:
        fault: a code of the section `alert_fault` of the console's labels.
    """
    alert.tries += 1
    _fail(session, alert, fault=fault, now=now)


def _fail(session: Session, alert: Alert, *, fault: str, now: datetime) -> None:
    alert.state, alert.failed_at, alert.fault = "failed", now, fault
    _log(session, alert, "alert_failed", now, fault=fault)


def _log(session: Session, alert: Alert, kind: str, now: datetime, **more: Any) -> None:
    record(
        session, by=ASSISTANT, kind=kind, subject="referral", subject_id=alert.referral_id, at=now,
        step=alert.step, route=alert.route, round=alert.round, **more,
    )  # fmt: skip


def set_delivery(session: Session, provider_id: str, state: str, *, now: datetime) -> Alert | None:
    """Note how far an alert by text has come; None if the text is no alert. A later report never moves it backwards.

    Args:
        state: queued, sent, delivered or failed.
    """
    alert = session.scalar(select(Alert).where(Alert.provider_id == provider_id).with_for_update())
    if alert is None or alert.state != "sent":
        return alert
    if state == "delivered":
        alert.state, alert.delivered_at = "delivered", now
    elif state == "failed":
        # Its job is taken up again: a text that never arrived has told nobody.
        _fail(session, alert, fault="undelivered", now=now)
        jobs.take_up_again(session, alert.key, now=now)
    return alert


def keep_as_sent(session: Session, telling: Telling, *, now: datetime) -> None:
    """Keep a telling that was sent already, elsewhere or in an invented year; nothing is owed."""
    alert = _alert(telling, now)
    session.add(alert)
    note_sent(session, alert, now=now)


def note_told_while_away(session: Session, referral_id: str, told: Iterable[dict[str, Any]]) -> None:
    """Keep what was told of a worry while the store was away.

    Args:
        told: one entry a telling: step, who, route, round, at, and `fault` if it failed.
    """
    for number, entry in enumerate(told):
        key = f"alert:{referral_id}:away:{number}"
        if session.scalar(select(Alert.id).where(Alert.key == key)) is not None:
            continue
        at = datetime.fromisoformat(entry["at"])
        alert = Alert(
            id=new_id(), key=key, referral_id=referral_id, step=entry["step"], who=entry["who"], route=entry["route"],
            round=entry["round"], while_away=True, owed_at=at, tries=0,
        )  # fmt: skip
        session.add(alert)
        if fault := entry.get("fault"):
            note_failed(session, alert, fault=fault, now=at)
        else:
            note_sent(session, alert, now=at)


def faults(session: Session) -> list[Alert]:
    """What does not get through: the newest failure of each step and route that nothing has got through to since.

    One that a member of staff has seen to is left out.
    """
    later = aliased(Alert)
    got_through = exists().where(
        later.step == Alert.step,
        later.route == Alert.route,
        later.state.in_(ARRIVED),
        later.sent_at > Alert.failed_at,
    )
    failed = session.scalars(
        select(Alert)
        .where(Alert.state == "failed", Alert.seen_at.is_(None), ~got_through)
        .order_by(Alert.failed_at.desc())
    )
    newest: dict[tuple[str, str], Alert] = {}
    for alert in failed:
        newest.setdefault((alert.step, alert.route), alert)
    return list(newest.values())


def see_to(session: Session, alert_id: str, *, by: str, now: datetime) -> None:
    """A member of staff has seen to why a step could not be told; its failures up to now leave the banner.

    Raises:
        NotFound: there is no such alert.
        InvalidStep: it has not failed, or has been seen to already.
    """
    alert = get(session, alert_id, to_change=True)
    if alert.state != "failed" or alert.seen_at is not None:
        raise InvalidStep("This failure has been seen to already, or the alert has got through since.")
    same = select(Alert).where(
        Alert.step == alert.step, Alert.route == alert.route, Alert.state == "failed", Alert.seen_at.is_(None)
    )
    for each in session.scalars(same):
        each.seen_at, each.seen_by = now, by
    record(
        session, by=by, kind="alert_seen_to", subject="referral", subject_id=alert.referral_id, at=now,
        step=alert.step, route=alert.route,
    )  # fmt: skip


def being_tried_again(session: Session, failed: Iterable[Alert]) -> dict[str, datetime]:
    """When each of these tellings is tried next, by its id; one that was given up is not among them."""
    keys = {alert.key: alert.id for alert in failed}
    owed = session.execute(select(Job.dedupe_key, Job.run_at).where(Job.dedupe_key.in_(keys), Job.state == "ready"))
    return {keys[key]: run_at for key, run_at in owed}
