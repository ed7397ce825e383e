"""The console in a real browser: accessible, wide and narrow, with and without scripts."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases import casework, conversations, learning, lookup
from tests.browser.conftest import assert_accessible, assert_no_sideways_scroll, screenshot
from tests.factories import (
    REFUSABLE,
    alert_failed,
    case_accepted,
    case_filed,
    compliment_given,
    conversation_with,
    referral_raised,
    staff_user,
)

pytestmark = pytest.mark.slow

WIDTHS = pytest.mark.parametrize("width", [1280, 400])
PICTURED = ("new", "case", "refuse", "referrals", "referral", "conversation")
LONG = (
    "They moved me on a Friday with my things in bin bags. Nobody asked me, and my social worker did not come.\n\n"
    "I rang four times. I want somebody to say sorry, and I want my coat and my photographs back."
)


def ago(**how):
    return datetime.now(UTC) - timedelta(**how)


@pytest.fixture
def desk(service):
    """A console with something in every queue; the addresses of its pages by name."""
    manager = staff_user(service, "manager", name="Mina Rowe")
    staff_user(service, "officer", name="Ana Price", first_password=True)
    new = case_filed(service, what_happened=LONG, now=ago(days=1))
    late = case_filed(service, now=ago(days=20), name="Sam Okafor")
    refusable = case_filed(service, **REFUSABLE)
    accepted = case_accepted(service, by=manager.id, now=ago(days=25), category="delay")
    closed = case_accepted(service, by=manager.id, now=ago(days=30))
    referral_id = referral_raised(service, now=ago(minutes=12))
    referral_raised(service, "I feel low a lot of the time", level="concern", now=ago(hours=26))
    alert_failed(service, referral_id, now=ago(minutes=5))
    waiting = conversation_with(service, "Can I talk to a real person please?", channel="sms", phone="+447700900456")
    with service.database.write() as session:
        case = casework.get(session, closed)
        casework.record_outcome(
            session, case, findings={1: "upheld"}, answered_on=ago(days=20).date(), by=manager.id, now=ago(days=19)
        )
        casework.add_note(
            session, casework.get(session, new), text="Rang the team manager.", by=manager.id, now=ago(hours=2)
        )
        learning.record_action(
            session, case, kind="improvement", what="Ring back within a day", owner="Team manager",
            due_on=ago(days=2).date(), words="Someone must ring you back in a day.", by=manager.id, now=ago(days=18),
        )  # fmt: skip
        held = lookup.conversation(session, waiting)
        conversations.ask_for_person(session, held, reason="asked", now=ago(minutes=40))
    return {
        "home": "/casework/",
        "new": "/casework/new",
        "open": "/casework/open",
        "finished": "/casework/finished",
        "referrals": "/casework/referrals",
        "referral": f"/casework/referrals/{referral_id}",
        "alert-faults": "/casework/alerts",
        "people": "/casework/people",
        "conversation": f"/casework/conversations/{waiting}",
        "case": f"/casework/cases/{new}",
        "late-case": f"/casework/cases/{late}",
        "accept": f"/casework/cases/{new}/accept",
        "refuse": f"/casework/cases/{refusable}/refuse",
        "assign": f"/casework/cases/{new}/assign",
        "outcome": f"/casework/cases/{accepted}/outcome",
        "compliments": "/casework/compliments",
        "compliment": f"/casework/compliments/{compliment_given(service, for_words='Amy', from_role='parent')}",
        "actions": "/casework/actions",
        "closed-case": f"/casework/cases/{closed}",
        "action": f"/casework/cases/{closed}/action",
        "action-done": f"/casework/cases/{closed}/action-done",
        "staff": "/casework/staff",
        "add-staff": "/casework/staff/add",
        "reports": "/casework/reports",
        "annual-report": "/casework/reports/annual",
    }


def sign_in(page):
    page.get_by_label("E-mail address").fill("manager@example.org")
    page.get_by_label("Password", exact=True).fill("three quiet words")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Casework", level=1).wait_for()


@WIDTHS
def test_every_staff_page_is_accessible_and_fits(base_url, open_page, desk, width):
    """Each page passes axe and never scrolls sideways, wide and narrow, with the alarm standing on it."""
    page = open_page(base_url + "/casework/", width=width)
    assert_accessible(page)
    sign_in(page)
    for name, path in desk.items():
        page.goto(base_url + path)
        assert page.get_by_role("heading", name="Somebody may be in danger now").is_visible(), path
        assert_accessible(page)
        assert_no_sideways_scroll(page)
        if width == 1280 and name in PICTURED:
            screenshot(page, f"console-{name}")


@WIDTHS
def test_page_with_errors_is_accessible_and_leads_to_the_box(base_url, open_page, desk, width):
    """The summary has the focus, its link goes into the box, and what was typed is still there."""
    page = open_page(base_url + desk["outcome"], width=width)
    sign_in_here(page)
    page.get_by_label("Upheld", exact=True).check()
    page.get_by_label("Day").fill("31")
    page.get_by_label("Month").fill("2")
    page.get_by_label("Year").fill("2026")
    page.get_by_role("button", name="Record the outcome").click()

    summary = page.locator(".govuk-error-summary")
    summary.wait_for()
    page.wait_for_function("() => document.activeElement.classList.contains('govuk-error-summary')")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    summary.get_by_role("link").click()
    page.wait_for_function("() => document.activeElement.id === 'answered_on-day'")
    assert page.get_by_label("Day").input_value() == "31"
    assert page.get_by_label("Upheld", exact=True).is_checked()


def sign_in_here(page):
    """Sign in where the wanted page sent us; it comes by itself."""
    page.get_by_label("E-mail address").fill("manager@example.org")
    page.get_by_label("Password", exact=True).fill("three quiet words")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Record the outcome").wait_for()


def test_whole_path_of_a_case_works_without_scripts(base_url, open_page, desk):
    """Sign in, acknowledge the danger, accept, answer and sign out with JavaScript off."""
    page = open_page(base_url + "/casework/", scripts=False)
    sign_in(page)
    page.get_by_role("link", name="Read and acknowledge now").click()
    page.get_by_role("button", name="Acknowledge").first.click()
    page.get_by_text("You have acknowledged this referral.").wait_for()
    assert page.get_by_role("heading", name="Somebody may be in danger now").count() == 0

    page.goto(base_url + desk["case"])
    page.get_by_role("link", name="Accept the complaint").click()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("The complaint is accepted.").wait_for()

    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in to casework").wait_for()
    page.go_back()
    page.goto(base_url + desk["case"])
    page.get_by_role("heading", name="Sign in to casework").wait_for()


def test_conversation_is_written_in_by_a_person(base_url, open_page, desk):
    """Take over, write, hand back, in the page."""
    page = open_page(base_url + "/casework/")
    sign_in(page)
    page.goto(base_url + desk["conversation"])
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Your message").fill("Hello, I am Mina. I have read what you wrote.")
    page.get_by_role("button", name="Send").click()
    page.locator(".app-message--person", has_text="Hello, I am Mina.").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Hand back to the assistant").click()
    page.get_by_text("The assistant has the conversation again.").wait_for()
