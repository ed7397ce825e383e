"""A conversation: what was said, and a member of staff speaking in the assistant's place."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot.cases import conversations, events, lookup, returning, staff
from bot.cases.tables import Conversation
from bot.console.forms import ConfirmForm, StaffForm, WriteForm
from bot.console.guard import me, now, page, seen, service
from bot.errors import InvalidStep


@page("/conversations/<conversation_id>", needs="read_cases")
def show_conversation(conversation_id: str) -> ResponseReturnValue:
    """The whole conversation, whether or not a case came of it."""
    return _page(conversation_id)


@page("/conversations/<conversation_id>/take-over", needs="talk_to_people", methods=("POST",))
def take_over(conversation_id: str) -> ResponseReturnValue:
    """I speak from here; the assistant is silent."""

    def take(session: Session, conversation: Conversation) -> None:
        conversations.take_over(session, conversation, by=me().id, now=now())

    return _act(conversation_id, ConfirmForm(), take, "You have taken this conversation over. The assistant is silent.")


@page("/conversations/<conversation_id>/write", needs="talk_to_people", methods=("POST",))
def write(conversation_id: str) -> ResponseReturnValue:
    """Say something to the person."""
    form = WriteForm()

    def take(session: Session, conversation: Conversation) -> None:
        conversations.say_as_staff(session, conversation, (form.text.data or "").strip(), by=me().id, now=now())

    return _act(conversation_id, form, take, "Your message is on its way.")


@page("/conversations/<conversation_id>/hand-back", needs="talk_to_people", methods=("POST",))
def hand_back(conversation_id: str) -> ResponseReturnValue:
    """The assistant goes on from here."""

    def take(session: Session, conversation: Conversation) -> None:
        conversations.hand_back(session, conversation, by=me().id, now=now())

    return _act(conversation_id, ConfirmForm(), take, "The assistant has the conversation again.")


@page("/conversations/<conversation_id>/known", needs="talk_to_people", methods=("POST",))
def let_in(conversation_id: str) -> ResponseReturnValue:
    """I am sure who this is: no code word is asked for next time, and a new one is given."""

    def take(session: Session, conversation: Conversation) -> None:
        returning.forget_code(session, conversation, by=me().id, now=now())

    hours = service().council.texting.code_after_hours
    done = f"For the next {hours} hours they are let in without a code word. The assistant will give them a new one."
    return _act(conversation_id, ConfirmForm(), take, done)


def _act(
    conversation_id: str, form: StaffForm, take: Callable[[Session, Conversation], None], done: str
) -> ResponseReturnValue:
    """Do it, or show the page again with what was typed and what is wrong."""
    if form.validate():
        try:
            with service().database.write() as session:
                take(session, lookup.conversation(session, conversation_id))
        except InvalidStep as error:
            form.form_errors.append(str(error))
        else:
            flash(done)
            return redirect(url_for("console.show_conversation", conversation_id=conversation_id), 303)
    return _page(conversation_id, form), 409 if form.form_errors else 400


def _page(conversation_id: str, sent: StaffForm | None = None) -> str:
    with service().database.read() as session:
        conversation = lookup.conversation(session, conversation_id)
        seen("conversation", conversation.id)
        return render_template(
            "console/conversation.html",
            conversation=conversation,
            case=conversation.case,
            messages=conversations.transcript(session, conversation.id),
            referrals=lookup.referrals_about(session, case_id=None, conversation_id=conversation.id),
            offers=lookup.advocacy_offers(session, conversation.id),
            ways=lookup.ways_to_reach(session, conversation),
            also=lookup.also_on_number(session, conversation),
            names=staff.names(session),
            history=events.history(session, subject="conversation", subject_id=conversation.id),
            writing=sent if isinstance(sent, WriteForm) else WriteForm(formdata=None),
            form=ConfirmForm(formdata=None),
            errors=[sent] if sent is not None else [],
        )
