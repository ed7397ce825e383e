"""The start page, what we do with what people tell us, accessibility, and the way out."""

from datetime import UTC, datetime

import phonenumbers
from flask import Blueprint, redirect, render_template, session
from flask.typing import ResponseReturnValue

from bot.clocks import local_day
from bot.public.posting import the_service

blueprint = Blueprint("pages", __name__)

ELSEWHERE = "https://www.bbc.co.uk/weather"


@blueprint.get("/")
def start() -> str:
    """What this is, for whom, and the ways in."""
    settings = the_service().settings
    text_number = _national(settings.twilio_from) if settings.sms_on else None
    return render_template("public/start.html", text_number=text_number)


@blueprint.get("/privacy")
def privacy() -> str:
    """What happens to what people tell us."""
    return render_template("public/privacy.html", **_complaints_team())


@blueprint.get("/accessibility")
def accessibility() -> str:
    """What works for whom, and what has not been tried."""
    return render_template("public/accessibility.html", **_complaints_team())


@blueprint.get("/exit")
def leave() -> ResponseReturnValue:
    """Leave at once: the session ends, the browser forgets what it kept, and another site opens.

    The store is not asked: the way out must work in the moment it is needed, whatever else is slow.
    """
    session.clear()
    response = redirect(ELSEWHERE, 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _complaints_team() -> dict[str, str | None]:
    team = the_service().council.complaints_team
    return {"team": team.name, "team_phone": team.told(local_day(datetime.now(UTC))), "team_email": team.email}


def _national(number: str) -> str:
    """07700 900123, as people write a number."""
    return phonenumbers.format_number(phonenumbers.parse(number, "GB"), phonenumbers.PhoneNumberFormat.NATIONAL)
