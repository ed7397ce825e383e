"""An advocate at their door, in a real browser: from the link to the young person who takes their leave back."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.advocates.links import link_of
from bot.cases import advocacy, authority, casework, lookup
from tests.browser.conftest import assert_accessible, assert_no_sideways_scroll, screenshot
from tests.factories import staff_user
from tests.integration.test_advocacy import wished

pytestmark = pytest.mark.slow


def checked(page, name=None, *, scripts=True):
    """The page passes axe and fits its window."""
    assert_no_sideways_scroll(page)
    if scripts:  # axe is itself a script
        assert_accessible(page)
        if name:
            screenshot(page, name)


@pytest.fixture
def referral(service):
    """A young person's wish that was sent to the provider; the referral's id, the link's path and its code."""
    now = datetime.now(UTC)
    referral_id = wished(service, now=now)
    with service.database.write() as session:
        sent = advocacy.get(session, referral_id)
        door, key = authority.make_door(
            session, organisation="Young Voices", by="assistant", now=now, open_for=timedelta(days=90)
        )
        authority.give(
            session, door, scope=sent.share, referral=sent, conversation=sent.conversation, case=sent.case, now=now
        )
        advocacy.sent(session, sent, route="email", answer_within=timedelta(hours=48), now=now)
        code = authority.new_code(session, door, by="assistant", now=now)
        link = link_of(service.settings, door.id, key).removeprefix(service.settings.public_url)
        return referral_id, link, code


@pytest.mark.parametrize("window", [(1280, True), (320, True), (320, False)])
def test_advocate_answers_follows_adds_and_lodges(open_page, base_url, service, referral, window):
    """With the link and code alone, on any screen and without scripts; and sees nothing once leave is taken back."""
    referral_id, link, code = referral
    width, scripts = window
    look = {"scripts": scripts}
    page = open_page(base_url + link, width=width, scripts=scripts)
    checked(page, **look)
    page.get_by_label("Your code").fill("AAAA-AAAA")
    page.get_by_role("button", name="Open the page").click()
    page.get_by_text("This code is not right").first.wait_for()
    checked(page, **look)
    page.get_by_label("Your code").fill(code)
    page.get_by_role("button", name="Open the page").click()
    page.get_by_role("heading", name="Your young people").wait_for()
    checked(page, **look)

    page.get_by_role("link", name=re.compile("Jess Hartley")).click()
    checked(page, "advocate-referral" if width > 600 else None, **look)
    page.get_by_role("button", name="Send your answer").click()
    page.get_by_text("Choose an answer.").first.wait_for()
    checked(page, **look)
    page.get_by_label("Yes, I will be their advocate").check()
    page.get_by_label("Your name").fill("Priya Nair")
    page.get_by_label("I am not who the complaint is about").check()
    page.get_by_role("button", name="Send your answer").click()
    page.get_by_role("heading", name="How it is going").wait_for()

    page.get_by_label("What do you want to add?").fill("The next review is on Monday.")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("The next review is on Monday.").wait_for()
    checked(page, "advocate-young-person" if width > 600 else "advocate-young-person-small", **look)

    page.get_by_role("link", name="Your young people").click()
    page.get_by_role("link", name="Make a complaint for a young person").click()
    checked(page, "advocate-lodge" if width > 600 else None, **look)
    page.get_by_label("The young person's name").fill("Sam")
    page.get_by_label("In care", exact=True).check()
    page.get_by_label("What happened, in their words").fill("I was moved with one day's notice and nobody asked me.")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_label("How it is going: status and dates").check()
    page.get_by_role("button", name="Send the complaint").click()
    page.get_by_text("The complaint is with the complaints team.").wait_for()
    checked(page, **look)

    with service.database.write() as session:
        held = advocacy.get(session, referral_id).conversation
        authority.withdraw(session, held, now=datetime.now(UTC))
    page.get_by_role("link", name="Your young people").click()
    page.get_by_text("took their permission back").wait_for()
    assert page.get_by_text("Jess").count() == 0
    assert page.get_by_role("link", name=re.compile("Sam")).count() == 1
    checked(page, **look)
    page.get_by_role("button", name="Leave this page").click()
    page.get_by_role("heading", name="You have left").wait_for()
    checked(page, **look)


def test_staff_give_a_page_and_see_the_timers(open_page, base_url, service, referral):
    """The queue, a referral, the form and the secrets shown once are usable with a keyboard and on a small screen."""
    staff_user(service, "manager", name="Mina Rowe")
    for width in (1280, 400):
        page = open_page(base_url + "/casework/advocacy", width=width)
        page.get_by_label("E-mail address").fill("manager@example.org")
        page.get_by_label("Password", exact=True).fill("three quiet words")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Advocates", level=1).wait_for()
        checked(page, "casework-advocates" if width > 600 else None)
        page.get_by_role("link", name=re.compile("Open the referral")).click()
        checked(page, "casework-advocate-referral" if width > 600 else None)
        page.goto(base_url + "/casework/advocacy/doors/new")
        checked(page)
        page.get_by_label("The advocate's name").fill("Priya Nair")
        page.get_by_label("Their organisation").fill("Young Voices")
        page.get_by_label("Advocate", exact=True).check()
        page.get_by_role("button", name="Make the page").click()
        page.get_by_text("This is shown once.").wait_for()
        checked(page)
    with service.database.read() as session:
        case = session.get_one(advocacy.AdvocacyReferral, referral[0]).case
        assert lookup.conversation_of(session, casework.get(session, case.reference)) is not None
