"""A complaint about several matters: each decided by itself, the complaint counted once (R15)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot import clocks
from bot.cases import casework, elements, lookup
from bot.cases.tables import Case
from bot.errors import InvalidStep
from tests.conftest import both_stores
from tests.factories import case_accepted, case_filed
from tests.integration.staff_browser import plain

PLAN = {"words": "The EHCP section F is wrong.", "facts": {"subject": "send"}}
BREAKS = {
    "words": "They stopped his short breaks.",
    "facts": {"subject": "part3_service", "team": "disabled_children", "category": "denial"},
}
TWO = {
    "complainant_role": "parent", "acting_for": "child", "child_status": "in_need", "name": "Rhian Cole",
    "what_happened": f"{BREAKS['words']} {PLAN['words']}", "subject": None, "team": None, "category": None,
    "points": [BREAKS, PLAN], "points_agreed": "yes",
}  # fmt: skip


def filed(service):
    return case_filed(service, **TWO)


def kept(service, reference):
    """The case as it is in the store, with what its relations hold."""
    with service.database.read() as session:
        case = casework.get(session, reference)
        _ = [case.elements, case.stages, case.decisions]
        return case


def boxes(**changed):
    """The page of the points as a browser sends it, with what was changed."""
    empty = {
        f"{name}_{key}": "" for key in (1, 2, "new") for name in ("words", "subject", "body", "team", "category")
    }  # fmt: skip
    return empty | {"words_1": BREAKS["words"], "words_2": PLAN["words"], "subject_2": "send"} | changed


def today(field):
    day = clocks.local_day(datetime.now(UTC))
    return {f"{field}-day": day.day, f"{field}-month": day.month, f"{field}-year": day.year}


def letter_of(service, reference):
    with service.database.read() as session:
        return casework.get(session, reference).letters[-1].text


@both_stores
def test_worked_example_of_a_plan_and_short_breaks(service):
    """E17: short breaks are for Stage 1, the school plan is for the Tribunal, and the complaint is one case."""
    reference = filed(service)

    with service.database.read() as session:
        [case] = session.scalars(select(Case))
        proposed = elements.proposals(case)
        assert {number: (each.outcome, each.reason_code) for number, each in proposed.items()} == {
            1: ("accept_stage1", None),
            2: ("ineligible", "ALTERNATIVE_PROCESS"),
        }
        assert casework.proposal(case).outcome == "accept_stage1"
        assert case.reference == reference
        assert (case.elements[0].team, case.elements[1].team) == ("disabled_children", None)


def test_list_the_person_did_not_agree_to_is_not_kept_as_points(service):
    """All one thing stays one thing."""
    reference = case_filed(service, **(TWO | {"points": None, "points_agreed": "one"}))
    assert [each.words for each in kept(service, reference).elements] == [TWO["what_happened"]]


def test_case_page_shows_each_point_with_its_proposal(browser, service):
    """Staff see the points beside the whole statement."""
    reference = filed(service)
    told = browser.text(f"/casework/cases/{reference}")
    assert f"1. {BREAKS['words']}" in told
    assert f"2. {PLAN['words']}" in told
    assert "Alternative process" in told


def test_one_point_is_accepted_and_one_refused_with_one_letter(browser, service):
    """The complaint goes on with what falls under the procedure; a letter says what does not, and why."""
    reference = filed(service)

    page = browser.see(f"/casework/cases/{reference}/accept")
    assert "Accept it" in plain(page)
    answer = browser.send(
        f"/casework/cases/{reference}/accept", stage="1", reasons="", point_1="take", reasons_1="",
        point_2="ALTERNATIVE_PROCESS", reasons_2="Plans are for the Tribunal to decide.",
    )  # fmt: skip

    assert answer.status_code == 303
    case = kept(service, reference)
    assert (case.status, case.outcome, case.reason_code) == ("open", "accept_stage1", None)
    assert [(each.outcome, each.reason_code) for each in case.elements] == [
        ("accept_stage1", None), ("ineligible", "ALTERNATIVE_PROCESS"),
    ]  # fmt: skip
    letter = letter_of(service, reference)
    assert "Part 2 of what you told us: The EHCP section F is wrong." in letter
    assert "Plans are for the Tribunal to decide." in letter
    assert BREAKS["words"] not in letter
    assert "Ombudsman" in letter


def test_only_what_was_accepted_gets_a_finding(browser, service):
    """The outcome asks for the accepted point and closes the case with it."""
    reference = filed(service)
    browser.send(
        f"/casework/cases/{reference}/accept", stage="1", point_1="take", point_2="ALTERNATIVE_PROCESS",
        reasons_2="It is for the Tribunal.",
    )  # fmt: skip

    asked = plain(browser.see(f"/casework/cases/{reference}/outcome"))
    assert "What was found on point 1?" in asked
    assert "point 2" not in asked
    browser.send(f"/casework/cases/{reference}/outcome", finding_1="upheld", **today("answered_on"))

    case = kept(service, reference)
    assert (case.status, case.stages[-1].finding) == ("closed", "upheld")
    assert [each.finding for each in case.elements] == ["upheld", None]


def test_refusing_several_points_needs_reasons_for_each(browser, service):
    """No point is refused without words of its own, and the letter gives each its reasons."""
    reference = filed(service)
    sent = {"point_1": "OTHER", "reasons_1": "We do not run them.", "point_2": "ALTERNATIVE_PROCESS"}

    answer = browser.send(f"/casework/cases/{reference}/refuse", **sent, reasons_2=" ")
    assert answer.status_code == 400
    assert "nobody is refused without being told why" in plain(answer)
    assert kept(service, reference).status == "new"

    browser.send(f"/casework/cases/{reference}/refuse", **sent, reasons_2="It is for the Tribunal.")
    case = kept(service, reference)
    assert (case.status, case.reason_code) == ("not_accepted", "OTHER")
    letter = letter_of(service, reference)
    assert letter.index("We do not run them.") < letter.index("It is for the Tribunal.")


def test_accepting_nothing_is_refused_with_the_way_out(browser, service):
    """Where no point is taken, the page says which step that is."""
    reference = filed(service)
    answer = browser.send(
        f"/casework/cases/{reference}/accept", stage="1", point_1="OTHER", reasons_1="x", point_2="OTHER",
        reasons_2="y",
    )  # fmt: skip
    assert answer.status_code == 409
    assert "No point would be left" in plain(answer)


def test_refused_point_of_an_accepted_complaint_goes_on_elsewhere(browser, service):
    """The history stays one: the case is open and its second point runs under education."""
    reference = filed(service)
    browser.send(
        f"/casework/cases/{reference}/accept", stage="1", point_1="take", point_2="ALTERNATIVE_PROCESS",
        reasons_2="It is for the Tribunal.",
    )  # fmt: skip
    browser.send(f"/casework/cases/{reference}/move", procedure="education", points="2")

    told = browser.text(f"/casework/cases/{reference}")
    assert "(point 2)" in told
    assert kept(service, reference).status == "open"


def test_officer_puts_the_points_right(browser, service):
    """Words, kind and team change, one point is left out, one is added, and the rules are asked again."""
    reference = filed(service)
    address = f"/casework/cases/{reference}/points"
    assert TWO["what_happened"] in plain(browser.see(address))

    browser.send(
        address,
        **boxes(
            words_1="Short breaks were stopped in May.", subject_1="part3_service", body_1="this_council",
            team_1="disabled_children", category_1="denial", leave_out_2="y",
            words_new="His file was sent to a neighbour.", subject_new="data_protection",
        ),
    )  # fmt: skip

    case = kept(service, reference)
    assert [(each.number, each.words) for each in case.elements] == [
        (1, "Short breaks were stopped in May."), (2, "His file was sent to a neighbour."),
    ]  # fmt: skip
    proposed = {number: each.outcome for number, each in elements.proposals(case).items()}
    assert proposed == {1: "accept_stage1", 2: "ineligible"}
    assert case.statement == TWO["what_happened"]
    assert "Points put right" in browser.text(f"/casework/cases/{reference}")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"leave_out_1": "y", "leave_out_2": "y"}, "between one and 9 points"),
        ({"words_1": " "}, "Write what each point is about"),
    ],
)
def test_points_that_cannot_be_are_told_and_stay_in_their_boxes(browser, service, changed, said):
    """An empty list and an empty point are refused with what to do."""
    reference = filed(service)
    answer = browser.send(f"/casework/cases/{reference}/points", **boxes(**changed))
    assert answer.status_code == 409
    assert said in plain(answer)


def test_points_cannot_change_once_it_is_decided(service, manager):
    """What was decided on is what stays on record."""
    reference = case_accepted(service, by=manager.id)
    wanted = [elements.Wanted(words="Other words", facts={})]
    with service.database.write() as session:
        case = casework.get(session, reference)
        with pytest.raises(InvalidStep, match="decided already"):
            elements.correct(session, case, wanted, council=service.council, by=manager.id, now=case.decided_at)


def test_replay_looks_at_every_point(service):
    """Other rules are asked about each matter of a past contact."""
    reference = filed(service)
    with service.database.read() as session:
        assert [past.id for past in lookup.past_proposals(session)] == [f"{reference} point 1", f"{reference} point 2"]
