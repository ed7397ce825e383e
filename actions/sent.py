"""What people ask of what they sent: a copy of it, and what changed because of it."""

from textwrap import shorten

import smsutil
from sqlalchemy.orm import Session

from actions.base import Event, SpeakUpAction, Turn, now
from actions.progress import say_status
from bot.cases import conversations, copies, learning
from bot.cases.copies import Copy
from bot.cases.tables import Case, CaseAction, Conversation
from bot.clocks import local_day

PART_SEGMENTS = 2  # of one text; telephones and networks join no more of them reliably
SHORTEST = 40  # characters of each piece of a copy that is cut for texts


class ActionGiveCopy(SpeakUpAction):
    """Gives people their own words back, where only they can read them."""

    def name(self) -> str:
        return "action_give_copy"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            if turn.in_form:
                turn.say("utter_copy_unsent")
            elif conversation.case is None:
                turn.say("utter_copy_none")
            elif turn.channel == "sms" and not _safe_to_text(session, conversation):
                turn.say("utter_copy_by_link", link=_link(turn))
            else:
                copy = copies.give(session, conversation.case, conversation, now=now())
                (_say_by_text if turn.channel == "sms" else _say_on_the_web)(turn, copy)
        return []


def _safe_to_text(session: Session, conversation: Conversation) -> bool:
    """Whether nobody else reads this telephone: the person said so, and nobody else has written from it.

    Texts stay on a telephone, so a number is not enough here even while it is enough for how a complaint is going.
    """
    alone = len(conversations.sharing_number(session, conversation)) == 1
    return alone and conversations.safety_of_texts(session, conversation) == "safe"


def _link(turn: Turn) -> str:
    return f"{turn.service.settings.public_url}/chat/back"


def _pieces(turn: Turn, copy: Copy, width: int | None = None) -> list[str]:
    """A copy line by line, in the person's language around their own words.

    Args:
        width: the most characters of each piece; None for the whole of it.
    """

    def piece(response: str, words: str, **facts: object) -> str:
        cut = shorten(words, width, placeholder=" ...") if width else words
        said = turn.service.words.say(response, channel=turn.channel, language=turn.language, words=cut, **facts)  # type: ignore[arg-type]  # the blanks of a response
        return said.text

    if len(copy.points) > 1:
        told = [piece("utter_copy_point", each, number=number) for number, each in enumerate(copy.points, 1)]
    else:
        told = [piece("utter_copy_words", copy.statement)]
    if copy.wish:
        told.append(piece("utter_copy_wish", copy.wish))
    return told + [piece("utter_copy_added", each.words, day=turn.in_words(each.on)) for each in copy.added]


def _say_on_the_web(turn: Turn, copy: Copy) -> None:
    lines = "\n".join(_pieces(turn, copy))
    turn.say("utter_copy", day=copy.sent_on, reference=copy.reference, copy=lines)


def _say_by_text(turn: Turn, copy: Copy) -> None:
    """As many texts as the council's budget allows; a longer copy is cut evenly, and says where the whole of it is."""
    budget = turn.service.council.texting.copy_segments
    texts, is_cut = _as_texts(_pieces(turn, copy)), False
    width = max(len(piece) for piece in _pieces(turn, copy))
    while _segments(texts) > budget and width > SHORTEST:
        width, is_cut = max(SHORTEST, width * 3 // 4), True
        texts = _as_texts(_pieces(turn, copy, width))
    while _segments(texts) > budget and len(texts) > 1:
        texts, is_cut = texts[:-1], True
    turn.say("utter_copy_sms", day=copy.sent_on, reference=copy.reference)
    for text in texts:
        turn.say("utter_copy_part", words=text)
    if is_cut:
        turn.say("utter_copy_cut", link=_link(turn))


def _segments(texts: list[str]) -> int:
    return sum(len(smsutil.split(text).parts) for text in texts)


def _as_texts(pieces: list[str]) -> list[str]:
    """The pieces in as few texts as hold them, each no longer than telephones join; a long piece is parted by words."""
    texts = [""]
    for piece in pieces:
        for number, word in enumerate(piece.split()):
            gap = "\n" if number == 0 else " "
            longer = f"{texts[-1]}{gap}{word}".strip()
            if _segments([longer]) <= PART_SEGMENTS:
                texts[-1] = longer
            else:
                texts.append(word)
    return texts


class ActionTellChanged(SpeakUpAction):
    """Tells what was done and what will be done because of a complaint; where nothing is on record, honestly so."""

    def name(self) -> str:
        return "action_tell_changed"

    def act(self, turn: Turn) -> list[Event]:
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            case = conversation.case
            if case is None:
                turn.say("utter_status_unfinished" if turn.in_form else "utter_changed_none")
            elif told := learning.told(case):
                _say_changes(session, turn, conversation, case, told)
            elif any(stage.answered_on for stage in case.stages):
                _ask_the_team(session, conversation, case)
                turn.say("utter_changed_nothing_yet", reference=case.reference)
            else:
                turn.say("utter_changed_not_answered")
                say_status(turn, case)
        return []


def _say_changes(session: Session, turn: Turn, conversation: Conversation, case: Case, told: list[CaseAction]) -> None:
    lines, is_late = [], False
    for action in told:
        how = _how_it_stands(action)
        day = turn.in_words(action.done_on or action.due_on)
        said = turn.service.words.say(how, channel=turn.channel, language=turn.language, words=action.words, day=day)
        lines.append(said.text)
        is_late = is_late or how == "utter_changed_late"
    turn.say("utter_changed", reference=case.reference, changes="\n".join(lines))
    if is_late:
        _ask_the_team(session, conversation, case)
        turn.say("utter_changed_late_asked")


def _how_it_stands(action: CaseAction) -> str:
    if action.done_on is not None:
        return "utter_changed_done"
    return "utter_changed_planned" if local_day(now()) <= action.due_on else "utter_changed_late"


def _ask_the_team(session: Session, conversation: Conversation, case: Case) -> None:
    """Staff see that the person asked: as a person waiting, and in the history of the case."""
    conversations.ask_for_person(session, conversation, reason="changed", now=now())
    learning.asked(session, case, now=now())
