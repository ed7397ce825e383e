"""What two of the repairs of Rasa save. Run in the sealed environment:

PYTHONPATH=. .venv-rasa/bin/python bench/rasa_patches.py
"""

import logging
import time
from collections.abc import Callable

from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from sealed import patches

ROUNDS = 50
TURNS = 100
ANSWER = {
    "events": [{"event": "slot", "timestamp": None, "name": f"fact_{number}", "value": "x"} for number in range(6)],
    "responses": [{"text": None, "response": "utter_heard", "buttons": []}],
}


def milliseconds(work: Callable[[], object]) -> float:
    """The mean time of one call."""
    work()
    begun = time.perf_counter()
    for _ in range(ROUNDS):
        work()
    return (time.perf_counter() - begun) / ROUNDS * 1000


def tracker_of(turns: int) -> list[dict[str, object]]:
    """A conversation as it lies in the tracker store."""
    events: list[object] = []
    for number in range(turns):
        events += [
            ActionExecuted("action_listen"),
            UserUttered(f"message {number}", {"name": "inform"}),
            SlotSet("misses", 0),
            ActionExecuted("complaint_form"),
            BotUttered("question"),
        ]
    return [event.as_dict() for event in events]  # type: ignore[attr-defined]


def main() -> None:
    """Measure both, stock and repaired, and print a line for each."""
    logging.disable(logging.CRITICAL)
    action, stored = RemoteAction("validate_complaint_form", None), tracker_of(TURNS)
    works = {
        "check an answer of the action server": lambda: action._validate_action_result(ANSWER),
        f"read a conversation of {TURNS} turns": lambda: DialogueStateTracker.from_dict(
            "leg", stored, Domain.empty().slots
        ),
    }
    stock = {name: milliseconds(work) for name, work in works.items()}
    patches.apply()
    for name, work in works.items():
        print(f"{name}: stock {stock[name]:.2f} ms, repaired {milliseconds(work):.2f} ms")


if __name__ == "__main__":
    main()
