"""The intent of a message, as the service found it before it asked Rasa: the one classifier is outside.

Rasa's own would be a second opinion that costs a prediction a turn, and what `bot understand` says could differ from
what the conversation does.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, METADATA, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class GivenIntent(GraphComponent, IntentClassifier):
    """Takes the intent and its confidence from the metadata of a message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],  # noqa: ARG003 -- Rasa's signature
        model_storage: ModelStorage,  # noqa: ARG003
        resource: Resource,  # noqa: ARG003
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> GivenIntent:
        """The component; it has nothing to be configured."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent that came with each message; none if none came, as with our own choices."""
        for message in messages:
            given = message.get(METADATA) or {}
            intent = {
                INTENT_NAME_KEY: given.get("intent"),
                PREDICTED_CONFIDENCE_KEY: float(given.get("confidence") or 0.0),
            }
            message.set(INTENT, intent, add_to_output=True)
        return messages
