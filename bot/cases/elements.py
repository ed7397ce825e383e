"""The matters of a case: each has its own facts, proposal, decision, team, category and finding (R15).

A complaint is counted once, by its leading element; its elements are counted apart. Most complaints have one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.cases.database import lock, new_id
from bot.cases.events import record
from bot.cases.tables import Case, Decision, Element
from bot.council import Council
from bot.errors import InvalidStep

MOST = 9
# Which proposal leads: a complaint that can be taken in part is taken, and the rest of it is told apart.
LEADS = ("safeguarding_referral", "straight_to_stage2", "accept_stage1", "needs_human_decision", "ineligible")


@dataclass(frozen=True)
class Wanted:
    """An element as an officer wants it.

    Args:
        words: what it is about, in the person's words.
        facts: the facts only this element has, by the names of the vocabulary.
        number: its number so far, or None for one that was missing.
    """

    words: str
    facts: Mapping[str, Any]
    team: str | None = None
    category: str | None = None
    number: int | None = None


def begin(session: Session, case: Case, points: Sequence[Mapping[str, Any]]) -> None:
    """Give a new case its elements: those the person agreed to, or the whole statement as one.

    Args:
        points: `words` and `facts` of each; none for a complaint about one matter.
    """
    whole = {"words": case.statement, "facts": {"team": case.team, "category": case.category}}
    for number, point in enumerate(points or [whole], 1):
        facts = dict(point["facts"])
        team, category = facts.pop("team", None), facts.pop("category", None)
        session.add(
            Element(
                id=new_id(), case_id=case.id, number=number, words=point["words"], facts=facts, team=team,
                category=category,
            )
        )  # fmt: skip
    session.flush()
    session.refresh(case, ["elements"])


def facts_of(case: Case, element: Element) -> dict[str, Any]:
    """What is known of one element: what is known of the case, and what only it has."""
    return {**case.facts, **(element.facts or {})}


def standing(case: Case) -> list[Element]:
    """The elements that were not refused, and that an answer must make a finding on."""
    return [element for element in case.elements if element.outcome != "ineligible"]


def proposals(case: Case, *, first: bool = False) -> dict[int, Decision]:
    """What the rules propose for each element, by its number: the newest proposal, or the one made at filing."""
    made = [each for each in case.decisions if not each.made_by_person]
    latest = {each.element_id: each for each in (reversed(made) if first else made)}
    return {element.number: latest[element.id] for element in case.elements if element.id in latest}


def leading(proposed: Mapping[int, Decision]) -> Decision | None:
    """The proposal by which the whole complaint goes."""
    by_rank = sorted(proposed.items(), key=lambda each: (LEADS.index(each[1].outcome), each[0]))
    return by_rank[0][1] if by_rank else None


def decided(case: Case, element: Element) -> Decision | None:
    """What a person decided of this element, if anybody has."""
    made = (each for each in reversed(case.decisions) if each.made_by_person and each.element_id == element.id)
    return next(made, None)


def correct(
    session: Session, case: Case, wanted: Sequence[Wanted], *, council: Council, by: str, now: datetime
) -> None:
    """Put the list of elements right while nothing is decided: words, kind, body, team, category, one more or one less.

    The statement stays as the person wrote it. Ask the rules again afterwards.

    Raises:
        InvalidStep: the contact is decided, no element is left, one has no words, or a team or category is not the
            profile's.
    """
    lock(session, case)
    session.refresh(case, ["elements"])
    if case.decided_at is not None:
        raise InvalidStep("This contact has been decided already; its points cannot be changed any more.")
    _check(wanted, council)
    known = {element.number: element for element in case.elements}
    kept = {each.number for each in wanted}
    for number, element in known.items():
        if number not in kept:
            _leave_out(session, case, element)
    for number, each in enumerate(wanted, 1):
        element = known.get(each.number or 0) or _one_more(session, case)
        element.number, element.words, element.facts = number, each.words.strip(), dict(each.facts)
        element.team, element.category = each.team, each.category
    case.team, case.category = wanted[0].team or case.team, wanted[0].category or case.category
    session.flush()
    session.refresh(case, ["elements", "decisions"])
    record(session, by=by, kind="points_changed", subject="case", subject_id=case.id, at=now, points=len(wanted))


def _check(wanted: Sequence[Wanted], council: Council) -> None:
    if not 1 <= len(wanted) <= MOST:
        raise InvalidStep(f"A complaint has between one and {MOST} points.")
    if not all(each.words.strip() for each in wanted):
        raise InvalidStep("Write what each point is about, or mark it to be left out.")
    _must_know("team", (each.team for each in wanted), {team.key for team in council.teams}, council)
    _must_know("category", (each.category for each in wanted), {each.key for each in council.categories}, council)


def _must_know(what: str, chosen: Iterable[str | None], known: set[str], council: Council) -> None:
    for key in chosen:
        if key and key not in known:
            raise InvalidStep(f"{council.name} has no {what} {key!r}; choose one from the list.")


def _leave_out(session: Session, case: Case, element: Element) -> None:
    for each in case.decisions:
        if each.element_id == element.id:
            each.element_id = None  # the proposal stays in the record of the case
    session.flush()
    session.delete(element)


def _one_more(session: Session, case: Case) -> Element:
    element = Element(id=new_id(), case_id=case.id, number=0, words="", facts={})
    session.add(element)
    return element
