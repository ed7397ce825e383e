"""What an advocate may see, and their door: a link and a code, no account, and only their own young people.

A young person gives, narrows and takes back; it holds from that moment, because the door asks here each time.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.cases import advocacy, conversations
from bot.cases.database import new_id, vault
from bot.cases.events import ASSISTANT, record
from bot.cases.intake import REFERENCE_LETTERS
from bot.cases.tables import (
    AdvocacyReferral,
    AdvocateDoor,
    Authority,
    Case,
    CasePerson,
    Conversation,
    Letter,
    Message,
    Person,
)
from bot.errors import InvalidStep, NotFound
from bot.understanding.sharing import SHARES

KINDS = ("advocate", "childrens_rights_officer")
CODE_LENGTH = 8
TRIES = 5
LOCK = timedelta(minutes=15)
_hasher = PasswordHasher()


# --- the door --------------------------------------------------------------------------------------------------------


def make_door(
    session: Session, *, organisation: str, by: str, now: datetime, open_for: timedelta, name: str | None = None,
    kind: str = "advocate",
) -> tuple[AdvocateDoor, str]:  # fmt: skip
    """Make a door for an advocate; returns it and the key of its link, which is kept nowhere.

    Args:
        open_for: how long the link works.
        kind: advocate or childrens_rights_officer.
    """
    if kind not in KINDS:
        raise InvalidStep(f"A door is for: {' or '.join(KINDS)}.")
    key = secrets.token_urlsafe(32)
    door = AdvocateDoor(
        id=new_id(), kind=kind, organisation=organisation, name=name, made_at=now, made_by=by,
        link_hash=digest(key), expires_at=now + open_for, wrong_codes=0,
    )  # fmt: skip
    session.add(door)
    session.flush()
    _record(session, door, "door_made", by=by, now=now)
    return door, key


def name_holder(session: Session, door: AdvocateDoor, *, name: str, now: datetime) -> None:
    """The advocate behind a door says who they are, as they take somebody on."""
    door.name = name
    _record(session, door, "door_named", by=door.id, now=now)


def renew_link(session: Session, door: AdvocateDoor, *, by: str, now: datetime, open_for: timedelta) -> str:
    """A new link in the place of the old one, which opens nothing any more; returns its key.

    Raises:
        InvalidStep: the door was closed for good.
    """
    _must_be_open(door)
    key = secrets.token_urlsafe(32)
    door.link_hash, door.expires_at = digest(key), now + open_for
    _record(session, door, "door_link_made", by=by, now=now)
    return key


def new_code(session: Session, door: AdvocateDoor, *, by: str, now: datetime) -> str:
    """A new code, to be told apart from the link; it can be shown this once, because only its hash is kept.

    Raises:
        InvalidStep: the door was closed for good.
    """
    _must_be_open(door)
    code = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(CODE_LENGTH))
    door.code_hash, door.wrong_codes, door.locked_until = _hasher.hash(code), 0, None
    _record(session, door, "door_code_made", by=by, now=now)
    return f"{code[:4]}-{code[4:]}"


def close_door(session: Session, door: AdvocateDoor, *, by: str, now: datetime) -> None:
    """Close a door for good: link, code and whoever is inside."""
    _must_be_open(door)
    door.closed_at, door.closed_by = now, by
    _record(session, door, "door_closed", by=by, now=now)


def _must_be_open(door: AdvocateDoor) -> None:
    if door.closed_at is not None:
        raise InvalidStep("This door was closed for good. Make another if the advocate still needs one.")


def get_door(session: Session, door_id: str) -> AdvocateDoor:
    """One door.

    Raises:
        NotFound: there is no such door.
    """
    door = session.get(AdvocateDoor, door_id)
    if door is None:
        raise NotFound("There is no such door.")
    return door


def doors(session: Session) -> list[AdvocateDoor]:
    """Every door, the newest first."""
    return list(session.scalars(select(AdvocateDoor).order_by(AdvocateDoor.made_at.desc())))


def names(session: Session) -> dict[str, str]:
    """Who is behind each door, for the history of a case."""
    return {door.id: f"{door.name or 'An advocate'} ({door.organisation})" for door in doors(session)}


def link_state(door: AdvocateDoor | None, key_hash: str, now: datetime) -> str:
    """Whether a link leads in: works, ended, or replaced by a newer one."""
    if door is None or door.closed_at is not None:
        return "ended"
    if not hmac.compare_digest(door.link_hash, key_hash):
        return "replaced"
    return "works" if now < door.expires_at else "ended"


def enter(session: Session, door: AdvocateDoor, *, code: str, now: datetime) -> bool:
    """Whether this code opens the door. A refusal is counted, so the caller must commit it.

    Five wrong codes lock the door for a quarter of an hour, whoever tries.
    """
    session.refresh(door, with_for_update=True)
    if door.locked_until and door.locked_until > now:
        return False
    if not _matches(door.code_hash, code):
        door.wrong_codes += 1
        if door.wrong_codes >= TRIES:
            door.wrong_codes, door.locked_until = 0, now + LOCK
        _record(session, door, "door_refused", by=door.id, now=now)
        return False
    door.wrong_codes, door.locked_until, door.opened_at = 0, None, now
    _record(session, door, "door_opened", by=door.id, now=now)
    return True


def _matches(code_hash: str | None, code: str) -> bool:
    typed = "".join(letter for letter in code.upper() if letter.isalnum())
    try:
        return code_hash is not None and _hasher.verify(code_hash, typed)
    except VerifyMismatchError:
        return False


def digest(key: str) -> str:
    """What is kept of a link's key."""
    return hashlib.sha256(key.encode()).hexdigest()


# --- authority -------------------------------------------------------------------------------------------------------


def give(
    session: Session,
    door: AdvocateDoor,
    *,
    scope: Iterable[str],
    now: datetime,
    referral: AdvocacyReferral | None = None,
    conversation: Conversation | None = None,
    case: Case | None = None,
    thread: Conversation | None = None,
    given_by: str = "young_person",
    by: str = ASSISTANT,
) -> Authority:
    """Let the advocate behind a door know this much of one young person.

    Args:
        scope: any of `SHARES` (`bot.understanding.sharing`).
        conversation: the young person's own, by which they can narrow it or take it back.
        thread: the advocate's own, in which they lodged the complaint.
        given_by: young_person, who said so here; or advocate, who says that they did.
    """
    given = Authority(
        id=new_id(), door_id=door.id, scope=_in_order(scope), given_at=now, given_by=given_by,
        referral_id=referral.id if referral else None, case_id=case.id if case else None,
        conversation_id=conversation.id if conversation else None, thread_id=thread.id if thread else None,
    )  # fmt: skip
    session.add(given)
    session.flush()
    session.refresh(door, ["authorities"])
    _note(session, given, "authority_given", by=by, now=now, scope=given.scope)
    return given


def of_referral(session: Session, referral: AdvocacyReferral) -> Authority | None:
    """What a referral lets the provider see; None before it was sent."""
    return session.scalar(select(Authority).where(Authority.referral_id == referral.id).limit(1))


def at_door(session: Session, door: AdvocateDoor, authority_id: str) -> Authority:
    """One of the young people of a door.

    Raises:
        NotFound: there is none such at this door, or they took their leave back.
    """
    found = session.get(Authority, authority_id)
    if found is None or found.door_id != door.id or found.withdrawn_at is not None:
        raise NotFound("You cannot see this. The young person may have taken their permission back.")
    return found


def of_young_person(session: Session, conversation: Conversation, *, own_only: bool = False) -> list[Authority]:
    """Who may see something of the young person in a conversation.

    Args:
        own_only: leave out what an advocate lodged for somebody with this telephone number: a number is enough to
            take a permission back, and not enough to give more.
    """
    theirs = Authority.conversation_id == conversation.id
    if conversation.phone_key and not own_only:
        cases = (
            select(CasePerson.case_id)
            .join(Person, Person.id == CasePerson.person_id)
            .where(Person.phone_key == conversation.phone_key, CasePerson.part != "representative")
        )
        theirs = or_(theirs, Authority.case_id.in_(cases))
    return list(
        session.scalars(select(Authority).where(theirs, Authority.withdrawn_at.is_(None)).order_by(Authority.given_at))
    )


def of_case(session: Session, case: Case) -> list[Authority]:
    """Who may see, or might once see, something of a case, the oldest first."""
    return list(session.scalars(select(Authority).where(Authority.case_id == case.id).order_by(Authority.given_at)))


def keep_number(session: Session, case: Case, phone: str) -> None:
    """Keep a young person's own number with them: by a text from it they can take their permission back."""
    child = next((link.person for link in case.people if link.part == "child"), None)
    if child is not None:
        child.phone, child.phone_key = phone, vault().fingerprint(phone)
        session.flush()


def share(
    session: Session, conversation: Conversation, *, scope: Iterable[str], words: str, now: datetime
) -> list[Authority]:
    """The young person says what their advocate may know from now on: less, or more.

    It changes what every advocate of theirs sees, and what a referral that has not gone yet will tell. More than
    before is only given to the advocate they asked for in this conversation.

    Returns:
        The authorities that were changed.
    """
    wanted = set(scope)
    own = {each.id for each in of_young_person(session, conversation, own_only=True)}
    changed = []
    for each in of_young_person(session, conversation):
        allowed = wanted if each.id in own else wanted & set(each.scope)
        each.scope, each.changed_at = _in_order(allowed), now
        _note(session, each, "authority_changed", by=ASSISTANT, now=now, scope=each.scope)
        changed.append(each)
    referral = advocacy.referral_of(session, conversation)
    if referral is not None and referral.state != "withdrawn":
        advocacy.consent(session, referral, share=wanted, words=words, now=now)
    return changed


@dataclass(frozen=True)
class Withdrawn:
    """What taking it back changed.

    Args:
        authorities: how many advocates see nothing any more.
        referred: a referral was stopped on its way.
        lodged: a complaint had been made by the advocate, so a person must ask the young person whether it goes on.
        to_them: replies went through the advocate and now come to the young person.
    """

    authorities: int
    referred: bool
    lodged: bool
    to_them: bool

    @property
    def anything(self) -> bool:
        """Whether there was anything to take back."""
        return bool(self.authorities or self.referred)


def withdraw(session: Session, conversation: Conversation, *, now: datetime) -> Withdrawn:
    """The young person takes back what their advocates may see and do; it holds from this moment (R8).

    The complaint is the young person's own and goes on. One that the advocate brought needs a person, who asks them.
    """
    given = of_young_person(session, conversation)
    for each in given:
        each.withdrawn_at = now
        _note(session, each, "authority_withdrawn", by=ASSISTANT, now=now)
    referral = advocacy.referral_of(session, conversation)
    stopped = referral is not None and referral.state in (*advocacy.UNDER_WAY, "accepted")
    if referral is not None and stopped:
        advocacy.take_back(session, referral, now=now)
    cases = {each.case.id: each.case for each in given if each.case}
    if conversation.case is not None:
        cases[conversation.case.id] = conversation.case
    through = [case for case in cases.values() if _reply_to_them(case, conversation)]
    outcome = Withdrawn(
        authorities=len(given),
        referred=stopped,
        lodged=any(each.case is not None and each.case.brought_by is not None for each in given),
        to_them=bool(through),
    )
    conversations.ask_for_person(session, conversation, reason="authority", now=now)
    return outcome


def _reply_to_them(case: Case, conversation: Conversation) -> bool:
    """Stop sending a young person's replies through an advocate they no longer want."""
    through = [each.person for each in case.people if each.person.preferred_contact == "through_advocate"]
    for person in through:
        person.preferred_contact = "sms" if conversation.channel == "sms" else None
    return bool(through)


# --- what is seen and said -------------------------------------------------------------------------------------------


def letters_seen(authority: Authority) -> list[Letter]:
    """Letters to the young person that went out, where they agreed that the advocate has them."""
    if authority.case is None or "replies" not in authority.scope:
        return []
    return [letter for letter in authority.case.letters if letter.sent_on is not None]


def replies_seen(session: Session, authority: Authority) -> list[Message]:
    """What members of staff wrote to the young person, where they agreed that the advocate has it."""
    if authority.conversation_id is None or "replies" not in authority.scope:
        return []
    return list(
        session.scalars(
            select(Message)
            .where(Message.conversation_id == authority.conversation_id, Message.sent_by.is_not(None))
            .order_by(Message.number)
        )
    )


def thread_of(session: Session, authority: Authority, *, now: datetime) -> Conversation:
    """The advocate's own conversation about this young person, begun with their first message."""
    thread = authority.thread or _begin_thread(session, authority, now)
    thread.case_id = thread.case_id or authority.case_id
    return thread


def _begin_thread(session: Session, authority: Authority, now: datetime) -> Conversation:
    thread = conversations.open_conversation(session, channel="web", now=now)
    thread.state, thread.is_demo = "filed", authority.case is not None and authority.case.is_demo
    authority.thread = thread
    session.flush()
    return thread


def _in_order(scope: Iterable[str]) -> list[str]:
    wanted = set(scope)
    return [each for each in SHARES if each in wanted]


def _record(session: Session, door: AdvocateDoor, kind: str, *, by: str, now: datetime) -> None:
    record(session, by=by, kind=kind, subject="door", subject_id=door.id, at=now)


def _note(session: Session, authority: Authority, kind: str, *, by: str, now: datetime, **detail: object) -> None:
    record(session, by=by, kind=kind, subject="authority", subject_id=authority.id, at=now, **detail)
    if authority.case_id:
        record(session, by=by, kind=kind, subject="case", subject_id=authority.case_id, at=now, **detail)
