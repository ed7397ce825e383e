"""Taking a complaint back, going higher with it, and beginning again, as Rasa meets them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from actions.base import FORM
from bot.cases import casework, conversations
from bot.cases.tables import Case
from bot.conversation.turn import _sure_of
from tests.integration.test_actions import TOLD, Rasa


@pytest.fixture
def rasa(service):
    """A leg on the web."""
    return Rasa(service)


@pytest.fixture
def filed(rasa):
    """The same, with a complaint just filed from it."""
    rasa.loop = FORM
    rasa.slots |= TOLD
    rasa.form("yes", intent="affirm")
    rasa.run("action_file_complaint")
    rasa.loop = None
    return rasa


def case_of(rasa):
    with rasa.service.database.read() as session:
        return session.scalars(select(Case)).one()


def test_withdrawing_says_what_it_means_and_asks_first(filed):
    """Nothing is stopped before the person has heard what that means."""
    assert filed.hear("i want to withdraw my complaint", "withdraw_complaint").run("action_withdraw") == [
        "utter_ask_withdraw_sure"
    ]
    assert case_of(filed).status == "new"


def test_withdrawing_is_recorded_once_it_is_sure(filed):
    """A yes stops it, with the day until which it can come back; who speaks of it again is asked if it should."""
    filed.hear("/withdraw_complaint", "withdraw_complaint", entities=[("sure", "yes")])
    assert filed.run("action_withdraw") == ["utter_withdrawn"]
    assert case_of(filed).status == "withdrawn"
    assert filed.run("action_withdraw") == ["utter_ask_come_back_sure"]


@pytest.fixture
def withdrawn(filed):
    """The same, with the complaint taken back."""
    filed.hear("/withdraw_complaint", "withdraw_complaint", entities=[("sure", "yes")])
    filed.run("action_withdraw")
    return filed


def test_stopped_complaint_comes_back_by_a_person(withdrawn):
    """Who wants it to go on is asked once and then has a person see to it; nothing is told anew."""
    withdrawn.hear("start my complaint again", "start_again")
    assert withdrawn.run("action_start_again") == ["utter_ask_come_back_sure"]
    withdrawn.hear("/start_again", "start_again", entities=[("sure", "yes")], number="sure")
    assert withdrawn.run("action_start_again") == ["utter_come_back_asked"]
    with withdrawn.service.database.read() as session:
        assert conversations.by_leg(session, withdrawn.leg).needs_person_reason == "come_back"


def test_stopped_complaint_stays_stopped_after_a_no(withdrawn):
    """A no leaves it as it is and troubles nobody."""
    withdrawn.hear("/start_again", "start_again", entities=[("sure", "no")], number="sure")
    assert withdrawn.run("action_start_again") == ["utter_come_back_not"]
    with withdrawn.service.database.read() as session:
        assert conversations.by_leg(session, withdrawn.leg).needs_person_since is None


def test_keeping_a_complaint_changes_nothing(filed):
    """A no leaves it as it is."""
    filed.hear("/withdraw_complaint", "withdraw_complaint", entities=[("sure", "no")])
    assert filed.run("action_withdraw") == ["utter_withdraw_kept"]
    assert case_of(filed).status == "new"


def test_nothing_filed_is_nothing_to_withdraw(rasa):
    """Who has sent nothing is told so, in the middle of a complaint and outside one."""
    assert rasa.hear("cancel my complaint", "withdraw_complaint").run("action_withdraw") == ["utter_withdraw_nothing"]
    rasa.loop = FORM
    assert rasa.run("action_withdraw") == ["utter_withdraw_unsent"]


def test_starting_again_asks_and_then_forgets_every_answer(rasa):
    """What was told is wiped from the draft only after a yes."""
    rasa.form("my pa never rings me back and i want a new one")
    rasa.hear("start again", "start_again")
    assert rasa.run("action_start_again") == ["utter_ask_start_again_sure"]
    with rasa.service.database.read() as session:
        assert conversations.draft_facts(session, rasa.conversation)
    rasa.hear("/start_again", "start_again", entities=[("sure", "yes")])
    assert rasa.run("action_start_again") == ["utter_started_again"]
    with rasa.service.database.read() as session:
        told = conversations.draft_facts(session, rasa.conversation)
    assert {name for name in told if name in TOLD} == set()
    assert rasa.slots["what_happened"] is None


def test_going_higher_before_the_answer_tells_when_it_is_due(filed):
    """Who is unhappy before there is an answer hears when it comes."""
    assert filed.hear("i want stage 2", "escalate").run("action_escalate") == ["utter_escalate_not_answered"]


def test_going_higher_after_the_answer_asks_the_team(filed):
    """After an answer the next stage is asked for, with the day by which it had to be, and a person is told."""
    now = datetime.now(UTC)
    with filed.service.database.write() as session:
        case = session.scalars(select(Case)).one()
        casework.accept(session, case, by="officer", now=now, reasons="Ours.", council=filed.service.council)
        stage = casework.present_stage(case)
        stage.answered_on = now.date()
    assert filed.hear("not happy with your answer", "escalate").run("action_escalate") == ["utter_escalated"]
    assert filed.said[0]["stage"] == "2"
    with filed.service.database.read() as session:
        assert conversations.by_leg(session, filed.leg).needs_person_reason == "asked"


class Asked:
    """A question that was put: its name, and the choices beside it."""

    asking = "withdraw_sure"
    choices = ({"label": "Yes, stop it", "value": "yes"}, {"label": "No, keep it", "value": "no"})


@pytest.mark.parametrize(("text", "value"), [("yeah", "yes"), ("No thanks", "no"), ("yes but he shouted again", None)])
def test_plain_yes_answers_whether_it_is_sure(text, value):
    """A plain yes or no picks its choice; anything longer is read as what it says."""
    picked = _sure_of(Asked(), text)
    assert (picked["value"] if picked else None) == value
