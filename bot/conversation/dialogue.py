"""The only client of the sealed Rasa."""

from collections.abc import Callable
from typing import Any

import httpx

from bot.cases.conversations import Reply
from bot.errors import DialogueUnavailable, SettingsError

LONGEST_TEXT = 2_000  # Rasa's cost grows with the text; the whole of it is in the case store


class Dialogue:
    """Asks Rasa for the next thing to say.

    Args:
        url: where the sealed Rasa listens.
        secret: shared with its input channel.
        timeout: seconds to wait for an answer.
        say: puts a named response into words.
    """

    def __init__(self, url: str, secret: str, timeout: float, say: Callable[..., Reply]) -> None:
        self._say = say
        self._client = httpx.Client(
            base_url=url, headers={"X-Speak-Up-Secret": secret}, timeout=httpx.Timeout(timeout, connect=2.0)
        )

    def answer(self, *, leg: str, text: str, channel: str, language: str, metadata: dict[str, Any]) -> list[Reply]:
        """What the assistant says to a message.

        Args:
            leg: the name Rasa knows the conversation by.
            text: the person's words, or the payload of one of our own choices.
            channel: "sms" or "web", which picks the form of each response.
            language: which it is put into.
            metadata: conversation, message, level and received_on, for the actions.

        Raises:
            DialogueUnavailable: no answer in time, an error, or no words at all, which is how Rasa fails.
        """
        question = {"sender": leg, "message": text[:LONGEST_TEXT], "channel": channel, "metadata": metadata}
        try:
            answer = self._client.post("/webhooks/speakup/webhook", json=question)
            answer.raise_for_status()
            named = answer.json()["replies"]
            replies = [
                self._say(each["response"], channel=channel, language=language, shown=each["shown"], **each["blanks"])
                for each in named
            ]
        except (httpx.HTTPError, ValueError, KeyError, SettingsError) as error:
            # The cause is left out on purpose: it can hold the request, and with it the person's words.
            raise DialogueUnavailable(type(error).__name__) from None
        if not replies:
            raise DialogueUnavailable("EmptyAnswer")
        return replies

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def ready(self) -> bool:
        """Whether Rasa answers at all."""
        try:
            return self._client.get("/webhooks/speakup/").is_success
        except httpx.HTTPError:
            return False
