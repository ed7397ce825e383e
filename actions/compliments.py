"""Thanks and praise for a worker: kept at once, asked about gently, and not lost beside a complaint."""

from collections.abc import Mapping

from rasa_sdk.events import FollowupAction
from sqlalchemy.orm import Session

from actions.base import Event, SpeakUpAction, Turn, now
from bot.cases import compliments, conversations
from bot.cases.tables import Compliment, Conversation, Message
from bot.understanding.cues import is_only, is_small_answer
from bot.understanding.people import name_given, read_role, role_from_word
from bot.understanding.stories import read_place
from bot.understanding.thanks import is_announced, read_praised, read_tell, read_thanks, whom

QUESTIONS = {
    "for_words": "utter_ask_compliment_for",
    "from_role": "utter_ask_compliment_from",
    "tell": "utter_ask_compliment_tell",
    "name": "utter_ask_compliment_name",
}
DONE = {"named": "utter_compliment_done_named", "unnamed": "utter_compliment_done_unnamed"}
WORDS = "compliment_words"
ASKED = {"compliment_for": "for_words", "compliment_from": "from_role", "compliment_tell": "tell",
         "compliment_name": "name"}  # fmt: skip
LEFT_OPEN = "unknown"  # the value of a choice that leaves a question open


class ActionTakeCompliment(SpeakUpAction):
    """Keeps a compliment in the giver's own words; of a message that complains too, the complaint goes first."""

    def name(self) -> str:
        return "action_take_compliment"

    def act(self, turn: Turn) -> list[Event]:
        thanks = read_thanks(turn.whole_text, turn.intent)
        if thanks.complaint and not turn.in_form:
            return [FollowupAction("action_take_message")]
        if is_announced(turn.text):
            turn.say("utter_compliment_later" if turn.in_form else "utter_ask_compliment_words")
            return []
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            kept = _keep(session, turn, conversation, thanks.praise)
            turn.say("utter_compliment_kept_too" if turn.in_form else "utter_compliment_kept")
            if not turn.in_form:
                _ask_next(session, turn, conversation, kept)
        return []


class ActionTellCompliment(SpeakUpAction):
    """Takes what was asked about a compliment: the words themselves, for whom, from whom, and who may know."""

    def name(self) -> str:
        return "action_tell_compliment"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            if turn.metadata.get("asking") == WORDS:
                kept = _keep(session, turn, conversation)
                turn.say("utter_compliment_kept")
                _ask_next(session, turn, conversation, kept)
                return []
            given = compliments.latest(session, conversation)
            answer = _answer(turn, given, _said(session, turn).text.strip()) if given else {}
            if given is None or not answer:
                turn.say("utter_compliment_nothing")
                return []
            compliments.add(session, given, now=now(), **answer)
            _ask_next(session, turn, conversation, given)
        return []


def keep_beside(session: Session, turn: Turn, conversation: Conversation) -> bool:
    """Keep the praise in a message that is for something else; True if there was any."""
    if turn.text.startswith("/"):
        return False
    praise = read_thanks(turn.whole_text, turn.intent).praise
    if not praise or is_announced(praise):
        return False
    _keep(session, turn, conversation, praise)
    return True


def is_answered(turn: Turn) -> bool:
    """Whether the last thing said was that a compliment is done, so that an "ok" or "that's all" only ends the talk."""
    with turn.service.database.read() as session:
        conversation = conversations.by_leg(session, turn.leg)
        said = [each for each in conversations.transcript(session, conversation.id) if each.direction == "out"]
        return bool(said) and said[-1].response in DONE.values()


def ask_after_filing(turn: Turn) -> None:
    """Ask about praise that stood in a complaint once that is filed, so that it can be passed on too."""
    with turn.service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        given = compliments.latest(session, conversation)
        if given is None:
            return
        compliments.catch_up(session, given, conversation)
        if compliments.left_to_ask(given) is None:
            return
        turn.say("utter_compliment_back")
        _ask_next(session, turn, conversation, given)


def _said(session: Session, turn: Turn) -> Message:
    return conversations.message(session, turn.message_id or "")


def _keep(session: Session, turn: Turn, conversation: Conversation, praise: str = "") -> Compliment:
    """Keep the part of the message that praises, or all of it."""
    message = _said(session, turn)
    words = praise or message.text.strip()
    known = read_praised(words, turn.service.council)
    return compliments.keep(session, conversation, message, words=words, known=known, now=now())


def _ask_next(session: Session, turn: Turn, conversation: Conversation, given: Compliment) -> None:
    compliments.catch_up(session, given, conversation)
    missing = compliments.left_to_ask(given)
    if missing is None:
        turn.say(DONE[given.tell or compliments.UNNAMED])
    else:
        turn.say(QUESTIONS[missing])


def _answer(turn: Turn, given: Compliment, text: str) -> Mapping[str, str | None]:
    """What was answered, by the names of a compliment; empty if nothing of it was asked."""
    picked = next(((fact, value) for fact in ASKED if (value := turn.choice(fact)) is not None), None)
    asking, value = picked or (str(turn.metadata.get("asking")), None)
    is_open = value == LEFT_OPEN or (value is None and is_small_answer(text) and not is_only("yes", text))
    if asking == "compliment_for":
        if is_open:
            return {"for_words": whom(given.words)}
        place = read_place(text, turn.service.council, team_asked=True)
        return {"for_words": text, "team": place.get("team") or given.team}
    if asking == "compliment_from":
        role = {} if is_open or value else read_role(text) or role_from_word(text)
        return {"from_role": value or role.get("complainant_role", LEFT_OPEN)}
    if asking == "compliment_tell":
        return {"tell": value or read_tell(text)}
    if asking == "compliment_name":
        return {"name": "" if is_open else name_given(text)[0] or ""}
    return {}
