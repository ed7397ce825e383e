"""From a child's first message to the annual report, in a real browser against the service really running."""

import pytest

from tests.browser.conftest import assert_accessible, assert_no_sideways_scroll, screenshot

pytestmark = pytest.mark.slow


def say(page, words, *, until):
    """Write something and wait for what the assistant says to it."""
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()
    heard(page, until)


def choose(page, label, *, until):
    """Press one of the choices and wait for what the assistant says to it."""
    page.get_by_role("button", name=label, exact=True).click()
    heard(page, until)


def heard(page, words):
    page.locator(".app-message__words", has_text=words).last.wait_for()


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (320, False)])
def test_complaint_goes_from_the_chat_to_the_case_and_the_report(running, officer, open_page, width, scripts):
    """A child complains in the browser, with scripts or without; an officer accepts it; the report counts it."""
    chat = open_page(f"{running.url}/chat", width=width, scripts=scripts)
    say(chat, "I want to make a complaint", until="which of these is most like you?")
    choose(chat, "I'm in care", until="Would you like one?")
    choose(chat, "No thanks", until="Tell me what happened")
    say(chat, "My social worker keeps cancelling and I never get told why", until="Is there more")
    if scripts:  # axe is itself a script
        screenshot(chat, "chat")
        assert_accessible(chat)
    assert_no_sideways_scroll(chat)
    choose(chat, "No, that is all", until="to put this right?")
    # It still goes on, so when it began decides nothing and is not asked.
    say(chat, "I want her to come when she says she will", until="What name shall we use")
    say(chat, "Kaylee", until="How should we reach you")
    choose(chat, "Don't contact me", until="Shall I send it?")
    choose(chat, "Yes, send it", until="Your reference is")
    reference = chat.locator("[data-chat-reference]").inner_text().split("SU-")[1][:9]

    desk = open_page(f"{running.url}/casework", scripts=scripts)
    desk.get_by_label("E-mail address").fill(officer[0])
    desk.get_by_label("Password", exact=True).fill(officer[1])
    desk.get_by_role("button", name="Sign in").click()
    desk.goto(f"{running.url}/casework/cases/SU-{reference}")
    assert desk.get_by_text("My social worker keeps cancelling and I never get told why").first.is_visible()
    desk.get_by_role("link", name="Accept the complaint").click()
    desk.get_by_role("button", name="Accept").click()
    desk.get_by_text("Stage 1").first.wait_for()
    if scripts:
        assert_accessible(desk)

    desk.goto(f"{running.url}/casework/reports")
    assert_no_sideways_scroll(desk)
