"""Taking a complaint back, going to the next stage with it, and beginning again."""

from rasa_sdk.events import FollowupAction

from actions.base import FORM, Event, SpeakUpAction, Turn, now, slots, wait_in_form
from actions.progress import ask_next_stage_by
from bot import clocks
from bot.cases import casework, conversations, intake
from bot.cases.tables import Case, Stage
from bot.clocks import local_day
from bot.understanding.stories import is_story

YEAR_TO_COME_BACK = 12  # months: regulation 9 counts from the grounds, so it is said as the latest day
OPEN = ("new", "open", "parked")


class ActionWithdraw(SpeakUpAction):
    """Stops a filed complaint once the person has heard what that means and said yes (R47)."""

    def name(self) -> str:
        return "action_withdraw"

    def act(self, turn: Turn) -> list[Event]:
        if turn.in_form:
            turn.say("utter_withdraw_unsent")
            return []
        with turn.service.database.write() as session:
            case = conversations.by_leg(session, turn.leg).case
            if case is None:
                turn.say("utter_withdraw_nothing")
            elif case.status == "withdrawn":
                turn.say("utter_ask_come_back_sure", reference=case.reference)
            elif case.status not in OPEN:
                turn.say("utter_withdraw_over", reference=case.reference)
            elif turn.choice("sure") == "yes":
                casework.withdraw(session, case, by="complainant", now=now(), reason="own_choice")
                back_by = clocks.add_months(local_day(now()), YEAR_TO_COME_BACK)
                turn.say(
                    "utter_withdrawn", reference=case.reference, back_by=f"{turn.in_words(back_by)} {back_by.year}"
                )
            else:
                asked = "utter_withdraw_kept" if turn.choice("sure") == "no" else "utter_ask_withdraw_sure"
                turn.say(asked, reference=case.reference)
        return []


class ActionStartAgain(SpeakUpAction):
    """Wipes what was told of an unsent complaint, once the person has said yes."""

    def name(self) -> str:
        return "action_start_again"

    def act(self, turn: Turn) -> list[Event]:
        if not turn.in_form:
            _bring_back(turn)
            return []
        if turn.choice("sure") is None:
            turn.say("utter_ask_start_again_sure")
            return wait_in_form()
        if turn.choice("sure") == "no":
            return [FollowupAction(FORM)]
        fresh = turn.nothing_told
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            intake.save_draft(session, conversation.id, fresh, now=now())
        turn.say("utter_started_again")
        return [*slots(fresh), FollowupAction(FORM)]


def _bring_back(turn: Turn) -> None:
    """A complaint that was stopped can be taken up again, which a person sees to (R47); else there is nothing to do."""
    with turn.service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        case = conversation.case
        if case is None or case.status != "withdrawn":
            turn.say("utter_start_again_nothing")
        elif turn.choice("sure") == "yes":
            conversations.ask_for_person(session, conversation, reason="come_back", now=now())
            turn.say("utter_come_back_asked", reference=case.reference)
        else:
            asked = "utter_come_back_not" if turn.choice("sure") == "no" else "utter_ask_come_back_sure"
            turn.say(asked, reference=case.reference)


class ActionEscalate(SpeakUpAction):
    """Asks the team for the next stage of an answered complaint, with the day by which it had to be asked for."""

    def name(self) -> str:
        return "action_escalate"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            case = conversation.case
            if case is None:
                return _tell_of_it(turn)
            stage = casework.present_stage(case)
            if ask_next_stage_by(turn, stage) is not None:
                conversations.ask_for_person(session, conversation, reason="asked", now=now())
            _say_next_stage(turn, case, stage)
        return []


def _tell_of_it(turn: Turn) -> list[Event]:
    """Somebody whose complaint was made elsewhere begins one here, in which the earlier answer is told."""
    if is_story(turn.text):
        return [FollowupAction("action_take_message")]
    turn.say("utter_about_escalate")
    return []


def _say_next_stage(turn: Turn, case: Case, stage: Stage | None) -> None:
    if stage is None or stage.answered_on is None:
        due = stage.due_on if stage else intake.told_of(case, turn.service.council, local_day(now())).answer_by
        if due is None:
            turn.say("utter_status_new_to_check", reference=case.reference, acknowledge_by=case.acknowledge_by)
        else:
            turn.say("utter_escalate_not_answered", reference=case.reference, answer_by=due)
    elif (ask_by := ask_next_stage_by(turn, stage)) is None:
        turn.say("utter_escalate_ombudsman", reference=case.reference)
    else:
        response = "utter_escalated" if local_day(now()) <= ask_by else "utter_escalated_late"
        turn.say(response, reference=case.reference, stage=stage.number + 1, ask_by=ask_by)
