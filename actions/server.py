"""The action server: Rasa's requests in, events and named responses out, on loopback and behind a secret."""

import asyncio
import hmac
import importlib
import logging

from flask import Flask, Response, jsonify, request
from rasa_sdk.executor import ActionExecutor

from actions.base import SpeakUpAction
from bot.service import Service, use

SECRET_HEADER = "X-Speak-Up-Secret"  # noqa: S105 -- the name of a header
JOURNEYS = ("actions.intake", "actions.handover", "actions.progress", "actions.advocacy", "actions.wishes",
            "actions.compliments", "actions.sent")  # fmt: skip

logger = logging.getLogger(__name__)


def executor_with_all_actions() -> ActionExecutor:
    """The SDK's executor, knowing every action of ours."""
    for journey in JOURNEYS:
        importlib.import_module(journey)
    executor = ActionExecutor()
    for action in SpeakUpAction.__subclasses__():
        executor.register_action(action)
    return executor


def create_actions_app(service: Service) -> Flask:
    """The WSGI application that Rasa calls; not for anybody else."""
    use(service)
    app = Flask(__name__)
    executor = executor_with_all_actions()
    secret = service.settings.actions_secret.encode()

    @app.get("/health")
    def health() -> Response:
        return jsonify(status="ok")

    @app.post("/webhook")
    def webhook() -> Response | tuple[Response, int]:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret):
            return jsonify(error="wrong or missing secret"), 403
        call = request.get_json(silent=True)
        if not isinstance(call, dict) or "tracker" not in call:
            return jsonify(error="the body is not an action call"), 400
        name = str(call.get("next_action"))
        if name not in executor.actions:
            return jsonify(error="no such action", action_name=name), 404
        # Our Rasa leaves the domain out (sealed/patches.py), and the SDK would ask for it.
        result = asyncio.run(executor.run({"domain": {}, **call}))
        return jsonify(result.model_dump() if result else {"events": [], "responses": []})

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[Response, int]:
        # The SDK's own server echoes the exception and the request, tracker included; the class must do.
        logger.error("action call failed error=%s", type(error).__name__)
        return jsonify(error=type(error).__name__), 500

    return app
