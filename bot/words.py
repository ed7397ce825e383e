"""What the assistant says, put into words here: responses of `domain.yml` and answers of `data/questions.yml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from bot import asked
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation
from bot.errors import SettingsError
from bot.safe_texting import SafeHours
from bot.settings import ROOT
from bot.spoken import Spoken

KINDS = ("crisis", "receipt", "person")
ENGLISH = "en"
LANGUAGES = ROOT / "languages"
Responses = dict[str, list[dict[str, Any]]]


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
    """The named responses, each with its form for the web and, where there is one, for SMS, in every language.

    Args:
        responses: in English, in the shape of domain.yml.
        known: what fills the blanks that are the same for everybody, such as the council's name.
        languages: the other languages there are.
    """

    def __init__(self, responses: Responses, known: Mapping[str, object], languages: Sequence["Language"]) -> None:
        self._known = known
        self._spoken = {each.code: each for each in languages}
        self._languages = {ENGLISH: responses} | {each.code: each.of(responses) for each in languages}
        self._asked_for = {phrase: each.code for each in languages for phrase in each.asked_for}

    def __contains__(self, name: str) -> bool:
        return name in self._languages[ENGLISH]

    def names(self) -> list[str]:
        """All named responses."""
        return sorted(self._languages[ENGLISH])

    def say(
        self,
        name: str,
        *,
        channel: str,
        language: str = ENGLISH,
        shown: Mapping[str, bool] = MappingProxyType({}),
        **facts: object,
    ) -> Reply:
        """One response in the form of the channel, with its blanks filled in.

        Args:
            channel: "sms" or "web"; a response without a form for it says the general one.
            language: a code of `languages`; one that is not there is answered in English.
            shown: what the forms with a condition turn on.

        Raises:
            SettingsError: there is no such response, or a blank has no fact.
        """
        form = self._form(self._languages.get(language, self._languages[ENGLISH]), name, channel, shown)
        try:
            blanks = {name: self.in_words(value, language) for name, value in {**self._known, **facts}.items()}
            text = form["text"].strip().format_map(blanks)
        except KeyError as error:
            raise SettingsError(f"The response {name} has the blank {error} but was given no fact for it.") from None
        return Reply(
            response=name,
            text=text,
            kind=kind_of(name),
            asking=asked_by(name),
            choices=tuple(choice_of(button) for button in form.get("buttons", ())),
        )

    def in_words(self, value: object, language: str = ENGLISH) -> str:
        """What fills a blank, in words of a language.

        Args:
            value: a date, opening hours, hours for texting, or words; of words, a phrase of ours is translated, and
                anything else (a name, what a person wrote) stays as it is.
        """
        return self._spoken.get(language, self._spoken[ENGLISH]).in_words(value)

    def to(self, conversation: Conversation, name: str, **facts: object) -> Reply:
        """One response as the person of a conversation gets it: on their channel, in their language."""
        return self.say(name, channel=conversation.channel, language=conversation.language, **facts)  # type: ignore[arg-type]

    def language_asked_for(self, text: str) -> str | None:
        """The language that words ask for and nothing else ("po polsku"), by its code."""
        said = re.sub(r"[^\w\s]", "", text.casefold()).strip()
        return self._asked_for.get(re.sub(r"\s+", " ", said))

    @staticmethod
    def _form(responses: Responses, name: str, channel: str, shown: Mapping[str, bool]) -> dict[str, Any]:
        """The form that fits best: with a condition that holds before one without, of the channel before a general."""
        fitting = [form for form in responses.get(name, ()) if _fits(form, channel, shown)]
        if not fitting:
            raise SettingsError(f"There is no response {name}; add it to domain.yml under `responses:`.")
        return max(fitting, key=lambda form: ("condition" in form, "channel" in form))


def _fits(form: dict[str, Any], channel: str, shown: Mapping[str, bool]) -> bool:
    holds = all(shown.get(each["name"]) == each["value"] for each in form.get("condition", ()))
    return holds and form.get("channel", channel) == channel


@dataclass(frozen=True)
class Language:
    """The assistant's words in another language, from a file of `languages/`.

    Args:
        code: ISO 639-1, such as "cy".
        name: what the language calls itself.
        asked_for: whole messages that ask for it.
        responses: for each response its `text`, its `sms` form where English has one, the labels of its `choices` by
            their value, and under `when` the forms that turn on a slot.
        spoken: how it says days, dates and hours.
        phrases: what is put into blanks, by its English: reasons of the rules, places to go, labels of the statement.
    """

    code: str
    name: str
    asked_for: tuple[str, ...]
    responses: Mapping[str, Mapping[str, Any]]
    spoken: Spoken
    phrases: Mapping[str, str]

    def in_words(self, value: object) -> str:
        """A date, hours or a phrase in this language; any other value as it is."""
        if isinstance(value, date):
            return self.spoken.day(value)
        if isinstance(value, SafeHours):
            return self.spoken.texting_hours(value)
        if isinstance(value, tuple):
            return self.spoken.opening_hours(value)
        return self.phrases.get(str(value), str(value))

    def of(self, english: Responses) -> Responses:
        """The responses in this language; what is not translated stays English, so that nobody is left without."""
        return {name: [self._form(name, form) for form in forms] for name, forms in english.items()}

    def _form(self, name: str, form: dict[str, Any]) -> dict[str, Any]:
        known = self.responses.get(name)
        if known is None:
            return form
        words = known
        for condition in form.get("condition", ()):
            words = known["when"][condition["name"]]
        translated = {**form, "text": words.get(form.get("channel", "text")) or words["text"]}
        if "buttons" in form:
            labels = known["choices"]
            translated["buttons"] = [{**each, "title": labels[choice_of(each)["value"]]} for each in form["buttons"]]
        return translated


def load_language(path: Path) -> Language:
    """One language.

    Raises:
        SettingsError: the file does not say which language it is, or how it is asked for.
    """
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return Language(
            code=read["language"], name=read["name"], asked_for=tuple(read["asked_for"]),
            responses=read.get("responses", {}), spoken=Spoken.read(read["spoken"]), phrases=read.get("phrases", {}),
        )  # fmt: skip
    except KeyError as error:
        raise SettingsError(f"{path} has no {error}; compare it with the other files in {LANGUAGES.name}/.") from None


def english(path: Path = ROOT / "domain.yml") -> Responses:
    """All responses in English: those of the domain file, and the answers to the questions people ask.

    Raises:
        SettingsError: there is no such file, or it has no responses.
    """
    if not path.exists():
        raise SettingsError(f"{path} is missing; it holds the words the assistant says.")
    responses = yaml.safe_load(path.read_text(encoding="utf-8")).get("responses")
    if not responses:
        raise SettingsError(f"{path} has no `responses:`; it holds the words the assistant says.")
    return {**responses, **asked.answers()}


def load_words(known: Mapping[str, object], path: Path = ROOT / "domain.yml") -> Words:
    """Everything the assistant says, in every language.

    Args:
        known: what fills the blanks that are the same for everybody.

    Raises:
        SettingsError: as `english` and `load_language`.
    """
    return Words(english(path), known, [load_language(each) for each in sorted(LANGUAGES.glob("*.yml"))])
