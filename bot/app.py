"""The web application: every page, form and interface of the service, in one Flask app."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask, g
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from bot import console
from bot.advocates import door
from bot.channels import health, sms
from bot.clocks import local_day
from bot.eligibility import Signpost, load_signposts
from bot.error_pages import answer_errors
from bot.public import api, chat, pages, returning
from bot.public.phone_links import PhoneLinks
from bot.service import Service
from bot.web_security import csrf, secure

HELP_LINES = ("emergency_999", "childline", "samaritans")


def create_app(service: Service) -> Flask:
    """The app of one installation.

    Args:
        service: kept at `app.extensions["speakup"]`, where every view finds it.
    """
    app = Flask(__name__)
    app.extensions["speakup"] = service
    secure(app, service.settings)
    _set_up_templates(app, service)
    answer_errors(app)
    for blueprint in (
        pages.blueprint,
        chat.blueprint,
        returning.blueprint,
        api.blueprint,
        console.blueprint,
        door.blueprint,
        sms.blueprint,
        health.blueprint,
    ):
        app.register_blueprint(blueprint)
    # Twilio signs its requests and the JSON interface has no cookies: neither can be forged through a browser.
    csrf.exempt(sms.blueprint)
    csrf.exempt(api.blueprint)
    return app


def _set_up_templates(app: Flask, service: Service) -> None:
    components = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    app.jinja_options = {"autoescape": True}
    app.jinja_loader = ChoiceLoader([PackageLoader("bot"), components])
    app.jinja_env.filters["phone_links"] = PhoneLinks.of(service.council)

    @app.context_processor
    def _everywhere() -> dict[str, Any]:
        return {"council": service.council, "cspNonce": g.get("csp_nonce"), "help_lines": _help_lines()}


def _help_lines() -> list[Signpost]:
    """Whom to ring in danger, on every public page; a number nobody has checked lately is left out (R3)."""
    today = local_day(datetime.now(UTC))
    directory = load_signposts()
    return [directory[key] for key in HELP_LINES if directory[key].shown(today)]
