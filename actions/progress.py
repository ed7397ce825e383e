"""Questions about Speak Up, about complaining, and about how a complaint is going."""

from datetime import date
from typing import Any

from rasa_sdk.events import FollowupAction

from actions import advocacy
from actions.base import Event, SpeakUpAction, Turn, now, slots
from actions.intake import say_who_to_ask
from bot import clocks
from bot.cases import casework, conversations, dates, intake
from bot.cases.tables import Case, Stage
from bot.clocks import local_day
from bot.understanding.cues import asks
from bot.understanding.facts import understand
from bot.understanding.people import read_role
from bot.understanding.stories import is_story

LONGEST_QUESTION = 15
SURE_ENOUGH = 0.5
LAST_STAGE = 3
OF_THE_WRITER = ("name", "identity", "complainant_age")


class ActionAnswerQuestion(SpeakUpAction):
    """Answers a question with the response named after its intent.

    A long or unclear message that only looks like a question is a story, and begins a complaint instead.
    """

    def name(self) -> str:
        return "action_answer_question"

    def act(self, turn: Turn) -> list[Event]:
        if not turn.in_form and _is_no_question(turn):
            return [FollowupAction("action_take_message")]
        response = answer_to(turn.intent)
        again = f"{response}_again"
        turn.say(again if turn.in_form and again in turn.service.words else response)
        advocacy.mention(turn)
        return [] if turn.in_form or turn.tracker.get_slot("filed") else slots(_introduced(turn))


def _introduced(turn: Turn) -> dict[str, Any]:
    """What somebody told of themselves beside a greeting or a question, so that it need not be asked for later."""
    if turn.text.startswith("/"):
        return {}
    told = understand(
        turn.text, asking=None, intent=turn.intent, council=turn.service.council, today=local_day(now())
    )  # fmt: skip
    return {name: told[name] for name in OF_THE_WRITER if name in told}


def answer_to(intent: str) -> str:
    """The response that answers a question: `utter_about_trouble` to ask_trouble, else the one of the intent's name.

    Responses beginning with `utter_ask_` are our own questions, so the answers need another beginning.
    """
    return f"utter_{intent}".replace("utter_ask_", "utter_about_", 1)


def _is_no_question(turn: Turn) -> bool:
    text = turn.text
    if text.startswith("/"):
        return False
    words = len(text.split())
    if asks(text):
        return words > LONGEST_QUESTION and is_story(text)
    confidence = float((turn.latest.get("intent") or {}).get("confidence") or 0.0)
    if is_story(text) and (words > LONGEST_QUESTION or confidence < SURE_ENOUGH):
        return True
    return bool(read_role(text))


class ActionCheckStatus(SpeakUpAction):
    """Says where the complaint filed from this conversation stands, without asking for its reference."""

    def name(self) -> str:
        return "action_check_status"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.read() as session:
            case = conversations.by_leg(session, turn.leg).case
            if case is None:
                turn.say("utter_status_unfinished" if turn.in_form else "utter_status_none")
                return []
            say_status(turn, case)
        say_who_to_ask(turn)
        return []


def say_status(turn: Turn, case: Case) -> None:
    """Where a case stands, with the date that comes next."""
    council, today = turn.service.council, local_day(now())
    told = intake.told_of(case, council, today)
    stage = casework.present_stage(case)
    facts = {"reference": case.reference, "acknowledge_by": case.acknowledge_by}
    if case.status in ("new", "open") and (freeze := casework.frozen(case)):
        turn.say("utter_status_frozen", review_on=freeze.review_on, **facts)
    elif case.status == "closed" and (ask_by := ask_next_stage_by(turn, stage)) and today <= ask_by:
        turn.say("utter_status_closed_until", ask_by=ask_by, **facts)
    elif case.status == "open" and stage is not None:
        limits = dates.of_stage(stage, case.holds, today=today, extra_holidays=council.extra_holidays)
        turn.say("utter_status_open", answer_by=limits.due_on, **facts)
    elif case.status == "new" and told.answer_by is not None:
        turn.say("utter_status_new", answer_by=told.answer_by, **facts)
    else:
        unsettled = "_to_check" if case.status == "new" else ""
        turn.say(f"utter_status_{case.status}{unsettled}", answer_by="", **facts)


def ask_next_stage_by(turn: Turn, stage: Stage | None) -> date | None:
    """The last day to ask for the stage after an answered one (R33, R39); None where there is none to ask for."""
    if stage is None or stage.answered_on is None or stage.number >= LAST_STAGE:
        return None
    clock: clocks.Clock = "stage2_request" if stage.number == 1 else "stage3_request"
    return clocks.due_on(clock, stage.answered_on, extra_holidays=turn.service.council.extra_holidays)
