"""The chat page. It works by forms alone; with the script it posts and asks for news without loading again."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from bot.cases import conversations, copies, jobs
from bot.cases.conversations import Reply
from bot.cases.database import vault
from bot.cases.tables import Conversation, Message
from bot.conversation.inbox import LONGEST, Received, StoreAway
from bot.errors import NotFound
from bot.public.posting import MESSAGE_ID, BadPost, Post, hand_in, read_post, the_service
from bot.web_security import POSTS, CSRFError, NotUtf8, limiter

blueprint = Blueprint("chat", __name__, url_prefix="/chat")

# In the browser's session: the handle of its conversation, and the name its posts are counted under from the first on.
HANDLE, VISIT = "chat", "visit"


@dataclass(frozen=True)
class View:
    """What the page shows of a conversation.

    Args:
        messages: what was said, the oldest first; a reply the store does not hold has no number.
        choices: what can be picked instead of writing, each with label and value.
        last: the number of the newest message.
        is_waiting: the assistant still owes an answer.
        has_person: a member of the complaints team speaks instead of the assistant.
        reference: of the complaint that was filed.
    """

    messages: list[Message | Reply] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    last: int = 0
    is_waiting: bool = False
    has_person: bool = False
    reference: str | None = None

    @property
    def newest(self) -> Message | Reply | None:
        """Where reading goes on: the first reply since the person last spoke, or else what they said."""
        since = list(takewhile(_is_reply, reversed(self.messages)))
        return next(reversed(since or self.messages), None)


@blueprint.get("")
def page() -> ResponseReturnValue:
    """The conversation of this browser, or the welcome; looking stores nothing."""
    session.setdefault(VISIT, secrets.token_urlsafe(24))
    return _page(_view())


@blueprint.post("")
@limiter.limit(POSTS)
def post() -> ResponseReturnValue:
    """Take one message and show the page again; the script gets what is new instead."""
    written = _written()
    try:
        message = read_post(id=request.form.get("id"), text=written, choice=request.form.get("choice"))
        session[HANDLE] = _hand_in(message).handle
    except BadPost as bad:
        return _page(_view(), problem=bad.code, written=written), 400
    except StoreAway as away:
        return _without_store(away, written)
    if _is_script():
        return jsonify(_news())
    return redirect(url_for("chat.page", _anchor="newest"), 303)


@blueprint.get("/copy")
def copy() -> ResponseReturnValue:
    """What this browser's person sent, on a page to read, print or keep; without it, back to the chat."""
    with the_service().database.write() as writing:
        sent = copies.of_handle(writing, session.get(HANDLE), now=datetime.now(UTC))
    return redirect(url_for("chat.page"), 303) if sent is None else render_template("public/copy.html", copy=sent)


@blueprint.get("/news")
def news() -> ResponseReturnValue:
    """What was said after message `after`, for the script."""
    return jsonify(_news())


@blueprint.errorhandler(CSRFError)
def _out_of_date(error: CSRFError) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    """The form is older than the session: its words are put into a new one, never dropped."""
    session.setdefault(VISIT, secrets.token_urlsafe(24))
    return _page(_view(), problem="out_of_date", written=_written()), 400


@blueprint.errorhandler(RateLimitExceeded)
def _too_often(error: RateLimitExceeded) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    return _page(_view(), problem="too_often", written=_written()), 429


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    request.form = ImmutableMultiDict()  # what is too large to read must not be read again for the page
    return _page(_view(), problem="too_large"), 413


@blueprint.errorhandler(NotUtf8)
def _not_utf8(error: NotUtf8) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    return _page(_view(), problem="not_utf8"), 400


def _written() -> str:
    """The words in the form. A form sends each new line as two characters; the person typed one."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _hand_in(message: Post) -> Received:
    service, visit = the_service(), session.setdefault(VISIT, secrets.token_urlsafe(24))
    # Back can bring an old form with an old id under new words: only the same words are the same message.
    message = replace(message, id=f"{message.id}.{vault().fingerprint(message.choice or message.text)[:16]}")
    try:
        return hand_in(service, message, sender=visit, handle=session.get(HANDLE))
    except NotFound:
        # The conversation is no longer kept: what is written now begins another, and is not lost.
        return hand_in(service, message, sender=visit, handle=None)


def _view(after: int = 0) -> View:
    handle = session.get(HANDLE)
    if handle is None:
        return _welcome()
    with the_service().database.read() as reading:
        try:
            conversation = conversations.by_handle(reading, handle)
        except NotFound:
            return _welcome()
        said = conversations.messages_after(reading, conversation.id)
        shown = _of_conversation(conversation, said, is_waiting=bool(jobs.waiting(reading, conversation.id)))
    return replace(shown, messages=[message for message in said if message.number > after])


def _welcome() -> View:
    welcome = the_service().words.say("utter_welcome", channel="web")
    return View(messages=[welcome], choices=list(welcome.choices))


def _of_conversation(conversation: Conversation, said: list[Message], *, is_waiting: bool) -> View:
    has_person = conversation.taken_over_by is not None
    return View(
        choices=[] if is_waiting or has_person else _open_choices(said),
        last=said[-1].number,
        is_waiting=is_waiting,
        has_person=has_person,
        reference=conversation.case.reference if conversation.case else None,
    )


def _is_reply(said: Message | Reply) -> bool:
    return isinstance(said, Reply) or said.direction == "out"


def _open_choices(said: list[Message]) -> list[dict[str, str]]:
    """The choices offered since the person last spoke."""
    since = takewhile(_is_reply, reversed(said))
    return list(next((message.choices for message in since if message.choices), None) or ())


def _page(view: View, *, problem: str | None = None, written: str = "") -> str:
    return render_template(
        "public/chat.html",
        view=view,
        problem=problem,
        written=written,
        longest=LONGEST,
        message_id=_message_id(),
    )


def _message_id() -> str:
    """The id the next post will carry. A form that is shown again keeps its own: it may have been taken after all."""
    given = request.form.get("id", "") if request.method == "POST" else ""
    return given if MESSAGE_ID.fullmatch(given) else str(uuid4())


def _without_store(away: StoreAway, written: str) -> ResponseReturnValue:
    """The message is safe on disk: show it, say what can be said, and what to do in danger."""
    mine = [Message(direction="in", text=written, kind="said")] if written else []
    view = View(messages=[*mine, *away.replies], last=_after(), is_waiting=True)
    return (jsonify(_fragments(view)) if _is_script() else _page(view)), 202


def _is_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _news() -> dict[str, Any]:
    return _fragments(_view(_after()))


def _after() -> int:
    """The number of the newest message that the script shows already."""
    after = request.values.get("after", "")
    return int(after) if after.isascii() and after.isdecimal() else 0


def _fragments(view: View) -> dict[str, Any]:
    return {
        "last": view.last,
        "messages": render_template("public/_messages.html", view=view),
        "choices": render_template("public/_choices.html", view=view, message_id=str(uuid4())),
        "status": render_template("public/_status.html", view=view),
        "reference": render_template("public/_reference.html", view=view),
    }
