"""The one way in: our service posts a message with a shared secret and gets the named responses back.

Unlike Rasa's own REST channel it refuses strangers, says 500 when handling failed instead of an empty 200, tells which
response each reply is, and lets no word of a person into a log or an error.
"""

from __future__ import annotations

import hmac
from contextvars import ContextVar
from typing import Any, Awaitable, Callable

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from sealed import legs, patches, quiet

SECRET_HEADER = "X-Speak-Up-Secret"  # noqa: S105 -- the name of a header
CHANNELS = ("sms", "web")
LONGEST_MESSAGE = 10_000

patches.apply()
_failures: ContextVar[list[str]] = ContextVar("failures of remote actions in this turn")


def _report_failed_actions() -> None:
    # Rasa swallows the failure of a remote action, drops its events and carries on; the turn would look handled.
    run = RemoteAction.run

    async def run_and_report(self: RemoteAction, *args: Any) -> Any:
        try:
            return await run(self, *args)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            _failures.get([]).append(f"{self.name()}: {type(error).__name__}")
            raise

    RemoteAction.run = run_and_report


_report_failed_actions()


class Replies(OutputChannel):
    """Collects what the assistant says in one turn; its name is the person's channel, which the actions ask for."""

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self.said: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]
        """The person's channel: sms or web."""
        return self.channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep one reply: the name of its response, and what its wording depends on."""
        self.said.append(
            {
                "response": message.get("utter_action"),
                "blanks": message.get("blanks") or {},
                "shown": message.get("shown") or {},
            }
        )


class SpeakUpInput(InputChannel):
    """The input channel `speakup`: POST /webhooks/speakup/webhook."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()

    @classmethod
    def name(cls) -> str:
        """Part of the address."""
        return "speakup"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> SpeakUpInput:
        """The channel with the secret of credentials.yml.

        Raises:
            RasaException: there is no secret of at least 32 characters.
        """
        secret = (credentials or {}).get("secret") or ""
        if len(secret) < 32 or secret.startswith("${"):
            raise RasaException("Set RASA_SECRET to a secret of at least 32 characters before starting Rasa.")
        quiet.silence_words()
        return cls(secret)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes: health, and the one that takes messages."""
        routes = Blueprint("speakup", "speakup")

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = _agent(request) is not None
            return response.json({"status": "ok" if ready else "starting"}, status=200 if ready else 503)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), self.secret):
                return response.json({"error": "wrong or missing secret"}, status=403)
            problem = _problem_with(request)
            if problem:
                return response.json({"error": problem}, status=400)
            if _agent(request) is None:
                return response.json({"error": "no model is loaded yet"}, status=503)
            return await _handle(request, on_new_message)

        return routes


def _agent(request: Request) -> Any:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None


def _problem_with(request: Request) -> str | None:
    try:
        body = request.json
    except Exception:  # noqa: BLE001 -- Sanic's class differs by version; the caller is told either way
        return "the body is not JSON"
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    if not (isinstance(body.get("sender"), str) and body["sender"]):
        return "sender must be the id of a leg"
    if not (isinstance(body.get("message"), str) and 0 < len(body["message"]) <= LONGEST_MESSAGE):
        return f"message must be a text of 1 to {LONGEST_MESSAGE} characters"
    if body.get("channel") not in CHANNELS:
        return "channel must be sms or web"
    return None if isinstance(body.get("metadata", {}), dict) else "metadata must be an object"


async def _handle(request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> HTTPResponse:
    body = request.json
    replies = Replies(body["channel"])
    failures: list[str] = []
    _failures.set(failures)
    try:
        await on_new_message(
            UserMessage(
                body["message"], replies, body["sender"], input_channel=body["channel"], metadata=body.get("metadata")
            )
        )
    except Exception as error:  # noqa: BLE001 -- whatever failed, the service must learn that it did, without words
        failures.append(type(error).__name__)
    if failures or not replies.said:
        legs.forget(body["sender"])
        return response.json({"error": "the turn was not handled", "failures": failures}, status=500)
    return response.json({"replies": replies.said})
