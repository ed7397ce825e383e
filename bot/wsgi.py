"""What the web servers load."""

from flask import Flask

from bot.app import create_app
from bot.logs import start_logging
from bot.service import current
from bot.training import load_classifiers


def web() -> Flask:
    """The web application, set up from the environment."""
    start_logging("web")
    load_classifiers(current().settings)  # read before the first message, not with it
    return create_app(current())


def actions() -> Flask:
    """The action server that Rasa calls."""
    from actions.server import create_actions_app  # noqa: PLC0415 -- the web process does not need it

    start_logging("actions")
    load_classifiers(current().settings)
    return create_actions_app(current())
