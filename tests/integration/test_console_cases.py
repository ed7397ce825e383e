"""Working a case in the console: the queues, the clock, and each step from receipt to the last answer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot import clocks
from bot.cases import casework, conversations, intake
from bot.cases.tables import Conversation
from bot.console import deadlines, labels
from tests.factories import REFUSABLE, case_accepted, case_filed, staff_user
from tests.integration.staff_browser import StaffBrowser, day_parts, plain

TODAY = clocks.local_day(datetime.now(UTC))


def days_ago(count):
    """The moment some days ago."""
    return datetime.now(UTC) - timedelta(days=count)


def kept(service, reference):
    """The case as it is in the store, with what its relations hold."""
    with service.database.read() as session:
        case = casework.get(session, reference)
        _ = [case.stages, case.elements, case.decisions, case.notes]
        return case


def test_new_cases_are_listed_oldest_first_with_the_proposal_in_words(browser, service):
    """The queue says who, what is proposed and when the acknowledgement is due."""
    newer = case_filed(service)
    older = case_filed(service, now=days_ago(1), complainant_role="parent", acting_for="self")

    told = browser.text("/casework/new")

    assert told.index(older) < told.index(newer)
    assert "Parent" in told
    assert "Child in care" in told
    assert "Broken promise or appointment Children in Care" in told
    assert "Accept at Stage 1" in told
    assert "3 working days left" in told


def test_late_acknowledgement_is_marked_red_and_stands_on_the_front_page(browser, service):
    """What is late is said in words and in colour, in the queue and on the front page."""
    late = case_filed(service, now=days_ago(21))

    answer = browser.see("/casework/new")

    assert "govuk-tag--red" in answer.text
    assert "working days late" in plain(answer)
    front = browser.text("/casework/")
    assert late in front
    assert "Nothing is late." not in front


def test_case_page_shows_everything_that_was_told(browser, service):
    """Statement word for word, wish, people and how to reach them, dates, proposal, conversation, advocate."""
    reference = case_filed(service, what_happened="They <b>lost</b> my coat & said “so what”.")

    told = browser.text(f"/casework/cases/{reference}")

    for words in (
        reference,
        "They <b>lost</b> my coat & said “so what”.",
        "I want her to come when she says she will.",
        "Jess Hartley: person complaining",
        "+447700900123",
        "Child in care",
        "They did, themselves",
        "Wants an advocate",
        "The rules propose Accept at Stage 1",
        "The conversation",
        "Complaint filed",
        f"Acknowledge by {labels.day(clocks.add_working_days(TODAY, 3))}",
    ):
        assert words in told
    assert "<b>lost</b>" not in browser.see(f"/casework/cases/{reference}").text


def test_complaint_brought_by_another_keeps_the_two_apart(browser, service):
    """The page says whose complaint it is and who brought it."""
    reference = case_filed(
        service, complainant_role="representative", representative_kind="advocate", acting_for="child",
        child_status="looked_after", child_name="Rory Finch", child_age=12, name="Nia Grant",
        representative_organisation="Anytown Young Voices",
    )  # fmt: skip

    told = browser.text(f"/casework/cases/{reference}")

    assert "Whose complaint Child in care" in told
    assert "Who brought it Advocate" in told
    assert "Nia Grant: speaks for somebody else" in told
    assert "Rory Finch: the child it is about" in told
    assert "Anytown Young Voices" in told


def test_what_is_safe_is_shown_for_each_way(browser, service):
    """Staff see how the person may be reached before they reach out."""
    reference = case_filed(service, safe_to_contact={"sms": "neutral_wording", "phone": "not_safe"})
    told = browser.text(f"/casework/cases/{reference}")
    assert "Text message: only with neutral wording; Phone call: not safe" in told


def test_accepting_starts_the_clock_on_the_day_of_receipt(browser, service, manager):
    """The due dates on the page are those of the one clock."""
    reference = case_filed(service, now=days_ago(2))
    received = kept(service, reference).received_on

    answer = browser.send(f"/casework/cases/{reference}/accept", stage="1", reasons="")

    assert answer.location == f"/casework/cases/{reference}"
    told = browser.text(answer.location)
    limits = clocks.stage_limits(1, received, service.council.extra_holidays)
    assert "The complaint is accepted." in told
    assert f"Answer by {labels.day(limits.due_on)}" in told
    assert f"Last day with an extension {labels.day(limits.latest_on)}" in told
    assert f"Decided by {manager.name}" in told
    assert reference in browser.text("/casework/open")
    assert reference not in browser.text("/casework/new")


def test_straight_to_stage_two_is_possible(browser, service):
    """Where both sides agree, the case begins at Stage 2 with its own clock."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/accept", stage="2", reasons="Both agreed in writing.")
    case = kept(service, reference)
    assert [stage.number for stage in case.stages] == [2]
    assert case.decisions[-1].reasons == "Both agreed in writing."


def test_refusal_page_shows_what_the_person_was_told_and_the_proposed_code(browser, service):
    """Whoever decides sees the words, the place pointed to and the rule, before confirming."""
    reference = case_filed(service, **REFUSABLE)
    proposal = kept(service, reference).decisions[0]

    page = browser.see(f"/casework/cases/{reference}/refuse")

    assert proposal.say in plain(page)
    assert proposal.officer in plain(page)
    assert proposal.rule in plain(page)
    assert "Where they were pointed Nowhere else" not in plain(page)
    assert 'value="COURT_RELATED" checked' in page.text


def test_confirmed_refusal_names_decider_code_and_reasons_and_stays_in_the_register(browser, service, manager):
    """A refusal is a person's, with reasons, and is never lost."""
    reference = case_filed(service, **REFUSABLE)

    browser.send(
        f"/casework/cases/{reference}/refuse", reason_code="COURT_RELATED", reasons="The court decides how often."
    )

    told = browser.text(f"/casework/cases/{reference}")
    assert "Not accepted: Court related" in told
    assert f"Decided by {manager.name}" in told
    assert "The court decides how often." in told
    assert reference in browser.text("/casework/finished")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"reason_code": "COURT_RELATED", "reasons": "   "}, "Write the reasons"),
        ({"reasons": "The court decides."}, "Choose why it cannot be accepted."),
        ({"reason_code": "BECAUSE", "reasons": "The court decides."}, "not a valid choice"),
    ],
)
def test_refusal_without_code_or_reasons_is_not_taken(browser, service, typed, told):
    """The page says what is missing, links to it, and keeps what was typed."""
    reference = case_filed(service, **REFUSABLE)

    answer = browser.send(f"/casework/cases/{reference}/refuse", **typed)

    assert answer.status_code == 400
    assert "There is a problem" in plain(answer)
    assert told.casefold() in plain(answer).casefold()
    assert typed["reasons"].strip() in answer.text
    assert kept(service, reference).status == "new"


def test_second_decision_is_told_plainly_and_loses_no_words(browser, service):
    """When somebody else was quicker, the page says so and the reasons stay in the box."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/accept", stage="1")

    answer = browser.send(
        f"/casework/cases/{reference}/refuse", reason_code="OTHER", reasons="My long and careful reasons."
    )

    assert answer.status_code == 409
    assert "has been decided already" in plain(answer)
    assert "My long and careful reasons.</textarea>" in answer.text
    assert kept(service, reference).status == "open"


def test_form_sent_twice_does_it_once(browser, service):
    """The second acknowledgement changes nothing and says that it was done."""
    reference = case_filed(service)
    assert browser.send(f"/casework/cases/{reference}/acknowledge").status_code == 303

    answer = browser.send(f"/casework/cases/{reference}/acknowledge")

    assert answer.status_code == 409
    assert "acknowledged already" in plain(answer)
    assert "Done in time" in browser.text(f"/casework/cases/{reference}")


def test_assigning_offers_the_councils_teams_and_starts_from_the_proposal(browser, service):
    """What the assistant proposed is chosen beforehand; a person confirms or changes it."""
    reference = case_filed(service)
    page = browser.see(f"/casework/cases/{reference}/assign")
    assert '<option value="looked_after" selected' in page.text

    browser.send(f"/casework/cases/{reference}/assign", team="fostering", category="delay")

    told = browser.text(f"/casework/cases/{reference}")
    assert "Team Fostering (assigned" in told
    assert "Category Delay or failed service" in told


def test_team_that_does_not_exist_is_refused(browser, service):
    """Only the council's own teams can answer."""
    reference = case_filed(service)
    answer = browser.send(f"/casework/cases/{reference}/assign", team="nobody", category="delay")
    assert answer.status_code == 400
    assert kept(service, reference).assigned_at is None


def test_outcome_closes_the_stage_with_a_finding(browser, service, manager):
    """The finding and the day of the reply stand on the case, and it leaves the open queue."""
    reference = case_accepted(service, by=manager.id, now=days_ago(3))

    browser.send(
        f"/casework/cases/{reference}/outcome", finding_1="partially_upheld", **day_parts("answered_on", TODAY)
    )

    case = kept(service, reference)
    assert (case.status, case.stages[0].finding, case.stages[0].answered_on) == ("closed", "partially_upheld", TODAY)
    assert "Partially upheld" in browser.text(f"/casework/cases/{reference}")
    assert reference not in browser.text("/casework/open")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"answered_on-day": "31", "answered_on-month": "2", "answered_on-year": "2026"}, "Enter a real day"),
        ({"answered_on-day": "x"}, "Enter a real day"),
        ({}, "Enter the day the reply was sent."),
        (day_parts("answered_on", TODAY + timedelta(days=1)), "The day cannot be in the future."),
        (day_parts("answered_on", TODAY - timedelta(days=90)), "The reply was sent between"),
    ],
)
def test_day_that_cannot_be_is_refused_and_stays_in_its_boxes(browser, service, manager, typed, told):
    """The error leads to the first box; what was typed is still there."""
    reference = case_accepted(service, by=manager.id)

    answer = browser.send(f"/casework/cases/{reference}/outcome", finding_1="upheld", **typed)

    assert answer.status_code in (400, 409)
    assert told in plain(answer)
    for value in typed.values():
        assert f'value="{value}"' in answer.text
    assert 'value="upheld" checked' in answer.text
    assert kept(service, reference).status == "open"


def test_next_stage_counts_from_the_day_it_was_asked_for(browser, service, manager):
    """Stage 2 gets its own 25 and 65 working days."""
    reference = case_accepted(service, by=manager.id, now=days_ago(20))
    asked_on = TODAY - timedelta(days=1)

    browser.send(f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", asked_on))

    limits = clocks.stage_limits(2, asked_on, service.council.extra_holidays)
    told = browser.text(f"/casework/cases/{reference}")
    assert "Statutory complaint, Stage 2" in told
    assert f"Answer by {labels.day(limits.due_on)}" in told
    assert f"Last day with an extension {labels.day(limits.latest_on)}" in told


def test_next_stage_before_receipt_is_refused(browser, service, manager):
    """Nobody asks for Stage 2 of a complaint that was not yet made."""
    reference = case_accepted(service, by=manager.id)
    answer = browser.send(
        f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", TODAY - timedelta(days=30))
    )
    assert answer.status_code == 409
    assert "before the complaint was received" in plain(answer)


def test_case_goes_through_all_stages_and_no_further(browser, service, manager):
    """After Stage 3 no next stage is offered."""
    reference = case_accepted(service, by=manager.id)
    for _ in range(2):
        browser.send(f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", TODAY))
    assert kept(service, reference).stage == 3
    assert "Move to the next stage" not in browser.text(f"/casework/cases/{reference}")
    assert browser.send(
        f"/casework/cases/{reference}/next-stage", **day_parts("asked_on", TODAY)
    ).status_code == 409  # fmt: skip


def test_note_is_kept_with_its_writer(browser, service, manager):
    """A note shows who wrote it and is shown as written, never as markup."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/note", text="Rang the <team>; they call back.")
    assert f"{manager.name}" in browser.text(f"/casework/cases/{reference}")
    assert "Rang the <team>; they call back." in browser.text(f"/casework/cases/{reference}")


def test_withdrawn_case_is_closed_and_cannot_be_accepted(browser, service):
    """A withdrawal ends the steps that decide; the page says why."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/withdraw", reason="resolved")

    told = browser.text(f"/casework/cases/{reference}")
    assert "Withdrawn" in told
    assert "Accept the complaint" not in told
    assert browser.send(f"/casework/cases/{reference}/accept", stage="1").status_code == 409
    assert kept(service, reference).status == "withdrawn"


def test_officer_works_a_case_but_is_not_offered_the_decision(app, service):
    """The case page lists only the steps the role may take."""
    reference = case_filed(service)
    told = StaffBrowser(app).sign_in_as(staff_user(service, "officer")).text(f"/casework/cases/{reference}")
    assert "Assign a team and a category" in told
    assert "Accept the complaint" not in told


def test_every_step_leaves_an_event_with_its_doer(browser, service, manager):
    """The history says who did what."""
    reference = case_filed(service)
    browser.send(f"/casework/cases/{reference}/acknowledge")
    browser.send(f"/casework/cases/{reference}/assign", team="fostering", category="delay")
    browser.send(f"/casework/cases/{reference}/accept", stage="1")
    browser.send(f"/casework/cases/{reference}/note", text="On the way.")
    browser.send(f"/casework/cases/{reference}/outcome", finding_1="upheld", **day_parts("answered_on", TODAY))

    told = browser.text(f"/casework/cases/{reference}")
    for words in ("Acknowledged", "Assigned", "Decided", "Stage begun (Stage 1)", "Note added", "Outcome recorded"):
        assert f"{manager.name} {words}" in told


def test_opted_out_person_is_marked_on_the_case(browser, service):
    """Staff see that no text may be sent, and that the complaint stays open."""
    reference = case_filed(service, channel="sms", phone="+447700900123")
    with service.database.write() as session:
        held = session.query(Conversation).one()
        conversations.opt_out(session, held, now=datetime.now(UTC), how="asked")
    assert "No more texts to this person." in browser.text(f"/casework/cases/{reference}")


def test_case_is_found_by_its_reference_however_it_is_typed(browser, service):
    """Small letters and spaces do not matter; a wrong one is told and kept in the box."""
    reference = case_filed(service)
    assert browser.see(f"/casework/find?reference=+{reference.lower()}").location == f"/casework/cases/{reference}"

    answer = browser.see("/casework/find?reference=SU-XXXX-XXXX")
    assert "There is no case with this reference." in plain(answer)
    assert 'value="SU-XXXX-XXXX"' in answer.text
    assert "Enter a reference" in plain(browser.see("/casework/find"))


def test_finished_cases_are_shown_in_pages(browser, service, manager):
    """A long register is cut into pages that can be turned."""
    references = [case_filed(service, now=days_ago(number)) for number in range(51)]
    with service.database.write() as session:
        for reference in references:
            casework.withdraw(
                session, casework.get(session, reference), by=manager.id, now=datetime.now(UTC), reason="other"
            )

    first, second = browser.text("/casework/finished"), browser.text("/casework/finished?page=2")

    assert references[0] in first
    assert references[50] not in first
    assert references[50] in second
    assert "There is no such page" in browser.text("/casework/finished?page=9")
    assert browser.see("/casework/finished?page=x").status_code == 200


@pytest.mark.parametrize(
    ("today", "done_on", "words"),
    [
        (date(2026, 11, 30), None, "5 working days left"),
        (date(2026, 12, 4), None, "1 working day left"),
        (date(2026, 12, 7), None, "Due today"),
        (date(2026, 12, 8), None, "1 working day late"),
        (date(2026, 12, 12), None, "4 working days late"),
        (date(2026, 12, 20), date(2026, 12, 7), "Done in time"),
        (date(2026, 12, 20), date(2026, 12, 9), "Done 2 working days late"),
    ],
)
def test_deadline_says_where_it_stands(service, today, done_on, words):
    """Working days only; what was done on the last day was done in time."""
    due = deadlines.deadline("answer", date(2026, 12, 7), today=today, council=service.council, done_on=done_on)
    assert labels.standing(due) == words


def test_deadline_missed_on_a_day_off_is_late_without_a_count(service):
    """On the Saturday after, no working day has passed, and it is late all the same."""
    due = deadlines.deadline("answer", date(2026, 12, 4), today=date(2026, 12, 5), council=service.council)
    assert (due.state, labels.standing(due)) == ("late", "Late")


def test_dates_and_times_are_those_of_england():
    """Summer time counts, and days are written in full."""
    moment = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert labels.moment(moment) == "Wednesday 1 July 2026, 12:30am"
    assert labels.day(datetime(2026, 12, 7, tzinfo=UTC).date()) == "Monday 7 December 2026"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "less than a minute"), (1, "1 minute"), (65, "1 hour 5 minutes"), (1500, "1 day 1 hour"), (2880, "2 days")],
)
def test_waiting_is_told_in_its_two_largest_units(minutes, words):
    """Nobody has to divide by sixty."""
    assert labels.waited(minutes) == words


def test_every_code_the_store_allows_has_words():
    """No page shows a bare code."""
    from bot.cases import safeguarding, tables
    from bot.eligibility import REASON_CODES

    known = {kind: {choice.value for choice in labels.choices(kind)} for kind in ("finding", "reason_code")}
    assert known == {"finding": set(casework.FINDINGS), "reason_code": set(REASON_CODES)}
    assert {choice.value for choice in labels.choices("referral_outcome")} == set(safeguarding.OUTCOMES)
    statuses = next(
        str(each.sqltext) for each in tables.Case.__table__.constraints if str(each.name).endswith("status")
    )
    assert all(f"'{choice.value}'" in statuses for choice in labels.choices("status"))
    assert set(intake.RECORD_TYPES.values()) <= {choice.value for choice in labels.choices("record_type")}
