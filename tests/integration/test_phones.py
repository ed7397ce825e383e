"""Shared, lent and recycled telephones: who is known, what leaves when, and the one reminder."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from bot.advocates import offering
from bot.cases import conversations, intake, lookup, returning
from bot.cases.conversations import Reply
from bot.cases.database import vault
from bot.cases.tables import Conversation, Draft, Job, Message, Referral
from bot.conversation import alarm, doorstep, outbox, reminders, turn
from bot.conversation.inbox import InboundMessage, receive
from bot.errors import InvalidStep
from bot.safe_texting import SafeHours
from tests.conftest import both_stores
from tests.factories import TOLD, case_filed, staff_user
from tests.integration.staff_browser import StaffBrowser

PHONE, OTHER = "+447700900131", "+447700900132"
# A Monday afternoon that is over: what these tests owe is due for the worker, whose clock is the real one.
NOW = datetime(2025, 12, 8, 17, 30, tzinfo=UTC)
CODE = "otter lemon"
ASKED = Reply("utter_ask_happened_when", "When did this happen?", "ask", "happened_when")


class Texter:
    """A telephone: texts in, and what was said to it."""

    def __init__(self, service, phone=PHONE):
        self.service, self.phone, self.count = service, phone, 0

    def says(self, text, at=NOW, **more):
        """Send a text; the names of the responses said to it and to nothing before it."""
        self.count += 1
        sid = f"{self.phone}:{self.count}"
        last = len(self.heard())
        self.received = receive(self.service, InboundMessage("sms", sid, text, at, phone=self.phone, **more))
        return self.heard()[last:]

    def heard(self):
        with self.service.database.read() as session:
            said = select(Message.response).where(Message.direction == "out").order_by(Message.number)
            return list(session.scalars(said))

    def now_in(self):
        """The conversation that has the number."""
        with self.service.database.read() as session:
            return conversations.of_number(session, vault().fingerprint(self.phone)).id


def told(service, *, phone=PHONE, at=NOW, code=CODE, **facts):
    """A person who has begun to tell by text, was asked a question and has a code; the conversation's id."""
    with service.database.write() as session:
        key = vault().fingerprint(phone)
        known = conversations.of_number(session, key)
        held = (
            returning.open_door(session, known, asking=False, now=at)
            if known
            else conversations.open_conversation(session, channel="sms", phone=phone, now=at)
        )
        intake.save_draft(session, held.id, TOLD | facts, now=at)
        conversations.store_replies(session, held, [ASKED], now=at)
        if code:
            returning.give_code(session, held, code=code, now=at)
        held.last_message_at = at
        return held.id


def state_of(service, conversation_id):
    with service.database.read() as session:
        return session.get_one(Conversation, conversation_id)


def all_sent(service, twilio):
    """Let the outbox send whatever is due at this moment."""
    while outbox.send_next(service, twilio):
        pass


# --- the code word ---------------------------------------------------------------------------------------------------


def test_code_word_is_given_once_there_is_something_to_come_back_to(service, dialogue):
    """With the first answer after something was told, before its question; only the hash is kept beside the text."""
    dialogue.replies = [[Reply("utter_heard", "Thank you."), ASKED], [ASKED]]
    texter = Texter(service)
    texter.says("my worker never comes", at=datetime.now(UTC))
    with service.database.write() as session:
        intake.save_draft(session, texter.received.conversation_id, TOLD, now=NOW)
    turn.answer_now(service, texter.received.conversation_id)

    assert texter.heard() == ["utter_heard", "utter_code_word", "utter_ask_happened_when"]
    texter.says("since easter", at=datetime.now(UTC))
    turn.answer_now(service, texter.received.conversation_id)
    assert texter.heard().count("utter_code_word") == 1
    kept = state_of(service, texter.received.conversation_id)
    assert len(kept.code_hash) == 64
    assert kept.reference.startswith("SU-")


def test_no_code_word_is_given_to_somebody_who_only_asks(service):
    """Before anything is told there is nothing to come back to."""
    texter = Texter(service)
    texter.says("what is a complaint?", at=datetime.now(UTC))
    turn.answer_now(service, texter.received.conversation_id)

    assert "utter_code_word" not in texter.heard()


def test_code_word_does_not_stay_in_the_conversation(service):
    """After an hour the words of the code are gone from what can be read."""
    told(service)
    with service.database.write() as session:
        held = session.scalar(select(Conversation))
        said = service.words.to(held, "utter_code_word", code=CODE, reference="x")
        conversations.store_replies(session, held, [said], now=NOW)
        session.execute(update(Message).values(delivery="delivered"))
    assert not doorstep.take_out_codes(service, now=NOW + timedelta(minutes=59))
    assert doorstep.take_out_codes(service, now=NOW + timedelta(minutes=61))

    with service.database.read() as session:
        assert not [message for message in session.scalars(select(Message)) if CODE in message.text]


def test_number_given_with_the_code_becomes_the_reference(service):
    """A person has one number from the first word to the last; a second complaint has one of its own."""
    conversation_id = told(service)
    number = state_of(service, conversation_id).reference
    references = []
    for _ in range(2):
        with service.database.write() as session:
            intake.save_draft(session, conversation_id, TOLD, now=NOW)
            filed = intake.file_complaint(
                session, conversation_id=conversation_id, council=service.council, rules=service.rules, now=NOW
            )
            references.append(filed.reference)

    assert references[0] == number
    assert references[1] != number


# --- at the door -----------------------------------------------------------------------------------------------------


@both_stores
def test_after_a_long_silence_nothing_is_repeated_before_the_code(service, dialogue):
    """Whoever writes is greeted neutrally and asked for the code; the dialogue is not asked and knows nothing."""
    known = told(service)
    texter = Texter(service)

    assert texter.says("hi", at=NOW + timedelta(hours=13)) == ["utter_neutral_code"]
    assert texter.received.conversation_id != known
    assert dialogue.asked == []


def test_short_silence_asks_for_nothing(service):
    """Within the profile's hours the conversation simply goes on."""
    known = told(service)
    texter = Texter(service)

    assert texter.says("since easter", at=NOW + timedelta(hours=11)) == []
    assert texter.received.conversation_id == known


def test_nobody_is_asked_for_a_code_who_told_nothing(service):
    """Where there is nothing to give away there is no door."""
    texter = Texter(service)
    texter.says("what is this?", at=NOW)

    assert texter.says("hello again", at=NOW + timedelta(days=3)) == []


@both_stores
def test_right_code_goes_on_where_it_was(service):
    """The person is welcomed, asked again what was asked last, and the code does not stay in the conversation."""
    known = told(service)
    texter = Texter(service)
    texter.says("hi", at=NOW + timedelta(days=2))

    assert texter.says("my code is ottor lemon", at=NOW + timedelta(days=2)) == [
        "utter_welcome_back", "utter_ask_happened_when",
    ]  # fmt: skip
    assert texter.received.conversation_id == known == texter.now_in()
    with service.database.read() as session:
        said = [message.text for message in conversations.transcript(session, known) if message.direction == "in"]
    assert said == ["hi", "[code word]"]


def test_what_was_told_at_the_door_is_answered_after_the_code(service, dialogue):
    """Nothing written before the code is lost: it is kept, and goes to the dialogue once we know whose it is."""
    known = told(service)
    texter = Texter(service)
    later = datetime.now(UTC)
    with service.database.write() as session:
        session.execute(
            update(Conversation).values(last_message_at=later - timedelta(days=1), phone_since=NOW - timedelta(days=1))
        )
    texter.says("she cancelled my visit again on friday", at=later)
    assert texter.says(CODE, at=later) == ["utter_welcome_back"]
    turn.answer_now(service, known)

    assert [asked["text"] for asked in dialogue.asked] == ["she cancelled my visit again on friday"]
    assert dialogue.asked[0]["metadata"]["conversation"] == known


def test_code_in_answer_to_the_first_text_opens_at_once(service):
    """A reminder or a message asks for the code; whoever answers with it is not asked again."""
    known = told(service)
    texter = Texter(service)

    assert texter.says(CODE, at=NOW + timedelta(days=4))[0] == "utter_welcome_back"
    assert texter.now_in() == known


def test_person_with_a_filed_complaint_is_told_only_after_the_code(service):
    """The reference and the way it goes are for the one who knows the code."""
    case_filed(service, channel="sms", phone=PHONE, now=NOW)
    with service.database.write() as session:
        returning.give_code(session, session.scalar(select(Conversation)), code=CODE, now=NOW)
    texter = Texter(service)

    assert texter.says("how is my complaint going?", at=NOW + timedelta(days=9)) == ["utter_neutral_code"]
    assert texter.says(CODE, at=NOW + timedelta(days=9)) == ["utter_welcome_back_filed"]


def test_wrong_code_three_times_asks_for_a_person(service):
    """Then even the right word is not enough for half a day, and somebody on the staff sees it."""
    known = told(service)
    texter, later = Texter(service), NOW + timedelta(days=2)
    texter.says("hi", at=later)

    assert texter.says("tiger lemon", at=later) == ["utter_neutral_code_wrong"]
    assert texter.says("purple cat", at=later) == ["utter_neutral_code_wrong"]
    assert texter.says("tiger jelly", at=later) == ["utter_neutral_code_failed"]
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["code_failed"]
    assert texter.now_in() != known


def test_guessing_bars_the_code_for_half_a_day(service):
    """Three wrong pairs and the right one opens nothing until twelve hours have passed."""
    told(service)
    texter, later = Texter(service), NOW + timedelta(days=2)
    for pair in ("tiger jelly", "panda jelly", "zebra jelly"):
        texter.says(pair, at=later)

    assert texter.says(CODE, at=later) == ["utter_neutral_code_failed"]
    assert texter.says(CODE, at=later + timedelta(hours=13))[0] == "utter_welcome_back"


def test_greetings_and_stories_are_no_wrong_codes(service):
    """Somebody who has not tried a code is asked again, and is not shut out."""
    told(service)
    texter, later = Texter(service), NOW + timedelta(days=2)
    for text in ("hi", "hello?", "anyone there", "my worker has not come again today", "hi"):
        assert texter.says(text, at=later) == ["utter_neutral_code"]

    assert texter.says(CODE, at=later)[0] == "utter_welcome_back"


def test_forgotten_code_asks_for_a_person(service):
    """There is always a way on that needs no code."""
    told(service)
    texter, later = Texter(service), NOW + timedelta(days=2)
    texter.says("hi", at=later)

    assert texter.says("i forgot my code", at=later) == ["utter_neutral_code_lost"]
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["code_lost"]


@both_stores
def test_danger_at_the_door_is_answered_before_any_code(service):
    """A message that shows danger gets its words, a referral and an alert, whoever writes it."""
    known = told(service)
    texter = Texter(service)

    assert texter.says("i want to kill myself", at=NOW + timedelta(days=2)) == ["utter_crisis", "utter_ask_safe_now"]
    with service.database.read() as session:
        [referral] = lookup.referral_queue(session)
        assert referral.conversation_id != known
    alarm.owe_due(service, now=NOW + timedelta(days=2))
    with service.database.read() as session:
        assert session.scalars(select(Job.kind).where(Job.kind == "alert")).all()


@both_stores
def test_referral_raised_at_the_door_goes_with_its_words(service):
    """Once the code tells whose words they were, the worry stands beside that person's complaint."""
    known = told(service)
    texter, later = Texter(service), NOW + timedelta(days=2)
    texter.says("i self harm sometimes when it gets bad", at=later)
    texter.says(CODE, at=later)

    with service.database.read() as session:
        assert session.scalars(select(Referral.conversation_id)).all() == [known]


def test_answer_to_are_you_safe_is_heard_however_late(service):
    """ "No" to "are you safe right now?" the next day is danger, and no wrong code."""
    told(service)
    texter = Texter(service)
    texter.says("i want to kill myself", at=NOW)

    assert texter.says("2", at=NOW + timedelta(days=1))[:1] == ["utter_crisis"]


def test_stop_at_the_door_ends_texts_for_the_number(service):
    """STOP needs no code and holds for everybody on the number."""
    known = told(service)
    Texter(service).says("STOP", at=NOW + timedelta(days=2))

    assert state_of(service, known).opted_out_at is not None


# --- two on one number -----------------------------------------------------------------------------------------------


@both_stores
def test_somebody_new_gets_a_conversation_of_their_own(service, dialogue):
    """ "This is someone else" begins afresh: nothing of the first person's is in it, and theirs is untouched."""
    first = told(service)
    texter = Texter(service)

    assert texter.says("this is someone else", at=NOW) == ["utter_someone_new"]
    texter.says("my room is cold", at=datetime.now(UTC))
    second = texter.received.conversation_id
    turn.answer_now(service, second)
    assert second != first
    assert [asked["metadata"]["conversation"] for asked in dialogue.asked] == [second]
    with service.database.read() as session:
        assert conversations.draft_facts(session, second) == {}
        assert conversations.draft_facts(session, first)["name"] == TOLD["name"]


def test_new_at_the_door_goes_on_with_what_was_told_there(service, dialogue):
    """A newcomer's first words were their story: they are answered in their own conversation."""
    told(service)
    texter = Texter(service)
    with service.database.write() as session:
        session.execute(
            update(Conversation).values(last_message_at=NOW - timedelta(days=2), phone_since=NOW - timedelta(days=2))
        )
    texter.says("my foster carer took my phone away for a month", at=NOW)
    assert texter.says("NEW", at=NOW) == ["utter_someone_new"]
    turn.answer_now(service, texter.received.conversation_id)

    assert [asked["text"] for asked in dialogue.asked] == ["my foster carer took my phone away for a month"]


@both_stores
def test_two_children_on_one_number_are_kept_apart_by_their_codes(service):
    """A text goes to the one whose code was given last."""
    jess = told(service, name="Jess", code="otter lemon")
    kai = told(service, name="Kai", code="tiger jelly")
    texter = Texter(service)

    texter.says("otter lemon", at=NOW + timedelta(minutes=1))
    assert texter.received.conversation_id == jess == texter.now_in()
    texter.says("since easter", at=NOW + timedelta(minutes=2))
    assert texter.received.conversation_id == jess
    texter.says("tiger jelly", at=NOW + timedelta(minutes=3))
    assert texter.received.conversation_id == kai == texter.now_in()


def test_text_for_the_one_who_has_not_got_the_telephone_is_held(service, twilio, stand_in):
    """Words for Jess do not reach Kai: one neutral text says that there is a message, and Jess's code lets it go."""
    now = datetime.now(UTC)
    jess = told(service, code="otter lemon", at=now - timedelta(hours=2), safe_to_contact={"sms": "safe"})
    told(service, code="tiger jelly", at=now - timedelta(hours=1))
    with service.database.write() as session:
        session.execute(update(Job).values(state="done"))
        held = session.get_one(Conversation, jess)
        for words in ("Your complaint was upheld.", "Ring us."):
            conversations.store_replies(session, held, [Reply(None, words, kind="person")], now=now)
    all_sent(service, twilio)
    assert [text.partition(".")[0] for text in stand_in.to(PHONE)] == ["Hi, there is a message for you"]

    Texter(service).says("otter lemon", at=datetime.now(UTC))
    all_sent(service, twilio)
    assert stand_in.to(PHONE)[1:3] == ["Your complaint was upheld.", "Ring us."]


def test_wrong_number_gets_no_more_texts_and_a_person_looks(service):
    """The new owner of a number is apologised to in words that tell nothing."""
    known = told(service)
    texter = Texter(service)

    assert texter.says("wrong number", at=NOW + timedelta(days=5)) == ["utter_neutral_wrong_number"]
    assert state_of(service, known).opted_out_at is not None
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["wrong_number"]


# --- opting out ------------------------------------------------------------------------------------------------------


def test_request_to_stop_in_other_words_is_obeyed(service, dialogue):
    """ "please stop texting me" is recorded as an opt-out; the complaint stays open."""
    known = told(service)
    texter = Texter(service)

    assert texter.says("please stop texting me", at=NOW) == ["utter_opt_out_done"]
    assert state_of(service, known).opted_out_at == NOW
    with service.database.read() as session:
        assert conversations.draft_facts(session, known)
    assert dialogue.asked == []


def test_cancel_my_complaint_goes_to_the_dialogue(service, dialogue):
    """It is a wish about the complaint, not about texts."""
    texter = Texter(service)
    texter.says("cancel my complaint", at=NOW)
    turn.answer_now(service, texter.received.conversation_id)

    assert [asked["text"] for asked in dialogue.asked] == ["cancel my complaint"]


@pytest.mark.parametrize(("text", "gentle"), [
    ("stop i cant do this anymore", "utter_concern"), ("make it stop", "utter_cry_heard"),
])  # fmt: skip
def test_stop_with_distress_in_it_raises_a_person(service, dialogue, text, gentle):
    """Nobody is opted out; gentle words, the word that does stop texts, and a person is asked for."""
    texter = Texter(service)

    assert texter.says(text, at=NOW) == [gentle, "utter_only_stop"]
    assert state_of(service, texter.received.conversation_id).opted_out_at is None
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["distress"]


def test_label_of_a_choice_is_an_answer_and_no_order(service, dialogue):
    """ "Don't contact me" as the answer to how to be reached does not end the texts."""
    texter = Texter(service)
    texter.says("hello there", at=NOW)
    offered = {"label": "Don't contact me", "value": "none", "payload": '/inform{"preferred_contact": "none"}'}
    with service.database.write() as session:
        held = session.get_one(Conversation, texter.received.conversation_id)
        asked = Reply("utter_ask_preferred_contact", "How?", "ask", "preferred_contact", (offered,))
        conversations.store_replies(session, held, [asked], now=NOW)

    assert texter.says("dont contact me", at=NOW) == []
    assert state_of(service, texter.received.conversation_id).opted_out_at is None


def test_writing_after_an_opt_out_is_seen_by_a_person(service, dialogue):
    """No answer can be sent, so somebody finds another way; nothing goes on unseen by the person."""
    texter = Texter(service)
    texter.says("please stop texting me", at=NOW)

    assert texter.says("are you going to help me or not", at=NOW) == []
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["opted_out"]
    assert dialogue.asked == []


def test_danger_after_an_opt_out_is_answered(service, twilio, stand_in):
    """The words for somebody in danger leave while they are writing, though they once asked for no more texts."""
    texter = Texter(service)
    texter.says("please stop texting me", at=datetime.now(UTC))
    texter.says("i want to kill myself", at=datetime.now(UTC))
    all_sent(service, twilio)

    assert any("Childline" in text for text in stand_in.to(PHONE))


@pytest.mark.parametrize(("order", "text", "opted_out"), [
    ("opt_out", "leave off", True), ("help", "HELP", False), ("opt_in", "START", False),
])  # fmt: skip
def test_what_the_carrier_obeyed_is_recorded_and_not_answered_again(service, dialogue, order, text, opted_out):
    """Twilio says by OptOutType what it has done and answered itself."""
    texter = Texter(service)

    assert texter.says(text, at=NOW, carrier_order=order) == []
    assert (state_of(service, texter.received.conversation_id).opted_out_at is not None) is opted_out
    turn.answer_now(service, texter.received.conversation_id)
    assert dialogue.asked == []


def test_yes_that_opted_in_at_the_carrier_is_still_an_answer(service, dialogue):
    """ "YES" lets texts through again and goes on to the dialogue."""
    texter = Texter(service)
    texter.says("STOP", at=NOW, carrier_order="opt_out")
    texter.says("YES", at=NOW, carrier_order="opt_in")
    turn.answer_now(service, texter.received.conversation_id)

    assert [asked["text"] for asked in dialogue.asked] == ["YES"]
    assert state_of(service, texter.received.conversation_id).opted_out_at is None


# --- what leaves when ------------------------------------------------------------------------------------------------


def staff_words(service, conversation_id, words="The panel is on Friday.", now=None):
    with service.database.write() as session:
        held = session.get_one(Conversation, conversation_id)
        conversations.store_replies(session, held, [Reply(None, words, kind="person")], now=now or datetime.now(UTC))


def delivery(service, words="The panel is on Friday."):
    with service.database.read() as session:
        return next(message.delivery for message in session.scalars(select(Message)) if message.text == words)


def quiet(service, **safety):
    """A person who wrote two hours ago; everything then due has left."""
    conversation_id = told(service, at=datetime.now(UTC) - timedelta(hours=2), **safety)
    with service.database.write() as session:
        session.execute(update(Job).values(state="done"))
    return conversation_id


def test_text_waits_for_a_safe_time(service, twilio, stand_in):
    """ "Only at certain times": our own text waits for the hours; when the person writes, it leaves at once."""
    conversation_id = quiet(service, safe_to_contact={"sms": "certain_times"})
    here = datetime.now(UTC) + timedelta(hours=3)
    opens = here.replace(minute=0)
    if opens.hour >= 22:
        opens = opens.replace(hour=5)
    with service.database.write() as session:
        hours = SafeHours(opens.time(), opens.replace(hour=opens.hour + 1).time())
        conversations.keep_safe_hours(session, session.get_one(Conversation, conversation_id), hours, now=NOW)
    staff_words(service, conversation_id)
    all_sent(service, twilio)
    assert (stand_in.to(PHONE), delivery(service)) == ([], "queued")

    Texter(service).says("anything new on my case?", at=datetime.now(UTC))
    all_sent(service, twilio)
    assert stand_in.to(PHONE)[0] == "The panel is on Friday."


def test_text_to_somebody_whose_telephone_is_not_safe_is_held_and_shown(service, twilio, stand_in):
    """Nothing is sent, not even that there is a message; a person is asked for, and it leaves when they write."""
    conversation_id = quiet(service, safe_to_contact={"sms": "not_safe"})
    staff_words(service, conversation_id)
    all_sent(service, twilio)
    assert (stand_in.to(PHONE), delivery(service)) == ([], "held")
    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["not_safe_to_text"]

    Texter(service).says("any news for me?", at=datetime.now(UTC))
    all_sent(service, twilio)
    assert stand_in.to(PHONE)[0] == "The panel is on Friday."


def test_neutral_wording_sends_only_that_there_is_a_message(service, twilio, stand_in):
    """The text says nothing of social care; with the code word the message itself comes."""
    conversation_id = quiet(service, safe_to_contact={"sms": "neutral_wording"})
    staff_words(service, conversation_id)
    all_sent(service, twilio)
    assert stand_in.to(PHONE) == ["Hi, there is a message for you. Reply with your code word to read it."]

    texter = Texter(service)
    assert texter.says("who is this?", at=datetime.now(UTC)) == ["utter_neutral_code"]
    texter.says(CODE, at=datetime.now(UTC))
    all_sent(service, twilio)
    assert "The panel is on Friday." in stand_in.to(PHONE)


def test_news_of_an_advocate_waits_for_somebody_who_was_never_asked_what_is_safe(service, twilio, stand_in):
    """Only that there is a message leaves; the news comes when the young person writes."""
    conversation_id = quiet(service)
    with service.database.write() as session:
        held = session.get_one(Conversation, conversation_id)
        conversations.keep_safe_hours(session, held, SafeHours(time.min, time.max), now=NOW)
        offering.tell(
            session, service, held, "utter_advocate_accepted", now=datetime.now(UTC), advocate="Priya Nair",
            provider="Voices",
        )  # fmt: skip
    all_sent(service, twilio)
    assert stand_in.to(PHONE) == ["Hi, there is a message for you. Reply with your code word to read it."]

    Texter(service).says(CODE, at=datetime.now(UTC))
    all_sent(service, twilio)
    assert any("Your advocate is Priya Nair" in text for text in stand_in.to(PHONE))


def test_answers_to_somebody_writing_now_leave_in_their_own_words(service, twilio, stand_in):
    """Whoever wrote a moment ago holds the telephone: they are answered, whatever they said about safety."""
    conversation_id = quiet(service, safe_to_contact={"sms": "not_safe"})
    Texter(service).says("any news for me?", at=datetime.now(UTC))
    staff_words(service, conversation_id)
    all_sent(service, twilio)

    assert stand_in.to(PHONE) == ["The panel is on Friday."]


def test_staff_are_told_at_once_that_texts_are_not_safe(service):
    """Writing is refused with the reason, so that nobody believes the person was told."""
    conversation_id = quiet(service, safe_to_contact={"sms": "not_safe"})
    now = datetime.now(UTC)
    with service.database.write() as session:
        held = session.get_one(Conversation, conversation_id)
        conversations.take_over(session, held, by="ana", now=now)
        with pytest.raises(InvalidStep, match="not safe"):
            conversations.say_as_staff(session, held, "Hello", by="ana", now=now)


def test_safe_hours_told_in_answer_are_kept_and_said_back(service, dialogue):
    """ "only after school" is an answer for the dialogue and, with its hours, for every later text."""
    texter = Texter(service)
    texter.says("hello there", at=NOW)
    with service.database.write() as session:
        asked = Reply("utter_ask_safe_to_contact", "Is it safe?", "ask", "safe_to_contact")
        held = session.get_one(Conversation, texter.received.conversation_id)
        conversations.store_replies(session, held, [asked], now=NOW)

    assert texter.says("only after school", at=NOW) == ["utter_safe_hours"]
    assert state_of(service, texter.received.conversation_id).safe_hours == "16:00-20:00 0123456"
    turn.answer_now(service, texter.received.conversation_id)
    assert dialogue.asked[-1]["text"] == "only after school"


def test_safe_hours_can_be_told_at_any_time(service, dialogue):
    """ "dont text me after 8pm" is obeyed by itself, and is no opt-out."""
    texter = Texter(service)

    assert texter.says("dont text me after 8pm", at=NOW) == ["utter_safe_hours"]
    assert state_of(service, texter.received.conversation_id).safe_hours == "08:00-20:00 0123456"
    assert dialogue.asked == []


def test_safe_hours_told_within_a_story_are_kept_and_the_story_goes_on(service, dialogue):
    """A child tells everything at once; the hours in it hold from then on, and are said back."""
    texter = Texter(service)
    story = "my bus pass has not come for weeks. only text me after 4, not at weekends. im in care"

    assert texter.says(story, at=NOW) == ["utter_safe_hours"]
    assert state_of(service, texter.received.conversation_id).safe_hours == "16:00-21:00 01234"
    turn.answer_now(service, texter.received.conversation_id)
    assert dialogue.asked[-1]["text"] == story


def test_safe_times_without_hours_are_answered_with_ours(service, dialogue):
    """ "only text when my mum is out" names no hour: the profile's are said, so that they can be put right."""
    texter = Texter(service)
    told_with_more = "my bus pass has not come for weeks. only text when my mum is out"

    assert texter.says(told_with_more, at=NOW) == ["utter_safe_hours"]
    assert state_of(service, texter.received.conversation_id).safe_hours is None


# --- the one reminder ------------------------------------------------------------------------------------------------


def test_unfinished_complaint_is_reminded_of_once(service):
    """After the profile's days of silence there is one reminder, and never another."""
    told(service, safe_to_contact={"sms": "safe"})
    early, due = NOW + timedelta(days=2, hours=23), NOW + timedelta(days=3, hours=1)

    assert not reminders.remind_next(service, now=early)
    assert reminders.remind_next(service, now=due)
    assert not reminders.remind_next(service, now=due + timedelta(days=1))
    assert Texter(service).heard()[-1] == "utter_reminder"


@pytest.mark.parametrize("safety", [None, {"sms": "neutral_wording"}, {"sms": "certain_times"}])
def test_reminder_is_neutral_unless_texts_are_known_to_be_safe(service, safety):
    """Who was not asked, or asked for care, gets words that tell a stranger nothing."""
    told(service, safe_to_contact=safety)
    reminders.remind_next(service, now=NOW + timedelta(days=4))

    assert Texter(service).heard()[-1] == "utter_neutral_reminder"


@pytest.mark.parametrize("change", [
    {"opted_out_at": NOW}, {"taken_over_by": "ana", "taken_over_at": NOW}, {"state": "referred"}, {"channel": "web"},
    {"needs_person_since": NOW, "needs_person_reason": "asked"}, {"last_message_at": NOW - timedelta(days=30)},
])  # fmt: skip
def test_nobody_is_reminded_whom_a_reminder_could_harm(service, change):
    """Not after an opt-out or a danger, not while a person deals with it, not when the number may be another's."""
    told(service, safe_to_contact={"sms": "safe"})
    with service.database.write() as session:
        session.execute(update(Conversation).values(**change))

    assert not reminders.remind_next(service, now=NOW + timedelta(days=4))


def test_nobody_is_reminded_where_texts_are_not_safe_or_somebody_else_has_the_number(service):
    """A reminder is for the one who has the telephone, where it is safe."""
    told(service, safe_to_contact={"sms": "not_safe"})
    told(service, phone=OTHER, code="panda jelly")
    told(service, phone=OTHER, code="tiger jelly", safe_to_contact={"sms": "not_safe"}, at=NOW + timedelta(minutes=1))

    assert not reminders.remind_next(service, now=NOW + timedelta(days=4))


@both_stores
def test_reminder_is_owed_once_by_workers_side_by_side(service):
    """Two rounds at the same moment remind once."""
    told(service)
    assert [reminders.remind_next(service, now=NOW + timedelta(days=4)) for _ in range(2)] == [True, False]

    with service.database.read() as session:
        assert session.scalar(select(Draft.reminded_at)) == NOW + timedelta(days=4)


# --- the other channel -----------------------------------------------------------------------------------------------


def back(client, **fields):
    """Fill in the page "I have been here before"."""
    page = client.get("/chat/back").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return client.post("/chat/back", data={"csrf_token": token, **fields})


@pytest.mark.parametrize("by", ["reference", "phone"])
def test_conversation_by_text_goes_on_in_a_browser(service, client, by):
    """The given number, or the telephone number, opens it with the code; what was asked last is asked again."""
    known = told(service)
    number = state_of(service, known).reference if by == "reference" else "07700 900131"
    answer = back(client, number=number, code="Otter-Lemon")

    assert answer.status_code == 303
    page = client.get("/chat").get_data(as_text=True)
    assert "Welcome back" in page
    assert page.count(ASKED.text) == 2
    assert state_of(service, known).channel == "web"


def test_answers_go_where_the_person_writes(service, client, dialogue):
    """After coming back in a browser no text is owed; the next text from the telephone is answered by text again."""
    known = told(service, at=datetime.now(UTC))
    back(client, number="07700900131", code=CODE)
    with service.database.read() as session:
        owed = len(session.scalars(select(Job).where(Job.kind == "text")).all())
    assert owed == 1

    Texter(service).says("since easter", at=datetime.now(UTC))
    turn.answer_now(service, known)
    assert dialogue.asked[-1]["channel"] == "sms"


def test_conversation_of_a_browser_goes_on_by_text(service, dialogue):
    """Number and code in one text open it on the telephone, which is that person's from then on."""
    with service.database.write() as session:
        held = conversations.open_conversation(session, channel="web", now=NOW)
        intake.save_draft(session, held.id, TOLD, now=NOW)
        number = returning.give_code(session, held, code=CODE, now=NOW)
        known, handle = held.id, held.handle
    texter = Texter(service)

    assert texter.says("i have a code", at=NOW) == ["utter_neutral_have_code"]
    assert texter.says(f"{number.lower()} otter lemon", at=NOW) == ["utter_welcome_back"]
    assert texter.received.conversation_id == known == texter.now_in()
    assert state_of(service, known).handle != handle


@pytest.mark.parametrize(("number", "code"), [
    ("SU-AAAA-AAAA", CODE), ("07700900131", "tiger jelly"), ("07700900199", CODE), ("not a number", CODE),
    ("07700900131", "x"),
])  # fmt: skip
def test_wrong_number_or_code_opens_nothing_and_tells_nothing(service, client, number, code):
    """Whatever is wrong, the page says the same and does not show the code again."""
    told(service)
    answer = back(client, number=number, code=code)

    assert answer.status_code == 400
    assert "That did not open anything" in answer.get_data(as_text=True)
    assert f'value="{code}"' not in answer.get_data(as_text=True)
    assert "Welcome back" not in client.get("/chat").get_data(as_text=True)


@both_stores
def test_guessing_in_a_browser_shuts_the_conversation_and_is_seen(service, client):
    """After three wrong words the right one opens nothing for half a day, and a person sees that somebody tried."""
    known = told(service)
    number = state_of(service, known).reference
    for code in ("tiger jelly", "panda jelly", "zebra jelly", CODE):
        assert back(client, number=number, code=code).status_code == 400

    with service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["code_failed"]
    later = datetime.now(UTC) + timedelta(hours=13)
    assert doorstep.come_back_on_web(service, number=number, code=CODE, now=later)


def test_empty_fields_are_named(service, client):
    """Each field that is missing is told by its name."""
    answer = back(client, number="", code=" ").get_data(as_text=True)

    assert "Write your number" in answer
    assert "Write your code word" in answer


def test_coming_back_ends_the_hold_of_another_browser(service, client, app):
    """The library's computer shows nothing once the person went on elsewhere."""
    told(service)
    back(client, number="07700900131", code=CODE)
    elsewhere = app.test_client()
    back(elsewhere, number="07700900131", code=CODE)

    assert ASKED.text in elsewhere.get("/chat").get_data(as_text=True)
    assert ASKED.text not in client.get("/chat").get_data(as_text=True)


def test_council_site_can_bring_a_person_back(service, client):
    """The JSON interface opens a conversation with the same number and code, and answers 404 to anything else."""
    told(service)
    wrong = client.post("/chat/api/returns", json={"number": "07700900131", "code": "tiger jelly"})
    right = client.post("/chat/api/returns", json={"number": "07700900131", "code": CODE})

    assert (wrong.status_code, right.status_code) == (404, 200)
    assert [reply["asking"] for reply in right.json["replies"]][-1] == "happened_when"
    assert client.post("/chat/api/returns", json={"number": 7}).status_code == 400


# --- what staff see --------------------------------------------------------------------------------------------------


def test_staff_see_which_other_ways_are_safe_after_an_opt_out(app, service):
    """Texting is closed, the complaint stays open, and each other way stands there with what was said about it."""
    reference = case_filed(
        service, channel="sms", phone=PHONE, email="jess@example.org", safe_to_contact={"sms": "safe", "email": "safe"}
    )
    texter = Texter(service)
    texter.says("STOP", at=datetime.now(UTC))
    browser = StaffBrowser(app).sign_in_as(staff_user(service))
    for path in (f"/casework/cases/{reference}", f"/casework/conversations/{texter.received.conversation_id}"):
        words = browser.text(path)
        assert "No more texts to this person" in words
        assert "E-mail jess@example.org: safe" in words


def test_staff_cannot_read_a_code_word(app, service):
    """Beside the words, the page says only that a code was given."""
    known = told(service)
    with service.database.write() as session:
        held = session.get_one(Conversation, known)
        said = service.words.to(held, "utter_code_word", code="zebra jelly", reference="x")
        conversations.store_replies(session, held, [said], now=NOW)

    words = StaffBrowser(app).sign_in_as(staff_user(service)).text(f"/casework/conversations/{known}")
    assert "The code word was given here" in words
    assert "zebra" not in words


def test_staff_let_in_somebody_who_lost_the_code(app, service, dialogue):
    """After speaking to them an officer lets them in: the next text goes on without a code, and a new one is given."""
    known = told(service)
    texter, now = Texter(service), datetime.now(UTC)
    texter.says("i forgot my code word", at=now)
    browser = StaffBrowser(app).sign_in_as(staff_user(service))
    page = f"/casework/conversations/{known}"
    assert browser.send(f"{page}/known", page=page).status_code == 303

    texter.says("it was since easter", at=datetime.now(UTC))
    assert texter.received.conversation_id == known
    turn.answer_now(service, known)
    assert "utter_code_word" in texter.heard()


def test_page_of_the_door_says_that_nobody_knows_who_it_is(app, service):
    """Staff are warned not to tell whoever writes, and see the other conversations on the number."""
    told(service)
    texter = Texter(service)
    texter.says("hi", at=NOW + timedelta(days=2))
    words = (
        StaffBrowser(app)
        .sign_in_as(staff_user(service))
        .text(f"/casework/conversations/{texter.received.conversation_id}")
    )

    assert "We do not know who this is" in words
    assert "Also on this number" in words
