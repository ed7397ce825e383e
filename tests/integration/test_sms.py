"""Texts: the signed webhook in, the outbox out, with the real Twilio client against the stand-in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from bot.cases import conversations, lookup
from bot.cases.conversations import Reply, open_conversation, store_replies
from bot.cases.tables import Conversation, Job, Message
from bot.conversation import alarm, outbox
from bot.conversation.inbox import InboundMessage, receive

PHONE = "+447700900112"


def signed(settings, path, form):
    signature = RequestValidator(settings.twilio_auth_token).compute_signature(settings.public_url + path, form)
    return {"X-Twilio-Signature": signature}


def inbound(**more):
    return {"From": PHONE, "To": "+447700900000", "Body": "hello", "MessageSid": "SM1", "NumMedia": "0", **more}


def owe(service, *texts):
    """Let the assistant owe texts to the number."""
    with service.database.write() as session:
        conversation = open_conversation(session, channel="sms", phone=PHONE, now=datetime.now(UTC))
        store_replies(session, conversation, [Reply(None, text) for text in texts], now=datetime.now(UTC))


def test_signed_text_is_kept_and_answered_with_nothing(client, service, settings):
    """Twilio gets an empty answer at once; the words are in the store."""
    form = inbound(Body="my worker never calls")
    answer = client.post("/sms/inbound", data=form, headers=signed(settings, "/sms/inbound", form))

    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    with service.database.read() as session:
        assert session.scalars(select(Message.text)).all() == ["my worker never calls"]


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": "forged"}])
def test_unsigned_or_forged_text_is_refused(client, service, headers):
    """Without Twilio's signature nothing is kept."""
    answer = client.post("/sms/inbound", data=inbound(), headers=headers)

    assert answer.status_code == 403
    with service.database.read() as session:
        assert session.scalars(select(Message)).all() == []


def test_changed_text_is_refused(client, settings):
    """The signature covers the form: one changed word and it fails."""
    headers = signed(settings, "/sms/inbound", inbound())

    assert client.post("/sms/inbound", data=inbound(Body="other"), headers=headers).status_code == 403


def test_repeated_message_sid_is_kept_once(client, service, settings):
    """Twilio's repeat of a delivery changes nothing."""
    for _ in range(2):
        assert (
            client.post("/sms/inbound", data=inbound(), headers=signed(settings, "/sms/inbound", inbound())).status_code
            == 200
        )

    with service.database.read() as session:
        assert len(session.scalars(select(Message)).all()) == 1


def test_picture_without_words_is_accepted(client, service, settings):
    """An empty body with a picture gets a kind answer, where a stock channel fails."""
    form = inbound(Body="", NumMedia="1")
    assert client.post("/sms/inbound", data=form, headers=signed(settings, "/sms/inbound", form)).status_code == 200

    with service.database.read() as session:
        assert session.scalar(select(Message.response).where(Message.direction == "out")) == "utter_empty_picture"


def test_text_without_a_sid_is_answered_clearly(client, settings):
    """A signed post that is not a text says what is missing."""
    form = {"Body": "hello"}
    answer = client.post("/sms/inbound", data=form, headers=signed(settings, "/sms/inbound", form))

    assert answer.status_code == 400
    assert "MessageSid" in answer.text


def test_owed_texts_are_sent_in_order_with_their_choices_numbered(service, twilio, stand_in):
    """The outbox sends through Twilio's API; choices become numbers to reply with; quotes are made plain."""
    owe(service, "It’s with us.")
    with service.database.write() as session:
        conversation = session.scalar(select(Conversation))
        choices = (
            {"label": "Yes", "value": "affirm", "payload": "/affirm"},
            {"label": "No", "value": "deny", "payload": "/deny"},
        )
        store_replies(session, conversation, [Reply(None, "Is there more?", choices=choices)], now=datetime.now(UTC))
    while outbox.send_next(service, twilio):
        pass

    assert stand_in.to(PHONE) == ["It's with us.", "Is there more?\n1 Yes\n2 No"]
    with service.database.read() as session:
        assert session.scalars(select(Message.delivery)).all() == ["sent", "sent"]


def answered(service, *replies):
    """Let a person have written, and the assistant owe these replies to it."""
    got = receive(service, InboundMessage("sms", "SM9", "she never comes", datetime.now(UTC), phone=PHONE))
    with service.database.write() as session:
        conversation = session.get_one(Conversation, got.conversation_id)
        said = session.scalar(select(Message.id).where(Message.provider_id == "SM9"))
        store_replies(session, conversation, list(replies), now=datetime.now(UTC), reply_to=said)


def test_replies_of_one_turn_leave_in_one_text_where_that_is_cheaper(service, twilio, stand_in):
    """Thanks and question are one text; the price stands with the first, and a report of arrival is for both."""
    answered(service, Reply("utter_heard", "Thank you."), Reply("utter_ask_name", "What name?", "ask", "name"))
    while outbox.send_next(service, twilio):
        pass
    outgoing = select(Message.segments, Message.delivery).where(Message.direction == "out").order_by(Message.number)
    assert stand_in.to(PHONE) == ["Thank you.\nWhat name?"]
    with service.database.write() as session:
        assert session.execute(outgoing).all() == [(1, "sent"), (0, "sent")]
        conversations.set_delivery(session, stand_in.texts[0]["sid"], "delivered", now=datetime.now(UTC))
    with service.database.read() as session:
        assert [delivery for _, delivery in session.execute(outgoing)] == ["delivered", "delivered"]


@pytest.mark.parametrize(
    "replies",
    [
        [Reply("utter_code_word", "It is: otter lemon. Learn it, then delete this text."), Reply(None, "Name?")],
        [Reply("utter_crisis", "Call 999.", "crisis"), Reply("utter_ask_safe_now", "Are you safe?", "ask", "safe_now")],
        [Reply(None, "a" * 150), Reply(None, "b" * 150)],
    ],
)
def test_what_must_stand_alone_or_costs_no_less_is_a_text_of_its_own(service, twilio, stand_in, replies):
    """A code word is to be deleted, crisis words are not buried, and joining must save something."""
    answered(service, *replies)
    while outbox.send_next(service, twilio):
        pass
    assert stand_in.to(PHONE) == [each.text for each in replies]


def test_failed_text_is_tried_again_and_then_shown_to_a_person(service, twilio, stand_in):
    """Four tries over about an hour; then the text is failed and a person is asked for."""
    owe(service, "hello")
    stand_in.failing = [500] * 8
    for _ in range(4):
        make_due(service)
        assert outbox.send_next(service, twilio)

    with service.database.read() as session:
        assert session.scalar(select(Message.delivery)) == "failed"
        assert session.scalar(select(Job.state)) == "dead"
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["text_failed"]


def test_later_text_waits_behind_one_that_is_tried_again(service, twilio, stand_in):
    """Texts never overtake each other."""
    owe(service, "first", "second")
    stand_in.failing = [500]
    outbox.send_next(service, twilio)
    assert not outbox.send_next(service, twilio)
    make_due(service)
    while outbox.send_next(service, twilio):
        pass

    assert stand_in.to(PHONE) == ["first", "second"]


def make_due(service):
    with service.database.write() as session:
        session.execute(update(Job).values(run_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_carrier_opt_out_is_mirrored(service, twilio, stand_in):
    """Twilio's 21610 becomes an opt-out in our own records; nothing more is sent."""
    owe(service, "first", "second")
    stand_in.stopped.add(PHONE)
    while outbox.send_next(service, twilio):
        pass

    with service.database.read() as session:
        assert session.scalar(select(Conversation.opted_out_at)) is not None
    assert stand_in.to(PHONE) == []


def test_stop_is_confirmed_and_then_silent(service, twilio, stand_in):
    """After STOP one last text says how to come back."""
    receive(service, InboundMessage("sms", "SM1", "STOP", datetime.now(UTC), phone=PHONE))
    owe(service, "something later")
    while outbox.send_next(service, twilio):
        pass

    assert len(stand_in.to(PHONE)) == 1


def test_opt_out_that_twilio_obeyed_itself_is_recorded_and_not_answered(client, service, settings):
    """Twilio's OptOutType says that it has stopped texts and told the person so."""
    form = inbound(Body="stop", OptOutType="STOP")
    assert client.post("/sms/inbound", data=form, headers=signed(settings, "/sms/inbound", form)).status_code == 200

    with service.database.read() as session:
        assert session.scalar(select(Conversation.opted_out_at)) is not None
        assert session.scalars(select(Message).where(Message.direction == "out")).all() == []


def test_delivery_reports_never_go_backwards(client, service, settings, twilio):
    """ "delivered" stays, whatever comes late."""
    owe(service, "hello")
    outbox.send_next(service, twilio)
    with service.database.read() as session:
        sid = session.scalar(select(Message.provider_id))
    for status in ("delivered", "sent"):
        form = {"MessageSid": sid, "MessageStatus": status}
        assert client.post("/sms/status", data=form, headers=signed(settings, "/sms/status", form)).status_code == 204

    with service.database.read() as session:
        assert session.scalar(select(Message.delivery)) == "delivered"


def test_alert_goes_to_the_duty_phone_without_anybodys_words(service, twilio, stand_in):
    """The alert says that there is something to read and where; the log of the referral names the route."""
    receive(service, InboundMessage("sms", "SM1", "i want to kill myself", datetime.now(UTC), phone=PHONE))
    assert alarm.owe_due(service, now=datetime.now(UTC))
    assert alarm.send_next(service, twilio)

    first = service.council.first_alerted(datetime.now(UTC))[0]
    [text] = [text for text in stand_in.texts if text["to"] == "+44" + first.phone.replace(" ", "")[1:]]
    assert "kill" not in text["body"]
    assert "/casework/referrals" in text["body"]
