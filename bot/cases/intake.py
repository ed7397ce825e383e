"""From what a person tells us to a filed case: the draft and the filing.

A draft holds facts by the names of the one vocabulary and, beside them, what the vocabulary has no name for: `name`
(what the person wants to be called), `representative_organisation` and `parts` (ids of the messages whose words are in
`what_happened`). When somebody acts for a child, `complainant_role` is "representative" and `child_status` says whose
complaint it is.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clocks, eligibility
from bot.cases import advocacy, conversations, dates, elements, safeguarding
from bot.cases.database import new_id, vault
from bot.cases.events import ASSISTANT, record
from bot.cases.tables import Case, CasePerson, Conversation, Decision, Draft, Element, Person
from bot.council import Council
from bot.errors import InvalidStep, NotFound

# No letter or digit that is easily taken for another, so that a reference survives being read out.
REFERENCE_LETTERS = "ACDEFGHJKMNPRTUVWXY34679"
ROLE_OF_CHILD = {
    "looked_after": "looked_after_child",
    "care_leaver": "care_leaver",
    "in_need": "child_in_need",
    "cp_plan": "child_in_need",
}
# What somebody tells of themselves, and how they can be reached.
OF_SELF = frozenset({"complainant_role", "representative_kind", "acting_for", "complainant_age"})
CONTACT = ("phone", "email", "address", "preferred_contact", "safe_to_contact")
RECORD_TYPES = {"enquiry": "enquiry", "compliment": "compliment", "suggestion": "suggestion"}


@dataclass(frozen=True)
class Apart:
    """An element of a complaint that goes another way than the whole: its number, why, and where else to go."""

    number: int
    say: str
    signposts: tuple[eligibility.Signpost, ...]


@dataclass(frozen=True)
class Filed:
    """What the person is told when it is done: the reference, the proposal, and the dates."""

    reference: str
    outcome: str
    say: str
    signposts: tuple[eligibility.Signpost, ...]
    acknowledge_by: date
    answer_by: date | None
    team: str | None
    apart: tuple[Apart, ...] = ()


def save_draft(session: Session, conversation_id: str, facts: dict[str, Any], *, now: datetime) -> None:
    """Keep what has been told so far; a fact set to None is forgotten."""
    draft = session.get(Draft, conversation_id, with_for_update=True)
    if draft is None:
        draft = Draft(conversation_id=conversation_id, facts={}, updated_at=now)
        session.add(draft)
        session.get_one(Conversation, conversation_id).state = "open"
    merged = {**draft.facts, **facts}
    draft.facts = {name: value for name, value in merged.items() if value is not None}
    draft.updated_at = now


def take_reminder(session: Session, *, silent_since: datetime, begun_after: datetime, now: datetime) -> Draft | None:
    """The next unfinished complaint, told by text, that is due its one reminder; it is marked as reminded.

    None of somebody who asked for no more texts, to whom texts are not safe, whose number somebody else has now, or
    with whom a person is dealing already.

    Args:
        silent_since: nothing was written since then.
        begun_after: something was written after that; an older silence is left alone, for the number may be another's.
    """
    due = (
        select(Draft)
        .join(Conversation, Conversation.id == Draft.conversation_id)
        .where(
            Draft.reminded_at.is_(None),
            Conversation.channel == "sms",
            Conversation.phone_key.is_not(None),
            Conversation.opted_out_at.is_(None),
            Conversation.taken_over_by.is_(None),
            Conversation.needs_person_since.is_(None),
            Conversation.state.in_(("open", "ended", "filed", "signposted")),
            Conversation.last_message_at.between(begun_after, silent_since),
        )
        .order_by(Conversation.last_message_at)
        .with_for_update(of=Draft, skip_locked=True)
    )
    for draft in session.scalars(due):
        draft.reminded_at = now
        conversation = session.get_one(Conversation, draft.conversation_id)
        has_it = conversations.of_number(session, conversation.phone_key or "")
        if has_it is conversation and conversations.safety_of_texts(session, conversation) != "not_safe":
            record(session, by=ASSISTANT, kind="reminded", subject="conversation", subject_id=conversation.id, at=now)
            return draft
    return None


def file_complaint(
    session: Session, *, conversation_id: str, council: Council, rules: eligibility.Rules, now: datetime
) -> Filed:
    """File the draft of a conversation as a case with the rules' proposal, for a person to decide.

    Filing again without a new draft gives the same answer, so that a repeated message files nothing twice.

    Raises:
        NotFound: there is no such conversation.
        InvalidStep: nothing has been told yet.
    """
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None:
        raise NotFound("There is no such conversation.")
    draft = session.get(Draft, conversation_id)
    if draft is None and conversation.case is not None:
        return told_of(conversation.case, council, clocks.local_day(now))
    if draft is None or not draft.facts.get("what_happened"):
        raise InvalidStep("Nothing has been told yet, so there is nothing to file.")
    case = _open_case(session, draft.facts, conversation=conversation, council=council, now=now)
    case.is_demo = conversation.is_demo
    propose(session, case, rules=rules, council=council, now=now)
    advocacy.attach(session, conversation_id, case)
    conversation.case_id = case.id
    safeguarding.link_to_case(session, conversation_id, case.id)
    filed = told_of(case, council, clocks.local_day(now))
    conversation.state = "signposted" if filed.outcome == "ineligible" else "filed"
    session.delete(draft)
    session.flush()
    session.refresh(conversation, ["case"])
    return filed


def told_of(case: Case, council: Council, today: date) -> Filed:
    """What a person may be told of a filed case: the first proposal, dates by the one clock, and where else to go."""
    proposed = elements.proposals(case, first=True)
    proposal = elements.leading(proposed)
    if proposal is None:
        raise InvalidStep("The rules have not been asked about this case yet.")
    answer_by = None
    if proposal.outcome == "accept_stage1":
        answer_by = dates.if_accepted(case, today=today, extra_holidays=council.extra_holidays).due_on
    return Filed(
        reference=case.reference,
        outcome=proposal.outcome,
        say=proposal.say or "",
        signposts=signposts_for(case, proposal, council, today),
        acknowledge_by=case.acknowledge_by,
        answer_by=answer_by,
        team=case.team,
        apart=tuple(
            Apart(number, each.say or "", signposts_for(case, each, council, today))
            for number, each in proposed.items()
            if each.outcome != proposal.outcome or (each.outcome == "ineligible" and each.say != proposal.say)
        ),
    )


def signposts_for(case: Case, proposal: Decision, council: Council, today: date) -> tuple[eligibility.Signpost, ...]:
    """Where else the person of a case can go: by reason, role, age and place, and only what is verified (R3)."""
    directory = eligibility.load_signposts()
    local = {"complaints_team": council.complaints_team, "advocacy": council.advocacy, **council.signposts}
    of = next((element for element in case.elements if element.id == proposal.element_id), None)
    facts = eligibility.read_leniently(elements.facts_of(case, of) if of else case.facts, today).facts
    return eligibility.choose(proposal, facts, directory, eligibility.of_place(directory, local), today)


def told_of_self(case: Case) -> dict[str, Any]:
    """What somebody told of themselves with a complaint, by the names of the vocabulary: it holds for their next one.

    Whom the next one is about is told anew, unless it is their own.
    """
    kept = OF_SELF | ({"child_status"} if case.facts.get("complainant_role") in eligibility.CHILDREN else set())
    facts = {name: value for name, value in case.facts.items() if name in kept}
    speaker = next(link.person for link in case.people if link.part != "child")
    facts |= {name: getattr(speaker, name) for name in CONTACT}
    facts |= {"name": speaker.name, "representative_organisation": speaker.organisation}
    return {name: value for name, value in facts.items() if value is not None}


def _open_case(
    session: Session, facts: dict[str, Any], *, conversation: Conversation, council: Council, now: datetime
) -> Case:
    received_on = clocks.local_day(now)
    facts = {"language": conversation.language, **facts}
    role = facts.get("complainant_role", "unknown")
    acting = role == "representative"
    case = Case(
        id=new_id(),
        reference=_reference_for(session, conversation),
        record_type=RECORD_TYPES.get(facts.get("nature", "complaint"), "statutory"),
        channel=conversation.channel,
        received_at=now,
        received_on=received_on,
        role=ROLE_OF_CHILD.get(facts.get("child_status", ""), "representative") if acting else role,
        brought_by=facts.get("representative_kind", "other") if acting else None,
        statement=facts["what_happened"],
        desired_outcome=facts.get("desired_outcome"),
        facts={name: value for name, value in facts.items() if name in eligibility.Facts.model_fields},
        category=facts.get("category"),
        team=facts.get("team"),
        acknowledge_by=clocks.add_working_days(received_on, council.acknowledgement_days, council.extra_holidays),
    )
    session.add(case)
    session.flush()
    elements.begin(session, case, facts["points"] if facts.get("points_agreed") == "yes" else ())
    case.team, case.category = case.elements[0].team, case.elements[0].category
    _add_people(session, case, facts, acting=acting)
    record(session, by=ASSISTANT, kind="filed", subject="case", subject_id=case.id, at=now, channel=case.channel)
    return case


def _add_people(session: Session, case: Case, facts: dict[str, Any], *, acting: bool) -> None:
    contact = {name: facts.get(name) for name in CONTACT}
    contact["phone_key"] = vault().fingerprint(contact["phone"]) if contact["phone"] else None
    speaker = _person(facts.get("name"), facts.get("complainant_age"), **contact)
    speaker.organisation = facts.get("representative_organisation")
    parts = [(speaker, "representative" if acting else "complainant", facts.get("relationship"))]
    if facts.get("child_name") or facts.get("child_age"):
        parts.append((_person(facts.get("child_name"), facts.get("child_age")), "child", None))
    for person, part, tie in parts:
        session.add(person)
        session.add(CasePerson(case_id=case.id, person_id=person.id, part=part, relationship_words=tie))


def _person(name: str | None, age: int | None, **contact: str | None) -> Person:
    return Person(id=new_id(), name=name, name_key=vault().fingerprint(name) if name else None, age=age, **contact)


def propose(session: Session, case: Case, *, rules: eligibility.Rules, council: Council, now: datetime) -> None:
    """Ask the rules by what is known of the case now, for each element; earlier proposals are kept beside it."""
    for element in case.elements:
        _propose(session, case, element, rules=rules, council=council, now=now)
    session.flush()
    session.refresh(case, ["decisions"])


def _propose(
    session: Session, case: Case, element: Element, *, rules: eligibility.Rules, council: Council, now: datetime
) -> None:
    # What contradicts itself or cannot be read is set aside for a person to clear up; a filing is never refused for it.
    reading = eligibility.read_leniently(elements.facts_of(case, element), clocks.local_day(now))
    decision = eligibility.decide(reading.facts, rules, clocks.local_day(now), council.extra_holidays)
    session.add(
        Decision(
            id=new_id(),
            case_id=case.id,
            element_id=element.id,
            at=now,
            by=ASSISTANT,
            made_by_person=False,
            outcome=decision.outcome,
            reason_code=decision.reason_code,
            sub_reason=decision.sub_reason,
            rule=decision.rule,
            source=decision.source,
            rules_version=decision.rules_version,
            say=decision.say,
            officer=decision.officer,
            signposts=list(decision.signposts),
            missing=list(decision.missing),
            secondary=list(decision.secondary),
        )
    )
    record(
        session, by=ASSISTANT, kind="proposed", subject="case", subject_id=case.id, at=now, outcome=decision.outcome,
        rule=decision.rule, point=element.number, set_aside=len(reading.set_aside),
    )  # fmt: skip


def still_needed(
    facts: dict[str, Any], *, rules: eligibility.Rules, council: Council, today: date
) -> frozenset[str] | None:
    """The facts on which the proposal for any matter of a draft may still turn; None where all of them can.

    Where a person must decide, everything the rules could ask for helps them, so nothing is left out.
    """
    known = {name: value for name, value in facts.items() if name in eligibility.Facts.model_fields}
    needed: set[str] = set()
    for own in [point["facts"] for point in facts.get("points") or ()] or [{}]:
        reading = eligibility.read_leniently({**known, **own}, today)
        decision = eligibility.decide(reading.facts, rules, today, council.extra_holidays)
        if decision.outcome in ("needs_human_decision", "safeguarding_referral"):
            return None
        needed.update(name.partition(".")[0] for name in decision.to_ask)
    return frozenset(needed)


def _reference_for(session: Session, conversation: Conversation) -> str:
    """The number the person was given to come back with; a further complaint of theirs has one of its own."""
    given = conversation.reference
    if given and session.scalar(select(Case.id).where(Case.reference == given)) is None:
        return given
    return new_reference(session)


def new_reference(session: Session) -> str:
    """A reference that nobody has, neither for a case nor for coming back to an unfinished one."""
    while True:
        letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(8))
        reference = f"SU-{letters[:4]}-{letters[4:]}"
        cases = session.scalar(select(Case.id).where(Case.reference == reference))
        if cases is None and session.scalar(select(Conversation.id).where(Conversation.reference == reference)) is None:
            return reference
