"""A stand-in for Twilio on this machine: takes texts over the REST API as Twilio does, and delivers signed webhooks.

With it a whole conversation by text runs without an account: `bot talk --channel sms` and the tests use it. It answers
in Twilio's own JSON and refuses what Twilio refuses, so that the real client cannot tell.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

OPTED_OUT = 21610
NOT_A_NUMBER = 21211
NO_BODY = 21602
TOO_LONG = 21617
LONGEST_BODY = 1600  # characters
NOT_AUTHENTICATED = 20003


@dataclass
class StandIn:
    """The stand-in of one account.

    Args:
        account_sid, auth_token: what the service's settings name.
        webhooks: the service's public address, where texts and reports are delivered.
        reach: where that address really is, if it cannot be reached by its name.
    """

    account_sid: str
    auth_token: str
    webhooks: str
    reach: str = ""
    texts: list[dict[str, str]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    failing: list[int] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15))

    def app(self) -> Flask:
        """The REST API: the one call that sends a text."""
        app = Flask("twilio stand-in")
        app.add_url_rule(
            "/2010-04-01/Accounts/<sid>/Messages.json", view_func=self._take, methods=["POST"], endpoint="messages"
        )
        return app

    def _take(self, sid: str) -> ResponseReturnValue:
        given = request.authorization
        if sid != self.account_sid or given is None or given.password != self.auth_token:
            return _refusal(401, NOT_AUTHENTICATED, "Authenticate")
        if self.failing:
            return _refusal(self.failing.pop(0), 20500, "Internal Server Error")
        to, body = request.form.get("To", ""), request.form.get("Body", "")
        if wrong := self._wrong_with(to, body):
            return _refusal(400, *wrong)
        text = {"sid": f"SM{uuid.uuid4().hex}", "to": to, "from": request.form.get("From", ""), "body": body}
        with self.arrived:
            self.texts.append(text | {"callback": request.form.get("StatusCallback", "")})
            self.arrived.notify_all()
        return jsonify({**text, "status": "queued", "account_sid": sid, "error_code": None}), 201

    def _wrong_with(self, to: str, body: str) -> tuple[int, str] | None:
        """Twilio's code and words for a text that it does not take."""
        if not to.startswith("+") or not to[1:].isdecimal():
            return NOT_A_NUMBER, "Invalid 'To' Phone Number"
        if not body:
            return NO_BODY, "Message body is required."
        if len(body) > LONGEST_BODY:
            return TOO_LONG, "The concatenated message body exceeds the 1600 character limit"
        return (OPTED_OUT, "Attempt to send to unsubscribed recipient") if to in self.stopped else None

    def to(self, phone: str) -> list[str]:
        """The words of every text sent to a number, in order."""
        return [text["body"] for text in self.texts if text["to"] == phone]

    def wait_for(self, phone: str, count: int, *, seconds: float) -> list[str]:
        """Wait until a number has had so many texts; returns what it has had by then."""
        with self.arrived:
            self.arrived.wait_for(lambda: len(self.to(phone)) >= count, timeout=seconds)
        return self.to(phone)

    def text(self, phone: str, body: str, *, sid: str | None = None, pictures: int = 0) -> httpx.Response:
        """Deliver a text from a number to the service, signed as Twilio signs."""
        form = {"From": phone, "To": "", "Body": body, "NumMedia": str(pictures)}
        return self.deliver("/sms/inbound", form | {"MessageSid": sid or f"SM{uuid.uuid4().hex}"})

    def report(self, sid: str, status: str, **more: str) -> httpx.Response:
        """Deliver a report of how far a text has come."""
        return self.deliver("/sms/status", {"MessageSid": sid, "MessageStatus": status, **more})

    def deliver(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Post a form to the service with Twilio's signature over its public address."""
        signature = RequestValidator(self.auth_token).compute_signature(self.webhooks + path, form)
        where = (self.reach or self.webhooks) + path
        return self._http.post(where, data=form, headers={"X-Twilio-Signature": signature})

    def start(self, port: int) -> "Running":
        """Serve the API on loopback until `stop` is called; port 0 takes any free one."""
        server = make_server("127.0.0.1", port, self.app(), threaded=True)
        thread = threading.Thread(target=server.serve_forever, name="twilio-stand-in", daemon=True)
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            self._http.close()

        return Running(f"http://127.0.0.1:{server.port}", stop)


@dataclass(frozen=True)
class Running:
    """A stand-in that is being served.

    Args:
        address: where it listens.
        stop: ends it, and closes its line to the service.
    """

    address: str
    stop: Callable[[], None]


def _refusal(status: int, code: int, message: str) -> ResponseReturnValue:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return jsonify({"code": code, "message": message, "more_info": more, "status": status}), status
