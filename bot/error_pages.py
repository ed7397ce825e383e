"""What people and programs are told when something cannot be done: one page, and one shape of JSON."""

import logging
import traceback
from http import HTTPStatus

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from bot.errors import InvalidStep, NotAllowed, NotFound, SpeakUpError
from bot.public.posting import BadPost
from bot.web_security import CSRFError

logger = logging.getLogger(__name__)

OURS: dict[type[SpeakUpError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    NotAllowed: HTTPStatus.FORBIDDEN,
    InvalidStep: HTTPStatus.CONFLICT,
    BadPost: HTTPStatus.BAD_REQUEST,
}


def answer_errors(app: Flask) -> None:
    """Give every error its page, and for the JSON interface its object."""
    for kind in OURS:
        app.register_error_handler(kind, _of_ours)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(OperationalError, _store_away)
    app.register_error_handler(Exception, _unforeseen)


def _of_ours(error: SpeakUpError) -> ResponseReturnValue:
    status = OURS[type(error)]
    code = error.code if isinstance(error, BadPost) else status.name.lower()
    return _answer(status, code, str(error), told=str(error))


def _of_http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    status = HTTPStatus(error.code)
    code = "out_of_date" if isinstance(error, CSRFError) else status.name.lower()
    return _answer(status, code, str(error.description or status.phrase))


def _store_away(error: OperationalError) -> ResponseReturnValue:
    logger.error("the case store is away endpoint=%s class=%s", request.endpoint, type(error).__name__)
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "store_away", "The service cannot be reached just now. Try again.")


def _unforeseen(error: Exception) -> ResponseReturnValue:
    """Note where it happened. The error's own text is left out: it can quote what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    way = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-6:]))
    logger.error("unforeseen error endpoint=%s class=%s at=%s", request.endpoint, type(error).__name__, way)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "our_fault", "Something went wrong on our side. Try again.")


def _answer(status: HTTPStatus, code: str, message: str, *, told: str | None = None) -> ResponseReturnValue:
    """The error for a program, or the page for a person: it says `told` where it is ours, else its own words."""
    if request.path.startswith("/chat/api/"):
        return jsonify(error={"code": code, "message": message}), status
    return render_template("error.html", status=int(status), code=code, told=told), status
