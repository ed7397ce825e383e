"""The tables of the case store. What happens to them is written in the modules beside this one."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, MetaData, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from bot.cases.database import Encrypted, EncryptedJson, Id, UtcDateTime, new_id

CODE = String(40)
RUNNING = text("ended_at IS NULL")
WAITING = text("acknowledged_at IS NULL")


class Table(DeclarativeBase):
    """Base of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


def paired(name: str, *columns: str) -> CheckConstraint:
    """All of these are set, or none: a time without its person says too little."""
    nulls = " AND ".join(f"{column} IS NULL" for column in columns)
    values = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return CheckConstraint(f"({nulls}) OR ({values})", name=name)


# --- talking ---------------------------------------------------------------------------------------------------------


class Conversation(Table):
    """One person talking to us on one channel, from the first message to the last.

    `handle` is the unguessable name by which a browser comes back; `leg` is the name Rasa knows it by, changed when a
    conversation pauses or grows long. A telephone number is kept encrypted and found by its fingerprint. Several
    conversations may share a number; the one with the latest `phone_since` has it. While `code_asked_at` is set the
    person at the other end is not known yet.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("channel IN ('sms', 'web')", name="channel"),
        CheckConstraint("state IN ('open', 'filed', 'referred', 'signposted', 'ended')", name="state"),
        paired("taken_over", "taken_over_by", "taken_over_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    handle: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(8))
    phone: Mapped[str | None] = mapped_column(Encrypted)
    phone_key: Mapped[str | None] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(2), default="en")
    state: Mapped[str] = mapped_column(String(12), default="open")
    leg: Mapped[str] = mapped_column(Id, unique=True, default=new_id)
    leg_turns: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    outage_told_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    # Coming back: the number and the hash of the code word that were given, and wrong words tried since.
    reference: Mapped[str | None] = mapped_column(String(16), unique=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_tries: Mapped[int] = mapped_column(default=0)
    code_barred_until: Mapped[datetime | None]
    # A telephone: since when it is in this person's hands, what they were asked and told there.
    phone_since: Mapped[datetime | None]
    code_asked_at: Mapped[datetime | None]
    nudged_at: Mapped[datetime | None]
    safe_hours: Mapped[str | None] = mapped_column(String(20))
    needs_person_since: Mapped[datetime | None]
    needs_person_reason: Mapped[str | None] = mapped_column(CODE)
    taken_over_by: Mapped[str | None] = mapped_column(Id)
    taken_over_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))

    messages: Mapped[list["Message"]] = relationship(back_populates="conversation", order_by="Message.number")
    case: Mapped["Case | None"] = relationship(foreign_keys=[case_id])


class Message(Table):
    """Something said, by the person, the assistant or a member of staff, in the order it arrived.

    `provider_id` makes a repeated delivery visible. `screening` is none, concern or immediate and set on every message
    that comes in. `delivery` is for texts going out: queued, sent, delivered, failed.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("kind IN ('said', 'say', 'ask', 'crisis', 'receipt', 'person')", name="kind"),
        CheckConstraint("screening IN ('none', 'concern', 'immediate')", name="screening"),
        CheckConstraint("(direction = 'in') = (screening IS NOT NULL)", name="screened"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(Id, unique=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    direction: Mapped[str] = mapped_column(String(3))
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Encrypted)
    kind: Mapped[str] = mapped_column(String(8), default="said")
    choice: Mapped[str | None] = mapped_column(String(200))
    pictures: Mapped[int] = mapped_column(default=0)
    screening: Mapped[str | None] = mapped_column(String(9))
    screening_reasons: Mapped[list[Any] | None]
    response: Mapped[str | None] = mapped_column(String(60))
    asking: Mapped[str | None] = mapped_column(CODE)
    choices: Mapped[list[Any] | None]
    reply_to: Mapped[str | None] = mapped_column(Id)
    sent_by: Mapped[str | None] = mapped_column(Id)
    delivery: Mapped[str | None] = mapped_column(String(12))
    segments: Mapped[int | None]

    conversation: Mapped[Conversation] = relationship(back_populates="messages")


class Job(Table):
    """Work owed: an inbound message to handle, a text to send, an alert to raise.

    Written in the transaction that creates the duty, so a killed process loses nothing. A worker holds a job by a lease
    (`locked_until`); a lease that runs out is taken by another.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("kind IN ('turn', 'text', 'alert', 'advocate')", name="kind"),
        CheckConstraint("state IN ('ready', 'done', 'dead')", name="state"),
        Index("ix_jobs_due", "state", "run_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(8))
    dedupe_key: Mapped[str] = mapped_column(String(80), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str | None] = mapped_column(Id)
    subject_id: Mapped[str | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(8), default="ready")
    run_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(Id)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(String(200))


class Draft(Table):
    """What a person has told us so far, before it is filed: facts by the names of the one vocabulary."""

    __tablename__ = "drafts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    facts: Mapped[Any] = mapped_column(EncryptedJson)
    updated_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]


# --- people and cases ------------------------------------------------------------------------------------------------


class Person(Table):
    """Somebody in a case: who complains, the child it is about, who speaks for them."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str | None] = mapped_column(Encrypted)
    name_key: Mapped[str | None] = mapped_column(String(64), index=True)
    age: Mapped[int | None]
    phone: Mapped[str | None] = mapped_column(Encrypted)
    phone_key: Mapped[str | None] = mapped_column(String(64), index=True)
    email: Mapped[str | None] = mapped_column(Encrypted)
    address: Mapped[str | None] = mapped_column(Encrypted)
    preferred_contact: Mapped[str | None] = mapped_column(CODE)
    safe_to_contact: Mapped[Any | None] = mapped_column(EncryptedJson)
    organisation: Mapped[str | None] = mapped_column(Encrypted)


class CasePerson(Table):
    """The part a person has in a case; one complaint may have several people and is still counted once."""

    __tablename__ = "case_people"
    __table_args__ = (CheckConstraint("part IN ('complainant', 'child', 'representative')", name="part"),)

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(16))
    relationship_words: Mapped[str | None] = mapped_column(Encrypted)

    person: Mapped[Person] = relationship()


class Case(Table):
    """One contact that was filed: a complaint, or something that turned out to belong elsewhere.

    `status`: new (waits for a person to decide), open (accepted, being answered), closed, not_accepted, parked
    (a safety matter goes first), withdrawn. `role` is whose complaint it is; `brought_by` is who brought it.
    `record_type` follows the contact to the procedure it goes on under. The yearly report does not count by it: what
    was not accepted stays counted as that.
    """

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'open', 'closed', 'not_accepted', 'parked', 'withdrawn')", name="status"),
        CheckConstraint(
            "record_type IN ('statutory', 'corporate', 'data_protection', 'education', 'school', 'enquiry',"
            " 'compliment', 'suggestion')",
            name="record_type",
        ),
        CheckConstraint("stage BETWEEN 0 AND 3", name="stage"),
        paired("decided", "decided_at", "decided_by", "outcome"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    record_type: Mapped[str] = mapped_column(String(16), default="statutory")
    status: Mapped[str] = mapped_column(String(16), default="new", index=True)
    stage: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime]
    received_on: Mapped[date] = mapped_column(index=True)
    role: Mapped[str] = mapped_column(CODE)
    brought_by: Mapped[str | None] = mapped_column(CODE)
    statement: Mapped[str] = mapped_column(Encrypted)
    desired_outcome: Mapped[str | None] = mapped_column(Encrypted)
    facts: Mapped[Any] = mapped_column(EncryptedJson)
    category: Mapped[str | None] = mapped_column(CODE)
    team: Mapped[str | None] = mapped_column(CODE)
    assigned_at: Mapped[datetime | None]
    acknowledge_by: Mapped[date]
    acknowledged_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(CODE)
    reason_code: Mapped[str | None] = mapped_column(CODE)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(Id)
    closed_at: Mapped[datetime | None]
    is_demo: Mapped[bool] = mapped_column(default=False)

    people: Mapped[list[CasePerson]] = relationship()
    stages: Mapped[list["Stage"]] = relationship(order_by="Stage.number")
    elements: Mapped[list["Element"]] = relationship(order_by="Element.number")
    decisions: Mapped[list["Decision"]] = relationship(order_by="Decision.at")
    notes: Mapped[list["Note"]] = relationship(order_by="Note.at")
    advocacy: Mapped[list["AdvocacyOffer"]] = relationship(order_by="AdvocacyOffer.offered_at")
    holds: Mapped[list["Hold"]] = relationship(order_by="Hold.begun_at")
    letters: Mapped[list["Letter"]] = relationship(order_by="Letter.at")
    procedures: Mapped[list["OtherProcedure"]] = relationship(order_by="OtherProcedure.begun_at")
    passed_on: Mapped[list["OnwardReferral"]] = relationship(order_by="OnwardReferral.at")
    actions: Mapped[list["CaseAction"]] = relationship(back_populates="case", order_by="CaseAction.recorded_at")


class Element(Table):
    """One matter in a complaint (R15): a complaint is counted once, its elements apart.

    `facts` are those only this element has; `outcome` and `reason_code` what a person decided of it.
    """

    __tablename__ = "elements"
    __table_args__ = (
        CheckConstraint(
            "finding IN ('upheld', 'partially_upheld', 'not_upheld', 'no_finding', 'withdrawn',"
            " 'resolved_without_finding')",
            name="finding",
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    number: Mapped[int]
    words: Mapped[str] = mapped_column(Encrypted)
    facts: Mapped[Any | None] = mapped_column(EncryptedJson)
    category: Mapped[str | None] = mapped_column(CODE)
    team: Mapped[str | None] = mapped_column(CODE)
    outcome: Mapped[str | None] = mapped_column(CODE)
    reason_code: Mapped[str | None] = mapped_column(CODE)
    finding: Mapped[str | None] = mapped_column(CODE)


class Stage(Table):
    """A stage of the procedure: begun, due, the last day the law allows, and answered.

    `due_on` and `latest_on` are the dates without any freeze. Whoever tells a date takes it from `bot.cases.dates`.
    """

    __tablename__ = "stages"
    __table_args__ = (
        CheckConstraint("number BETWEEN 1 AND 3", name="number"),
        CheckConstraint("due_on <= latest_on", name="due_before_latest"),
    )

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    started_on: Mapped[date]
    due_on: Mapped[date]
    latest_on: Mapped[date]
    answered_on: Mapped[date | None]
    finding: Mapped[str | None] = mapped_column(CODE)


class Decision(Table):
    """A proposal of the rules, or a person's decision; both are kept, and the second names its decider.

    It is about one element, or about the whole case where no element is named.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("made_by_person = (reasons IS NOT NULL)", name="person_gives_reasons"),
        CheckConstraint("NOT made_by_person OR by <> 'assistant'", name="person_is_named"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    element_id: Mapped[str | None] = mapped_column(ForeignKey("elements.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Id)
    made_by_person: Mapped[bool]
    outcome: Mapped[str] = mapped_column(CODE)
    reason_code: Mapped[str | None] = mapped_column(CODE)
    sub_reason: Mapped[str | None] = mapped_column(CODE)
    rule: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(300))
    rules_version: Mapped[str | None] = mapped_column(String(100))
    say: Mapped[str | None] = mapped_column(String(1000))
    officer: Mapped[str | None] = mapped_column(String(1000))
    signposts: Mapped[list[Any] | None]
    missing: Mapped[list[Any] | None]
    secondary: Mapped[list[Any] | None]
    reasons: Mapped[str | None] = mapped_column(Encrypted)


class Hold(Table):
    """Why a contact waits, until when, and who says so. Only a freeze stops a clock (R45)."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('frozen', 'consent', 'legal_view', 'lateness', 'sufficient_interest', 'safeguarding')",
            name="kind",
        ),
        paired("ended", "ended_at", "ended_by"),
        # One of a kind at a time: two officers may press at once.
        Index("ix_holds_running", "case_id", "kind", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(Id)
    reasons: Mapped[str] = mapped_column(Encrypted)
    review_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Id)


class Letter(Table):
    """A letter to the person: drafted with the decision it tells of, then kept word for word as it was sent."""

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('acknowledgement', 'refusal', 'freeze', 'accepted_late', 'consent', 'onward', 'moved')",
            name="kind",
        ),
        paired("sent", "sent_on", "sent_by", "route"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Encrypted)
    sent_on: Mapped[date | None]
    sent_by: Mapped[str | None] = mapped_column(Id)
    route: Mapped[str | None] = mapped_column(CODE)


class OtherProcedure(Table):
    """A procedure beside the statutory one that a contact goes on under, with the clock of its own.

    `points` are the numbers of the elements that go on there; None for all of them.
    """

    __tablename__ = "other_procedures"
    __table_args__ = (
        CheckConstraint("procedure IN ('corporate', 'data_protection', 'education', 'school')", name="procedure"),
        UniqueConstraint("case_id", "procedure", name="uq_other_procedures_once"),
        CheckConstraint("due_on <= latest_on", name="due_before_latest"),
        paired("answered", "answered_on", "finding"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    procedure: Mapped[str] = mapped_column(String(20))
    points: Mapped[list[Any] | None]
    begun_at: Mapped[datetime]
    begun_by: Mapped[str] = mapped_column(Id)
    acknowledge_by: Mapped[date | None]
    acknowledged_on: Mapped[date | None]
    due_on: Mapped[date | None]
    latest_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    finding: Mapped[str | None] = mapped_column(CODE)


class OnwardReferral(Table):
    """A contact that was given to another body, with the consent it needed (R19)."""

    __tablename__ = "onward_referrals"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    to: Mapped[str] = mapped_column(String(120))
    consent_by: Mapped[str] = mapped_column(CODE)
    consented_on: Mapped[date]
    passed_on: Mapped[date]
    passed_by: Mapped[str] = mapped_column(Id)


class CaseAction(Table):
    """Something the council does because of a complaint: it puts it right for the person, or changes the service (R58).

    `words` tell the person of it in plain words; without them it is not told. `evidence` says how it is known that it
    was done.
    """

    __tablename__ = "case_actions"
    __table_args__ = (
        CheckConstraint("kind IN ('remedy', 'improvement')", name="kind"),
        paired("done", "done_on", "done_by", "evidence"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    stage: Mapped[int]
    what: Mapped[str] = mapped_column(Encrypted)
    owner: Mapped[str] = mapped_column(String(120))
    due_on: Mapped[date]
    words: Mapped[str | None] = mapped_column(Encrypted)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(Id)
    done_on: Mapped[date | None]
    done_by: Mapped[str | None] = mapped_column(Id)
    evidence: Mapped[str | None] = mapped_column(Encrypted)

    case: Mapped[Case] = relationship(back_populates="actions")


class Note(Table):
    """Something a member of staff wrote on a case."""

    __tablename__ = "notes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(Id)
    text: Mapped[str] = mapped_column(Encrypted)


class Compliment(Table):
    """Thanks or praise in the giver's own words (R57). It is no complaint and has no clock.

    `for_words` says whom it is for. `tell` is whether they may hear who said it: named or unnamed. A fact that is None
    was not asked yet; one left open is "" or "unknown".
    """

    __tablename__ = "compliments"
    __table_args__ = (
        CheckConstraint("tell IN ('named', 'unnamed')", name="tell"),
        paired("passed_on", "passed_on_at", "passed_on_by", "passed_on_to"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(Id, unique=True)
    channel: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime]
    received_on: Mapped[date] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(Encrypted)
    for_words: Mapped[str | None] = mapped_column(Encrypted)
    team: Mapped[str | None] = mapped_column(CODE)
    from_role: Mapped[str | None] = mapped_column(CODE)
    tell: Mapped[str | None] = mapped_column(String(8))
    name: Mapped[str | None] = mapped_column(Encrypted)
    passed_on_at: Mapped[datetime | None]
    passed_on_by: Mapped[str | None] = mapped_column(Id)
    passed_on_to: Mapped[str | None] = mapped_column(Encrypted)
    is_demo: Mapped[bool] = mapped_column(default=False)


class AdvocacyOffer(Table):
    """Proof that an advocate was offered (Children Act 1989, section 26A), and what was answered.

    Each offer is a row: when, by whom, on which channel, in which `words` or with which letter. `once` names an offer
    that is made a single time, such as the one at the beginning of a stage.
    """

    __tablename__ = "advocacy_offers"
    __table_args__ = (
        CheckConstraint("answer IN ('accepted', 'declined', 'has_one', 'later')", name="answer"),
        CheckConstraint("occasion IN ('start', 'asked', 'thinking', 'refusal', 'stage', 'silence')", name="occasion"),
        paired("answered", "answer", "answered_at"),
        Index("ix_advocacy_offers_once", "once", unique=True),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    offered_at: Mapped[datetime]
    offered_by: Mapped[str] = mapped_column(Id, server_default="assistant")
    occasion: Mapped[str] = mapped_column(String(10), server_default="start")
    channel: Mapped[str | None] = mapped_column(String(8))
    words: Mapped[str | None] = mapped_column(String(1000))
    letter_id: Mapped[str | None] = mapped_column(Id)
    once: Mapped[str | None] = mapped_column(String(60))
    provider: Mapped[str] = mapped_column(String(120))
    answer: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[datetime | None]


class AdvocacyReferral(Table):
    """A young person's wish for an advocate on its way to the provider.

    `state`: consent (they have not said what may be told), owed (to be sent), sent (the provider has it), by_hand (a
    person passes it on), accepted, declined, not_reached, withdrawn (the young person took it back). `share` is what
    they agreed to have told; `consent_words` are theirs, as proof.
    """

    __tablename__ = "advocacy_referrals"
    __table_args__ = (
        CheckConstraint(
            "state IN ('consent', 'owed', 'sent', 'by_hand', 'accepted', 'declined', 'not_reached', 'withdrawn')",
            name="state",
        ),
        paired("consented", "consented_at", "consent_words"),
        paired("sent", "sent_at", "route"),
        paired("answered", "answered_at", "answered_by"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    provider: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12), default="consent", index=True)
    asked_at: Mapped[datetime]
    share: Mapped[list[Any]] = mapped_column(default=list)
    consented_at: Mapped[datetime | None]
    consent_words: Mapped[str | None] = mapped_column(Encrypted)
    route: Mapped[str | None] = mapped_column(String(8))
    sent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    chased_at: Mapped[datetime | None]
    to_person_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(Id)

    conversation: Mapped[Conversation] = relationship()
    case: Mapped[Case | None] = relationship()
    authorities: Mapped[list["Authority"]] = relationship(back_populates="referral")


class AdvocateDoor(Table):
    """An advocate's way in: a link and a code, of which only hashes are kept. No account, and nobody else's cases."""

    __tablename__ = "advocate_doors"
    __table_args__ = (
        CheckConstraint("kind IN ('advocate', 'childrens_rights_officer')", name="kind"),
        paired("closed", "closed_at", "closed_by"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(CODE, default="advocate")
    organisation: Mapped[str] = mapped_column(String(120))
    name: Mapped[str | None] = mapped_column(Encrypted)
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(Id)
    link_hash: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(200))
    expires_at: Mapped[datetime]
    wrong_codes: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(Id)

    authorities: Mapped[list["Authority"]] = relationship(back_populates="door", order_by="Authority.given_at")


class Authority(Table):
    """What one advocate may know of one young person, by that young person's leave, until it is taken back.

    `conversation_id` is the young person's own; `thread_id` is the advocate's, in which their messages are kept and
    screened like everybody's. `scope` holds what may be told.
    """

    __tablename__ = "authorities"
    __table_args__ = (CheckConstraint("given_by IN ('young_person', 'advocate')", name="given_by"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    door_id: Mapped[str] = mapped_column(ForeignKey("advocate_doors.id"), index=True)
    referral_id: Mapped[str | None] = mapped_column(ForeignKey("advocacy_referrals.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    thread_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    scope: Mapped[list[Any]]
    given_at: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(String(12))
    changed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    door: Mapped[AdvocateDoor] = relationship(back_populates="authorities")
    referral: Mapped[AdvocacyReferral | None] = relationship(back_populates="authorities")
    conversation: Mapped[Conversation | None] = relationship(foreign_keys=[conversation_id])
    thread: Mapped[Conversation | None] = relationship(foreign_keys=[thread_id])
    case: Mapped[Case | None] = relationship()


class Referral(Table):
    """A worry about somebody's safety, with their own words, until a named person has dealt with it.

    `words` holds every message that raised it, a line each; `message_id` is the first. `safe_at` is when the person
    said that they are safe.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("level IN ('concern', 'immediate')", name="level"),
        paired("acknowledged", "acknowledged_at", "acknowledged_by"),
        paired("passed", "passed_at", "passed_by", "passed_to"),
        paired("outcome", "outcome", "outcome_at", "outcome_by"),
        CheckConstraint("outcome IN ('accepted', 'already_known', 'no_further_action')", name="outcome_code"),
        # Asked for several times a second: who is still waiting for a named person.
        Index("ix_referrals_waiting", "raised_at", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    message_id: Mapped[str] = mapped_column(Id, unique=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"))
    level: Mapped[str] = mapped_column(String(9))
    reasons: Mapped[list[Any]]
    words: Mapped[str] = mapped_column(Encrypted)
    raised_at: Mapped[datetime]
    safe_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(Id)
    passed_at: Mapped[datetime | None]
    passed_by: Mapped[str | None] = mapped_column(Id)
    passed_to: Mapped[str | None] = mapped_column(String(120))
    outcome: Mapped[str | None] = mapped_column(CODE)
    outcome_at: Mapped[datetime | None]
    outcome_by: Mapped[str | None] = mapped_column(Id)

    conversation: Mapped[Conversation] = relationship()
    alerts: Mapped[list["Alert"]] = relationship(order_by="Alert.owed_at")


class Alert(Table):
    """One telling of one person of a worry by one route, and how far it came.

    `round` is 0 for the first telling of this step and grows with each repetition; `key` names all of it, so that
    nothing is told twice. `state`: owed, sent (the provider took it), delivered (it arrived), failed, dropped (not
    needed any more). `while_away` marks what was told while the store was away. `seen_by` has seen to a failure.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("route IN ('text', 'email', 'webhook', 'none')", name="route"),
        CheckConstraint("state IN ('owed', 'sent', 'delivered', 'failed', 'dropped')", name="state"),
        paired("seen", "seen_at", "seen_by"),
        Index("ix_alerts_told", "step", "route", "state"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referrals.id"), index=True)
    step: Mapped[str] = mapped_column(CODE)
    who: Mapped[str] = mapped_column(String(120))
    route: Mapped[str] = mapped_column(String(8))
    round: Mapped[int]
    while_away: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="owed")
    owed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(CODE)
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None] = mapped_column(Id)


# --- staff and the log -----------------------------------------------------------------------------------------------


class Staff(Table):
    """Somebody who may sign in to the console. `role`: manager decides and manages users, officer works cases,
    viewer reads."""

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role IN ('manager', 'officer', 'viewer')", name="role"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffSession(Table):
    """A signed-in browser, held here so that it can be ended. Only the hash of its token is kept."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id"), index=True)
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]

    staff: Mapped[Staff] = relationship()


class Event(Table):
    """Every change and every view: who, what, when. No foreign keys, so that the log outlives what it tells of; no
    words, so that it can be read by those who may not read the case."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject", "subject_id"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(26))
    kind: Mapped[str] = mapped_column(CODE)
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
