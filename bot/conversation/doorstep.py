"""Who is at the other end of a telephone: a code word after a long silence, before anything is repeated.

Danger is answered before any of this, and so are STOP, START and HELP. What is said at the door tells nothing of whom
we know or what they told us.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.cases import conversations, jobs, returning
from bot.cases.conversations import Reply
from bot.cases.database import lock
from bot.cases.tables import Conversation, Message
from bot.conversation.code_words import is_try, new_code, read_code, read_reference
from bot.conversation.commands import Command, is_only_a_greeting, read_command, words_of
from bot.conversation.crisis import SAFE_NOW
from bot.service import Service
from bot.telephones import e164

CODE_WORD, CODE_GONE = "utter_code_word", "utter_code_word_gone"
# How long the words of a code may be read in the conversation before they are taken out of it.
CODE_STAYS = timedelta(hours=1)


def place_of(service: Service, session: Session, current: Conversation, *, now: datetime) -> Conversation:
    """The conversation that a text goes to: the one its number has now or, after a long silence, an empty one.

    An answer to "are you safe right now?" goes where it was asked, however late it comes.
    """
    if not returning.has_told(session, current):
        return current
    lock(session, current)
    here = conversations.of_number(session, current.phone_key or "")
    if here is not None and here is not current:
        return here  # another text of the same moment opened the door
    asked = conversations.last_asked(session, current.id)
    if asked is not None and asked.asking == SAFE_NOW:
        return current
    known_at = max(current.last_message_at, current.phone_since or current.started_at)
    if current.nudged_at is None and now - known_at <= service.council.texting.code_after:
        return current
    return returning.open_door(session, current, asking=True, now=now)


def answer(service: Service, session: Session, conversation: Conversation, message: Message, command: Command) -> bool:
    """Do what a text says about who is writing; False when it says nothing of that and goes on to the dialogue."""
    if _came_back(service, session, conversation, message):
        return True
    at_the_door = conversation.code_asked_at is not None
    if command.order == "someone_new" and (at_the_door or returning.has_told(session, conversation)):
        _begin_new(service, session, conversation, message)
    elif command.order == "have_code":
        _say(service, session, conversation, message, "utter_neutral_have_code")
    elif not at_the_door:
        return False
    elif command.order == "lost_code":
        conversations.ask_for_person(session, conversation, reason="code_lost", now=message.at)
        _say(service, session, conversation, message, "utter_neutral_code_lost")
    elif message.screening == "none" and is_try(message.text):
        barred = returning.count_wrong(session, conversation, now=message.at)
        wrong = "utter_neutral_code_failed" if barred else "utter_neutral_code_wrong"
        _say(service, session, conversation, message, wrong)
    else:
        _say(service, session, conversation, message, "utter_neutral_code")
    return True


def _came_back(service: Service, session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether the text is a code that opens a conversation; then it goes on there."""
    code, phone = read_code(message.text), conversation.phone
    if code is None or phone is None:
        return False
    found = returning.resume_with(
        session, code=code, reference=read_reference(message.text), phone=phone, apart_from=conversation,
        now=message.at,
    )  # fmt: skip
    if found is None:
        return False
    message.text = words_of("kept_as")
    waiting: list[Message] = []
    if returning.has_told(session, conversation):
        conversations.belongs_to(session, message, found)
    else:
        waiting = _unanswered(session, conversation)
        returning.join(session, conversation, found, now=message.at)
    returning.to_phone(session, found, phone=phone, now=message.at)
    welcome_back(service, session, found, asks_again=not waiting, reply_to=message.id, now=message.at)
    for each in waiting:
        jobs.owe_turn(session, each, now=message.at)
    return True


def _begin_new(service: Service, session: Session, conversation: Conversation, message: Message) -> None:
    """Whoever writes is not the one we know: they get a conversation of their own."""
    waiting: list[Message] = []
    if conversation.code_asked_at is not None:
        waiting = _unanswered(session, conversation)
        returning.become_new(conversation)
    else:
        conversation = returning.open_door(session, conversation, asking=False, now=message.at)
        conversations.belongs_to(session, message, conversation)
    _say(service, session, conversation, message, "utter_someone_new")
    for each in waiting:
        jobs.owe_turn(session, each, now=message.at)


def _unanswered(session: Session, door: Conversation) -> list[Message]:
    """What was told at the door and is no greeting, order or code: it is answered once we know whom."""
    said = [each for each in conversations.transcript(session, door.id) if each.direction == "in"]
    return [each for each in said if each.screening != "immediate" and _tells(each.text)]


def _tells(text: str) -> bool:
    is_order = read_command(text, at_the_door=True).order is not None
    return not (is_order or text == words_of("kept_as") or is_only_a_greeting(text) or is_try(text))


def welcome_back(
    service: Service,
    session: Session,
    conversation: Conversation,
    *,
    asks_again: bool,
    now: datetime,
    reply_to: str | None = None,
) -> None:
    """Greet a person who is known again, say what there is, and ask again what was asked last.

    Args:
        asks_again: nothing of theirs is still to be answered, which would bring its own question.
    """
    if conversations.draft_facts(session, conversation.id):
        replies = [service.words.to(conversation, "utter_welcome_back")]
        asked = conversations.last_question(session, conversation.id) if asks_again else None
        if asked is not None:
            replies.append(Reply(asked.response, asked.text, asked.kind, asked.asking, tuple(asked.choices or ())))
    elif conversation.case is not None:
        replies = [service.words.to(conversation, "utter_welcome_back_filed", reference=conversation.case.reference)]
    else:
        replies = [service.words.to(conversation, "utter_greet")]
    conversations.store_replies(session, conversation, replies, now=now, reply_to=reply_to)


def come_back_on_web(service: Service, *, number: str, code: str, now: datetime) -> str | None:
    """Open a conversation again in a browser; returns its new handle, or None, and nothing tells why.

    Args:
        number: the number given with the code, or the telephone number that was texted from, as typed.
        code: the code word as typed.
    """
    reference = read_reference(number)
    phone = None if reference else e164(number)
    words_told = read_code(code)
    if words_told is None or (reference is None and phone is None):
        return None
    with service.database.write() as session:
        found = returning.resume_with(session, code=words_told, reference=reference, phone=phone, now=now)
        if found is None:
            return None
        handle = returning.to_web(session, found, now=now)
        welcome_back(service, session, found, asks_again=True, now=now)
        return handle


def with_code(
    service: Service, session: Session, conversation: Conversation, replies: list[Reply], *, now: datetime
) -> list[Reply]:
    """The replies to a turn and, once there is something to come back to, the code word before the last of them."""
    if conversation.code_hash is not None or not replies or not returning.has_told(session, conversation):
        return replies
    code = new_code()
    reference = returning.give_code(session, conversation, code=code, now=now)
    told = service.words.to(conversation, CODE_WORD, code=code, reference=reference)
    return [*replies[:-1], told, replies[-1]]


def take_out_codes(service: Service, *, now: datetime) -> bool:
    """Take the words of codes out of conversations in which they have stood for an hour; True when there were some."""
    gone = service.words.say(CODE_GONE, channel="web")
    with service.database.write() as session:
        return conversations.reword(session, response=CODE_WORD, before=now - CODE_STAYS, by=gone) > 0


def _say(service: Service, session: Session, conversation: Conversation, message: Message, response: str) -> None:
    reply = service.words.to(conversation, response)
    conversations.store_replies(session, conversation, [reply], now=message.at, reply_to=message.id)
