"""One reminder of a complaint that was begun by text and not finished; then silence."""

from datetime import datetime, timedelta

from bot.cases import conversations, intake, returning
from bot.cases.tables import Conversation
from bot.safe_texting import unasked_words
from bot.service import Service

# A silence older than that is left alone: the number may be somebody else's by now.
TOO_LATE = timedelta(days=7)


def remind_next(service: Service, *, now: datetime) -> bool:
    """Owe the next reminder that is due; False when none is.

    Whoever said that texts are safe is reminded in plain words, anybody else in words that tell a stranger nothing.
    When it leaves is for the outbox, which keeps everybody's safe times.
    """
    silent_since = now - service.council.texting.reminder_after
    with service.database.write() as session:
        draft = intake.take_reminder(session, silent_since=silent_since, begun_after=silent_since - TOO_LATE, now=now)
        if draft is None:
            return False
        conversation = session.get_one(Conversation, draft.conversation_id)
        line = returning.line_of(session, conversation, hours=service.council.texting.hours)
        if response := unasked_words(line, "utter_reminder"):
            reminder = service.words.to(conversation, response)
            conversations.store_replies(session, conversation, [reminder], now=now)
    return True
