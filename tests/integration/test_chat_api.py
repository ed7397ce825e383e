"""The chat as JSON: its shapes, its errors, and that nothing is handled twice."""

import pytest
from sqlalchemy import func, select

from bot.cases import conversations, intake
from bot.cases.conversations import Reply
from bot.cases.tables import Message
from tests.factories import TOLD

CONVERSATIONS = "/chat/api/conversations"


@pytest.fixture
def messages(client):
    """The address of a conversation's messages."""
    handle = client.post(CONVERSATIONS).json["conversation"]
    return f"{CONVERSATIONS}/{handle}/messages"


def test_conversation_begins_with_a_welcome(client):
    """Beginning answers 201 with an unguessable name and the welcome, in the shape of every reply."""
    answer = client.post(CONVERSATIONS)

    assert answer.status_code == 201
    assert set(answer.json) == {"conversation", "replies"}
    assert len(answer.json["conversation"]) >= 32
    (welcome,) = answer.json["replies"]
    assert set(welcome) == {"id", "text", "choices", "asking", "kind"}
    assert all(set(choice) == {"label", "value"} for choice in welcome["choices"])


def test_conversation_needs_no_cookie(client):
    """The interface sets no cookie and lets no other origin's script in."""
    answer = client.post(CONVERSATIONS)

    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_message_is_answered(client, messages):
    """A message brings the replies to it and how things stand."""
    answer = client.post(messages, json={"id": "1", "text": "my worker never rings back"})

    assert answer.status_code == 200
    assert set(answer.json) == {"replies", "state"}
    assert answer.json["state"] == "open"
    (reply,) = answer.json["replies"]
    assert (reply["kind"], reply["asking"], reply["text"]) == ("ask", "what_happened", "Answer 1")


def test_same_id_again_brings_the_same_replies(client, messages, dialogue):
    """A repeat is recognised by its id: the same replies, and the dialogue asked once."""
    first = client.post(messages, json={"id": "1", "text": "hello"}).json
    client.post(messages, json={"id": "2", "text": "and another thing"})
    again = client.post(messages, json={"id": "1", "text": "hello"}).json

    assert again == first
    assert len(dialogue.asked) == 2


def test_same_id_in_two_conversations_is_two_messages(client, messages, dialogue):
    """Ids belong to their conversation."""
    other = f"{CONVERSATIONS}/{client.post(CONVERSATIONS).json['conversation']}/messages"
    client.post(messages, json={"id": "1", "text": "hello"})
    client.post(other, json={"id": "1", "text": "hello"})

    assert len(dialogue.asked) == 2


def test_choice_is_kept_with_its_label_and_repeats_once(client, messages, service, dialogue):
    """A choice by its value reaches the dialogue as what it means; sent again after it is gone it is still a repeat."""
    choice = {"label": "I live in care", "value": "looked_after_child", "payload": '/inform{"complainant_role": "x"}'}
    dialogue.replies = [[Reply("utter_ask_complainant_role", "Who are you?", "ask", "complainant_role", (choice,))]]
    asked = client.post(messages, json={"id": "1", "text": "hello"}).json
    assert asked["replies"][0]["choices"] == [{"label": "I live in care", "value": "looked_after_child"}]

    first = client.post(messages, json={"id": "2", "choice": "looked_after_child"}).json
    again = client.post(messages, json={"id": "2", "choice": "looked_after_child"}).json

    assert again == first
    assert [each["text"] for each in dialogue.asked] == ["hello", choice["payload"]]
    with service.database.read() as session:
        kept = session.scalars(select(Message).where(Message.direction == "in").order_by(Message.number)).all()
        assert (kept[1].text, kept[1].choice) == ("I live in care", "looked_after_child")


def test_filed_complaint_carries_its_reference(client, messages, service):
    """Once the complaint is filed every answer says so and names the reference."""
    client.post(messages, json={"id": "1", "text": TOLD["what_happened"]})
    with service.database.write() as session:
        conversation = conversations.by_handle(session, messages.split("/")[-2])
        at = conversation.started_at
        intake.save_draft(session, conversation.id, TOLD, now=at)
        filed = intake.file_complaint(
            session, conversation_id=conversation.id, council=service.council, rules=service.rules, now=at
        )

    answer = client.post(messages, json={"id": "2", "text": "thank you"}).json
    assert (answer["state"], answer["reference"]) == ("filed", filed.reference)


def test_later_replies_are_fetched_after_the_last_seen(client, messages, service):
    """What a person of the team writes later is found after the last reply seen; without `after` all is told."""
    seen = client.post(messages, json={"id": "1", "text": "hello"}).json["replies"][-1]["id"]
    with service.database.write() as session:
        conversation = conversations.by_handle(session, messages.split("/")[-2])
        conversations.take_over(session, conversation, by="01STAFF", now=conversation.started_at)
        conversations.say_as_staff(session, conversation, "I am Sam.", by="01STAFF", now=conversation.started_at)

    later = client.get(f"{messages}?after={seen}").json
    assert [(reply["text"], reply["kind"]) for reply in later["replies"]] == [("I am Sam.", "person")]
    assert later["state"] == "open"
    assert len(client.get(messages).json["replies"]) == 3


def test_danger_is_answered_without_rasa(client, messages, dialogue):
    """Words of danger bring the crisis reply even while Rasa is away."""
    dialogue.away = True
    answer = client.post(messages, json={"id": "1", "text": "I want to kill myself"}).json

    assert answer["replies"][0]["kind"] == "crisis"


def test_store_away_answers_with_words_and_keeps_the_message(client, messages, service):
    """With the store gone the answer is 202 with words to show, and the message lies in the spool."""
    with service.database.engine.begin() as connection:
        connection.exec_driver_sql("alter table messages rename to gone")
    answer = client.post(messages, json={"id": "1", "text": "keep this"})

    assert answer.status_code == 202
    assert answer.json["replies"][0]["text"]
    assert len(list((service.settings.home / "spool").glob("*.message"))) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", ("not_json", "JSON")),
        (b"{", ("not_json", "JSON")),
        (b"[1]", ("not_json", "object")),
        (b'{"text": "hello"}', ("bad_id", "`id`")),
        (b'{"id": "", "text": "hello"}', ("bad_id", "`id`")),
        (b'{"id": 7, "text": "hello"}', ("bad_id", "`id`")),
        (b'{"id": "' + b"x" * 65 + b'", "text": "hello"}', ("bad_id", "`id`")),
        (b'{"id": "1"}', ("empty", "`text`")),
        (b'{"id": "1", "text": "", "choice": ""}', ("empty", "`text`")),
        (b'{"id": "1", "text": "  \\n "}', ("empty", "`text`")),
        (b'{"id": "1", "text": 5}', ("bad_text", "`text`")),
        (b'{"id": "1", "choice": ["affirm"]}', ("bad_choice", "`choice`")),
        (b'{"id": "1", "text": "a", "choice": "affirm"}', ("both_given", "`choice`")),
        (b'{"id": "1", "choice": "never_offered"}', ("unknown_choice", "`choice`")),
        (b'{"id": "1", "text": "' + b"x" * 10_001 + b'"}', ("too_long", "10,000")),
        (b'{"id": "1", "text": "\xff\xfe"}', ("not_utf8", "UTF-8")),
        (b'{"id": "1", "text": "half \\ud83d"}', ("not_utf8", "`text`")),
    ],
)
def test_bad_post_is_refused_with_its_reason(client, messages, service, body, error):
    """What cannot be taken is answered 400 in one shape that names the field, and stores nothing."""
    answer = client.post(messages, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert set(answer.json) == {"error"}
    assert answer.json["error"]["code"] == error[0]
    assert error[1] in answer.json["error"]["message"]
    with service.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Message).where(Message.direction == "in")) == 0


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", f"{CONVERSATIONS}/nobody/messages", 404, "not_found"),
        ("GET", f"{CONVERSATIONS}/nobody/messages", 404, "not_found"),
        ("GET", "/chat/api/elsewhere", 404, "not_found"),
        ("DELETE", CONVERSATIONS, 405, "method_not_allowed"),
    ],
)
def test_wrong_address_is_refused_in_the_same_shape(client, method, path, status, code):
    """An unknown conversation or address is answered in JSON like every other error."""
    answer = client.open(path, method=method, json={"id": "1", "text": "hello"})

    assert answer.status_code == status
    assert answer.json["error"]["code"] == code


def test_unknown_after_is_refused(client, messages):
    """An `after` that names no reply of this conversation is said, not read as the start."""
    answer = client.get(f"{messages}?after=01NOBODY")

    assert (answer.status_code, answer.json["error"]["code"]) == (400, "unknown_after")


def test_body_beyond_all_measure_is_refused_in_json(client, messages):
    """Megabytes are refused before they are read, in the same shape."""
    answer = client.post(messages, data=b"x" * 2_000_000, content_type="application/json")

    assert answer.status_code == 413
    assert answer.json["error"]["code"] == "request_entity_too_large"


def test_text_is_kept_exactly(client, messages, service):
    """Spaces, line breaks, markup, emoji and a leading slash reach the store as they were sent."""
    words = '  /restart <b>é</b> \r\n😡\u0000\u2028" '
    client.post(messages, json={"id": "1", "text": words})

    with service.database.read() as session:
        kept = session.scalars(select(Message).where(Message.direction == "in")).all()
        assert [message.text for message in kept] == [words]


def test_copy_of_nothing_is_not_found(client):
    """Nothing sent, and no such conversation, are one answer."""
    handle = client.post(CONVERSATIONS).json["conversation"]
    assert client.get(f"{CONVERSATIONS}/{handle}/copy").status_code == 404
    assert client.get(f"{CONVERSATIONS}/nobody/copy").status_code == 404
