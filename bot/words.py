"""What the assistant says: the responses of `domain.yml`, put together here, whether Rasa chose them or not."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from bot.cases.conversations import Reply
from bot.errors import SettingsError
from bot.settings import ROOT

KINDS = ("crisis", "receipt", "person")


def kind_of(response: str | None) -> str:
    """What a named response is: ask, crisis, receipt, person or say. Its name tells."""
    name = (response or "").removeprefix("utter_")
    if name.startswith("ask_"):
        return "ask"
    return next((kind for kind in KINDS if name.startswith(kind)), "say")


def asked_by(response: str | None) -> str | None:
    """The fact that a named response asks for: `utter_ask_what_happened` asks for `what_happened`."""
    name = response or ""
    return name.removeprefix("utter_ask_") if name.startswith("utter_ask_") else None


def choice_of(button: dict[str, Any]) -> dict[str, str]:
    """A button of Rasa's as a choice: `/inform{"role": "parent"}` has the value "parent", `/affirm` "affirm"."""
    payload = str(button["payload"])
    intent, brace, entities = payload.lstrip("/").partition("{")
    values = list(yaml.safe_load(brace + entities).values()) if brace else []
    return {"label": str(button["title"]), "value": str(values[0]) if values else intent, "payload": payload}


class Words:
    """The named responses, each with its form for the web and, where there is one, for SMS.

    Args:
        responses: as domain.yml holds them.
        known: what fills the blanks that are the same for everybody, such as the council's name.
    """

    def __init__(self, responses: dict[str, list[dict[str, Any]]], known: Mapping[str, str]) -> None:
        self._responses, self._known = responses, known

    def __contains__(self, name: str) -> bool:
        return name in self._responses

    def names(self) -> list[str]:
        """All named responses."""
        return sorted(self._responses)

    def say(
        self, name: str, *, channel: str, shown: Mapping[str, bool] = MappingProxyType({}), **facts: object
    ) -> Reply:
        """One response in the form of the channel, with its blanks filled in.

        Args:
            channel: "sms" or "web"; a response without a form for it says the general one.
            shown: what the forms with a condition turn on.

        Raises:
            SettingsError: there is no such response, or a blank has no fact.
        """
        form = self._form(name, channel, shown)
        try:
            text = form["text"].strip().format_map({**self._known, **facts})
        except KeyError as error:
            raise SettingsError(f"The response {name} has the blank {error} but was given no fact for it.") from None
        return Reply(
            response=name,
            text=text,
            kind=kind_of(name),
            asking=asked_by(name),
            choices=tuple(choice_of(button) for button in form.get("buttons", ())),
        )

    def _form(self, name: str, channel: str, shown: Mapping[str, bool]) -> dict[str, Any]:
        """The form that fits best: with a condition that holds before one without, of the channel before a general."""
        fitting = [form for form in self._responses.get(name, ()) if _fits(form, channel, shown)]
        if not fitting:
            raise SettingsError(f"domain.yml has no response {name}; add it under `responses:`.")
        return max(fitting, key=lambda form: ("condition" in form, "channel" in form))


def _fits(form: dict[str, Any], channel: str, shown: Mapping[str, bool]) -> bool:
    holds = all(shown.get(each["name"]) == each["value"] for each in form.get("condition", ()))
    return holds and form.get("channel", channel) == channel


def load_words(known: Mapping[str, str], path: Path = ROOT / "domain.yml") -> Words:
    """The responses of the domain file.

    Args:
        known: what fills the blanks that are the same for everybody.

    Raises:
        SettingsError: there is no such file, or it has no responses.
    """
    if not path.exists():
        raise SettingsError(f"{path} is missing; it holds every word the assistant says.")
    responses = yaml.safe_load(path.read_text(encoding="utf-8")).get("responses")
    if not responses:
        raise SettingsError(f"{path} has no `responses:`; it holds every word the assistant says.")
    return Words(responses, known)
