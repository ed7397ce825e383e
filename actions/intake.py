"""Telling a complaint: the form's answers, the questions that need more than a line of words, and the filing."""

import logging
from datetime import date
from textwrap import shorten
from typing import Any

import phonenumbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rasa_sdk.events import ActionExecuted, ActionExecutionRejected, ActiveLoop, FollowupAction, SessionStarted, SlotSet

from actions import advocacy, compliments
from actions.base import FORM, Event, SpeakUpAction, Turn, now, slots
from bot.cases import conversations, intake
from bot.clocks import local_day
from bot.eligibility import Signpost
from bot.errors import NotFound
from bot.settings import ROOT
from bot.understanding import Message, Taken, missing, take

logger = logging.getLogger(__name__)

# After so many misses in a row: first the same question, then other words, then a person.
OTHER_WORDS_AFTER, PERSON_AFTER = 2, 3
MOST_SIGNPOSTS = 2
SAYS_NOTHING = frozenset({"affirm", "deny", "dont_know", "skip"})  # by themselves they are no story
# How much of each matter is read back, in characters; a text costs by its length.
POINT_WIDTH = {"sms": 60, "web": 200}
_templates = Environment(
    loader=FileSystemLoader(ROOT / "actions"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    autoescape=False,  # noqa: S701 -- plain text, never HTML; the page that shows it escapes it
)  # fmt: skip


_templates.filters["spoken_number"] = lambda number: phonenumbers.format_number(
    phonenumbers.parse(number, "GB"), phonenumbers.PhoneNumberFormat.NATIONAL
)


def _quoted(words: str, by_text: bool, most: int) -> str:  # noqa: FBT001 -- a Jinja filter takes its arguments in order
    """Words as they are read back; a text has no room for a long story, which is kept and sent to the team whole."""
    return words if not by_text or len(words) <= most else f"{words[:most].rstrip()} ..."


_templates.filters["quoted"] = _quoted


class ActionSessionStart(SpeakUpAction):
    """A new leg of a conversation goes on where the last one ended: slots, form and question come from the draft."""

    def name(self) -> str:
        return "action_session_start"

    def act(self, turn: Turn) -> list[Event]:
        known, reference = _kept(turn)
        seeded = {
            "filed": bool(reference),
            **{name: value for name, value in known.items() if name in turn.tracker.slots},
        }
        events = [SessionStarted(), *slots(seeded)]
        if known:
            events += [ActiveLoop(FORM), SlotSet("requested_slot", _next_question(turn, known, turn.channel_of_leg()))]
        return [*events, ActionExecuted("action_listen")]


def _kept(turn: Turn) -> tuple[dict[str, Any], str | None]:
    """The draft of this leg's conversation, and the reference of what was filed from it."""
    with turn.service.database.read() as session:
        try:
            conversation = conversations.by_leg(session, turn.leg)
        except NotFound:
            return {}, None
        facts = conversations.draft_facts(session, conversation.id)
        return facts, conversation.case.reference if conversation.case else None


class ActionTakeMessage(SpeakUpAction):
    """Anything said outside a complaint that is no question: the beginning of one, or more about one already filed."""

    def name(self) -> str:
        return "action_take_message"

    def act(self, turn: Turn) -> list[Event]:
        if turn.intent in SAYS_NOTHING and compliments.is_answered(turn):
            turn.say("utter_goodbye")
            return []
        if not turn.tracker.get_slot("filed"):
            return [FollowupAction(FORM)]
        if turn.intent == "new_complaint":
            with turn.service.database.read() as session:
                case = conversations.by_leg(session, turn.leg).case
                kept = intake.told_of_self(case) if case is not None else {}
            fresh = {name: kept.get(name) for name in turn.nothing_told}
            return [*slots(fresh), SlotSet("filed", False), FollowupAction(FORM)]  # noqa: FBT003 -- Rasa's signature
        if turn.intent == "make_complaint":
            turn.say("utter_filed_already")
            return []
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            conversations.ask_for_person(session, conversation, reason="added", now=now())
            reference = conversation.case.reference if conversation.case else ""
            if compliments.keep_beside(session, turn, conversation):
                turn.say("utter_compliment_kept_too")
        turn.say("utter_added", reference=reference)
        return []


class ValidateComplaintForm(SpeakUpAction):
    """Takes each message into the complaint and says which question comes next."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def act(self, turn: Turn) -> list[Event]:
        known = turn.facts
        if _seen(turn):
            return [*slots({"misses": known.get("misses", 0)}), _asked_next(turn, known)]
        taken = take(
            _message(turn), known, asking=_asking(turn, known), channel=turn.channel, council=turn.service.council,
            today=_today(turn),
        )  # fmt: skip
        if taken.how == "interruption":
            # The rules answer it and come back to the form, which finds the message already seen.
            return [SlotSet("last_message", turn.message_id), ActionExecutionRejected(FORM)]
        misses = known.get("misses", 0) + 1 if taken.how == "miss" else 0
        changes = {**taken.facts, "misses": misses, "last_message": turn.message_id}
        praised = _keep(turn, changes, taken)
        _remark(turn, known, taken, misses)
        if praised:
            turn.say("utter_compliment_kept_too")
        after = {name: value for name, value in {**known, **changes}.items() if value is not None}
        return [*slots(changes), _asked_next(turn, after)]

    def after_failure(self, turn: Turn) -> list[Event]:
        # A slot must be set, or Rasa takes the form for rejected; the question asked stays the question asked.
        return [SlotSet("misses", turn.facts.get("misses", 0))]


def _asking(turn: Turn, known: dict[str, Any]) -> str | None:
    if turn.metadata.get("unseen"):
        # Written before the last question was put, so it is no answer to it: the story goes on.
        return "more_to_say" if known.get("what_happened") else "what_happened"
    if turn.in_form:
        asked = turn.tracker.get_slot("requested_slot")
        return str(asked) if asked else None
    return None if not known.get("complainant_role") else _next_question(turn, known, turn.channel)


def _seen(turn: Turn) -> bool:
    # Rasa calls the validation again after an interruption, and a turn that failed half-way is tried again.
    return turn.message_id is not None and turn.tracker.get_slot("last_message") == turn.message_id


def _message(turn: Turn) -> Message:
    text = turn.text
    intent = turn.latest.get("intent") or {}
    if text.startswith("/"):
        # Only our own choices begin so: the channel strips a person's slashes.
        entities = {each["entity"]: each["value"] for each in turn.latest.get("entities") or ()}
        return Message(text=text, intent=turn.intent, confidence=1.0, choice=entities, id=turn.message_id)
    return Message(
        text=turn.whole_text or text,
        intent=turn.intent or None,
        confidence=float(intent.get("confidence") or 0.0),
        id=turn.message_id,
        parts=turn.new_messages,
    )


def _today(turn: Turn) -> date:
    received = turn.metadata.get("received_on")
    return date.fromisoformat(received) if received else local_day(now())


def _next_question(turn: Turn, known: dict[str, Any], channel: str) -> str | None:
    needed = intake.still_needed(known, rules=turn.service.rules, council=turn.service.council, today=_today(turn))
    return next(iter(missing(known, channel, needed)), None)


def _asked_next(turn: Turn, known: dict[str, Any]) -> Event:
    event: Event = SlotSet("requested_slot", _next_question(turn, known, turn.channel))
    return event


def _keep(turn: Turn, changes: dict[str, Any], taken: Taken) -> bool:
    """Keep what was told; True if praise for somebody stood in it, which is kept apart as well."""
    with turn.service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        intake.save_draft(session, conversation.id, {**turn.facts, **changes}, now=now())
        advocacy.keep(session, turn, conversation, taken.facts)
        return "what_happened" in taken.facts and compliments.keep_beside(session, turn, conversation)


def _remark(turn: Turn, known: dict[str, Any], taken: Taken, misses: int) -> None:
    """What is said before the next question, if anything."""
    if taken.how == "miss" and taken.facts and misses < OTHER_WORDS_AFTER:
        # No answer to the question, but something told all the same.
        turn.say("utter_noted")
    elif taken.how == "miss":
        _say_missed(turn, misses)
    elif taken.facts.get("what_happened") and not known.get("what_happened"):
        turn.say("utter_heard")
    elif taken.how == "left_open":
        turn.say("utter_left_open_again" if known.get("skipped") else "utter_left_open")
    advocacy.remark(turn, known, taken.facts)


def _say_missed(turn: Turn, misses: int) -> None:
    if misses >= PERSON_AFTER:
        # The same sentence is never said twice running.
        turn.say("utter_offer_person" if (misses - PERSON_AFTER) % 2 == 0 else "utter_offer_person_again")
    elif misses >= OTHER_WORDS_AFTER:
        special = f"utter_rephrase_{turn.tracker.get_slot('requested_slot')}"
        turn.say(special if special in turn.service.words else "utter_rephrase")
    else:
        turn.say("utter_missed")


class ActionAskPointsAgreed(SpeakUpAction):
    """Reads back the matters in a story as a numbered list, for the person to put right (R15)."""

    def name(self) -> str:
        return "action_ask_points_agreed"

    def act(self, turn: Turn) -> list[Event]:
        width = POINT_WIDTH[turn.channel]
        lines = (shorten(each["words"], width, placeholder=" ...") for each in turn.tracker.get_slot("points"))
        numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
        turn.say("utter_ask_points_agreed", points=numbered)
        return []


class ActionAskConfirmStatement(SpeakUpAction):
    """Reads the statement back: nothing is filed before the person has seen it and said yes."""

    def name(self) -> str:
        return "action_ask_confirm_statement"

    def act(self, turn: Turn) -> list[Event]:
        template = _templates.get_template("statement.txt.j2")
        statement = template.render(told=turn.tracker.slots, say=turn.in_words, by_text=turn.channel == "sms")
        turn.say("utter_ask_confirm_statement", statement=statement.strip())
        return []


class ActionFileComplaint(SpeakUpAction):
    """Files what was confirmed and gives the receipt."""

    def name(self) -> str:
        return "action_file_complaint"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            filed = intake.file_complaint(
                session, conversation_id=conversation.id, council=turn.service.council, rules=turn.service.rules,
                now=now(),
            )  # fmt: skip
        say_receipt(turn, filed)
        if filed.outcome == "ineligible":
            advocacy.offer_on_refusal(turn, turn.facts.get("complainant_role"))
        compliments.ask_after_filing(turn)
        return [SlotSet("filed", True)]  # noqa: FBT003 -- Rasa's signature


def say_receipt(turn: Turn, filed: intake.Filed) -> None:
    """Reference, dates and who to ask; for what belongs elsewhere also why, where to go, and that a person checks."""
    facts: dict[str, object] = {
        "reference": filed.reference,
        "acknowledge_by": filed.acknowledge_by,
        "answer_by": filed.answer_by or "",
        "say": filed.say,
    }
    if filed.outcome == "ineligible":
        turn.say("utter_receipt_signposted", **facts)
        _say_signposts(turn, filed.signposts)
    elif filed.answer_by:
        turn.say("utter_receipt", **facts)
    else:
        turn.say("utter_receipt_to_check", **facts)
    for apart in filed.apart:
        turn.say("utter_receipt_point", number=apart.number, say=apart.say)
        _say_signposts(turn, apart.signposts)
    say_who_to_ask(turn)


def say_who_to_ask(turn: Turn) -> None:
    """Whom to ask about it, with the number only while that is verified."""
    number = turn.number_of(turn.service.council.complaints_team)
    if number:
        turn.say("utter_who_to_ask_by_phone", phone=number)
    else:
        turn.say("utter_who_to_ask")


def _say_signposts(turn: Turn, places: tuple[Signpost, ...]) -> None:
    for place in places[:MOST_SIGNPOSTS]:
        turn.say(
            "utter_signpost" if place.how else "utter_signpost_words", place=place.name, what=place.what, how=place.how
        )
