"""Two repairs of Rasa 3.6.21, made in memory: each turn they save most of its cost (see `bench/rasa_patches.py`).

Both name private parts of a pinned version, so a changed Rasa stops the start instead of being patched blindly.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.exceptions import RasaException


class PatchDoesNotFit(RasaException):
    """A private part of Rasa that a repair needs is gone or does something else."""


def apply() -> None:
    """Compile the action server's answer schema once; look each event's class up once.

    Raises:
        PatchDoesNotFit: this Rasa is not the one the repairs were written for.
    """
    _compile_schema_once()
    _remember_event_classes()


def _compile_schema_once() -> None:
    # Stock Rasa calls `jsonschema.validate` for every answer of the action server, which checks and compiles the
    # schema itself each time: two thirds of a form's turn.
    if not callable(getattr(RemoteAction, "_validate_action_result", None)):
        raise PatchDoesNotFit("RemoteAction._validate_action_result is gone; pin rasa to 3.6.21 or drop the repair.")
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema, default=Draft202012Validator)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
        error = next(validator.iter_errors(result), None)
        if error is not None:
            raise ValidationError(f"The answer of action {self.name()} is not of the expected shape.")
        return True

    RemoteAction._validate_action_result = validate_action_result


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
