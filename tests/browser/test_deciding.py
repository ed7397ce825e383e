"""A manager refuses one case, freezes one and accepts one that is late, with their letters, in a real browser."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases import casework
from tests.browser.conftest import assert_accessible, assert_no_sideways_scroll, screenshot
from tests.factories import REFUSABLE, case_filed, staff_user
from tests.integration.test_elements import TWO

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(service, base_url, open_page):
    """A manager signed in, on a narrow or wide page; gives the page and a way to a case's step."""
    staff_user(service, "manager", name="Mina Rowe")
    page = open_page(base_url + "/casework/")
    page.get_by_label("E-mail address").fill("manager@example.org")
    page.get_by_label("Password", exact=True).fill("three quiet words")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Casework", level=1).wait_for()

    def step(reference, title):
        page.goto(f"{base_url}/casework/cases/{reference}")
        page.get_by_role("link", name=title).click()
        checked(page)

    return page, step


def checked(page):
    """The page passes axe and fits its window."""
    assert_accessible(page)
    assert_no_sideways_scroll(page)


def send_letter(page, kind):
    """Open the letter, read it, and record that it went out today."""
    page.get_by_role("link", name=kind).click()
    checked(page)
    words = page.get_by_label("The letter").input_value()
    today = datetime.now(UTC).astimezone().date()
    for label, value in (("Day", today.day), ("Month", today.month), ("Year", today.year)):
        page.get_by_label(label).fill(str(value))
    page.get_by_label("Letter by post").check()
    return words


def test_manager_refuses_freezes_and_accepts_late_with_letters(desk, service):
    """Each decision has its reasons and its letter, and each letter is kept as it was sent."""
    page, step = desk
    refusable = case_filed(service, **REFUSABLE)
    frozen = case_filed(service, name="Sam Okafor")
    late = case_filed(service, months_since_grounds=20, continuing=False, name="Kit Marlow")

    step(refusable, "Confirm it cannot be accepted")
    page.get_by_label("Reasons for the person").fill("Only the court can change what it ordered.")
    page.get_by_role("button", name="Confirm: not accepted").click()
    words = send_letter(page, "Not accepted,")
    assert "Only the court can change what it ordered." in words
    page.get_by_role("button", name="Record as sent").click()
    page.get_by_text("It is kept as it went out.").wait_for()
    checked(page)

    step(frozen, "Freeze for other proceedings")
    page.get_by_label("Family court").check()
    page.get_by_label("All of it").check()
    review = datetime.now(UTC).date() + timedelta(days=60)
    for label, value in (("Day", review.day), ("Month", review.month), ("Year", review.year)):
        page.get_by_label(label).fill(str(value))
    page.get_by_label("Reasons for the person").fill("The judge looks at the same things in May.")
    screenshot(page, "casework-freeze")
    page.get_by_role("button", name="Freeze").click()
    page.get_by_role("heading", name="Holds").wait_for()
    checked(page)
    screenshot(page, "casework-frozen")
    assert "bring your complaint back" in send_letter(page, "Frozen,")
    screenshot(page, "casework-letter-freeze")

    step(late, "Decide about lateness")
    page.get_by_label("Yes").check()
    page.get_by_label("Reasons for the person").fill("You were too scared to tell us before.")
    page.get_by_role("button", name="Decide").click()
    assert "But we will look at this." in send_letter(page, "Considered though it is late,")
    step(late, "Accept the complaint")
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("The complaint is accepted.").wait_for()
    page.goto(page.url.partition("/cases/")[0] + "/new")
    checked(page)
    screenshot(page, "casework-new-held")

    with service.database.read() as session:
        assert casework.get(session, late).status == "open"
        assert casework.get(session, frozen).status == "new"
        assert [letter.route for letter in casework.get(session, refusable).letters] == ["letter"]


def test_manager_puts_points_right_and_takes_one_of_them(desk, service):
    """Two points under two procedures: the list is corrected, one is accepted and the other refused with reasons."""
    page, step = desk
    reference = case_filed(service, **TWO)
    step(reference, "Put the points right")
    screenshot(page, "points")
    page.get_by_label("What it is about, in their words").first.fill("Short breaks were stopped in May.")
    page.get_by_role("button", name="Save the points").click()
    checked(page)
    assert "Short breaks were stopped in May." in page.inner_text("main")
    step(reference, "Accept the complaint")
    page.get_by_label("if point 2 is not accepted").fill("Plans are for the Tribunal to decide.")
    screenshot(page, "points-accept")
    page.get_by_role("button", name="Accept").click()
    checked(page)
    screenshot(page, "points-case")
    assert "Plans are for the Tribunal to decide." in send_letter(page, "Not accepted,")
