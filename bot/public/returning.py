"""The way back in: a number and a code word open what was told before, here or by text."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from bot.conversation import doorstep
from bot.public.chat import HANDLE
from bot.public.posting import the_service
from bot.web_security import CSRFError, limiter

blueprint = Blueprint("returning", __name__, url_prefix="/chat/back")

# Few enough that nobody tries words by the hundred from one place; a children's home is one place with many people.
TRIES = "30 per hour"
LONGEST = 100


@blueprint.get("")
def page() -> str:
    """The form that asks for the number and the code word."""
    return _page()


@blueprint.post("")
@limiter.limit(TRIES)
def come_back() -> ResponseReturnValue:
    """Open the conversation and go to the chat, or say in the same words whatever is wrong that it cannot be opened."""
    number, code = (request.form.get(name, "")[:LONGEST] for name in ("number", "code"))
    missing = [name for name, given in (("number", number), ("code", code)) if not given.strip()]
    if missing:
        return _page(missing, number), 400
    handle = doorstep.come_back_on_web(the_service(), number=number, code=code, now=datetime.now(UTC))
    if handle is None:
        return _page(["wrong"], number), 400
    session[HANDLE] = handle
    return redirect(url_for("chat.page", _anchor="newest"), 303)


@blueprint.errorhandler(RateLimitExceeded)
def _too_often(error: RateLimitExceeded) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    return _page(["too_often"]), 429


@blueprint.errorhandler(CSRFError)
def _out_of_date(error: CSRFError) -> ResponseReturnValue:  # noqa: ARG001 -- Flask's signature
    return _page(["out_of_date"], request.form.get("number", "")[:LONGEST]), 400


def _page(problems: list[str] | None = None, number: str = "") -> str:
    # The code word is never put back into the page: it would stay on the screen.
    return render_template("public/back.html", problems=problems or [], number=number)
