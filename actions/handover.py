"""Asking for a member of staff, and leaving."""

from rasa_sdk.events import ActiveLoop, FollowupAction

from actions.base import FORM, Event, SpeakUpAction, Turn, now
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
        # The form was rejected to get here; begun anew without being run, it takes the next message as an answer.
        return [ActiveLoop(FORM), FollowupAction("action_listen")]
