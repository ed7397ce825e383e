"""The way of one message: kept, screened, answered in order, and never lost or handled twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.cases import alerts, conversations, jobs, lookup, safeguarding
from bot.cases.tables import Conversation, Job, Message, Referral
from bot.conversation import inbox, spool, turn
from bot.conversation.inbox import InboundMessage, StoreAway, receive
from bot.errors import NotFound
from tests.conftest import both_stores

PHONE = "+447700900111"


def by_text(body, sid="SM1", **more):
    return InboundMessage("sms", sid, body, datetime.now(UTC), phone=PHONE, **more)


def said(service):
    """Everything the assistant has said, in order."""
    with service.database.read() as session:
        return list(session.scalars(select(Message).where(Message.direction == "out").order_by(Message.number)))


def names(service):
    return [message.response for message in said(service)]


@both_stores
def test_message_is_kept_before_it_is_answered(service):
    """A received message is in the store, word for word, with the work it causes."""
    got = receive(service, by_text("My worker never rings back!! 😡"))

    with service.database.read() as session:
        kept = conversations.transcript(session, got.conversation_id)
        assert [message.text for message in kept] == ["My worker never rings back!! 😡"]
        assert [job.kind for job in jobs.waiting(session, got.conversation_id)] == ["turn"]


@both_stores
def test_repeated_delivery_is_handled_once(service, dialogue):
    """The same provider id a second time changes nothing."""
    first = receive(service, by_text("hello"))
    second = receive(service, by_text("hello"))
    turn.answer_now(service, first.conversation_id)

    assert (first.is_new, second.is_new) == (True, False)
    assert len(dialogue.asked) == 1


@both_stores
def test_repeated_delivery_at_the_same_moment_is_handled_once(service):
    """Eight deliveries of one message racing each other leave one message and one turn."""
    results = []
    threads = [threading.Thread(target=lambda: results.append(receive(service, by_text("hello")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(result.is_new for result in results) == 1
    with service.database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 1
        assert len(session.scalars(select(Job)).all()) == 1


@both_stores
def test_messages_of_one_person_are_answered_in_order(service, dialogue):
    """Workers side by side still take one conversation's messages one at a time, as they were written."""
    for number in range(6):
        got = receive(service, by_text(f"part {number}", sid=f"SM{number}"))
    workers = [threading.Thread(target=turn.answer_now, args=(service, got.conversation_id)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    asked = "\n".join(each["text"] for each in dialogue.asked)
    assert asked.splitlines() == [f"part {number}" for number in range(6)]


def test_telephone_number_never_reaches_the_dialogue(service, dialogue):
    """Rasa knows a person by a random leg, never by their number."""
    turn.answer_now(service, receive(service, by_text("hello")).conversation_id)

    assert PHONE not in str(dialogue.asked)


def test_leading_slash_is_not_let_through_as_an_order(service, dialogue):
    """A person's "/restart" reaches Rasa as a word."""
    turn.answer_now(service, receive(service, by_text(" //restart")).conversation_id)

    assert dialogue.asked[0]["text"] == "restart"


def test_danger_is_answered_recorded_and_alerted_with_rasa_stopped(service, dialogue):
    """A message that shows danger gets the crisis words, a referral with its own words, and an alert, without Rasa."""
    dialogue.away = True
    receive(service, by_text("i want to kill myself"))

    assert names(service) == ["utter_crisis", "utter_ask_safe_now"]
    with service.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert (referral.level, referral.words) == ("immediate", "i want to kill myself")
        assert lookup.alarms(session) == 1
        assert [each.id for each in alerts.waiting(session)] == [referral.id]
        assert session.scalars(select(Job.kind).where(Job.kind == "turn")).all() == []


def test_danger_with_a_stop_word_in_it_is_not_an_opt_out(service):
    """Distress comes before any command."""
    receive(service, by_text("stop hurting me he is hitting me"))

    with service.database.read() as session:
        assert session.scalar(select(Conversation.opted_out_at)) is None


def test_concern_gets_gentle_words_and_the_conversation_goes_on(service, dialogue):
    """A worry opens a referral for the day; the complaint is not swallowed."""
    text = "i self harm sometimes when it gets bad"
    got = receive(service, by_text(text))
    turn.answer_now(service, got.conversation_id)
    with service.database.read() as session:
        levels = [each.level for each in session.scalars(select(Referral))]

    assert levels == ["concern"]
    assert names(service)[0] == "utter_concern"
    assert len(dialogue.asked) == 1


def test_answer_yes_to_being_safe_lets_the_conversation_go_on(service, dialogue):
    """Once a named person has it, "yes, I am safe" is answered kindly, and the next message reaches the dialogue."""
    got = receive(service, by_text("i want to kill myself"))
    acknowledge(service)
    receive(service, by_text("1", sid="SM2"))
    receive(service, by_text("my social worker never calls", sid="SM3"))
    turn.answer_now(service, got.conversation_id)

    assert "utter_safe_yes" in names(service)
    assert dialogue.asked[-1]["text"] == "my social worker never calls"


def acknowledge(service):
    """A member of staff takes every worry on."""
    with service.database.write() as session:
        for referral in alerts.waiting(session):
            safeguarding.acknowledge(session, referral.id, by="officer", now=datetime.now(UTC))


def test_unclear_answer_to_being_safe_is_kept_and_asked_again(service, dialogue):
    """Neither yes nor no is not taken for a yes: no complaint question comes before we know."""
    got = receive(service, by_text("i want to kill myself"))
    receive(service, by_text("yes but he is coming back", sid="SM2"))
    turn.answer_now(service, got.conversation_id)

    assert names(service)[2:] == ["utter_concern", "utter_safe_kept", "utter_ask_safe_now"]
    assert dialogue.asked == []


def test_answer_no_to_being_safe_is_danger(service):
    """ "No" to "are you safe right now?" is danger again, kept with the words before it: one alarm rings, not two."""
    receive(service, by_text("i want to kill myself"))
    receive(service, by_text("2", sid="SM2"))

    assert names(service) == ["utter_crisis", "utter_ask_safe_now"] * 2
    with service.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert referral.words == "i want to kill myself\n2"


def test_rasa_stopped_says_so_once_and_goes_on_when_it_is_back(service, dialogue):
    """In an outage the person is told once, every message stays due, and all are answered in order afterwards."""
    dialogue.away = True
    got = receive(service, by_text("first", sid="SM1"))
    turn.answer_now(service, got.conversation_id)
    receive(service, by_text("second", sid="SM2"))
    make_due(service)
    turn.answer_now(service, got.conversation_id)
    assert names(service) == ["utter_outage"]

    dialogue.away = False
    make_due(service)
    turn.answer_now(service, got.conversation_id)

    assert "\n".join(asked["text"] for asked in dialogue.asked) == "first\nsecond"


def test_rasa_stopped_for_long_puts_a_person_in_front(service, dialogue):
    """After three tries somebody on the staff sees that a person waits; once answered, nobody need."""
    dialogue.away = True
    got = receive(service, by_text("hello"))
    for _ in range(3):
        make_due(service)
        turn.answer_now(service, got.conversation_id)
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["outage"]

    dialogue.away = False
    make_due(service)
    turn.answer_now(service, got.conversation_id)
    with service.database.read() as session:
        assert lookup.people_waiting(session) == []


def test_person_asked_for_during_an_outage_is_still_asked_for_after_it(service, dialogue):
    """The end of an outage takes back its own call for a person, and nobody else's."""
    dialogue.away = True
    got = receive(service, by_text("hello"))
    for _ in range(3):
        make_due(service)
        turn.answer_now(service, got.conversation_id)
    receive(service, by_text("he is hitting me right now", sid="SM2"))
    dialogue.away = False
    make_due(service)
    turn.answer_now(service, got.conversation_id)

    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["danger"]


def make_due(service):
    """Let the waiting of put-off work be over."""
    with service.database.write() as session:
        session.execute(update(Job).values(run_at=datetime.now(UTC) - timedelta(seconds=1)))


@both_stores
def test_killed_worker_loses_nothing(service, dialogue):
    """A turn whose worker died is taken by another once its lease has run out, on a fresh leg."""
    got = receive(service, by_text("hello"))
    with service.database.write() as session:
        jobs.claim(session, kinds=("turn",), now=datetime.now(UTC))
        first_leg = session.scalar(select(Conversation.leg))
    assert not turn.answer_next(service), "the lease holds"
    with service.database.write() as session:
        session.execute(update(Job).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))

    assert turn.answer_next(service)
    assert [asked["text"] for asked in dialogue.asked] == ["hello"]
    assert dialogue.asked[0]["leg"] != first_leg
    assert got.is_new


@both_stores
def test_turn_on_the_web_is_left_to_its_request(service, dialogue):
    """The worker takes a turn of the web up only when the request that brought it has not answered it in time."""
    handle, _ = inbox.begin(service, now=datetime.now(UTC))
    got = receive(service, InboundMessage("web", "W1", "hello", datetime.now(UTC), handle=handle))
    assert not turn.answer_next(service), "the request answers it"
    make_due(service)
    assert turn.answer_next(service), "the request has died"

    receive(service, InboundMessage("web", "W2", "is anybody there", datetime.now(UTC), handle=handle))
    assert turn.answer_now(service, got.conversation_id)
    assert [asked["text"] for asked in dialogue.asked] == ["hello", "is anybody there"]


def test_slow_worker_that_lost_its_lease_says_nothing(service, dialogue):
    """An answer that comes after another worker took the turn is dropped, so that nothing is said twice."""
    receive(service, by_text("hello"))
    answer = dialogue.answer

    def answer_after_losing_the_lease(**question):
        with service.database.write() as session:
            session.execute(update(Job).values(lease="another"))
        return answer(**question)

    dialogue.answer = answer_after_losing_the_lease
    assert turn.answer_next(service)

    assert said(service) == []


def test_taken_over_conversation_is_not_talked_across(service, dialogue):
    """While a member of staff has the conversation the assistant is silent, and the message is kept."""
    got = receive(service, by_text("hello"))
    with service.database.write() as session:
        conversation = session.get_one(Conversation, got.conversation_id)
        conversations.take_over(session, conversation, by="staff", now=datetime.now(UTC))
    turn.answer_now(service, got.conversation_id)
    receive(service, by_text("are you there?", sid="SM2"))

    assert said(service) == []
    assert dialogue.asked == []


def test_danger_in_a_taken_over_conversation_is_still_raised(service):
    """Screening never sleeps, whoever is talking."""
    got = receive(service, by_text("hello"))
    with service.database.write() as session:
        conversation = session.get_one(Conversation, got.conversation_id)
        conversations.take_over(session, conversation, by="staff", now=datetime.now(UTC))
    receive(service, by_text("i have taken all my tablets", sid="SM2"))

    with service.database.read() as session:
        assert lookup.alarms(session) == 1


def test_picture_without_words_is_thanked_for(service, dialogue):
    """A picture is kept by nobody and words are asked for; the dialogue is not troubled."""
    receive(service, by_text("", pictures=1))

    assert names(service) == ["utter_empty_picture"]
    assert dialogue.asked == []


def test_message_of_emoji_is_answered(service):
    """Emoji alone get a kind question for words."""
    receive(service, by_text("😡😡😡"))

    assert names(service) == ["utter_not_understood_symbols"]


def test_long_message_is_kept_whole_and_its_beginning_sent_on(service, dialogue):
    """Ten thousand characters are kept to the last."""
    text = "word " * 2000
    got = receive(service, by_text(text))
    turn.answer_now(service, got.conversation_id)

    with service.database.read() as session:
        assert conversations.transcript(session, got.conversation_id)[0].text == text


@pytest.mark.parametrize("word", ["STOP", "stop.", " Unsubscribe "])
def test_lone_stop_is_obeyed(service, dialogue, word):
    """A lone STOP is an opt-out: recorded, confirmed once, and the dialogue is not troubled."""
    receive(service, by_text(word))

    assert names(service) == ["utter_opt_out_done"]
    assert dialogue.asked == []
    with service.database.read() as session:
        assert session.scalar(select(Conversation.opted_out_at)) is not None


def test_stop_in_a_sentence_is_not_an_opt_out(service, dialogue):
    """ "please stop cancelling my visits" is a complaint."""
    got = receive(service, by_text("please stop cancelling my visits"))
    turn.answer_now(service, got.conversation_id)

    assert len(dialogue.asked) == 1


def test_start_brings_the_texts_back(service):
    """START undoes STOP."""
    receive(service, by_text("STOP"))
    receive(service, by_text("START", sid="SM2"))

    with service.database.read() as session:
        assert session.scalar(select(Conversation.opted_out_at)) is None
    assert names(service)[-1] == "utter_opt_in_done"


def test_pause_begins_a_new_leg(service, dialogue):
    """After an hour Rasa is given a fresh conversation; the person's thread is the same."""
    now = datetime.now(UTC)
    early = InboundMessage("sms", "SM1", "hello", now - timedelta(hours=2), phone=PHONE)
    got = receive(service, early)
    turn.answer_now(service, got.conversation_id)
    again = receive(service, by_text("back again", sid="SM2"))
    turn.answer_now(service, again.conversation_id)

    assert got.conversation_id == again.conversation_id
    assert dialogue.asked[0]["leg"] != dialogue.asked[1]["leg"]


def test_unknown_conversation_is_told_apart(service):
    """A handle nobody has is refused clearly."""
    with pytest.raises(NotFound, match="no such conversation"):
        receive(service, InboundMessage("web", "web:x:1", "hello", datetime.now(UTC), handle="x"))


def test_store_away_spools_the_message_and_replays_it(service, dialogue):
    """With the database away a message waits on disk, unreadable, danger is answered, and it is handled later."""
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to away")
    with pytest.raises(StoreAway) as away:
        receive(service, by_text("i want to kill myself"))
    [file] = spool.waiting(service.settings.home)
    assert [reply.response for reply in away.value.replies] == ["utter_crisis", "utter_ask_safe_now"]
    assert b"kill" not in file.read_bytes()

    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table away rename to messages")
    assert spool.replay(service.settings.home, lambda message: receive(service, message)) == 1
    with service.database.read() as session:
        assert [referral.words for referral in lookup.referral_queue(session)] == ["i want to kill myself"]
    assert spool.waiting(service.settings.home) == []


def test_choice_by_number_word_or_place_reaches_rasa_as_its_payload(service, dialogue):
    """ "2", "the second one" and the label all pick the second choice."""
    from bot.cases.conversations import Reply

    offered = Reply(
        "utter_ask_complainant_role", "Who?", "ask", "complainant_role",
        choices=(
            {"label": "I live in care", "value": "looked_after_child", "payload": '/inform{"a": "b"}'},
            {"label": "I'm a parent", "value": "parent", "payload": '/inform{"complainant_role": "parent"}'},
        ),
    )  # fmt: skip
    for number, words in enumerate(("2", "the second one", "two", "2.", "i'm a parent", "Im a parent")):
        with service.database.write() as session:
            conversation = conversations.open_conversation(session, channel="sms", phone=PHONE, now=datetime.now(UTC))
            conversations.store_replies(session, conversation, [offered], now=datetime.now(UTC))
        got = receive(service, by_text(words, sid=f"SM{number}"))
        turn.answer_now(service, got.conversation_id)

    sent = [asked["text"] for asked in dialogue.asked]
    assert sent[:5] == ['/inform{"complainant_role": "parent"}'] * 5
    assert sent[5] in ('/inform{"complainant_role": "parent"}', "Im a parent")


@both_stores
def test_referral_is_acknowledged_passed_on_and_answered(service):
    """A referral's life is recorded with who and when at each step."""
    receive(service, by_text("i want to kill myself"))
    now = datetime.now(UTC)
    with service.database.write() as session:
        [referral] = lookup.referral_queue(session)
        safeguarding.pass_on(session, referral.id, to="Front Door", by="officer", now=now)
        safeguarding.record_outcome(session, referral.id, outcome="accepted", by="officer", now=now)

    with service.database.read() as session:
        assert lookup.alarms(session) == 0
        assert lookup.referral_queue(session) == []
        [done] = lookup.finished_referrals(session)
        assert (done.acknowledged_by, done.passed_to, done.outcome) == ("officer", "Front Door", "accepted")


def test_begin_welcomes_on_the_web(service):
    """A conversation on the web begins with the welcome, kept like everything that is said."""
    handle, replies = inbox.begin(service, now=datetime.now(UTC))

    assert len(handle) >= 32
    assert [reply.response for reply in replies] == ["utter_welcome"]
