"""Taking a complaint back, going to the next stage with it, and beginning again."""

from datetime import date

from rasa_sdk.events import FollowupAction

from actions.base import FORM, Event, SpeakUpAction, Turn, now, slots, wait_in_form
from actions.intake import spoken
from bot import clocks
from bot.cases import casework, conversations, intake
from bot.cases.tables import Case, Stage
from bot.clocks import local_day
from bot.understanding.stories import is_story

YEAR_TO_COME_BACK = 12  # months: regulation 9 counts from the grounds, so it is said as the latest day
LAST_STAGE = 3
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
            elif case.status not in OPEN:
                turn.say("utter_withdraw_over", reference=case.reference)
            elif turn.choice("sure") == "yes":
                casework.withdraw(session, case, by="complainant", now=now(), reason="own_choice")
                back_by = clocks.add_months(local_day(now()), YEAR_TO_COME_BACK)
                turn.say("utter_withdrawn", reference=case.reference, back_by=f"{spoken(back_by)} {back_by.year}")
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
            turn.say("utter_start_again_nothing")
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
            if stage is not None and stage.answered_on and stage.number < LAST_STAGE:
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
            turn.say("utter_status_new_to_check", reference=case.reference, acknowledge_by=spoken(case.acknowledge_by))
        else:
            turn.say("utter_escalate_not_answered", reference=case.reference, answer_by=spoken(due))
    elif stage.number >= LAST_STAGE:
        turn.say("utter_escalate_ombudsman", reference=case.reference)
    else:
        ask_by = _ask_by(turn, stage.number, stage.answered_on)
        response = "utter_escalated" if local_day(now()) <= ask_by else "utter_escalated_late"
        turn.say(response, reference=case.reference, stage=stage.number + 1, ask_by=spoken(ask_by))


def _ask_by(turn: Turn, stage: int, answered_on: date) -> date:
    """The last day to ask for the stage after this one (R33, R39)."""
    clock: clocks.Clock = "stage2_request" if stage == 1 else "stage3_request"
    return clocks.due_on(clock, answered_on, extra_holidays=turn.service.council.extra_holidays)
