"""What every action of ours does: its words are named responses, and a failure loses neither the step nor a secret."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot import service
from bot.cases import conversations
from bot.clocks import local_day
from bot.council import Contact
from bot.service import Service
from bot.words import ENGLISH

FORM = "complaint_form"
Event = dict[str, Any]
# Slots that are no part of what a person told us; every other slot is kept in the draft under its own name.
HOUSEKEEPING = frozenset({"requested_slot", "session_started_metadata", "last_message", "filed"})

logger = logging.getLogger(__name__)


class SpeakUpAction(Action, ABC):  # type: ignore[misc]  # rasa-sdk ships no types
    """An action of ours. A subclass says what it is called and what it does; `run` sees to failures."""

    @abstractmethod
    def name(self) -> str:
        """The name by which domain.yml and the rules know it."""

    @abstractmethod
    def act(self, turn: "Turn") -> list[Event]:
        """Do it: say named responses through `turn`, and return Rasa's events."""

    def after_failure(self, turn: "Turn") -> list[Event]:  # noqa: ARG002 -- for actions whose step Rasa must not repeat
        """The events that keep the conversation where it was when `act` failed."""
        return []

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: Mapping[str, Any],  # noqa: ARG002 -- Rasa's signature
    ) -> list[Event]:
        """Run by Rasa. Whatever fails is logged by its class alone and told to the person in kind words."""
        turn = Turn(dispatcher, tracker)
        try:
            return self.act(turn)
        except Exception as error:  # noqa: BLE001 -- the SDK would send the exception and the whole request back
            logger.error("action failed action=%s error=%s", self.name(), type(error).__name__)  # noqa: TRY400 -- no traceback: it can hold words
            dispatcher.messages.clear()
            turn.say("utter_person_problem")
            return self.after_failure(turn)


class Turn:
    """One call of an action: what is known, what was just said, and a voice."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        self._dispatcher = dispatcher
        self.tracker = tracker
        self.latest: Mapping[str, Any] = tracker.latest_message or {}
        self.metadata: Mapping[str, Any] = self.latest.get("metadata") or {}

    @property
    def service(self) -> Service:
        """The installation this process serves."""
        return service.current()

    @property
    def leg(self) -> str:
        """The name Rasa knows this conversation by."""
        return str(self.tracker.sender_id)

    @property
    def channel(self) -> str:
        """sms or web."""
        return "sms" if self.tracker.get_latest_input_channel() == "sms" else "web"

    @property
    def language(self) -> str:
        """The language the person is answered in, by its code."""
        return str(self.metadata.get("language") or ENGLISH)

    def channel_of_leg(self) -> str:
        """The channel at the start of a leg, when no message is on Rasa's record yet."""
        with self.service.database.read() as session:
            return conversations.by_leg(session, self.leg).channel

    @property
    def intent(self) -> str:
        """What the last message was taken for; of a question, `ask_` and which one it is."""
        question = self.choice("question") or self.metadata.get("question")
        return f"ask_{question}" if question else str((self.latest.get("intent") or {}).get("name") or "")

    @property
    def text(self) -> str:
        """The last message, as Rasa was sent it."""
        return str(self.latest.get("text") or "")

    def choice(self, fact: str) -> str | None:
        """The value of one of our own choices that was picked; None for free text."""
        if not self.text.startswith("/"):
            return None
        values = (each["value"] for each in self.latest.get("entities") or () if each["entity"] == fact)
        return next((str(value) for value in values), None)

    @property
    def message_id(self) -> str | None:
        """The id of the last message in the case store; Rasa's own where it was not kept there."""
        return self.metadata.get("message") or self.latest.get("message_id")

    @property
    def new_messages(self) -> tuple[str, ...]:
        """The ids of what is said now, which may be several messages; what is in the story already is left out.

        A turn that failed half-way is tried again, with whatever was written meanwhile.
        """
        last, known = self.metadata.get("message"), self.tracker.get_slot("parts") or ()
        messages = (*self.metadata.get("earlier_parts", ()), *([last] if last else ()))
        return tuple(each for each in messages if each not in known) or messages

    @property
    def whole_text(self) -> str:
        """What is said now, as it was kept: Rasa is sent only the beginning of a long message."""
        if self.text.startswith("/") or not self.new_messages:
            return self.text
        with self.service.database.read() as session:
            return "\n".join(conversations.message_text(session, each) for each in self.new_messages)

    @property
    def in_form(self) -> bool:
        """Whether a complaint is being told."""
        return bool((self.tracker.active_loop or {}).get("name") == FORM)

    @property
    def facts(self) -> dict[str, Any]:
        """What the person has told us, by the names of the vocabulary."""
        return {
            name: value for name, value in self.tracker.slots.items() if name not in HOUSEKEEPING and value is not None
        }

    @property
    def nothing_told(self) -> dict[str, None]:
        """Every fact as it is before anything was told."""
        return {name: None for name in self.tracker.slots if name not in HOUSEKEEPING}

    def say(self, response: str, **facts: object) -> None:
        """Say a named response; `facts` are for its blanks, dates and hours as they are."""
        blanks = {name: self.in_words(value) for name, value in facts.items()}
        self._dispatcher.utter_message(response=response, **blanks)

    def in_words(self, value: object) -> str:
        """A date, hours or a phrase of ours in the person's language."""
        return self.service.words.in_words(value, self.language)

    def number_of(self, contact: Contact) -> str | None:
        """A telephone number, if it may be told today."""
        return contact.told(local_day(now()))


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def wait_in_form() -> list[Event]:
    """The events that leave the complaint's question open after its form was rejected.

    Begun anew without being run, the form takes the next message as an answer.
    """
    return [ActiveLoop(FORM), FollowupAction("action_listen")]


def slots(changes: Mapping[str, Any]) -> list[Event]:
    """Slot events for changed facts."""
    return [SlotSet(name, value) for name, value in changes.items()]
