"""What the assistant says, by name only: the words are put together by the service, in the person's own language."""

from __future__ import annotations

from typing import Any

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker

# What Rasa and its SDK put beside the blanks of a response.
NOT_BLANKS = {
    "domain_responses", "text", "buttons", "elements", "quick_replies", "custom", "template", "image", "attachment",
}  # fmt: skip


class Names(NaturalLanguageGenerator):
    """Gives the name of a response, the blanks an action filled in, and the yes-or-no slots its wording may turn on."""

    def __init__(self, **_: Any) -> None:
        """Made by Rasa from endpoints.yml; it needs neither the settings nor the domain it is offered."""

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,  # noqa: ARG002 -- Rasa's signature
        **kwargs: Any,
    ) -> dict[str, Any]:
        """One response by its name; Rasa sends what it gives to the output channel."""
        slots = {name: slot.value for name, slot in tracker.slots.items() if isinstance(slot.value, bool)}
        blanks = {name: value for name, value in kwargs.items() if name not in NOT_BLANKS and value is not None}
        return {"text": utter_action, "utter_action": utter_action, "blanks": blanks, "shown": slots}
