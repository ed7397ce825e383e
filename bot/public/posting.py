"""A message posted from the web: checked, kept, answered. The page and the JSON interface both post through here."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.cases import conversations
from bot.cases.tables import Message
from bot.conversation import inbox, turn
from bot.conversation.inbox import LONGEST, InboundMessage, Received
from bot.errors import SpeakUpError
from bot.service import Service

# The browser's own name for a message; with the conversation's it must fit the store's column of 120.
MESSAGE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class BadPost(SpeakUpError):
    """A post that cannot be taken.

    Args:
        code: the stable name of what is wrong, for programs and for the words of the page.
        message: the same in a sentence that names the field and says what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Post:
    """What was posted: `text`, exactly as written, or the `choice` that was picked; never both."""

    id: str
    text: str = ""
    choice: str | None = None


def read_post(*, id: Any, text: Any, choice: Any) -> Post:  # noqa: A002 -- the field's name in the interface
    """A post from the fields as they came.

    Args:
        id: the sender's own name for this message: 1 to 64 letters, digits or `-_.:`. The same one again is a repeat.
        text: 1 to 10,000 characters, not only spaces; or None or "" beside a choice.
        choice: the value of a choice that was offered; or None.

    Raises:
        BadPost: a field is missing, of the wrong kind, or too long.
    """
    if not isinstance(id, str) or not MESSAGE_ID.fullmatch(id):
        raise BadPost(
            "bad_id", "`id` must be your own name for this message: 1 to 64 letters, digits or the signs - _ . :"
        )
    for name, value in (("text", text), ("choice", choice)):
        if value is not None and not isinstance(value, str):
            raise BadPost(f"bad_{name}", f"`{name}` must be a string.")
    if choice and text:
        raise BadPost("both_given", "Send `text` or `choice`, not both.")
    if choice:
        return Post(id, choice=choice)
    return Post(id, text=_readable(text or ""))


def _readable(text: str) -> str:
    if not text.strip():
        raise BadPost("empty", "`text` is empty. Send `text` with at least one character, or a `choice`.")
    if len(text) > LONGEST:
        raise BadPost(
            "too_long", f"`text` has {len(text):,} characters; {LONGEST:,} is the most. Send it in two messages."
        )
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadPost("not_utf8", "`text` holds half of a character (a lone surrogate). Send valid Unicode.")
    return text


def hand_in(service: Service, post: Post, *, sender: str, handle: str | None) -> Received:
    """Keep a post and answer it, waiting a few seconds for the assistant.

    Args:
        sender: what the ids of the posts are unique under.
        handle: the conversation; None begins one.

    Raises:
        BadPost: the choice was never offered.
        NotFound: there is no conversation with this handle.
        StoreAway: the store is away; the message lies in the spool.
    """
    message = InboundMessage(
        channel="web",
        provider_id=f"web:{sender}:{post.id}",
        text=post.text if post.choice is None else _label_if_there(service, handle, post.choice),
        received_at=datetime.now(UTC),
        handle=handle,
        choice=post.choice,
    )
    received = inbox.receive(service, message)
    turn.answer_now(service, received.conversation_id)
    return received


def _label_if_there(service: Service, handle: str | None, value: str) -> str:
    try:
        return _label(service, handle, value)
    except OperationalError:
        # The store is away: the choice is kept by its value alone, so that "no, I am not safe" is still heard.
        return ""


def _label(service: Service, handle: str | None, value: str) -> str:
    """The words on the button that was pressed; the newest, where a value was offered more than once."""
    for choices in _offered(service, handle):
        for choice in choices or ():
            if choice["value"] == value:
                return str(choice["label"])
    raise BadPost("unknown_choice", "`choice` is not one of the choices that were offered. Send `text` instead.")


def _offered(service: Service, handle: str | None) -> list[Any]:
    if handle is None:
        return [service.words.say("utter_welcome", channel="web").choices]
    with service.database.read() as session:
        conversation = conversations.by_handle(session, handle)
        return list(
            session.scalars(
                select(Message.choices)
                .where(Message.conversation_id == conversation.id, Message.direction == "out")
                .order_by(Message.number.desc())
            )
        )


def the_service() -> Service:
    """The service of the running app."""
    service: Service = current_app.extensions["speakup"]
    return service
