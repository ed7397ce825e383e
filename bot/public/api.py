"""The chat as JSON, for a council's own site.

There are no cookies and nothing to sign in to: the conversation's handle is the secret, and no other origin's scripts
are let in, so a site calls from its own server.
"""

import json
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.cases import conversations, copies
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Message
from bot.conversation import doorstep, inbox
from bot.conversation.inbox import StoreAway
from bot.errors import NotFound
from bot.public.posting import BadPost, hand_in, read_post, the_service
from bot.web_security import BEGINS, POSTS, by_conversation, limiter

EXPECTED = "Send an object with `id` and `text`, or with `id` and `choice`."

blueprint = Blueprint("api", __name__, url_prefix="/chat/api")


@blueprint.post("/conversations")
@limiter.limit(BEGINS)
def begin() -> ResponseReturnValue:
    """Begin a conversation: its handle, and the welcome."""
    handle, said = inbox.begin(the_service(), now=datetime.now(UTC))
    return jsonify(conversation=handle, replies=[_as_json(message) for message in said]), 201


@blueprint.post("/returns")
@limiter.limit(BEGINS)
def come_back() -> ResponseReturnValue:
    """Open a conversation again with `{number, code}`: its new handle, how things stand, and what is said to it.

    `number` is the number given with the code word, or the telephone number that was texted from. Whatever is wrong,
    the answer is the same 404; three wrong words shut the conversation for twelve hours.
    """
    body = _json_object(request.get_data())
    number, code = body.get("number"), body.get("code")
    if not isinstance(number, str) or not isinstance(code, str):
        raise BadPost("bad_return", "Send an object with `number` and `code`, both strings.")
    handle = doorstep.come_back_on_web(the_service(), number=number, code=code, now=datetime.now(UTC))
    if handle is None:
        raise NotFound("This number and this code word open nothing. Check both.")
    with the_service().database.read() as session:
        found = conversations.by_handle(session, handle)
        said = conversations.messages_after(session, found.id)
        since = takewhile(lambda each: each.direction == "out", reversed(said))
        return jsonify(conversation=handle, **_answer(found, list(since)[::-1]))


@blueprint.post("/conversations/<conversation>/messages")
@limiter.limit(POSTS, key_func=by_conversation)
def post(conversation: str) -> ResponseReturnValue:
    """Take one message, `{id, text}` or `{id, choice}`; answers with what is said to it, and how things stand.

    The same id again is the same message: nothing is done twice and the same replies come back. No replies means that
    the answer takes longer than a request may: ask for it with `GET …/messages`.
    """
    body = _json_object(request.get_data())
    message = read_post(id=body.get("id"), text=body.get("text"), choice=body.get("choice"))
    try:
        received = hand_in(the_service(), message, sender=conversation, handle=conversation)
    except StoreAway as away:
        return jsonify(replies=[_as_json(reply) for reply in away.replies], state="open"), 202
    with the_service().database.read() as session:
        said = conversations.messages_after(session, received.conversation_id, received.number - 1)
        return jsonify(_answer(conversations.by_handle(session, conversation), replies_to(said)))


@blueprint.get("/conversations/<conversation>/messages")
def later(conversation: str) -> ResponseReturnValue:
    """What was said to the person after the reply `after`, or from the start; a person of the team may have written."""
    with the_service().database.read() as session:
        found = conversations.by_handle(session, conversation)
        said = conversations.messages_after(session, found.id)
        return jsonify(_answer(found, _replies_after(said, request.args.get("after"))))


@blueprint.get("/conversations/<conversation>/copy")
@limiter.limit(POSTS, key_func=by_conversation)
def copy(conversation: str) -> ResponseReturnValue:
    """What was sent from this conversation: reference, day, their own words, points, wish, what was added.

    404 while nothing has been sent.
    """
    with the_service().database.write() as session:
        sent = copies.of_handle(session, conversation, now=datetime.now(UTC))
    if sent is None:
        raise NotFound("Nothing has been sent from this conversation, or there is no such conversation.")
    return jsonify(
        reference=sent.reference,
        sent_on=sent.sent_on.isoformat(),
        statement=sent.statement,
        points=list(sent.points),
        wish=sent.wish,
        added=[{"on": each.on.isoformat(), "words": each.words} for each in sent.added],
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        read = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadPost("not_utf8", f"The body is not valid UTF-8 at byte {error.start}. Send it as UTF-8.") from None
    except ValueError:
        raise BadPost("not_json", f"The body is not JSON. {EXPECTED}") from None
    if not isinstance(read, dict):
        raise BadPost("not_json", f"The body is JSON but not an object. {EXPECTED}")
    return read


def replies_to(said: list[Message]) -> list[Message]:
    """What answers the first of these messages: what was said to it, and whatever else before the next one came."""
    first, rest = said[0], said[1:]
    next_in = next((message.number for message in rest if message.direction == "in"), None)
    return [
        message
        for message in rest
        if message.direction == "out" and (message.reply_to == first.id or next_in is None or message.number < next_in)
    ]


def _replies_after(said: list[Message], after: str | None) -> list[Message]:
    start = 0
    if after:
        start = next((message.number for message in said if message.id == after), -1)
    if start < 0:
        raise BadPost("unknown_after", "`after` is not the id of a reply of this conversation. Leave it out for all.")
    return [message for message in said if message.direction == "out" and message.number > start]


def _answer(conversation: Conversation, replies: list[Message]) -> dict[str, Any]:
    answer: dict[str, Any] = {"replies": [_as_json(reply) for reply in replies], "state": conversation.state}
    if conversation.case is not None:
        answer["reference"] = conversation.case.reference
    return answer


def _as_json(said: Message | Reply) -> dict[str, Any]:
    """One reply. Words shown while the store is away were never stored and have no id."""
    return {
        "id": said.id if isinstance(said, Message) else None,
        "text": said.text,
        "choices": [{"label": each["label"], "value": each["value"]} for each in said.choices or ()],
        "asking": said.asking,
        "kind": said.kind,
    }
