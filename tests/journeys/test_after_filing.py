"""After filing, over the running service: thanks, a copy, what changed, taking it back and bringing it back."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cases import casework, compliments, learning, lookup
from bot.clocks import local_day
from tests.journeys.people import Web, tell
from tests.journeys.test_complaints import answers_of

pytestmark = pytest.mark.slow


def said(person, text=None, *, choice=None):
    return "\n".join(reply["text"] for reply in person.say(text, choice=choice))


def filed(running, who="parent"):
    person = Web(running)
    person.say("i want to complain")
    tell(person, answers_of(who))
    assert person.state == "filed"
    return person


def test_thanks_are_kept_and_nothing_of_a_complaint_is_asked(running):
    """A compliment ends with who may know of it; the staff find it in the giver's own words."""
    words = "I want to say thank you to my social worker Jess Moor, she got me my room"
    person = Web(running)
    person.say(words)
    assert person.asking == "compliment_from"
    person.say(choice="looked_after_child")
    assert person.asking == "compliment_tell"
    assert "without your name" in said(person, "no dont say its me")
    assert person.reference is None
    with running.service().database.read() as session:
        [given] = [each for each in compliments.waiting(session) if each.words == words]
        assert (given.from_role, given.tell) == ("looked_after_child", "unnamed")
        assert given.for_words.endswith("Jess Moor")


def test_message_that_praises_and_complains_ends_as_both(running):
    """The complaint is filed with all its words, and then the thanks are asked about."""
    both = "Thank you to Mrs Okafor for my review. My new worker Dan never turns up and I have waited since June."
    person = Web(running)
    person.say(both)
    tell(person, answers_of("looked_after_child") | {"what_happened": ["and he never rings back"]})
    assert person.reference
    assert person.asking == "compliment_tell"
    assert "Thank you." in said(person, choice="unnamed")
    with running.service().database.read() as session:
        assert both in casework.get(session, person.reference).statement
        assert any("Okafor" in each.words for each in compliments.waiting(session))


def test_copy_then_what_changed_then_back_after_stopping(running):
    """Everything a person can ask of what they sent, one after the other, in one conversation."""
    person = filed(running)
    story = answers_of("parent")["what_happened"][0]
    copy = said(person, "can i have a copy of what i sent")
    assert story in copy
    assert person.reference in copy
    sent = running.http.get(f"/chat/api/conversations/{person.handle}/copy").raise_for_status().json()
    assert (sent["reference"], sent["points"]) == (person.reference, [sent["statement"]])

    assert "comes with the answer" in said(person, "what did you change because of me")
    now = datetime.now(UTC)
    with running.service().database.write() as session:
        case = casework.get(session, person.reference)
        casework.accept(session, case, by="officer", now=now, reasons="Ours.", council=running.service().council)
        findings = {element.number: "upheld" for element in case.elements}
        casework.record_outcome(session, case, findings=findings, answered_on=local_day(now), by="officer", now=now)
    assert "Nothing is written down yet" in said(person, "has anything changed because of my complaint")
    with running.service().database.write() as session:
        case = casework.get(session, person.reference)
        assert lookup.conversation_of(session, case).needs_person_reason == "changed"
        learning.record_action(
            session, case, kind="improvement", what="Rota", owner="Manager", due_on=local_day(now) + timedelta(days=9),
            words="Someone will always ring you back in a day.", by="officer", now=now,
        )  # fmt: skip
    assert "Someone will always ring you back in a day." in said(person, "so what did you change")
    assert "Tell me by" in said(person, "how is it going?")


def test_stopped_complaint_can_be_asked_back(running):
    """Taken back with what that means, and asked for again without telling it all anew."""
    person = filed(running)
    person.say("i want to withdraw my complaint")
    assert "stopped, as you asked" in said(person, "yes")
    person.say("actually can you start my complaint again")
    assert person.asking == "come_back_sure"
    assert person.reference in said(person, "yes")
    with running.service().database.read() as session:
        case = casework.get(session, person.reference)
        assert lookup.conversation_of(session, case).needs_person_reason == "come_back"
