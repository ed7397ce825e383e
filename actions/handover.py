"""Asking for a human being: a member of staff, or an advocate."""

from rasa_sdk.events import ActiveLoop, FollowupAction

from actions.base import FORM, Event, SpeakUpAction, Turn, now, slots
from bot.cases import conversations, intake


class ActionRequestHuman(SpeakUpAction):
    """Puts the conversation in front of the staff, and says honestly what happens then."""

    def name(self) -> str:
        return "action_request_human"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            conversations.ask_for_person(session, conversation, reason="asked", now=now())
        turn.say("utter_person_asked", office_hours=turn.service.council.office_hours)
        return []


class ActionRequestAdvocate(SpeakUpAction):
    """Takes the wish for an advocate at any point, as if the offer had just been accepted."""

    def name(self) -> str:
        return "action_request_advocate"

    def act(self, turn: Turn) -> list[Event]:
        advocacy = turn.service.council.advocacy
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            intake.answer_advocacy(session, conversation.id, answer="accepted", provider=advocacy.name, now=now())
            conversations.ask_for_person(session, conversation, reason="advocate", now=now())
            if turn.in_form:
                intake.save_draft(session, conversation.id, {"advocacy": {"answer": "accepted"}}, now=now())
        turn.say("utter_advocacy_accepted")
        number = turn.number_of(advocacy)
        if number:
            turn.say("utter_advocacy_number", phone=number)
        return slots({"advocacy": {"answer": "accepted"}})


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
