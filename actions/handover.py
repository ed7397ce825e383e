"""Asking for a member of staff, and leaving."""

from actions.base import Event, SpeakUpAction, Turn, now, wait_in_form
from bot.cases import conversations


class ActionRequestHuman(SpeakUpAction):
    """Puts the conversation in front of the staff, and says honestly what happens then."""

    def name(self) -> str:
        return "action_request_human"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            conversations.ask_for_person(session, conversation, reason="asked", now=now())
        turn.say("utter_person_asked")
        return []


class ActionStopForNow(SpeakUpAction):
    """The person leaves; what they told is kept, and the next message goes on from the same question."""

    def name(self) -> str:
        return "action_stop_for_now"

    def act(self, turn: Turn) -> list[Event]:
        if not turn.in_form:
            turn.say("utter_goodbye")
            return []
        with turn.service.database.write() as session:
            conversations.end(session, conversations.by_leg(session, turn.leg), now=now())
        turn.say("utter_stop_for_now")
        return wait_in_form()
