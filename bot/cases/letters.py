"""Letters to the person: drafted from templates that are data, changed by staff, kept as they were sent."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from bot import clocks, eligibility
from bot.cases import dates, elements, intake
from bot.cases.database import new_id
from bot.cases.events import record
from bot.cases.tables import Case, Decision, Element, Letter
from bot.council import Council
from bot.errors import InvalidStep, NotFound
from bot.settings import ROOT

KINDS = ("acknowledgement", "refusal", "freeze", "accepted_late", "consent", "onward", "moved")
ROUTES = ("email", "letter", "by_hand", "through_advocate")


def draft(session: Session, case: Case, *, kind: str, council: Council, by: str, now: datetime, **told: Any) -> Letter:
    """Draft a letter in the transaction of the decision it tells of.

    Who gets it decides how it is worded: a child or care leaver who complains in person gets short words.

    Args:
        kind: one of `KINDS`.
        told: what the template of that kind needs beside the case, such as `reasons`.
    """
    text = _templates().get_template(f"{kind}.txt").render(**_known(case, council, clocks.local_day(now)), **told)
    letter = Letter(id=new_id(), case_id=case.id, kind=kind, at=now, by=by, text=text.strip() + "\n")
    session.add(letter)
    session.flush()
    session.refresh(case, ["letters"])
    record(session, by=by, kind="letter_drafted", subject="case", subject_id=case.id, at=now, letter=kind)
    return letter


def get(session: Session, case: Case, letter_id: str) -> Letter:
    """One letter of a case.

    Raises:
        NotFound: the case has no such letter.
    """
    letter = session.get(Letter, letter_id)
    if letter is None or letter.case_id != case.id:
        raise NotFound("There is no such letter on this case.")
    return letter


def change(session: Session, letter: Letter, *, text: str, by: str, now: datetime) -> None:
    """Change the words of a letter that has not been sent.

    Raises:
        InvalidStep: it was sent, or nothing is left of it.
    """
    _must_be_unsent(session, letter)
    if not text.strip():
        raise InvalidStep("A letter cannot be empty.")
    letter.text = text.strip() + "\n"
    record(session, by=by, kind="letter_changed", subject="case", subject_id=letter.case_id, at=now, letter=letter.kind)


def mark_sent(session: Session, letter: Letter, *, sent_on: date, route: str, by: str, now: datetime) -> None:
    """Note that the letter went out, as it stands; from here it cannot be changed.

    Args:
        route: one of `ROUTES`.

    Raises:
        InvalidStep: it was sent before, the day cannot be, or there is no such route.
    """
    _must_be_unsent(session, letter)
    if route not in ROUTES:
        raise InvalidStep(f"A letter is sent by one of: {', '.join(ROUTES)}.")
    if not clocks.local_day(letter.at) <= sent_on <= clocks.local_day(now):
        raise InvalidStep(f"The letter was sent between {clocks.local_day(letter.at):%d %B %Y} and today.")
    letter.sent_on, letter.sent_by, letter.route = sent_on, by, route
    record(session, by=by, kind="letter_sent", subject="case", subject_id=letter.case_id, at=now, letter=letter.kind)


def _must_be_unsent(session: Session, letter: Letter) -> None:
    session.refresh(letter, with_for_update=True)
    if letter.sent_on is not None:
        raise InvalidStep("This letter has been sent. It is kept as it went out; draft another to say more.")


def _known(case: Case, council: Council, today: date) -> dict[str, Any]:
    """What every letter may say of the case."""
    writer = next((link.person for link in case.people if link.part != "child"), None)
    answer_by, latest = _promised(case, council, today)
    ombudsman = eligibility.load_signposts()["lgsco"]
    lead = elements.leading(elements.proposals(case))
    told_of = next((each for each in case.elements if lead and each.id == lead.element_id), None)
    return {
        "case": case,
        "council": council,
        "today": today,
        "name": writer.name if writer else None,
        "is_child": case.role in eligibility.CHILDREN and case.brought_by is None,
        "refused": [_refused(case, each, council, today) for each in case.elements if each.outcome == "ineligible"],
        "places": _places(case, told_of, council, today) if told_of else [],
        "ombudsman": ombudsman,
        "answer_by": answer_by,
        "latest": latest,
    }


def _promised(case: Case, council: Council, today: date) -> tuple[date, date] | tuple[None, None]:
    """The dates of the present stage; none while the case is frozen, since nobody can promise a day then."""
    stage = next((each for each in case.stages if each.number == case.stage), None)
    if stage is None or any(hold.kind == "frozen" and hold.ended_at is None for hold in case.holds):
        return None, None
    limits = dates.of_stage(stage, case.holds, today=today, extra_holidays=council.extra_holidays)
    return limits.due_on, limits.latest_on


def _refused(case: Case, element: Element, council: Council, today: date) -> dict[str, Any]:
    """An element that cannot be taken: its words, why, and what else is open for it."""
    decision = elements.decided(case, element)
    return {
        "element": element,
        "reasons": decision.reasons if decision else "",
        "places": _places(case, element, council, today),
    }


def _places(case: Case, element: Element, council: Council, today: date) -> list[eligibility.Signpost]:
    """Where else to go with an element; the Ombudsman has a paragraph of his own."""
    grounds = _grounds(case, element)
    places = intake.signposts_for(case, grounds, council, today) if grounds else ()
    return [place for place in places if place.name != eligibility.load_signposts()["lgsco"].name]


def _grounds(case: Case, element: Element) -> Decision | None:
    """What says where else to go: the newest proposal, or a person's refusal for another reason than was proposed."""
    proposal, last = elements.proposals(case).get(element.number), elements.decided(case, element)
    if last and last.outcome == "ineligible" and (proposal is None or last.reason_code != proposal.reason_code):
        return last
    return proposal


@lru_cache(maxsize=1)
def _templates() -> Environment:
    # Letters are plain text: escaping would spoil them. Pages escape them when they show them.
    made = Environment(
        loader=FileSystemLoader(ROOT / "bot" / "templates" / "letters"),
        autoescape=False,  # noqa: S701 -- see above
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = lambda value: f"{value.day} {value:%B %Y}"
    return made
