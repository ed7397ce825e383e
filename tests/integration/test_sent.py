"""A copy of what was sent, and what changed because of it, as Rasa meets them."""

from datetime import UTC, datetime, timedelta

import pytest
import smsutil
from sqlalchemy import select

from actions.base import FORM
from bot.cases import casework, conversations, events, learning
from bot.cases.tables import Case
from bot.errors import InvalidStep
from tests.integration.test_actions import TOLD, Rasa
from tests.integration.test_wishes import case_of

PHONE = "+447700900123"
NOW = datetime.now(UTC)


def filing(rasa, **told):
    rasa.loop = FORM
    rasa.slots |= TOLD | told
    rasa.form("yes", intent="affirm")
    rasa.run("action_file_complaint")
    rasa.loop = None
    return rasa


def words(rasa):
    return "\n".join(str(part) for each in rasa.said for part in each.values())


def copy_asked(rasa):
    return rasa.hear("can i have a copy of what i sent", "ask_copy").run("action_give_copy")


def answered(rasa):
    """The team has accepted and answered it."""
    with rasa.service.database.write() as session:
        case = session.scalars(select(Case)).one()
        casework.accept(session, case, by="officer", now=NOW, reasons="Ours.", council=rasa.service.council)
        findings = {element.number: "upheld" for element in case.elements}
        casework.record_outcome(session, case, findings=findings, answered_on=NOW.date(), by="officer", now=NOW)


def act(rasa, **told):
    defaults = {"kind": "improvement", "what": "Train the team", "owner": "Team manager", "due_on": NOW.date(),
                "words": "Every worker learns how to ring back."}  # fmt: skip
    with rasa.service.database.write() as session:
        case = session.scalars(select(Case)).one()
        return learning.record_action(session, case, **(defaults | told), by="officer", now=NOW).id


def test_copy_on_the_web_holds_every_word_day_reference_and_wish(service):
    """People get their own words back as they wrote them, and what they added later."""
    rasa = filing(Rasa(service))
    rasa.slots["filed"] = True
    message = rasa.hear("and she was late again on monday", "add_information").latest["metadata"]["message"]
    with service.database.write() as session:
        held = conversations.by_leg(session, rasa.leg)
        reply = service.words.to(held, "utter_added", reference=held.case.reference)
        conversations.store_replies(session, held, [reply], now=datetime.now(UTC), reply_to=message)
    assert copy_asked(rasa) == ["utter_copy"]
    said = words(rasa)
    for part in (TOLD["what_happened"], TOLD["desired_outcome"], case_of(rasa).reference, "late again on monday"):
        assert part in said
    with service.database.read() as session:
        kinds = [each.kind for each in events.history(session, subject="case", subject_id=case_of(rasa).id)]
    assert "copy_given" in kinds


def test_copy_by_text_goes_only_to_a_safe_telephone_of_ones_own(service):
    """Where texts are safe and nobody else uses the number, the words come in parts within the budget."""
    rasa = filing(Rasa(service, channel="sms", phone=PHONE))
    said = copy_asked(rasa)
    assert said[0] == "utter_copy_sms"
    assert set(said[1:]) == {"utter_copy_part"}
    assert TOLD["what_happened"] in words(rasa)


@pytest.mark.parametrize("safety", ["not_safe", "neutral_wording", "certain_times", None])
def test_copy_is_not_texted_where_somebody_else_may_read_it(service, safety):
    """On such a telephone nothing is read back; the way to it is the page behind number and code word."""
    rasa = filing(
        Rasa(service, channel="sms", phone=PHONE), safe_to_contact={"sms": safety} if safety else {"email": "safe"}
    )
    assert copy_asked(rasa) == ["utter_copy_by_link"]
    assert TOLD["what_happened"] not in words(rasa)
    assert rasa.said[0]["link"].endswith("/chat/back")


def test_copy_is_not_texted_to_a_number_that_several_use(service):
    """Somebody else has written from it, so it is not the person's alone."""
    rasa = filing(Rasa(service, channel="sms", phone=PHONE))
    with service.database.write() as session:
        held = conversations.by_leg(session, rasa.leg)
        other = conversations.open_conversation(session, channel="web", now=NOW)
        other.phone, other.phone_key, other.phone_since = held.phone, held.phone_key, held.phone_since
    assert copy_asked(rasa) == ["utter_copy_by_link"]


def test_long_copy_by_text_keeps_to_the_budget_and_says_where_the_rest_is(service):
    """Each text is short enough to be joined, and all together cost no more than the profile allows."""
    rasa = filing(Rasa(service, channel="sms", phone=PHONE), what_happened="She never rings me back. " * 200)
    said = copy_asked(rasa)
    assert said[-1] == "utter_copy_cut"
    parts = [each["words"] for each in rasa.said if each["response"] == "utter_copy_part"]
    assert sum(len(smsutil.split(part).parts) for part in parts) <= service.council.texting.copy_segments
    assert all(len(smsutil.split(part).parts) <= 2 for part in parts)
    assert parts[-1].endswith(TOLD["desired_outcome"])


def test_copy_before_anything_was_sent_says_so(service):
    """There is no copy of nothing, and none of what is not sent yet."""
    rasa = Rasa(service)
    assert copy_asked(rasa) == ["utter_copy_none"]
    rasa.loop = FORM
    assert rasa.run("action_give_copy") == ["utter_copy_unsent"]


def changed_asked(rasa):
    return rasa.hear("what did you change because of me", "ask_changed").run("action_tell_changed")


def needs(rasa):
    with rasa.service.database.read() as session:
        return conversations.by_leg(session, rasa.leg).needs_person_reason


def test_what_changed_before_the_answer_says_when_it_comes(service):
    """Nothing is promised early; the date of the answer is told and nobody is troubled."""
    rasa = filing(Rasa(service))
    assert changed_asked(rasa) == ["utter_changed_not_answered", "utter_status_new"]
    assert needs(rasa) is None


def test_what_changed_with_nothing_on_record_is_said_and_becomes_a_task(service):
    """An answered complaint without actions is told honestly, and staff see that the person asked."""
    rasa = filing(Rasa(service))
    answered(rasa)
    assert changed_asked(rasa) == ["utter_changed_nothing_yet"]
    assert needs(rasa) == "changed"
    with service.database.read() as session:
        kinds = [each.kind for each in events.history(session, subject="case", subject_id=case_of(rasa).id)]
    assert "asked_what_changed" in kinds


def test_what_changed_is_told_in_words_for_the_person(service):
    """What is done comes first with its day, then what is planned; notes for staff are not told."""
    rasa = filing(Rasa(service))
    answered(rasa)
    act(rasa, due_on=NOW.date() + timedelta(days=30))
    done = act(rasa, kind="remedy", what="Apologise", words="Your worker said sorry.")
    act(rasa, what="Talk to the worker", words="")
    with service.database.write() as session:
        case = session.scalars(select(Case)).one()
        learning.finish(
            session, case, action_id=done, done_on=NOW.date(), evidence="Letter of today",
            words="Your worker said sorry.", by="officer", now=NOW,
        )  # fmt: skip
    assert changed_asked(rasa) == ["utter_changed"]
    first, second = rasa.said[0]["changes"].splitlines()
    assert first.startswith("Your worker said sorry. (Done on")
    assert second.startswith("Every worker learns how to ring back. (To be done by")
    assert needs(rasa) is None


def test_what_is_late_is_told_as_late_and_becomes_a_task(service):
    """A promise that was not kept in time is not hidden."""
    rasa = filing(Rasa(service))
    answered(rasa)
    act(rasa, due_on=NOW.date() - timedelta(days=3))
    assert changed_asked(rasa) == ["utter_changed", "utter_changed_late_asked"]
    assert needs(rasa) == "changed"


def test_action_is_recorded_and_finished_only_as_it_can_be(service):
    """No action without a complaint that was taken, without an owner or twice; none done without a sign of it."""
    rasa = filing(Rasa(service))
    with pytest.raises(InvalidStep, match="accepted"):
        act(rasa)
    answered(rasa)
    for wrong in ({"owner": " "}, {"what": ""}, {"kind": "promise"}):
        with pytest.raises(InvalidStep):
            act(rasa, **wrong)
    made = act(rasa)
    finishing = {"action_id": made, "done_on": NOW.date(), "evidence": "Minutes", "words": "", "by": "o", "now": NOW}
    for wrong in ({"evidence": " "}, {"done_on": NOW.date() + timedelta(days=1)}, {"action_id": "other"}):
        with pytest.raises(InvalidStep), service.database.write() as session:
            learning.finish(session, session.scalars(select(Case)).one(), **(finishing | wrong))
    with service.database.write() as session:
        learning.finish(session, session.scalars(select(Case)).one(), **finishing)
    with pytest.raises(InvalidStep), service.database.write() as session:
        learning.finish(session, session.scalars(select(Case)).one(), **finishing)
