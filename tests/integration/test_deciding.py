"""Freezes, holds, lateness, interest, letters, other procedures and onward referrals, through the console."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import clocks
from bot.cases import casework, dates, deciding, letters, procedures
from bot.cases.procedures import PROCEDURES
from bot.cases.tables import Hold, Stage
from bot.console import deadlines, labels
from bot.council import ProcedureDays
from bot.errors import InvalidStep
from bot.reports import annual
from tests.conftest import both_stores
from tests.factories import REFUSABLE, case_accepted, case_filed, letter_drafted, referral_raised
from tests.integration.staff_browser import day_parts, plain
from tests.reading import READING_AGE, reading_age

TODAY = clocks.local_day(datetime.now(UTC))
LATE = {"months_since_grounds": 20, "continuing": False}


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
    told = dates.of_stage(case.stages[0], case.holds, today=TODAY, extra_holidays=frozenset())
    assert told.due_on == clocks.add_working_days(limits.due_on, 5)
    assert told.latest_on == clocks.add_working_days(limits.latest_on, 5)
    assert dates.frozen_days(case.holds, begun.date(), begun.date() + timedelta(days=30), frozenset()) == 5
    assert case.facts["consent"] == "given"


def accepted_and_frozen(service, *, days_ago, after):
    """A complaint accepted so many working days ago and frozen, to this day, so many working days after that."""
    begun = noon(working_days_ago(days_ago))
    reference = case_accepted(service, by="manager", now=begun)
    with service.database.write() as session:
        since = noon(clocks.add_working_days(begun.date(), after))
        case = casework.get(session, reference)
        casework.acknowledge(session, case, by="manager", now=begun)
        deciding.freeze(
            session, case, proceedings="family_court", overlap="full",
            reasons="The court hears it.", review_on=TODAY + timedelta(days=20), who=who(service, since),
        )  # fmt: skip
    return reference


def overdue(service):
    """What the report counts as past its last day, whatever the year."""
    with service.database.read() as session:
        report = annual.build(session, service.council, clocks.financial_year(TODAY), TODAY)
    return [case for rate in report.rates if rate.key == "overdue" for case in rate.part.cases]


def noon(day):
    """Midday of a day."""
    return datetime.combine(day, time(12), UTC)


def working_days_ago(count):
    """The working day so many working days before today."""
    day = TODAY
    while clocks.working_days_between(day, TODAY) < count or not clocks.is_working_day(day):
        day -= timedelta(days=1)
    return day


@both_stores
def test_frozen_case_is_not_late_while_the_freeze_runs(browser, service):
    """Forty working days after receipt, frozen after four, six are left on every page; nothing counts it as late."""
    reference = accepted_and_frozen(service, days_ago=40, after=4)
    due = clocks.add_working_days(working_days_ago(40), 10 + 36)

    told = browser.text(f"/casework/cases/{reference}")
    assert f"Answer by {labels.day(due)} 6 working days left" in told
    assert "Working days since this stage began: 40. Without the freeze: 4." in told
    assert "The clock of the stage stands still" in told
    assert "6 working days left" in browser.text("/casework/open")
    assert reference not in browser.text("/casework/")
    assert overdue(service) == []


def test_case_late_before_its_freeze_stays_as_late(browser, service):
    """A freeze forgives no lateness that was there before it."""
    reference = accepted_and_frozen(service, days_ago=40, after=23)
    told = browser.text(f"/casework/cases/{reference}")
    assert " 13 working days late" in told
    assert " 3 working days late" in told
    assert reference in browser.text("/casework/")
    assert overdue(service) == [reference]


def test_speed_is_counted_without_the_frozen_days(service):
    """Answered on the ninth day that counted, a frozen complaint was answered in time on the page and in the report."""
    reference = accepted_and_frozen(service, days_ago=40, after=4)
    thawed, answered = working_days_ago(6), working_days_ago(1)
    with service.database.write() as session:
        case = casework.get(session, reference)
        deciding.end_hold(session, case, kind="frozen", answer=None, reasons="Over.", who=who(service, noon(thawed)))
        casework.record_outcome(
            session, case, findings={1: "upheld"}, answered_on=answered, by="manager", now=noon(answered)
        )
    with service.database.read() as session:
        case = casework.get(session, reference)
        report = annual.build(session, service.council, clocks.financial_year(TODAY), TODAY)
        assert deadlines.answer(case, today=TODAY, council=service.council).state == "done"
    year = clocks.financial_year(case.received_on)
    assert report.average("stage1_days", year).value == 9
    assert annual.cases_behind(report, "response_times", "within_10", year) == (reference,)


@given(
    start=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    frozen_after=st.integers(0, 40),
    frozen_for=st.integers(0, 60),
    answered_after=st.integers(0, 90),
)
def test_page_and_report_never_disagree_about_in_time(start, frozen_after, frozen_for, answered_after):
    """Whatever the freeze, an answer is in time by its date exactly when it is by the number of its days."""
    begun, answered = start + timedelta(frozen_after), start + timedelta(answered_after)
    holds = [Hold(kind="frozen", begun_at=noon(begun), ended_at=noon(begun + timedelta(frozen_for)))]
    limits = clocks.stage_limits(1, start)
    stage = Stage(started_on=start, due_on=limits.due_on, latest_on=limits.latest_on, answered_on=answered)
    due = dates.of_stage(stage, holds, today=date(2027, 12, 31), extra_holidays=frozenset())
    days = clocks.days_taken(start, answered) - dates.frozen_days(holds, start, answered, frozenset())
    assert (answered <= due.due_on) == (days <= 10)
    assert (answered <= due.latest_on) == (days <= 20)


def test_no_stage_begins_during_a_freeze(browser, service):
    """The next stage waits for the end of the freeze, which the form says."""
    reference = accepted_and_frozen(service, days_ago=15, after=4)
    answer = browser.send(f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", TODAY))
    assert answer.status_code == 409
    assert "End the freeze first" in plain(answer)
    assert [stage.number for stage in kept(service, reference).stages] == [1]


def test_frozen_days_before_a_stage_are_not_counted_in_it(browser, service):
    """Stage 2, asked for after the freeze, has its whole time and no more."""
    reference = accepted_and_frozen(service, days_ago=15, after=4)
    browser.send(f"/casework/cases/{reference}/end-hold", kind="frozen", reasons="The hearing is over.")
    browser.send(f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", TODAY))
    due = clocks.stage_limits(2, TODAY).due_on
    assert f"Stage 2 {labels.day(TODAY)} {labels.day(due)}" in browser.text(f"/casework/cases/{reference}")


def test_no_letter_promises_a_day_while_the_case_is_frozen(browser, service):
    """Nobody knows the day then, so none is written; afterwards it is the one everybody reads."""
    reference = accepted_and_frozen(service, days_ago=15, after=4)
    assert "We want to answer you by" not in acknowledgement(service, reference)

    browser.send(f"/casework/cases/{reference}/end-hold", kind="frozen", reasons="The hearing is over.")

    due = clocks.add_working_days(working_days_ago(15), 10 + 11)
    assert f"We want to answer you by {due.day} {due:%B %Y}" in acknowledgement(service, reference)


def acknowledgement(service, reference):
    """The words of an acknowledgement drafted now."""
    with service.database.write() as session:
        case = casework.get(session, reference)
        return letters.draft(
            session, case, kind="acknowledgement", council=service.council, by="manager", now=datetime.now(UTC)
        ).text


@both_stores
@pytest.mark.parametrize("step", ["withdraw", "refuse", "accept"])
def test_what_waited_ends_with_the_case_and_each_end_is_an_event(browser, service, step):
    """Nothing waits for a decision that has been taken; every hold that ended is in the history."""
    reference = case_filed(service)
    for kind in ("lateness", "sufficient_interest"):
        browser.send(f"/casework/cases/{reference}/hold", kind=kind, reasons="We must decide.")
    typed = {"withdraw": {"reason": "moved"}, "accept": {"stage": "1"}}
    typed["refuse"] = {"reason_code": "OTHER", "reasons": "Looked at before."}

    assert browser.send(f"/casework/cases/{reference}/{step}", **typed[step]).status_code == 303

    assert casework.waiting(kept(service, reference)) == []
    assert browser.text(f"/casework/cases/{reference}").count("Hold ended") == 2


def test_deciding_lateness_ends_its_hold_with_an_event(browser, service):
    """What waited for that decision has come; another hold goes on."""
    reference = case_filed(service, **LATE)
    for kind in ("lateness", "legal_view"):
        browser.send(f"/casework/cases/{reference}/hold", kind=kind, reasons="We must decide.")
    browser.send(f"/casework/cases/{reference}/lateness", decision="yes", reasons="She was afraid.")
    assert [hold.kind for hold in casework.waiting(kept(service, reference))] == ["legal_view"]
    assert browser.text(f"/casework/cases/{reference}").count("Hold ended") == 1


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


def refused(browser, service, **facts):
    """A contact that was not accepted; returns its reference."""
    reference = case_filed(service, **{**REFUSABLE, **facts})
    browser.send(f"/casework/cases/{reference}/refuse", reason_code="ALTERNATIVE_PROCESS", reasons="Not ours here.")
    return reference


def test_record_type_follows_every_move_and_the_contact_stays_not_accepted(browser, service):
    """The type is that of the newest procedure; the day of receipt, the code and the count stay."""
    reference = refused(browser, service)
    for procedure in ("corporate", "data_protection", "education"):
        browser.send(f"/casework/cases/{reference}/move", procedure=procedure)
        case = kept(service, reference)
        assert (case.status, case.reason_code, case.record_type) == ("not_accepted", "ALTERNATIVE_PROCESS", procedure)
    assert "Complaint about education" in browser.text(f"/casework/cases/{reference}")
    with service.database.read() as session:
        report = annual.build(session, service.council, clocks.financial_year(TODAY), TODAY)
    assert annual.cases_behind(report, "volumes", "not_accepted", report.year) == (reference,)


def test_school_gets_the_contact_only_once_it_was_passed_on_with_consent(browser, service):
    """A school keeps its own procedure and times: nothing of ours runs, and nothing is promised for it."""
    reference = refused(browser, service)
    early = browser.send(f"/casework/cases/{reference}/move", procedure="school")
    assert early.status_code == 409
    assert "First pass the contact on to the school, with consent" in plain(early)

    browser.send(
        f"/casework/cases/{reference}/pass-on", to="Riverbridge School", consent_by="complainant",
        **day_parts("consented_on", TODAY), **day_parts("passed_on", TODAY),
    )  # fmt: skip
    browser.send(f"/casework/cases/{reference}/move", procedure="school")
    browser.send(f"/casework/cases/{reference}/acknowledged-there", procedure="school", **day_parts("day", TODAY))

    case = kept(service, reference)
    [moved] = case.procedures
    assert (case.record_type, moved.acknowledge_by, moved.due_on, moved.latest_on) == ("school", None, None, None)
    assert "the school sets its own times" in browser.text(f"/casework/cases/{reference}")


def test_education_counts_by_the_days_of_the_profile(service):
    """A council with times of its own for education has them in its profile; the corporate ones stay as they are."""
    council = service.council.model_copy(
        update={"education_days": ProcedureDays(acknowledge=3, answer=20, answer_at_most=25)}
    )
    now = noon(working_days_ago(2))
    reference = case_filed(service, now=now, **REFUSABLE)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.refuse(
            session, case, reason_code="ALTERNATIVE_PROCESS", reasons="Not here.", council=council, by="m", now=now
        )
        for each in ("education", "corporate"):
            procedures.move(session, case, procedure=each, council=council, by="m", now=now)
            procedures.acknowledge(session, case, procedure=each, on=now.date(), council=council, by="m", now=now)
    found = {each.procedure: each for each in kept(service, reference).procedures}
    for procedure, days in {"education": (3, 20, 25), "corporate": (5, 10, 20)}.items():
        told = found[procedure]
        expected = tuple(clocks.add_working_days(now.date(), count) for count in days)
        assert (told.acknowledge_by, told.due_on, told.latest_on) == expected


def test_data_protection_owes_an_answer_without_undue_delay_and_names_no_day(browser, service):
    """The law names a day for the acknowledgement alone."""
    reference = refused(browser, service)
    browser.send(f"/casework/cases/{reference}/move", procedure="data_protection")
    browser.send(
        f"/casework/cases/{reference}/acknowledged-there", procedure="data_protection", **day_parts("day", TODAY)
    )
    assert kept(service, reference).procedures[0].due_on is None
    assert "owed without undue delay" in browser.text(f"/casework/cases/{reference}")


@pytest.mark.parametrize(("received", "due"), [(date(2026, 6, 18), None), (date(2026, 6, 19), date(2026, 7, 20))])
def test_data_protection_clock_runs_from_the_day_the_law_came_into_force(service, received, due):
    """Section 164A binds from 19 June 2026; thirty days from then end on a Sunday, so the Monday is in time."""
    now = noon(received)
    reference = case_filed(service, now=now, **REFUSABLE)
    with service.database.write() as session:
        case = casework.get(session, reference)
        casework.refuse(
            session, case, reason_code="ALTERNATIVE_PROCESS", reasons="D.", council=service.council, by="m", now=now
        )
        moved = procedures.move(session, case, procedure="data_protection", council=service.council, by="m", now=now)
        assert moved.acknowledge_by == due


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


def every_letter(service, *, accepted=False, **facts):
    """Each kind of letter on one case, and the move to each procedure, by name."""
    told = {**facts, "what_happened": "My visits were cancelled"}
    reference = case_accepted(service, by="a", **told) if accepted else case_filed(service, **told)
    onward = SimpleNamespace(to="Anytown School", consented_on=TODAY, passed_on=TODAY)
    written = {}
    with service.database.write() as session:
        case = casework.get(session, reference)
        for kind, procedure in [*((kind, "corporate") for kind in letters.KINDS), *(("moved", p) for p in PROCEDURES)]:
            moved = SimpleNamespace(procedure=procedure, acknowledge_by=None if procedure == "school" else TODAY)
            letter = letters.draft(
                session, case, kind=kind, council=service.council, by="a", now=datetime.now(UTC), reasons="Because",
                review_on=TODAY, procedure=moved, onward=onward,
            )  # fmt: skip
            written[f"{kind} {procedure}"] = letter.text
            assert reference in letter.text
    return written


@pytest.mark.parametrize("facts", [{}, REFUSABLE], ids=["child", "adult"])
def test_every_kind_of_letter_can_be_written(service, facts):
    """Each template finds what it needs, for a child and for an adult, and sets its paragraphs apart."""
    for name, text in every_letter(service, **facts).items():
        assert "None" not in text, name
        assert re.search(r"\n\n(You can have an advocate|If you would like help with this, an advocate)", text), name
        assert re.search(r"\n\n(You can ask us anything|Please contact us with any question)", text), name


def standing_words(text):
    """The sentences of a letter that stand in its template: no names, addresses, or words of others."""
    return " ".join(line for line in text.splitlines() if line.endswith((".", "?")) and "http" not in line)


@pytest.mark.parametrize("accepted", [False, True])
def test_letters_to_children_read_at_nine(service, accepted):
    """What a letter says of its own to a child reads at nine and a half at most, in sentences of twenty words."""
    for name, text in every_letter(service, accepted=accepted).items():
        said = standing_words(text)
        assert len(said.split()) > 40, name
        assert reading_age(said) <= READING_AGE, (name, reading_age(said))
        assert max(len(sentence.split()) for sentence in re.split(r"[.?!]", said)) <= 20, name


@pytest.mark.parametrize("verified_on", [None, date(2020, 1, 1)])
def test_letter_gives_no_number_that_nobody_has_verified(service, verified_on):
    """An unverified or stale number of the advocates or the team is not told."""
    changed = {
        field: getattr(service.council, field).model_copy(update={"verified_on": verified_on})
        for field in ("advocacy", "complaints_team")
    }
    service = replace(service, council=service.council.model_copy(update=changed))
    for text in every_letter(service).values():
        assert service.council.advocacy.name in text
        assert service.council.advocacy.phone not in text
        assert service.council.complaints_team.phone not in text


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
