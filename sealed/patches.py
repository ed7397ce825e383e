"""Repairs of Rasa 3.6.21, made in memory: together they save most of a turn's cost (see `bench/rasa_patches.py`).

They name private parts of a pinned version, so a changed Rasa stops the start instead of being patched blindly.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import rasa
from aiohttp import ClientSession, ClientTimeout, TCPConnector
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.actions.forms import FormAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

PARTS = 14  # of a tracker
# Events of our actions that say of which slot, loop or action they are.
NAMED = frozenset({"slot", "active_loop", "followup", "action", "action_execution_rejected"})


class PatchDoesNotFit(RasaException):
    """A private part of Rasa that a repair needs is gone or does something else."""


def apply() -> None:
    """Make all the repairs.

    Raises:
        PatchDoesNotFit: this Rasa is not the one the repairs were written for.
    """
    _check_answers_by_hand()
    _remember_event_classes()
    _copy_slots_at_once()
    _copy_trackers_as_they_are()
    _look_for_rules_by_intent_alone()
    _run_graphs_as_they_are()
    _tell_actions_what_they_ask()
    _keep_the_line_to_the_actions()


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


def _copy_trackers_as_they_are() -> None:
    # Stock Rasa copies a tracker by replaying its conversation, three times in a turn of the form and once more for the
    # call of its validation.
    if (
        not callable(getattr(FormAction, "_temporary_tracker", None))
        or len(vars(DialogueStateTracker("", []))) != PARTS
    ):
        raise PatchDoesNotFit("Trackers or the form's copy of one changed; pin rasa to 3.6.21 or drop the repair.")

    def copy_of(self: DialogueStateTracker) -> DialogueStateTracker:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.events = self.events.copy()
        twin.slots = {name: copy(slot) for name, slot in self.slots.items()}
        twin.active_loop, twin.latest_action = copy(self.active_loop), copy(self.latest_action)
        return twin

    def temporary_tracker(
        self: FormAction,
        current_tracker: DialogueStateTracker,
        additional_events: list[Event],
        domain: Any,  # noqa: ARG001 -- Rasa's signature
    ) -> DialogueStateTracker:
        twin = current_tracker.copy()
        asked = SlotSet(REQUESTED_SLOT, self.get_slot_to_fill(current_tracker))
        for event in (asked, ActionExecuted(self.name()), *additional_events):
            twin.update(event)
        return twin

    DialogueStateTracker.copy = copy_of
    FormAction._temporary_tracker = temporary_tracker


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


def _look_for_rules_by_intent_alone() -> None:
    # Stock Rasa first replays the conversation to look for a rule with the very words of the last message, even where
    # the form goes on anyhow. Our rules name intents only, so an ordinary answer is predicted without a replay.
    original = getattr(RulePolicy, "_find_action_from_rules", None)
    if not callable(original):
        raise PatchDoesNotFit("RulePolicy._find_action_from_rules is gone; pin rasa to 3.6.21 or drop the repair.")

    def find_action(self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Any:  # noqa: FBT001 -- Rasa's signature
        if use_text_for_last_user_input:
            return None, None, False
        return original(self, tracker, domain, use_text_for_last_user_input)

    RulePolicy._find_action_from_rules = find_action


def _run_graphs_as_they_are() -> None:
    # Stock Rasa has dask plan the graph of a handful of steps anew for each message and each prediction, which takes
    # longer than the steps.
    if not {"_instantiated_nodes", "_graph_schema"} <= set(DaskGraphRunner.__init__.__code__.co_names):
        raise PatchDoesNotFit("DaskGraphRunner keeps its steps elsewhere; pin rasa to 3.6.21 or drop the repair.")

    def run(self: DaskGraphRunner, inputs: Any = None, targets: Any = None) -> dict[str, Any]:
        made = {name: (name, value) for name, value in (inputs or {}).items()}

        def made_by(step: str) -> Any:
            if step not in made:
                needed = self._graph_schema.nodes[step].needs.values()
                made[step] = self._instantiated_nodes[step](*map(made_by, needed))
            return made[step]

        return dict(made_by(step) for step in targets or self._graph_schema.target_names)

    DaskGraphRunner.run = run


def _tell_actions_what_they_ask() -> None:
    # Stock Rasa puts every event of the conversation and the whole domain, 50 kB, into every call. What our actions ask
    # for is in the slots and the last message, but for the channel, which the SDK reads off a person's last event.
    if not callable(getattr(RemoteAction, "_action_call_format", None)):
        raise PatchDoesNotFit("RemoteAction._action_call_format is gone; pin rasa to 3.6.21 or drop the repair.")

    def action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Any) -> dict[str, Any]:  # noqa: ARG001 -- Rasa's signature
        told = tracker.current_state(EventVerbosity.NONE)
        told["events"] = [{"event": UserUttered.type_name, "input_channel": told["latest_input_channel"]}]
        return {
            "next_action": self.name(),
            "sender_id": tracker.sender_id,
            "tracker": told,
            "version": rasa.__version__,
        }

    RemoteAction._action_call_format = action_call_format


def _keep_the_line_to_the_actions() -> None:
    # Stock Rasa opens a new connection for each call of an action.
    if not callable(getattr(EndpointConfig, "session", None)):
        raise PatchDoesNotFit("EndpointConfig.session is gone; pin rasa to 3.6.21 or drop the repair.")
    lines: dict[int, Line] = {}

    def session(self: EndpointConfig) -> Line:
        if id(self) not in lines:
            # Let go before the action server does (gunicorn: 2 seconds), so that no call meets a closing door.
            lines[id(self)] = Line(
                ClientSession(
                    headers=self.headers,
                    timeout=ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
                    connector=TCPConnector(keepalive_timeout=1),
                )
            )
        return lines[id(self)]

    EndpointConfig.session = session


class Line:
    """A session that stays open when the call it was taken for is over; it ends with the process."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        """Leave it open."""
