"""Small honest stand-ins with the real signatures."""

from bot.cases.conversations import Reply
from bot.errors import DialogueUnavailable


class ScriptedDialogue:
    """Answers in Rasa's place: `replies` if there are any left, else an echo of how many it has had.

    `away` makes it fail as Rasa does when it is stopped.
    """

    def __init__(self):
        self.asked = []
        self.replies = []
        self.away = False

    def answer(self, *, leg, text, channel, language, metadata):
        if self.away:
            raise DialogueUnavailable("ConnectError")
        self.asked.append({"leg": leg, "text": text, "channel": channel, "metadata": metadata})
        if self.replies:
            return self.replies.pop(0)
        return [Reply("utter_ask_what_happened", f"Answer {len(self.asked)}", "ask", "what_happened")]

    def ready(self):
        return not self.away
