"""The chat in a real browser: with and without scripts, by keyboard, on a small screen, and left in a hurry."""

import pytest
from sqlalchemy import select

from bot.cases import intake
from bot.cases.conversations import Reply, store_replies
from bot.cases.tables import Conversation, Message
from tests.browser.conftest import assert_accessible, assert_no_sideways_scroll, screenshot
from tests.factories import TOLD

pytestmark = pytest.mark.slow

WIDTHS = pytest.mark.parametrize("width", [1280, 320])
ROLES = (
    {"label": "I live in care", "value": "looked_after_child", "payload": "/inform"},
    {"label": "I have left care", "value": "care_leaver", "payload": "/inform"},
    {"label": "I am a parent or I look after a child for somebody else", "value": "parent", "payload": "/inform"},
)
WHO = Reply("utter_ask_complainant_role", "I am sorry that happened. Who are you?", "ask", "complainant_role", ROLES)
FILED = Reply("utter_receipt_filed", "Your complaint has been sent. The number is SU-2026-0001.", "receipt")


def send(page, words):
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send").click()


def said(page):
    return page.locator(".app-message__words").all_inner_texts()


def wait_for(page, words):
    page.locator(".app-message__words", has_text=words).wait_for()


@WIDTHS
@pytest.mark.parametrize("path", ["/", "/chat", "/chat/back", "/privacy", "/accessibility", "/nowhere"])
def test_public_page_is_accessible_and_fits(base_url, open_page, path, width):
    """Every public page passes axe and needs no sideways scroll, wide and narrow."""
    page = open_page(base_url + path, width=width)

    assert_accessible(page)
    assert_no_sideways_scroll(page)


@WIDTHS
def test_conversation_is_accessible_and_fits(base_url, open_page, dialogue, width):
    """A talk with choices, danger, a long word and a long message passes axe and fits, wide and narrow."""
    dialogue.replies = [[WHO], [FILED]]
    page = open_page(base_url + "/chat", width=width)
    send(page, "My social worker has cancelled three times and nobody told me why.")
    wait_for(page, "Who are you?")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    if width == 320:
        screenshot(page, "chat-small")

    send(page, f"I want to kill myself {'w' * 90}")
    page.locator(".app-message--crisis").wait_for()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    screenshot(page, "danger" if width == 1280 else "danger-small")


@WIDTHS
def test_copy_is_opened_from_the_chat_and_fits(base_url, open_page, service, width):
    """What was sent is one press away, accessible, fits, and leads back; a long word does not push it sideways."""
    page = open_page(base_url + "/chat", width=width)
    send(page, "My social worker has cancelled three times.")
    page.locator("[data-chat-status]", has_text="Sending").wait_for(state="hidden")
    told = TOLD | {"what_happened": f"She never came {'w' * 90}\nand nobody rang."}
    with service.database.write() as session:
        held = session.scalars(select(Conversation)).one()
        intake.save_draft(session, held.id, told, now=held.started_at)
        intake.file_complaint(
            session, conversation_id=held.id, council=service.council, rules=service.rules, now=held.started_at
        )
    page.reload()
    page.get_by_role("link", name="Read or print what you sent").click()
    page.get_by_role("heading", name="What you sent", level=1).wait_for()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    assert "and nobody rang." in page.locator(".app-words").first.inner_text()
    page.get_by_role("link", name="Back to the chat").click()
    page.get_by_role("heading", name="Chat with Speak Up").wait_for()


@WIDTHS
def test_answer_is_in_view_when_it_comes(base_url, open_page, dialogue, width):
    """Wherever the page was scrolled to, the beginning of the answer is on the screen, also of a long one."""
    long_answer = Reply("utter_a", "A long answer begins. " + "It goes on. " * 60)
    dialogue.replies = [[WHO], [long_answer, WHO]]
    page = open_page(base_url + "/chat", width=width)
    for words in ("hello", "tell me more"):
        send(page, words)
        page.locator("[data-chat-status]", has_text="Sending").wait_for(state="hidden")
    first_line = page.locator(".app-message__who").nth(-2).bounding_box()
    exit_button = page.get_by_role("button", name="Exit this page").bounding_box()

    top = exit_button["y"] + exit_button["height"] if width == 320 else 0
    assert top <= first_line["y"] <= page.viewport_size["height"]
    assert first_line["y"] >= page.locator("[data-chat-box]").bounding_box()["y"] - 1


@WIDTHS
def test_error_page_is_accessible_and_fits(base_url, open_page, width):
    """An empty message shows an error summary whose link leads to the box; the page passes axe and fits."""
    page = open_page(base_url + "/chat", width=width)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("alert").wait_for()

    assert page.title().startswith("Error: ")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.get_by_role("link", name="Write something before you press Send").click()
    page.wait_for_function("() => document.activeElement.id === 'text'")


def test_message_is_answered_without_loading_again(base_url, open_page):
    """With scripts the answer is added to the log, the box is emptied and keeps the focus."""
    page = open_page(base_url + "/chat")
    page.evaluate("() => { window.sameLoad = true }")
    send(page, "hello")
    wait_for(page, "Answer 1")

    assert said(page)[1:] == ["hello", "Answer 1"]
    assert page.evaluate("() => window.sameLoad")
    assert page.get_by_label("Your message").input_value() == ""
    page.wait_for_function("() => document.activeElement.id === 'text'")


def test_new_messages_are_added_to_a_live_region(base_url, open_page):
    """What is new lands inside the log that screen readers announce, in a labelled box that a keyboard can scroll."""
    page = open_page(base_url + "/chat")
    log = page.get_by_role("log")
    log.evaluate("(log) => { new MutationObserver((all) => { window.added = all }).observe(log, {childList: true}) }")
    send(page, "hello")
    wait_for(page, "Answer 1")

    assert page.evaluate("() => window.added.flatMap((each) => [...each.addedNodes]).length") > 0
    assert page.get_by_role("region", name="Messages").get_attribute("tabindex") == "0"


def test_two_messages_in_a_hurry_both_arrive_in_order(base_url, open_page):
    """A second message sent while the first is on its way is neither lost nor cleared from the box."""
    page = open_page(base_url + "/chat")
    send(page, "first")
    send(page, "second")
    wait_for(page, "Answer 2")

    assert [words for words in said(page) if words in {"first", "second"}] == ["first", "second"]


def test_choice_is_pressed_instead_of_written(base_url, open_page, dialogue):
    """A choice shows as the person's own words, and what was half written stays in the box."""
    dialogue.replies = [[WHO]]
    page = open_page(base_url + "/chat")
    send(page, "hello")
    page.get_by_label("Your message").fill("half a thought")
    page.get_by_role("button", name="I have left care").click()
    wait_for(page, "Answer 2")

    assert "I have left care" in said(page)
    assert page.get_by_role("button", name="I have left care").count() == 0
    assert page.get_by_label("Your message").input_value() == "half a thought"


def test_words_come_back_exactly_as_written(base_url, open_page, service):
    """Markup, spaces and line breaks are shown as they were typed."""
    words = '  <b>bold</b>\n\n  two spaces  & "quotes"'
    page = open_page(base_url + "/chat")
    send(page, words)
    wait_for(page, "Answer 1")

    assert page.locator(".app-message--mine .app-message__words").text_content() == words


def test_reply_that_comes_later_appears_by_itself(base_url, open_page, service, dialogue):
    """While the answer is late the page says that we have the message; a later reply shows without a reload."""
    dialogue.away = True
    page = open_page(base_url + "/chat")
    send(page, "hello")
    page.get_by_text("We have your message").first.wait_for()
    with service.database.write() as session:
        first = session.get_one(Message, 1)
        store_replies(session, first.conversation, [Reply(None, "Here I am.")], now=first.at)

    wait_for(page, "Here I am.")


def test_lost_connection_keeps_the_words_and_counts_them_once(base_url, open_page, dialogue):
    """A message whose answer was lost goes back into the box; sent again it is the same message."""
    page = open_page(base_url + "/chat")
    send(page, "hello")
    wait_for(page, "Answer 1")

    def take_but_lose(route):
        route.fetch()
        route.abort()

    page.route("**/chat", take_but_lose)
    send(page, "is anyone there?")
    page.get_by_text("Your message was not sent").wait_for()
    assert page.get_by_label("Your message").input_value() == "is anyone there?"

    page.unroute("**/chat")
    page.get_by_role("button", name="Send").click()
    wait_for(page, "Answer 2")
    assert len(dialogue.asked) == 2


@WIDTHS
def test_whole_talk_without_scripts(base_url, open_page, dialogue, width):
    """With JavaScript off: write, pick a choice, look for news; the newest message is in view after each."""
    dialogue.replies = [[WHO]]
    page = open_page(base_url + "/chat", width=width, scripts=False)
    send(page, "hello")
    page.get_by_role("button", name="I live in care").click()
    page.wait_for_load_state()
    newest = page.locator("#newest").bounding_box()
    assert 0 <= newest["y"] <= page.viewport_size["height"] - newest["height"]
    page.get_by_role("link", name="Check for new messages").click()

    assert said(page)[1:] == ["hello", WHO.text, "I live in care", "Answer 2"]
    assert page.locator("#newest").inner_text().endswith("Answer 2")


def test_talk_by_keyboard_alone(base_url, open_page, dialogue):
    """From the skip link to an answered question with Tab and Enter only."""
    dialogue.replies = [[WHO]]
    page = open_page(base_url + "/chat")
    press_until(page, lambda: focused(page) == "Skip to main content")
    page.keyboard.press("Enter")
    press_until(page, lambda: page.evaluate("() => document.activeElement.id") == "text")
    page.keyboard.type("my worker never rings back")
    press_until(page, lambda: focused(page) == "Send")
    page.keyboard.press("Enter")
    wait_for(page, "Who are you?")

    press_until(page, lambda: focused(page) == "I live in care", key="Shift+Tab")
    page.keyboard.press("Enter")
    wait_for(page, "Answer 2")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Messages"


def focused(page):
    return page.evaluate("() => document.activeElement.textContent.trim()")


def press_until(page, is_there, key="Tab"):
    for _ in range(30):
        page.keyboard.press(key)
        if is_there():
            return
    pytest.fail(f"Not reached with {key}: the focus is on {focused(page)!r}.")


@WIDTHS
@pytest.mark.parametrize("scripts", [True, False])
def test_exit_leaves_nothing_behind(base_url, open_page, width, scripts):
    """Exit goes elsewhere at once; Back shows a chat with none of what was written, also without scripts."""
    page = open_page(base_url + "/chat", width=width, scripts=scripts)
    send(page, "something private")
    wait_for(page, "Answer 1")
    page.get_by_role("button", name="Exit this page").click()
    page.wait_for_url("https://www.bbc.co.uk/weather")

    page.go_back()
    page.get_by_label("Your message").wait_for()
    assert "something private" not in page.content()


def test_exit_works_by_three_presses_of_shift(base_url, open_page):
    """Pressing Shift three times leaves the page."""
    page = open_page(base_url + "/chat")
    for _ in range(3):
        page.keyboard.press("Shift")

    page.wait_for_url("https://www.bbc.co.uk/weather")


@WIDTHS
def test_exit_button_stays_in_view(base_url, open_page, dialogue, width):
    """However far the page is scrolled, the way out is on the screen."""
    page = open_page(base_url + "/chat", width=width)
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    button = page.get_by_role("button", name="Exit this page")

    box = button.bounding_box()
    assert 0 <= box["y"] <= page.viewport_size["height"] - box["height"]
