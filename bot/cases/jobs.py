"""Work owed, in our own table: written with what causes it, held by a lease, retried, and shown when it fails."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from bot.cases.database import new_id
from bot.cases.tables import Job, Message

LEASE = timedelta(seconds=60)
AGAIN = timedelta(minutes=1)

# Put together once: this is looked for with every message, and building it takes longer than running it.
_earlier = aliased(Job)
_now = bindparam("now", type_=Job.run_at.type)
_FREE = (
    select(Job)
    .where(
        Job.state == "ready",
        Job.kind.in_(bindparam("kinds", expanding=True)),
        or_(Job.locked_until.is_(None), Job.locked_until < _now),
        ~exists().where(
            _earlier.conversation_id == Job.conversation_id,
            _earlier.kind == Job.kind,
            _earlier.state == "ready",
            _earlier.id < Job.id,
        ),
    )
    .order_by(Job.run_at, Job.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_BY_KEY = select(Job.id).where(Job.dedupe_key == bindparam("key"))
_TURNS_OWED = (
    select(Job)
    .where(Job.conversation_id == bindparam("conversation_id"), Job.kind == "turn", Job.state == "ready")
    .order_by(Job.id)
)
_DUE = _FREE.where(Job.run_at <= _now)
_DUE_IN_CONVERSATION = _FREE.where(
    or_(Job.run_at <= _now, Job.attempts == 0), Job.conversation_id == bindparam("conversation_id")
)


def owe(
    session: Session,
    *,
    kind: str,
    dedupe_key: str,
    now: datetime,
    conversation_id: str | None = None,
    message_id: str | None = None,
    subject_id: str | None = None,
) -> None:
    """Record that something must be done; a second call with the same key changes nothing.

    Args:
        kind: turn (answer a message), text (send one) or alert (tell people of a danger).
    """
    if session.scalar(_BY_KEY, {"key": dedupe_key}) is None:
        session.add(
            Job(
                kind=kind,
                dedupe_key=dedupe_key,
                run_at=now,
                conversation_id=conversation_id,
                message_id=message_id,
                subject_id=subject_id,
            )
        )
        session.flush()


def owe_turn(session: Session, message: Message, *, now: datetime) -> None:
    """A message is to be answered by the dialogue, once."""
    owe(
        session, kind="turn", dedupe_key=f"turn:{message.id}", now=now, conversation_id=message.conversation_id,
        message_id=message.id,
    )  # fmt: skip


def kinds_due(session: Session, *, now: datetime) -> set[str]:
    """The kinds of work of which something may be due: one quick look, which holds up nobody who writes."""
    free = or_(Job.locked_until.is_(None), Job.locked_until < now)
    return set(session.scalars(select(Job.kind).where(Job.state == "ready", Job.run_at <= now, free).distinct()))


def claim(session: Session, *, kinds: tuple[str, ...], now: datetime, conversation_id: str | None = None) -> Job | None:
    """Take the next job that is due, holding it by a lease; None if there is nothing to do.

    Jobs of one kind in one conversation are done one at a time and in order: a job is not due while an earlier one of
    its conversation is unfinished, which is what keeps a person's messages in the order they were written.

    Args:
        conversation_id: only of this conversation, and then also what nobody has tried yet and is due a little later.
    """
    due = _DUE if conversation_id is None else _DUE_IN_CONVERSATION
    job = session.scalar(due, {"kinds": kinds, "now": now, "conversation_id": conversation_id})
    if job is not None:
        job.lease, job.locked_until, job.attempts = new_id(), now + LEASE, job.attempts + 1
        session.flush()
    return job


def waiting(session: Session, conversation_id: str, *, to_change: bool = False) -> list[Job]:
    """The turns this conversation is still owed, in order.

    Args:
        to_change: read as they are now and locked, for whoever is going to change them.
    """
    owed = _TURNS_OWED.with_for_update() if to_change else _TURNS_OWED
    return list(session.scalars(owed, {"conversation_id": conversation_id}))


def about(session: Session, message_ids: list[str], *, kind: str) -> list[Job]:
    """The work of a kind that is owed about these messages."""
    ready = select(Job).where(Job.message_id.in_(message_ids), Job.kind == kind, Job.state == "ready")
    return list(session.scalars(ready))


def held(session: Session, job: Job) -> Job | None:
    """The job as it is now, if the lease it was claimed under is still ours; None if another has taken it."""
    current = session.scalar(select(Job).where(Job.id == job.id).with_for_update())
    return current if current and _is_ours(current, job) else None


def held_turns(session: Session, job: Job) -> list[Job] | None:
    """The turns that the conversation of a turn is owed, itself too; None if its lease is not ours any more."""
    owed = waiting(session, job.conversation_id or "", to_change=True)
    return owed if any(_is_ours(each, job) for each in owed) else None


def _is_ours(current: Job, claimed: Job) -> bool:
    return current.id == claimed.id and current.lease == claimed.lease and current.state == "ready"


def finish(job: Job) -> None:
    """The work is done."""
    job.state, job.locked_until, job.last_error = "done", None, None


def put_off(job: Job, *, now: datetime, wait: timedelta, error: str) -> None:
    """Try again after a while.

    Args:
        error: a code or an exception's class name, never its words.
    """
    job.run_at, job.locked_until, job.last_error = now + wait, None, error[:200]


def defer(job: Job, *, until: datetime) -> None:
    """It is not time yet: not counted as a try."""
    job.run_at, job.locked_until, job.attempts = until, None, job.attempts - 1


def hurry(session: Session, conversation_id: str, *, kind: str, now: datetime) -> None:
    """What waits for its time in a conversation, and was never tried, is due now."""
    session.execute(
        update(Job)
        .where(Job.conversation_id == conversation_id, Job.kind == kind, Job.state == "ready", Job.attempts == 0)
        .values(run_at=now)
    )


def revive(session: Session, message_ids: list[str], *, kind: str, now: datetime) -> None:
    """Work about these messages that was laid aside is owed again."""
    session.execute(
        update(Job)
        .where(Job.message_id.in_(message_ids), Job.kind == kind, Job.state == "done")
        .values(state="ready", run_at=now, attempts=0)
    )


def give_up(job: Job, *, error: str) -> None:
    """No more tries; the caller has put the matter in front of a person."""
    job.state, job.locked_until, job.last_error = "dead", None, error[:200]


def try_again(job: Job, *, waits: Sequence[timedelta], now: datetime, error: str) -> bool:
    """Put a job that failed off for the next of these waits; after the last it is given up.

    Returns:
        Whether it is tried again; if not, the caller puts the matter in front of a person.
    """
    if job.attempts > len(waits):
        give_up(job, error=error)
        return False
    put_off(job, now=now, wait=waits[job.attempts - 1], error=error)
    return True


def take_up_again(session: Session, dedupe_key: str, *, now: datetime) -> None:
    """Work that seemed done turns out not to be: it is owed again, after a minute."""
    job = session.scalar(select(Job).where(Job.dedupe_key == dedupe_key).with_for_update())
    if job is not None and job.state == "done":
        job.state, job.run_at, job.locked_until = "ready", now + AGAIN, None
