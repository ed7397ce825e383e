"""Freezes, holds, lateness, interest, letters, other procedures and onward referrals, through the console."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import clocks
from bot.cases import casework, deciding, letters
from bot.errors import InvalidStep
from tests.conftest import both_stores
from tests.factories import REFUSABLE, case_accepted, case_filed, letter_drafted, referral_raised, staff_user
from tests.integration.staff_browser import StaffBrowser, plain

TODAY = clocks.local_day(datetime.now(UTC))
LATE = {"months_since_grounds": 20, "continuing": False}


@pytest.fixture
def manager(service):
    """A manager."""
    return staff_user(service, "manager", name="Mina Rowe")


@pytest.fixture
def browser(app, manager):
    """A manager's browser, signed in."""
    return StaffBrowser(app).sign_in_as(manager)


def day_parts(field, day):
    """A day as it is typed into three boxes."""
    return {f"{field}-day": day.day, f"{field}-month": day.month, f"{field}-year": day.year}


def kept(service, reference):
    """The case as it is in the store, with what its relations hold."""
    with service.database.read() as session:
        case = casework.get(session, reference)
        _ = [case.elements, case.stages, case.decisions, case.holds, case.letters, case.procedures, case.passed_on]
        return case


def frozen(browser, reference, **changed):
    """The answer to freezing a case for family court proceedings."""
    typed = {"proceedings": "family_court", "overlap": "full", "reasons": "The judge hears the same facts in May."}
    return browser.send(
        f"/casework/cases/{reference}/freeze",
        **{**typed, **day_parts("review_on", TODAY + timedelta(days=30)), **changed},
    )


def who(service, moment, by="manager"):
    """Who decides, at a moment."""
    return deciding.Decider(by, moment, service.council, service.rules)


@both_stores
def test_refusal_drafts_its_letter_with_reasons_other_ways_and_the_ombudsman(browser, service):
    """Nobody is refused without a letter that says why, what else is open, and who checks the council."""
    reference = case_filed(service, **REFUSABLE)

    browser.send(f"/casework/cases/{reference}/refuse", reason_code="COURT_RELATED", reasons="The court decides that.")

    [letter] = kept(service, reference).letters
    assert letter.kind == "refusal"
    assert "Dear Martin Osei" in letter.text
    assert "Our reasons: The court decides that." in letter.text
    assert "Local Government and Social Care Ombudsman" in letter.text
    assert "What else is open to you" in letter.text
    assert "not sent yet" in browser.text(f"/casework/cases/{reference}")


def test_child_gets_short_words(browser, service):
    """A letter to a child is worded for a child."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/refuse", reason_code="OTHER", reasons="We looked at this before.")
    text = kept(service, reference).letters[0].text
    assert "If you think we got this wrong, tell us." in text
    assert "statutory" not in text


@both_stores
def test_freeze_keeps_decision_fact_proposal_and_letter(browser, service, manager):
    """A freeze is a named decision; the rules are asked again, and the old proposal stays."""
    reference = case_filed(service)

    assert frozen(browser, reference).status_code == 303

    case = kept(service, reference)
    assert case.status == "new"
    assert case.facts["proceedings"]["prejudice_decision"] == "yes"
    assert [each.outcome for each in case.decisions if each.made_by_person] == ["frozen"]
    assert len([each for each in case.decisions if not each.made_by_person]) == 2
    assert casework.proposal(case).reason_code == "COURT_RELATED"
    assert "bring your complaint back" in case.letters[0].text
    told = browser.text(f"/casework/cases/{reference}")
    assert "Frozen for other proceedings" in told
    assert "Mina Rowe" in told
    assert "Frozen for other proceedings" in browser.text("/casework/new")


def test_frozen_case_cannot_be_accepted_until_the_freeze_ends(browser, service):
    """The refusal says what to do first."""
    reference = case_filed(service)
    frozen(browser, reference)
    answer = browser.send(f"/casework/cases/{reference}/accept", stage="1")
    assert answer.status_code == 409
    assert "End that hold first." in plain(answer)

    browser.send(f"/casework/cases/{reference}/end-hold", kind="frozen", reasons="The hearing is over.")

    assert kept(service, reference).facts["proceedings"]["live"] is False
    assert browser.send(f"/casework/cases/{reference}/accept", stage="1").status_code == 303


@pytest.mark.parametrize(
    ("typed", "told"),
    [({"reasons": "  "}, "Write the reasons."), (day_parts("review_on", TODAY), "Choose a day to come.")],
)
def test_freeze_without_reasons_or_with_a_past_review_is_not_taken(browser, service, typed, told):
    """What is missing is said, and nothing has changed."""
    reference = case_filed(service)
    answer = frozen(browser, reference, **typed)
    assert answer.status_code == 400
    assert told in plain(answer)
    assert kept(service, reference).holds == []


@both_stores
def test_freeze_alone_gives_a_stage_its_days_back(service):
    """A freeze of five working days moves both dates by five; waiting for consent moves neither (R45)."""
    begun = datetime(2026, 11, 2, 10, tzinfo=UTC)
    reference = case_accepted(service, by="manager", now=begun)
    with service.database.write() as session:
        case = casework.get(session, reference)
        deciding.hold(session, case, kind="consent", reasons="We ask her.", who=who(service, begun))
        deciding.freeze(
            session, case, proceedings="criminal", overlap="full", reasons="The police ask.",
            review_on=begun.date() + timedelta(days=90), who=who(service, begun + timedelta(days=1)),
        )  # fmt: skip
        with pytest.raises(InvalidStep, match="frozen"):
            casework.record_outcome(
                session, case, findings={1: "upheld"}, answered_on=begun.date(), by="manager", now=begun
            )
        later = who(service, begun + timedelta(days=8))
        deciding.end_hold(session, case, kind="frozen", answer=None, reasons="It is over.", who=later)
        deciding.end_hold(session, case, kind="consent", answer="given", reasons="She agrees.", who=later)

    case = kept(service, reference)
    limits = clocks.stage_limits(1, begun.date())
    assert case.stages[0].due_on == clocks.add_working_days(limits.due_on, 5)
    assert case.stages[0].latest_on == clocks.add_working_days(limits.latest_on, 5)
    assert casework.frozen_days(case, begun.date(), begun.date() + timedelta(days=30), frozenset()) == 5
    assert case.facts["consent"] == "given"


@both_stores
@pytest.mark.parametrize(("answer", "outcome"), [("yes", "late_accepted"), ("no", "late_refused")])
def test_lateness_is_decided_by_a_person_and_the_rules_are_asked_again(browser, service, answer, outcome):
    """The decision becomes a fact, and the new proposal follows it."""
    reference = case_filed(service, **LATE)
    assert kept(service, reference).decisions[0].sub_reason == "late"

    browser.send(f"/casework/cases/{reference}/lateness", decision=answer, reasons="She was afraid to say it sooner.")

    case = kept(service, reference)
    assert [each.outcome for each in case.decisions if each.made_by_person] == [outcome]
    proposed = casework.proposal(case).outcome
    assert proposed == ("accept_stage1" if answer == "yes" else "ineligible")
    assert [letter.kind for letter in case.letters] == (["accepted_late"] if answer == "yes" else [])
    assert case.status == "new"


@both_stores
@pytest.mark.parametrize(("answer", "fact"), [("yes", "decided_yes"), ("no", "decided_no")])
def test_interest_is_decided_by_a_person(browser, service, answer, fact):
    """A relative's interest is decided with reasons; the rules follow."""
    reference = case_filed(service, complainant_role="relative", acting_for="child", sufficient_interest="undetermined")
    browser.send(f"/casework/cases/{reference}/interest", decision=answer, reasons="She raised him for six years.")
    case = kept(service, reference)
    assert case.facts["sufficient_interest"] == fact
    assert case.decisions[-1].reasons == "She raised him for six years."


def test_parked_case_waits_in_the_queue_and_goes_on_afterwards(browser, service):
    """Safety first, and nothing is lost."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/park", reasons="A worry about tonight.")
    assert kept(service, reference).status == "parked"
    assert reference in browser.text("/casework/new")
    browser.send(f"/casework/cases/{reference}/end-hold", kind="safeguarding", reasons="The front door has it.")
    assert kept(service, reference).status == "new"


def test_overdue_review_is_red_in_the_queue(browser, service):
    """A hold nobody looked at again is seen."""
    ago = datetime.now(UTC) - timedelta(days=40)
    reference = case_filed(service, now=ago)
    with service.database.write() as session:
        deciding.hold(
            session, casework.get(session, reference), kind="legal_view", reasons="Asked legal.", who=who(service, ago)
        )
    assert "Should have been looked at again on" in browser.text("/casework/new")


@both_stores
def test_refused_contact_goes_on_under_the_corporate_procedure_and_stays_counted(browser, service):
    """One history, one day of receipt, the other procedure's clock."""
    reference = case_filed(service, **REFUSABLE)
    early = browser.send(f"/casework/cases/{reference}/move", procedure="corporate")
    assert early.status_code == 409
    browser.send(f"/casework/cases/{reference}/refuse", reason_code="ALTERNATIVE_PROCESS", reasons="Not ours here.")
    browser.send(f"/casework/cases/{reference}/move", procedure="corporate")
    browser.send(f"/casework/cases/{reference}/acknowledged-there", procedure="corporate", **day_parts("day", TODAY))

    case = kept(service, reference)
    [moved] = case.procedures
    assert (case.status, case.reason_code, case.record_type) == ("not_accepted", "ALTERNATIVE_PROCESS", "corporate")
    assert moved.acknowledge_by == clocks.due_on("corporate_acknowledgement", case.received_on)
    assert moved.due_on == clocks.due_on("corporate_stage1", TODAY)
    assert [letter.kind for letter in case.letters] == ["refusal", "moved"]

    browser.send(
        f"/casework/cases/{reference}/answered-there", procedure="corporate", finding="upheld",
        **day_parts("day", TODAY),
    )  # fmt: skip
    assert kept(service, reference).procedures[0].finding == "upheld"


def test_data_protection_is_acknowledged_within_thirty_days_of_receipt(browser, service):
    """The clock of section 164A counts in calendar days."""
    reference = case_filed(service, **REFUSABLE)
    browser.send(f"/casework/cases/{reference}/refuse", reason_code="ALTERNATIVE_PROCESS", reasons="Data.")
    browser.send(f"/casework/cases/{reference}/move", procedure="data_protection")
    case = kept(service, reference)
    assert case.procedures[0].acknowledge_by == clocks.due_on("data_protection", case.received_on)


@both_stores
def test_contact_is_passed_on_only_with_consent(browser, service):
    """Who agreed and when is kept; before that day nothing is passed on."""
    reference = case_filed(service)
    path = f"/casework/cases/{reference}/pass-on"
    without = browser.send(
        path, to="Anytown NHS Trust", **day_parts("consented_on", TODAY), **day_parts("passed_on", TODAY)
    )
    assert without.status_code == 400
    assert "without consent nothing is passed on" in plain(without)

    browser.send(
        path, to="Anytown NHS Trust", consent_by="complainant", **day_parts("consented_on", TODAY),
        **day_parts("passed_on", TODAY),
    )  # fmt: skip

    assert kept(service, reference).passed_on[0].to == "Anytown NHS Trust"
    assert "To Anytown NHS Trust on" in browser.text(f"/casework/cases/{reference}")


@both_stores
def test_letter_is_changed_then_kept_as_it_was_sent(browser, service):
    """Sent, an acknowledgement acknowledges the case, and its words cannot be changed any more."""
    reference, letter_id = letter_drafted(service)
    page = f"/casework/cases/{reference}/letters/{letter_id}"
    assert "We got your complaint on" in browser.text(page)

    browser.send(f"{page}/change", page=page, text="Dear Jess\n\nThank you <very> much.")
    browser.send(f"{page}/sent", page=page, route="email", **day_parts("sent_on", TODAY))

    assert "Thank you <very> much." in browser.text(page)
    assert kept(service, reference).acknowledged_at is not None
    again = browser.send(f"{page}/change", page="/casework/sign-in", text="Other words.")
    assert again.status_code == 409
    assert "Thank you <very> much." in kept(service, reference).letters[0].text


@pytest.mark.parametrize("kind", ["child", "adult"])
def test_every_kind_of_letter_can_be_written(service, kind):
    """Each template finds what it needs, for a child and for an adult."""
    reference = case_filed(service, **({} if kind == "child" else REFUSABLE))
    now = datetime.now(UTC)
    with service.database.write() as session:
        case = casework.get(session, reference)
        moved = type("Moved", (), {"procedure": "corporate", "acknowledge_by": TODAY})
        onward = type("Onward", (), {"to": "Anytown School", "consented_on": TODAY, "passed_on": TODAY})
        for each in letters.KINDS:
            written = letters.draft(
                session, case, kind=each, council=service.council, by="a", now=now, reasons="Because.",
                review_on=TODAY, procedure=moved, onward=onward,
            )  # fmt: skip
            assert reference in written.text
            assert "None" not in written.text


def test_danger_stands_on_every_page_of_a_held_case(browser, service):
    """The alarm and the counts of the queues are on the case, its steps, its letters and the queue, held or not."""
    reference, letter_id = letter_drafted(service)
    frozen(browser, reference)
    referral_raised(service)

    case = f"/casework/cases/{reference}"
    for path in ("/casework/new", case, f"{case}/freeze", f"{case}/end-hold", f"{case}/letters/{letter_id}"):
        told = browser.text(path)
        assert "One message shows danger" in told, path
        assert "Safety (1) New (1)" in told, path
