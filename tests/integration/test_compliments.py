"""Thanks for a worker as Rasa meets them: kept at once, asked about gently, not lost beside a complaint."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from actions.base import FORM
from bot.cases import compliments, conversations, intake
from bot.cases.tables import Case, Compliment
from bot.conversation.turn import _meant
from bot.errors import InvalidStep
from tests.integration.test_actions import TOLD, Rasa

JESS = "I want to say thank you to my social worker Jess, she got me my room"


@pytest.fixture
def rasa(service):
    """A leg on the web."""
    return Rasa(service)


def kept(rasa):
    with rasa.service.database.read() as session:
        return session.scalars(select(Compliment).order_by(Compliment.received_at)).all()


def answer(rasa, asking, text):
    """What was asked about a compliment is answered in free text."""
    rasa.hear(text, "tell_compliment", number=f"{asking} {text}")
    rasa.latest["metadata"]["asking"] = asking
    return rasa.run("action_tell_compliment")


def test_compliment_is_kept_in_its_own_words_and_only_what_is_unsaid_is_asked(rasa):
    """The words, whom they are for and who may know are on record, and no question of a complaint is asked."""
    assert rasa.hear(JESS, "compliment").run("action_take_compliment") == [
        "utter_compliment_kept", "utter_ask_compliment_from",
    ]  # fmt: skip
    rasa.hear("/tell_compliment", "tell_compliment", entities=[("compliment_from", "looked_after_child")])
    assert rasa.run("action_tell_compliment") == ["utter_ask_compliment_tell"]
    assert answer(rasa, "compliment_tell", "yes") == ["utter_ask_compliment_name"]
    assert answer(rasa, "compliment_name", "its Kai") == ["utter_compliment_done_named"]
    [given] = kept(rasa)
    assert (given.words, given.from_role, given.tell, given.name) == (JESS, "looked_after_child", "named", "Kai")
    assert given.for_words.endswith("Jess")
    with rasa.service.database.read() as session:
        assert session.scalars(select(Case)).all() == []


def test_wish_to_praise_asks_for_the_words_first(rasa):
    """Nothing is on record before something was said."""
    assert rasa.hear("i want to give a compliment", "compliment").run("action_take_compliment") == [
        "utter_ask_compliment_words"
    ]
    assert kept(rasa) == []
    assert answer(rasa, "compliment_words", "the night staff sat up with me")[0] == "utter_compliment_kept"
    assert [each.words for each in kept(rasa)] == ["the night staff sat up with me"]


def test_questions_left_open_give_nobody_away(rasa):
    """Who would rather not say is not named and not asked again."""
    rasa.hear("the night staff are so kind", "compliment").run("action_take_compliment")
    assert answer(rasa, "compliment_for", "not sure") == ["utter_ask_compliment_from"]
    assert answer(rasa, "compliment_from", "skip") == ["utter_ask_compliment_tell"]
    assert answer(rasa, "compliment_tell", "id rather stay anonymous") == ["utter_compliment_done_unnamed"]
    [given] = kept(rasa)
    assert (given.for_words, given.from_role, given.tell) == ("the night staff", "unknown", "unnamed")


def test_name_that_is_not_given_is_not_told(rasa):
    """A yes without a name names nobody."""
    rasa.hear(JESS, "compliment").run("action_take_compliment")
    answer(rasa, "compliment_from", "skip")
    answer(rasa, "compliment_tell", "yes")
    assert answer(rasa, "compliment_name", "skip") == ["utter_compliment_done_unnamed"]


def test_ok_after_thanks_only_ends_the_talk(rasa):
    """Who says "ok" once it is done is not asked about a complaint; a story still begins one."""
    with rasa.service.database.write() as session:
        held = conversations.by_leg(session, rasa.leg)
        done = rasa.service.words.to(held, "utter_compliment_done_unnamed")
        conversations.store_replies(session, held, [done], now=datetime.now(UTC))
    assert rasa.hear("ok", "affirm").run("action_take_message") == ["utter_goodbye"]
    rasa.hear("my social worker never rings me", "inform").run("action_take_message")
    assert [each["name"] for each in rasa.events if each["event"] == "followup"] == [FORM]


def test_same_message_again_is_the_same_compliment(rasa):
    """A turn that is tried again keeps nothing twice."""
    rasa.hear(JESS, "compliment").run("action_take_compliment")
    rasa.run("action_take_compliment")
    assert len(kept(rasa)) == 1


def test_message_that_praises_and_complains_becomes_both(rasa):
    """The complaint goes first with every word, the praise is kept apart, and is asked about once it is filed."""
    both = "Thank you to Mrs Okafor for helping with my review. My new worker Dan never turns up since June."
    assert rasa.hear(both, "compliment").run("action_take_compliment") == []
    assert [each["name"] for each in rasa.events if each["event"] == "followup"] == ["action_take_message"]
    said, _ = rasa.form(both, intent="compliment", number="again")
    assert "utter_compliment_kept_too" in said
    assert rasa.slots["what_happened"] == both
    [given] = kept(rasa)
    assert "Okafor" in given.words
    assert "Dan" not in given.words

    rasa.slots |= TOLD | {"what_happened": both}
    rasa.form("yes", intent="affirm")
    said = rasa.run("action_file_complaint")
    assert said[-2:] == ["utter_compliment_back", "utter_ask_compliment_tell"]


def test_praise_in_the_middle_of_a_complaint_does_not_break_it_off(rasa):
    """It is kept, and the question stays the question."""
    rasa.form("she never rings me back and nobody cares")
    rasa.slots |= TOLD | {"name": None, "requested_slot": "name"}
    with rasa.service.database.write() as session:
        intake.save_draft(session, rasa.conversation, TOLD | {"name": None}, now=datetime.now(UTC))
    assert rasa.hear("my pa is brilliant", "compliment").run("action_take_compliment") == ["utter_compliment_kept_too"]
    assert rasa.slots["requested_slot"] == "name"
    assert [each.from_role for each in kept(rasa)] == [TOLD["complainant_role"]]


def test_praise_added_to_a_filed_complaint_is_kept_too(rasa):
    """What is added goes to the complaint, and the thanks in it to whom they are for."""
    rasa.slots |= TOLD | {"filed": True}
    rasa.hear("Thank you to Amy at the centre. Also the visit on Friday was cancelled again.", "inform")
    assert rasa.run("action_take_message") == ["utter_compliment_kept_too", "utter_added"]
    assert "Amy" in kept(rasa)[0].words


def test_answer_without_a_compliment_is_said_to_be_unclear(rasa):
    """An answer to nothing is not swallowed."""
    assert answer(rasa, "compliment_for", "jess") == ["utter_compliment_nothing"]


def meant(text, asking):
    return _meant(text, text, asking, today=date(2026, 11, 23))["intent"]


def test_answer_is_told_apart_by_what_was_asked():
    """The service says that a message answers; after another question the same words are what they are."""
    assert meant("dont say my name", "compliment_tell") == "tell_compliment"
    assert meant("dont say my name", "prior") == "ask_question"
    assert meant("can i talk to a person", "compliment_for") == "request_human"


@pytest.mark.parametrize("text", ["the last 2 saturdays", "last tuesday", "2 weeks ago"])
def test_day_that_was_asked_for_is_an_answer(text):
    """A day told when a day was asked for is no question about opening times and no change of mind."""
    assert meant(text, "happened_when") == "inform"


def test_question_with_a_day_in_it_stays_a_question():
    """Somebody who asks whether last year is too late wants an answer."""
    assert meant("is it too late if it was last year?", "happened_when") == "ask_question"


def test_passing_on_is_recorded_once(rasa, service):
    """Who has it, by whom and when; not twice, and not to nobody."""
    rasa.hear(JESS, "compliment").run("action_take_compliment")
    now = datetime.now(UTC)
    with service.database.write() as session:
        [given] = compliments.waiting(session)
        with pytest.raises(InvalidStep):
            compliments.pass_on(session, given, to=" ", by="officer", now=now)
        compliments.pass_on(session, given, to="Jess and her manager", by="officer", now=now)
    with service.database.write() as session:
        assert compliments.waiting(session) == []
        [given] = compliments.passed_on(session)
        assert (given.passed_on_to, given.passed_on_by) == ("Jess and her manager", "officer")
        with pytest.raises(InvalidStep):
            compliments.pass_on(session, given, to="somebody else", by="officer", now=now)
