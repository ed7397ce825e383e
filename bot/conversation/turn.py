"""Answering what is owed: one conversation's messages one at a time, in order, with Rasa or without it."""

import logging
import time
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy.orm import Session

from bot.cases import conversations, jobs, safeguarding
from bot.cases.conversations import Reply
from bot.cases.tables import Conversation, Job, Message
from bot.clocks import local_day
from bot.conversation import doorstep
from bot.conversation.choices import picked
from bot.conversation.crisis import SAFE_NOW, answers_safe
from bot.conversation.inbox import language_of, plain_text
from bot.errors import DialogueUnavailable
from bot.service import Service
from bot.understanding import thanks
from bot.understanding.cues import is_only
from bot.understanding.facts import only_tells_when
from bot.understanding.intents import classify

logger = logging.getLogger(__name__)

TRIES_BEFORE_A_PERSON = 3
PROBLEM = "utter_person_problem"  # what an action says when it failed: a person will pick it up
COMPLIMENT = "compliment_"  # how the questions about a compliment begin: no form puts them, so we say what answers
# What is asked where any words are an answer; None is where something is offered and nothing asked.
OPEN_TO_ALL = (None, "what_happened", "more_to_say")
REPEAT = "/repeat"  # the question that was open is asked again
WAITS = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=30))


def answer_now(service: Service, conversation_id: str, *, wait: float = 8.0) -> bool:
    """Answer what this conversation is owed, in this thread, or wait while a worker does.

    Args:
        wait: the longest to stay, in seconds.

    Returns:
        True when nothing is left unanswered; False when it stays owed (the worker goes on).
    """
    until = time.monotonic() + wait
    while time.monotonic() < until:
        left = _answer_next(service, conversation_id)
        if left == 0:
            return True
        with service.database.read() as session:
            owed = jobs.waiting(session, conversation_id)
        if not owed:
            return True
        # Somebody may be answering right now; a turn put off after a failure is not worth waiting for.
        if left is None and not any(job.locked_until and job.locked_until > datetime.now(UTC) for job in owed):
            return False
        if left is None:
            time.sleep(0.05)
    return False


def answer_next(service: Service) -> bool:
    """Answer the next message that is due; False when none is."""
    return _answer_next(service) is not None


def _answer_next(service: Service, conversation_id: str | None = None) -> int | None:
    """Answer the next message that is due, of this conversation or any.

    Returns:
        How many turns its conversation is still owed, a turn that was put off among them; None when none was due.
    """
    now = datetime.now(UTC)
    with service.database.write() as session:
        job = jobs.claim(session, kinds=("turn",), now=now, conversation_id=conversation_id)
        if job is None:
            return None
        message = conversations.message(session, job.message_id or "")
        conversation = message.conversation
        if job.attempts > 1:
            # A try that was cut off may have moved Rasa's side on: a fresh leg starts from the draft.
            conversations.begin_leg_if_due(conversation, now, forced=True)
        later = conversations.messages_after(session, conversation.id, message.number)
        # A question put after the message had been written, which then cannot answer it.
        unseen = any(each.asking not in (None, SAFE_NOW) for each in later)
        messages = [message, *_further_parts(session, conversation, message, later, unseen=unseen)]
        question = _question(service, session, conversation, messages, unseen=unseen)
    try:
        replies = [] if conversation.taken_over_by else service.dialogue.answer(**question)
    except DialogueUnavailable as error:
        _put_off(service, job, str(error))
        return 1
    if unseen:
        replies = _without_open_question(service, replies, conversation.id)
    return _keep_answer(service, job, replies, [each.id for each in messages])


def _without_open_question(service: Service, replies: list[Reply], conversation_id: str) -> list[Reply]:
    """Replies to what was written before the last question came, without that question: they have it before them."""
    with service.database.read() as session:
        asked = conversations.last_question(session, conversation_id)
        return [each for each in replies if asked is None or each.asking != asked.asking]


def _further_parts(
    session: Session, conversation: Conversation, message: Message, later: list[Message], *, unseen: bool
) -> list[Message]:
    """Where a message tells something, what was written after it and waits: one statement in several parts."""
    if not later:
        return []
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    answers = asked is not None and (
        asked.asking not in OPEN_TO_ALL
        or picked(asked.choices, text=message.text, value=message.choice) is not None
        or any(is_only(each, message.text) for each in ("yes", "no"))
    )
    if answers and not unseen:
        return []
    waiting = {job.message_id for job in jobs.waiting(session, conversation.id)}
    # What was written after a question answers that question, and a choice is nothing but itself.
    before_a_question = takewhile(lambda each: not (each.asking or each.choice), later)
    return [each for each in before_a_question if each.id in waiting]


def _question(
    service: Service, session: Session, conversation: Conversation, messages: list[Message], *, unseen: bool
) -> dict[str, Any]:
    message, text = messages[0], "\n".join(each.text for each in messages)
    asked = conversations.last_asked(session, conversation.id, before=message.number)
    choice = picked(asked.choices if asked else None, text=text, value=message.choice)
    choice = choice or _sure_of(asked, text)
    words = _words_for_rasa(message, asked, choice) if len(messages) == 1 else plain_text(text)
    if language_of(service.words, message.text, choice):
        words = REPEAT
    return {
        "leg": conversation.leg,
        "text": words,
        "channel": conversation.channel,
        "language": conversation.language,
        "metadata": {
            "conversation": conversation.id,
            "message": messages[-1].id,
            "earlier_parts": [each.id for each in messages[:-1]],
            "unseen": unseen,
            "level": message.screening,
            "language": conversation.language,
            "received_on": local_day(message.at).isoformat(),
            **_meant(text, words, asked.asking if asked else None, today=local_day(message.at)),
        },
    }


def _sure_of(asked: Message | None, text: str) -> dict[str, Any] | None:
    """The choice that a plain yes or no picks where we asked whether something was really meant."""
    if asked is None or not asked.choices or not (asked.asking or "").endswith("_sure"):
        return None
    if is_only("yes", text):
        return dict(asked.choices[0])
    return dict(asked.choices[-1]) if is_only("no", text) else None


def _meant(text: str, words: str, asking: str | None, *, today: date) -> dict[str, Any]:
    """What the message is for; one of our own choices says so itself."""
    if words.startswith("/"):
        return {}
    intent = classify(text)
    if asking is not None and asking.startswith(COMPLIMENT) and thanks.answers(asking, text, intent):
        return {"intent": "tell_compliment", "confidence": 1.0, "asking": asking}
    if only_tells_when(asking, text, today=today):
        return {"intent": "inform", "question": None, "confidence": 1.0}
    return {"intent": intent.for_rasa, "question": intent.question, "confidence": intent.confidence}


def _words_for_rasa(message: Message, asked: Message | None, choice: dict[str, Any] | None) -> str:
    if answers_safe(asked, text=message.text, value=message.choice):
        # It answered the safety question, which Rasa never put: what Rasa asked before is asked again.
        return REPEAT
    return choice["payload"] if choice else plain_text(message.text or message.choice or "")


def _keep_answer(service: Service, job: Job, replies: list[Reply], message_ids: list[str]) -> int:
    """Keep what is said to these messages; returns how many turns their conversation is still owed."""
    now = datetime.now(UTC)
    is_problem = any(reply.response == PROBLEM for reply in replies)
    with service.database.write() as session:
        owed = jobs.held_turns(session, job)
        if owed is None:
            return 1
        conversation = session.get_one(Conversation, job.conversation_id, with_for_update=True)
        # Read again at the moment of sending: a danger told in a later message may go first. What was taken in stays in
        # the draft and its question is put again afterwards; that a complaint was filed is told all the same.
        if safeguarding.holding(session, conversation.id, now=now):
            replies = [reply for reply in replies if reply.kind == "receipt"]
        answered = [each for each in owed if each.message_id in message_ids]
        for each in answered:
            jobs.finish(each)
        conversation.leg_turns += 1
        conversation.outage_told_at = None
        if conversation.needs_person_reason == "outage":
            conversation.needs_person_since = conversation.needs_person_reason = None
        if is_problem:
            conversations.ask_for_person(session, conversation, reason="problem", now=now)
        # And somebody may have taken the conversation over meanwhile.
        if conversation.taken_over_by is None:
            said = doorstep.with_code(service, session, conversation, replies, now=now)
            conversations.store_replies(session, conversation, said, now=now, reply_to=job.message_id)
        return len(owed) - len(answered)


def _put_off(service: Service, job: Job, error: str) -> None:
    """Rasa is away: say so once, keep the message due, and after three tries give it to a person as well."""
    now = datetime.now(UTC)
    logger.warning("turn put off job=%s attempts=%s error=%s", job.id, job.attempts, error)
    with service.database.write() as session:
        current = jobs.held(session, job)
        if current is None:
            return
        conversation = session.get_one(Conversation, current.conversation_id, with_for_update=True)
        jobs.put_off(current, now=now, wait=WAITS[min(current.attempts, len(WAITS)) - 1], error=error)
        if conversation.outage_told_at is None:
            conversation.outage_told_at = now
            told = service.words.to(conversation, "utter_outage")
            conversations.store_replies(session, conversation, [told], now=now, reply_to=job.message_id)
        if current.attempts >= TRIES_BEFORE_A_PERSON:
            conversations.ask_for_person(session, conversation, reason="outage", now=now)
