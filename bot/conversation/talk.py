"""A conversation in the terminal, through the real path: the web's JSON API, or texts by the stand-in for Twilio."""

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.twilio_stand_in import StandIn
from bot.conversation.outbox import segments
from bot.errors import SettingsError
from bot.settings import Settings

QUIET = 4.0  # seconds without a further text after which it is the person's turn


def by_web(settings: Settings, lines: Iterable[str], say: Callable[[str], object]) -> None:
    """Talk as a council's own site would: over the JSON API."""
    with httpx.Client(base_url=_local(settings), timeout=30) as client:
        opened = _json(client, "POST", "/chat/api/conversations")
        _show(opened["replies"], say)
        for line in lines:
            if not line.strip():
                continue
            message = {"id": uuid.uuid4().hex, "text": line.rstrip("\n")}
            answer = _json(client, "POST", f"/chat/api/conversations/{opened['conversation']}/messages", message)
            _show(answer["replies"], say)
            if answer.get("reference"):
                say(f"   [{answer['state']}: {answer['reference']}]")


def _json(client: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    try:
        answer = client.request(method, path, json=body)
        answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise SettingsError(f"The service answered {error.response.status_code}: {error.response.text}") from error
    except httpx.HTTPError as error:
        raise SettingsError(f"Nothing answers at {client.base_url}. Start it with `bot serve`.") from error
    return answer.json()


def _show(replies: list[dict[str, Any]], say: Callable[[str], object]) -> None:
    for reply in replies:
        say(f"<  {reply['text']}")
        for number, choice in enumerate(reply["choices"], 1):
            say(f"     {number} {choice['label']}")


def by_text(settings: Settings, phone: str, lines: Iterable[str], say: Callable[[str], object]) -> None:
    """Talk by text, with the stand-in in Twilio's place.

    Raises:
        SettingsError: the service is set up for the real Twilio, or nothing answers.
    """
    if not settings.twilio_api_base:
        raise SettingsError(
            "SPEAKUP_TWILIO_API_BASE is not set: this service sends real texts, so use a real telephone."
        )
    stand_in = StandIn(
        settings.twilio_account_sid, settings.twilio_auth_token, settings.public_url, reach=_local(settings)
    )
    running = stand_in.start(urlsplit(settings.twilio_api_base).port or 0)
    say(f"Texting from {phone}. Write a line and press Enter.")
    try:
        shown = 0
        for line in lines:
            if line.strip():
                _send(stand_in, phone, line.rstrip("\n"))
                shown = _show_texts(stand_in, phone, shown, say)
    finally:
        running.stop()


def _send(stand_in: StandIn, phone: str, line: str) -> None:
    try:
        answer = stand_in.text(phone, line)
    except httpx.HTTPError as error:
        raise SettingsError(f"Nothing answers at {stand_in.reach}. Start it with `bot serve`.") from error
    if answer.is_error:
        raise SettingsError(f"The service refused the text with {answer.status_code}: {answer.text}")


def _show_texts(stand_in: StandIn, phone: str, shown: int, say: Callable[[str], object]) -> int:
    """Show what arrives until it has been quiet for a while; returns how many texts have been shown in all."""
    stand_in.wait_for(phone, shown + 1, seconds=15)
    last = time.monotonic()
    while time.monotonic() - last < QUIET:
        texts = stand_in.to(phone)
        if len(texts) > shown:
            for text in texts[shown:]:
                say(f"<  {text}\n   [{segments(text)} segment{'s' if segments(text) != 1 else ''}]")
            shown, last = len(texts), time.monotonic()
        time.sleep(0.1)
    return shown


def _local(settings: Settings) -> str:
    return f"http://{settings.web_host}:{settings.web_port}"
