"""What the assistant says, read from the responses of `domain.yml`, for the moments when Rasa is not asked."""

from pathlib import Path
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
    """The named responses, each with its form for the web and, where there is one, for SMS."""

    def __init__(self, responses: dict[str, list[dict[str, Any]]]) -> None:
        self._responses = responses

    def __contains__(self, name: str) -> bool:
        return name in self._responses

    def names(self) -> list[str]:
        """All named responses."""
        return sorted(self._responses)

    def say(self, name: str, *, channel: str, **facts: object) -> Reply:
        """One response in the form of the channel, with its blanks filled in.

        Raises:
            SettingsError: there is no such response, or a blank has no fact.
        """
        forms = self._responses.get(name)
        if not forms:
            raise SettingsError(f"domain.yml has no response {name}; add it under `responses:`.")
        form = next((each for each in forms if each.get("channel") == channel), None)
        form = form or next((each for each in forms if "channel" not in each), forms[0])
        try:
            text = form["text"].strip().format_map(facts)
        except KeyError as error:
            raise SettingsError(f"The response {name} has the blank {error} but was given no fact for it.") from None
        return Reply(
            response=name,
            text=text,
            kind=kind_of(name),
            asking=asked_by(name),
            choices=tuple(choice_of(button) for button in form.get("buttons", ())),
        )


def load_words(path: Path = ROOT / "domain.yml") -> Words:
    """The responses of the domain file.

    Raises:
        SettingsError: there is no such file, or it has no responses.
    """
    if not path.exists():
        raise SettingsError(f"{path} is missing; it holds every word the assistant says.")
    responses = yaml.safe_load(path.read_text(encoding="utf-8")).get("responses")
    if not responses:
        raise SettingsError(f"{path} has no `responses:`; it holds every word the assistant says.")
    return Words(responses)
