"""Three repairs of Rasa 3.6.21, made in memory: each turn they save most of its cost (see `bench/rasa_patches.py`).

They name private parts of a pinned version, so a changed Rasa stops the start instead of being patched blindly.
"""

from __future__ import annotations

from typing import Any

from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.exceptions import RasaException

# Events of our actions that say of which slot, loop or action they are.
NAMED = frozenset({"slot", "active_loop", "followup", "action", "action_execution_rejected"})


class PatchDoesNotFit(RasaException):
    """A private part of Rasa that a repair needs is gone or does something else."""


def apply() -> None:
    """Check the action server's answers by hand; look each event's class up once; copy slots at once.

    Raises:
        PatchDoesNotFit: this Rasa is not the one the repairs were written for.
    """
    _check_answers_by_hand()
    _remember_event_classes()
    _copy_slots_at_once()


def _check_answers_by_hand() -> None:
    # Stock Rasa calls `jsonschema.validate` for every answer of the action server, which checks and compiles the
    # schema itself each time: two thirds of a form's turn. Even compiled once, the schema of all events takes longer
    # than everything else that is done with the answer; what an event lacks is found where it is read.
    if not callable(getattr(RemoteAction, "_validate_action_result", None)):
        raise PatchDoesNotFit("RemoteAction._validate_action_result is gone; pin rasa to 3.6.21 or drop the repair.")

    def validate_action_result(self: RemoteAction, result: Any) -> bool:
        if not _is_answer(result):
            raise ValidationError(f"The answer of action {self.name()} is not of the expected shape.")
        return True

    RemoteAction._validate_action_result = validate_action_result


def _is_answer(result: Any) -> bool:
    if not isinstance(result, dict):
        return False
    events, responses = (result.get(name, []) for name in ("events", "responses"))
    if not isinstance(events, list) or not isinstance(responses, list):
        return False
    if not all(isinstance(each, dict) for each in (*events, *responses)):
        return False
    return all(isinstance(each.get("event"), str) and (each["event"] not in NAMED or "name" in each) for each in events)


def _copy_slots_at_once() -> None:
    # Stock Rasa makes some eight trackers a turn and copies every slot into each through `copy.copy`, which goes by
    # pickling; a slot is a plain object.
    if hasattr(Slot, "__copy__"):
        raise PatchDoesNotFit("Slot is copied in a way of its own; pin rasa to 3.6.21 or drop the repair.")

    def copy_of(self: Slot) -> Slot:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin

    Slot.__copy__ = copy_of


def _remember_event_classes() -> None:
    # Stock Rasa walks all subclasses of Event for every event of a tracker it reads, and it reads it every turn.
    original = getattr(Event, "resolve_by_type", None)
    if not callable(original) or original("user") is not UserUttered:
        raise PatchDoesNotFit("Event.resolve_by_type is gone or changed; pin rasa to 3.6.21 or drop the repair.")
    known: dict[str, Any] = {}

    def resolve_by_type(type_name: str, default: Any = None) -> Any:
        if type_name not in known:
            found = original(type_name, default)
            if found is None or found is default:
                return found
            known[type_name] = found
        return known[type_name]

    Event.resolve_by_type = staticmethod(resolve_by_type)
