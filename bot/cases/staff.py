"""Who may work in the console: users, passwords, sign-ins."""

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.cases.database import new_id
from bot.cases.events import record
from bot.cases.tables import Staff, StaffSession
from bot.errors import InvalidStep, NotAllowed, NotFound

ROLES = ("manager", "officer", "viewer")
PASSWORD_LENGTH = 12
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
TRIES = 5
LOCK = timedelta(minutes=15)
_hasher = PasswordHasher()
# A hash of nothing anybody knows: checking it takes as long as a real one, so that timing tells no one who exists.
_nobody = _hasher.hash(secrets.token_urlsafe(24))


def create_user(
    session: Session, *, email: str, name: str, role: str, now: datetime, by: str, password: str | None = None
) -> tuple[Staff, str]:
    """Add a member of staff; returns them and the first password, which they must change.

    Raises:
        InvalidStep: the e-mail is taken, or the role is unknown.
    """
    email = email.strip().lower()
    if role not in ROLES:
        raise InvalidStep(f"A role is one of: {', '.join(ROLES)}.")
    if session.scalar(select(Staff.id).where(Staff.email == email)):
        raise InvalidStep(f"There is a user {email} already.")
    first = password or secrets.token_urlsafe(12)
    staff = Staff(id=new_id(), email=email, name=name, role=role, password_hash=_hasher.hash(first), created_at=now)
    session.add(staff)
    session.flush()
    record(session, by=by, kind="created", subject="staff", subject_id=staff.id, at=now, role=role)
    return staff, first


def count_users(session: Session) -> int:
    """How many may sign in."""
    return session.scalar(select(func.count()).select_from(Staff).where(Staff.active)) or 0


def sign_in(session: Session, *, email: str, password: str, now: datetime) -> str | None:
    """Check a password and begin a session; returns the token for the browser, or None when it is refused.

    A refusal is counted, so the caller must commit it; after five the account is locked for fifteen minutes.
    """
    staff = session.scalar(select(Staff).where(Staff.email == email.strip().lower(), Staff.active))
    right = _matches(staff.password_hash if staff else _nobody, password)
    if staff is None:
        return None
    if staff.locked_until and staff.locked_until > now:
        return None
    if not right:
        staff.failed_sign_ins += 1
        if staff.failed_sign_ins >= TRIES:
            staff.failed_sign_ins, staff.locked_until = 0, now + LOCK
        record(session, by=staff.id, kind="sign_in_refused", subject="staff", subject_id=staff.id, at=now)
        return None
    staff.failed_sign_ins, staff.locked_until = 0, None
    return _begin_session(session, staff, now)


def _begin_session(session: Session, staff: Staff, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=_digest(token), staff_id=staff.id, started_at=now, last_seen_at=now))
    record(session, by=staff.id, kind="signed_in", subject="staff", subject_id=staff.id, at=now)
    return token


def of_token(session: Session, token: str, *, now: datetime) -> Staff | None:
    """The member of staff a browser's token belongs to, if its session is alive; notes that it was seen."""
    held = session.get(StaffSession, _digest(token))
    if held is None or not held.staff.active:
        return None
    if now - held.last_seen_at > IDLE or now - held.started_at > LONGEST:
        session.delete(held)
        return None
    if now - held.last_seen_at > timedelta(minutes=1):
        held.last_seen_at = now
    return held.staff


def sign_out(session: Session, token: str) -> None:
    """End the session of this token."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == _digest(token)))


def change_password(session: Session, staff: Staff, *, old: str, new: str, now: datetime) -> None:
    """Set a password of one's own and end every other session.

    Raises:
        NotAllowed: the old password is wrong.
        InvalidStep: the new one is too short or the same.
    """
    if not _matches(staff.password_hash, old):
        raise NotAllowed("The present password is not right.")
    if len(new) < PASSWORD_LENGTH:
        raise InvalidStep(f"Use at least {PASSWORD_LENGTH} characters; three words together are easy to remember.")
    if new == old:
        raise InvalidStep("Choose a password that differs from the present one.")
    staff.password_hash, staff.must_change_password = _hasher.hash(new), False
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    record(session, by=staff.id, kind="password_changed", subject="staff", subject_id=staff.id, at=now)


def reset_password(session: Session, *, email: str, now: datetime, by: str) -> str:
    """Give somebody a new first password, which they must change; their sessions end.

    Raises:
        NotFound: nobody has this e-mail.
    """
    staff = session.scalar(select(Staff).where(Staff.email == email.strip().lower()))
    if staff is None:
        raise NotFound(f"There is no user {email}.")
    first = secrets.token_urlsafe(12)
    staff.password_hash, staff.must_change_password, staff.locked_until = _hasher.hash(first), True, None
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    record(session, by=by, kind="password_reset", subject="staff", subject_id=staff.id, at=now)
    return first


def deactivate(session: Session, staff: Staff, *, by: str, now: datetime) -> None:
    """End somebody's account: they are signed out at once and cannot sign in; what they did stays on record.

    Raises:
        InvalidStep: it was ended before.
    """
    if not staff.active:
        raise InvalidStep(f"The account of {staff.name} has been deactivated already.")
    staff.active = False
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    record(session, by=by, kind="deactivated", subject="staff", subject_id=staff.id, at=now)


def give_new_password(session: Session, staff: Staff, *, by: str, now: datetime) -> str:
    """A new first password, for somebody who forgot theirs or comes back; it unlocks and reopens the account.

    Returns:
        The password, which they must change. It is shown once and kept nowhere.
    """
    first = secrets.token_urlsafe(12)
    staff.password_hash, staff.must_change_password, staff.active = _hasher.hash(first), True, True
    staff.failed_sign_ins, staff.locked_until = 0, None
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.id))
    record(session, by=by, kind="password_given", subject="staff", subject_id=staff.id, at=now)
    return first


def get(session: Session, staff_id: str) -> Staff:
    """One member of staff.

    Raises:
        NotFound: no such user.
    """
    staff = session.get(Staff, staff_id)
    if staff is None:
        raise NotFound("There is no such user.")
    return staff


def names(session: Session) -> dict[str, str]:
    """Names by id, for pages that show who did something."""
    return {staff.id: staff.name for staff in session.scalars(select(Staff))}


def everyone(session: Session) -> list[Staff]:
    """All users, by name."""
    return list(session.scalars(select(Staff).order_by(Staff.name)))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
