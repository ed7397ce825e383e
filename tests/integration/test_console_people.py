"""Worries about safety, conversations with a person, staff users, and what every page must show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cases import conversations, jobs, lookup, safeguarding
from tests.factories import case_filed, conversation_with, referral_raised, staff_user
from tests.integration.staff_browser import StaffBrowser, plain

WORDS = "he is hitting me right now"
ALARM = "Somebody may be in danger now"


@pytest.fixture
def officer(service):
    """An officer."""
    return staff_user(service, "officer", name="Ana Price")


@pytest.fixture
def browser(app, officer):
    """An officer's browser, signed in."""
    return StaffBrowser(app).sign_in_as(officer)


def waits_for_person(service, *texts, reason="asked", **facts):
    """A conversation whose person waits for a person; its id."""
    conversation_id = conversation_with(service, *texts, **facts)
    with service.database.write() as session:
        held = lookup.conversation(session, conversation_id)
        conversations.ask_for_person(session, held, reason=reason, now=datetime.now(UTC) - timedelta(minutes=65))
    return conversation_id


@pytest.mark.parametrize(
    "page", ["/", "/new", "/open", "/finished", "/people", "/referrals", "/password", "/cases/none"]
)
def test_immediate_danger_stands_on_every_page_until_somebody_acknowledges(app, service, browser, page):
    """The red banner is on whatever page is open, even one that is not there, and goes with the acknowledgement."""
    assert ALARM not in plain(browser.see(f"/casework{page}"))
    referral_id = referral_raised(service)
    assert ALARM in plain(browser.see(f"/casework{page}"))

    browser.send(f"/casework/referrals/{referral_id}/acknowledge", page=f"/casework/referrals/{referral_id}")

    assert ALARM not in plain(browser.see(f"/casework{page}"))


def test_concern_raises_no_alarm(service, browser):
    """A concern waits in the queue without the banner."""
    referral_raised(service, "I feel low a lot", level="concern")
    told = browser.text("/casework/referrals")
    assert ALARM not in told
    assert "Nobody has it yet" in told


def test_referral_queue_puts_first_what_is_most_urgent(service, browser):
    """Unacknowledged before acknowledged, immediate before concern, with the time it has waited; no words."""
    referral_raised(service, "I feel low a lot", level="concern", now=datetime.now(UTC) - timedelta(minutes=90))
    referral_raised(service, WORDS, now=datetime.now(UTC) - timedelta(minutes=12))

    told = browser.text("/casework/referrals")

    assert told.index("12 minutes") < told.index("1 hour 30 minutes")
    assert WORDS not in told


def test_referral_is_acknowledged_passed_on_and_answered(service, browser, officer):
    """Each step names who did it; the front door is proposed as whom to pass it to."""
    referral_id = referral_raised(service)
    page = f"/casework/referrals/{referral_id}"
    assert WORDS in browser.text(page)

    browser.send(f"{page}/acknowledge", page=page)
    assert f"Acknowledged {officer.name}" in browser.text(page)
    assert f'value="{service.council.front_door.name}"' in browser.see(page).text
    browser.send(f"{page}/pass-on", page=page, to="Anytown Front Door, Jo")
    assert "To Anytown Front Door, Jo, by Ana Price" in browser.text(page)
    browser.send(f"{page}/outcome", page=page, outcome="accepted")

    assert "Accepted as a referral" in browser.text(page)
    with service.database.read() as session:
        assert lookup.referral_queue(session) == []
        assert safeguarding.get(session, referral_id).acknowledged_by == officer.id


def test_front_doors_number_is_shown_only_while_it_is_verified(app, service, browser):
    """Nobody rings a number that nobody has tried."""
    page = f"/casework/referrals/{referral_raised(service)}"
    door = service.council.front_door
    assert f"{door.name}: {door.phone}" in browser.text(page)

    unverified = service.council.model_copy(update={"front_door": door.model_copy(update={"verified_on": None})})
    app.extensions["speakup"] = replace(service, council=unverified)

    assert door.phone not in browser.text(page)
    assert door.email in browser.text(page)


def test_referral_step_taken_twice_or_too_early_is_told_plainly(service, browser):
    """The page says what is wrong, and keeps what was typed."""
    referral_id = referral_raised(service)
    page = f"/casework/referrals/{referral_id}"

    early = browser.send(f"{page}/outcome", page=page, outcome="accepted")
    assert (early.status_code, "to whom the referral was passed" in plain(early)) == (409, True)
    empty = browser.send(f"{page}/pass-on", page=page, to="")
    assert (empty.status_code, "Enter to whom you passed it." in plain(empty)) == (400, True)
    browser.send(f"{page}/acknowledge", page=page)
    again = browser.send(f"{page}/acknowledge", page=page)
    assert (again.status_code, "acknowledged already" in plain(again)) == (409, True)


def test_work_that_was_given_up_is_shown(service, browser):
    """A banner leads to the list, which leads to the conversation."""
    conversation_id = conversation_with(service, "hello")
    with service.database.write() as session:
        jobs.owe(session, kind="text", dedupe_key="text:1", now=datetime.now(UTC), conversation_id=conversation_id)
        jobs.give_up(jobs.claim(session, kinds=("text",), now=datetime.now(UTC)), error="TwilioException")

    assert "One thing could not be done and needs a person." in browser.text("/casework/new")
    page = browser.see("/casework/unfinished-work")
    assert "A text that could not be sent" in plain(page)
    assert f"/casework/conversations/{conversation_id}" in page.text


def test_people_waiting_are_listed_with_why_and_how_long(service, browser):
    """Whoever waits longest comes first; the list says why."""
    waits_for_person(service, "I want to talk to somebody")
    told = browser.text("/casework/people")
    assert "1 hour 5 minutes Asked for a person" in told


def test_conversation_is_taken_over_written_in_and_handed_back(service, browser, officer):
    """While a person speaks the assistant is silent; the person sees who wrote."""
    conversation_id = waits_for_person(service, "Is anybody there?")
    page = f"/casework/conversations/{conversation_id}"
    assert "Is anybody there?" in browser.text(page)

    browser.send(f"{page}/take-over", page=page)
    assert f"Who speaks {officer.name}" in browser.text(page)
    assert "Nobody is waiting." in browser.text("/casework/people")
    browser.send(f"{page}/write", page=page, text="Hello, I am Ana. I have read what you wrote.")
    assert "Hello, I am Ana. I have read what you wrote." in browser.text(page)
    browser.send(f"{page}/hand-back", page=page)

    told = browser.text(page)
    assert "Who speaks The assistant" in told
    for done in ("Taken over", "Wrote to the person", "Handed back to the assistant"):
        assert f"{officer.name} {done}" in told
    with service.database.read() as session:
        newest = conversations.transcript(session, conversation_id)[-1]
        assert (newest.kind, newest.sent_by) == ("person", officer.id)


def test_writing_without_taking_over_is_refused_and_keeps_the_words(service, browser):
    """The assistant would talk across; what was typed stays in the box."""
    conversation_id = conversation_with(service, "hello")
    page = f"/casework/conversations/{conversation_id}"

    answer = browser.send(f"{page}/write", page=page, text="My careful answer.")

    assert answer.status_code == 409
    assert "Take the conversation over first" in plain(answer)
    assert "My careful answer.</textarea>" in answer.text


def test_conversation_another_has_is_not_taken_or_written_in(app, service, browser):
    """Two members of staff do not speak at once."""
    conversation_id = conversation_with(service, "hello")
    page = f"/casework/conversations/{conversation_id}"
    StaffBrowser(app).sign_in_as(staff_user(service, "manager")).send(f"{page}/take-over", page=page)

    assert browser.send(f"{page}/take-over", page=page).status_code == 409
    assert browser.send(f"{page}/write", page=page, text="Hello").status_code == 409


@pytest.mark.parametrize("text", ["", "x" * 1001])
def test_message_that_cannot_be_sent_is_refused_and_kept(service, browser, text):
    """Empty and too long are told; nothing is sent and nothing is lost."""
    conversation_id = conversation_with(service, "hello")
    page = f"/casework/conversations/{conversation_id}"
    browser.send(f"{page}/take-over", page=page)

    answer = browser.send(f"{page}/write", page=page, text=text)

    assert answer.status_code == 400
    assert f"{text}</textarea>" in answer.text
    with service.database.read() as session:
        assert len(conversations.transcript(session, conversation_id)) == 1


def test_nobody_is_texted_after_saying_stop(service, browser):
    """Staff are told to use another safe way, and their words stay in the box."""
    conversation_id = conversation_with(service, "hello", channel="sms", phone="+447700900123")
    page = f"/casework/conversations/{conversation_id}"
    browser.send(f"{page}/take-over", page=page)
    with service.database.write() as session:
        conversations.opt_out(
            session, lookup.conversation(session, conversation_id), now=datetime.now(UTC), how="asked"
        )

    answer = browser.send(f"{page}/write", page=page, text="Please ring us.")

    assert answer.status_code == 409
    assert "asked for no more texts" in plain(answer)
    assert "Please ring us.</textarea>" in answer.text


def test_conversation_shows_danger_case_and_advocate(service, browser):
    """How each message was screened stands beside it, and what came of the conversation."""
    reference = case_filed(service)
    danger = conversation_with(service, WORDS, screening="immediate")
    with service.database.read() as session:
        from bot.cases import casework

        told_in = lookup.conversation_of(session, casework.get(session, reference)).id
    told = browser.text(f"/casework/conversations/{told_in}")
    assert reference in told
    assert "wants an advocate" in told
    assert f"Immediate {WORDS}" in browser.text(f"/casework/conversations/{danger}")


def test_viewer_reads_and_is_offered_nothing_to_do(app, service):
    """No form stands where a viewer could not send it."""
    referral_id, conversation_id = referral_raised(service), conversation_with(service, "hello")
    viewer = StaffBrowser(app).sign_in_as(staff_user(service, "viewer"))
    for path in ("/referrals", f"/referrals/{referral_id}", f"/conversations/{conversation_id}", "/new"):
        assert '<form method="post"' not in viewer.see(f"/casework{path}").text


def test_manager_adds_a_user_who_can_sign_in_with_the_password_shown_once(app, service):
    """The first password is on one page, once, and nowhere in the list."""
    manager = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))

    page = manager.send("/casework/staff/add", name="Dee Shaw", email="Dee@example.org", role="officer")

    first = page.text.partition("<code>")[2].partition("</code>")[0]
    assert "It is shown only now." in plain(page)
    assert first not in manager.see("/casework/staff").text
    assert "dee@example.org Officer Has not chosen a password" in manager.text("/casework/staff")
    answer = StaffBrowser(app).send("/casework/sign-in", email="dee@example.org", password=first)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": "Dee", "email": "manager@example.org", "role": "officer"}, "already"),
        ({"name": "Dee", "email": "no address", "role": "officer"}, "Enter an e-mail address"),
        ({"name": "Dee", "email": "dee@example.org"}, "Choose a role."),
        ({"name": "", "email": "dee@example.org", "role": "officer"}, "Enter their name."),
    ],
)
def test_user_that_cannot_be_added_is_explained(app, service, typed, told):
    """What is wrong is said, and what was typed stays."""
    manager = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))
    answer = manager.send("/casework/staff/add", **typed)
    assert answer.status_code == 400
    assert told in plain(answer)
    assert f'value="{typed["email"]}"' in answer.text


def test_manager_cannot_end_their_own_account(app, service):
    """A manager always remains."""
    member = staff_user(service, "manager")
    manager = StaffBrowser(app).sign_in_as(member)
    assert f"/staff/{member.id}/deactivate" not in manager.see("/casework/staff").text
    assert manager.send(f"/casework/staff/{member.id}/deactivate", page="/casework/").status_code == 403
    assert manager.see("/casework/").status_code == 200


def test_new_password_lets_somebody_back_in(app, service, officer):
    """It opens a deactivated account; the old password is gone."""
    manager = StaffBrowser(app).sign_in_as(staff_user(service, "manager"))
    manager.send(f"/casework/staff/{officer.id}/deactivate")
    assert "Deactivated" in manager.text("/casework/staff")
    assert manager.send(f"/casework/staff/{officer.id}/deactivate").status_code == 409

    page = manager.send(f"/casework/staff/{officer.id}/new-password")

    first = page.text.partition("<code>")[2].partition("</code>")[0]
    theirs = StaffBrowser(app)
    assert theirs.send("/casework/sign-in", email=officer.email, password="three quiet words").status_code == 401
    assert theirs.send("/casework/sign-in", email=officer.email, password=first).status_code == 303
    assert theirs.see("/casework/").location == "/casework/password"
