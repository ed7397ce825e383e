"""An advocate: offered, asked for, told no more than agreed, and let go again, at any point of a conversation."""

from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.orm import Session

from actions.base import Event, SpeakUpAction, Turn, now, slots
from bot.advocates import referring
from bot.cases import advocacy, authority, conversations, intake
from bot.cases.tables import Conversation
from bot.clocks import local_day
from bot.eligibility import CHILDREN, load_signposts, of_place
from bot.understanding.answers import chosen
from bot.understanding.sharing import CHOICES, SHARES, read_sharing, takes_back

# Who asks these may only be thinking of complaining; the right to an advocate begins there (s26A: "intending to make").
THINKING = frozenset({"ask_what_is_complaint", "ask_who_can_complain", "ask_trouble", "ask_private"})
# Roles for whom the law names no advocate, and the Family Rights Group is the help.
FAMILY = frozenset({"parent", "special_guardian", "relative", "friend", "other_carer"})
PARENT_HELP = "family_rights_group"


class ActionAskAdvocacy(SpeakUpAction):
    """Offers an advocate before any detail is asked for, and keeps proof of it (Children Act 1989, section 26A)."""

    def name(self) -> str:
        return "action_ask_advocacy"

    def act(self, turn: Turn) -> list[Event]:
        _offer(turn, "utter_ask_advocacy", occasion="start")
        return []


class ActionRequestAdvocate(SpeakUpAction):
    """Takes the wish for an advocate at any point, as if the offer had just been accepted."""

    def name(self) -> str:
        return "action_request_advocate"

    def act(self, turn: Turn) -> list[Event]:
        if turn.facts.get("complainant_role") in FAMILY:
            say_where_families_find_help(turn)
            return []
        return _take_answer(turn, "accepted")


class ActionAnswerAdvocacy(SpeakUpAction):
    """Takes an answer to an offer that was made outside a complaint, or a second thought at any point."""

    def name(self) -> str:
        return "action_answer_advocacy"

    def act(self, turn: Turn) -> list[Event]:
        value = turn.choice("advocacy") or chosen("advocacy", turn.text, None)
        return _take_answer(turn, value or "later")


class ActionShareWithAdvocate(SpeakUpAction):
    """Takes what an advocate may be told, for the first time, or less or more than before."""

    def name(self) -> str:
        return "action_share_with_advocate"

    def act(self, turn: Turn) -> list[Event]:
        return _take_share(turn)


class ActionWithdrawAdvocate(SpeakUpAction):
    """Takes back what an advocate may see and do, and says what that means (R8)."""

    def name(self) -> str:
        return "action_withdraw_advocate"

    def act(self, turn: Turn) -> list[Event]:
        sharing = read_sharing(turn.text)
        if sharing is not None and sharing.takes_away_part:
            return _take_share(turn)
        if not takes_back(turn.text):
            turn.say("utter_advocacy_withdraw_unclear")
            return []
        with turn.service.database.write() as session:
            conversation = conversations.by_leg(session, turn.leg)
            outcome = authority.withdraw(session, conversation, now=now())
            _keep_in_draft(session, turn, conversation, {"advocacy": {"answer": "declined"}, "advocacy_share": None})
        if not outcome.anything:
            turn.say("utter_advocacy_none_to_stop")
            return []
        turn.say("utter_advocacy_withdrawn")
        turn.say("utter_advocacy_withdrawn_lodged" if outcome.lodged else "utter_advocacy_withdrawn_goes_on")
        if outcome.to_them:
            turn.say("utter_advocacy_replies_to_you")
        # In the middle of a complaint that is their answer; the next complaint offers an advocate anew.
        return slots({"advocacy": {"answer": "declined"} if turn.in_form else None, "advocacy_share": None})


# --- in the middle of a complaint ------------------------------------------------------------------------------------


def keep(session: Session, turn: Turn, conversation: Conversation, told: dict[str, Any]) -> None:
    """Keep what was just told of an advocate: the answer to the offer, and what they may know."""
    if told.get("advocacy"):
        _keep_answer(session, turn, conversation, told["advocacy"]["answer"])
    if told.get("advocacy_share") is not None:
        referral = advocacy.wish(session, conversation, provider=turn.service.council.advocacy.name, now=now())
        advocacy.consent(session, referral, share=told["advocacy_share"], words=_own_words(turn), now=now())


def remark(turn: Turn, known: dict[str, Any], told: dict[str, Any]) -> None:
    """What is said of an advocate before the next question, if anything; families are told where their help is."""
    if told.get("advocacy"):
        _say_answered(turn, told["advocacy"]["answer"])
    if told.get("advocacy_share") is not None:
        _say_shared(turn, told["advocacy_share"])
    if told.get("complainant_role") in FAMILY and known.get("complainant_role") not in FAMILY:
        say_where_families_find_help(turn)


def mention(turn: Turn) -> None:
    """Say to somebody who only thinks of complaining that an advocate is for them already, once in a conversation."""
    if turn.intent not in THINKING or turn.in_form or turn.tracker.get_slot("filed"):
        return
    with turn.service.database.read() as session:
        conversation = conversations.by_leg(session, turn.leg)
        if advocacy.latest_offer(session, conversation.id) is not None:
            return
        once = f"thinking:{conversation.id}"
    _offer(turn, "utter_advocacy_thinking", occasion="thinking", once=once)


def offer_on_refusal(turn: Turn, role: str | None) -> None:
    """Offer an advocate again to a child who is told that their complaint may not be taken."""
    if role not in CHILDREN:
        return
    with turn.service.database.read() as session:
        conversation = conversations.by_leg(session, turn.leg)
        offers = conversation.case.advocacy if conversation.case else []
        if advocacy.standing(each.answer for each in offers) in ("accepted", "has_one"):
            return
        once = f"told:{conversation.case_id}"
    _offer(turn, "utter_advocacy_after_refusal", occasion="refusal", once=once)


def say_where_families_find_help(turn: Turn) -> None:
    """Tell a parent or relative who helps them: the profile's own, or the Family Rights Group, while it is verified."""
    directory, today = load_signposts(), local_day(now())
    local = {key: each for key, each in turn.service.council.signposts.items() if key == PARENT_HELP}
    entries = (of_place(directory, local).get(PARENT_HELP), directory[PARENT_HELP])
    place = next((each for each in entries if each is not None and each.shown(today)), None)
    if place is not None:
        turn.say("utter_family_help", place=place.name, how=place.how)


# --- parts -----------------------------------------------------------------------------------------------------------


def _offer(turn: Turn, response: str, *, occasion: str, once: str | None = None) -> None:
    service = turn.service
    words = service.words.say(response, channel=turn.channel, language=turn.language)
    with service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        advocacy.offer(
            session, conversation.id, provider=service.council.advocacy.name, now=now(), occasion=occasion,
            channel=turn.channel, words=words.text, once=once,
        )  # fmt: skip
    turn.say(response)


def _keep_in_draft(session: Session, turn: Turn, conversation: Conversation, facts: dict[str, Any]) -> None:
    """In a complaint, the next leg has to know it as well."""
    if turn.in_form:
        intake.save_draft(session, conversation.id, facts, now=now())


def _own_words(turn: Turn) -> str:
    """What they said: for a choice its label, because "2" alone would prove little."""
    picked = turn.choice("advocacy_share")
    offered = turn.service.words.say("utter_ask_advocacy_share", channel=turn.channel, language=turn.language).choices
    return next((each["label"] for each in offered if each["value"] == picked), turn.text)


def _present_scope(session: Session, conversation: Conversation) -> list[str] | None:
    """What an advocate may know now; None before anything was agreed."""
    for given in authority.of_young_person(session, conversation):
        return list(given.scope)
    referral = advocacy.referral_of(session, conversation)
    return list(referral.share) if referral is not None and referral.consented_at else None


def _take_share(turn: Turn) -> list[Event]:
    choice = turn.choice("advocacy_share")
    sharing = None if choice else read_sharing(turn.text)
    if choice is None and sharing is None:
        turn.say("utter_advocacy_share_unclear")
        return []
    with turn.service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        present = _present_scope(session, conversation)
        share = list(CHOICES[choice]) if choice else sharing.after(present) if sharing else []
        is_known = authority.of_young_person(session, conversation) or advocacy.referral_of(session, conversation)
        if is_known:
            authority.share(session, conversation, scope=share, words=_own_words(turn), now=now())
            _keep_in_draft(session, turn, conversation, {"advocacy_share": share})
    if not is_known:
        turn.say("utter_advocacy_none")
        return []
    _say_shared(turn, share)
    return [SlotSet("advocacy_share", share)]


def _take_answer(turn: Turn, answer: str) -> list[Event]:
    with turn.service.database.write() as session:
        conversation = conversations.by_leg(session, turn.leg)
        _keep_answer(session, turn, conversation, answer)
        asked = advocacy.referral_of(session, conversation)
        must_ask = asked is not None and asked.state == "consent"
        # In a complaint the form asks by itself what may be told.
        share = None if must_ask else asked and asked.share
        _keep_in_draft(session, turn, conversation, {"advocacy": {"answer": answer}, "advocacy_share": share})
    _say_answered(turn, answer)
    number = turn.number_of(turn.service.council.advocacy)
    if answer == "accepted" and number:
        turn.say("utter_advocacy_number", phone=number)
    if answer == "accepted" and must_ask and not turn.in_form:
        turn.say("utter_ask_advocacy_share")
    return slots({"advocacy": {"answer": answer}})


def _keep_answer(session: Session, turn: Turn, conversation: Conversation, answer: str) -> None:
    provider = turn.service.council.advocacy.name
    advocacy.answer(session, conversation.id, answer=answer, provider=provider, now=now())
    if answer == "accepted":
        advocacy.wish(session, conversation, provider=provider, now=now())
        if referring.route(turn.service) is None:
            # What the person is told must come true: without a route, somebody has to ask the provider.
            conversations.ask_for_person(session, conversation, reason="advocate", now=now())
        return
    referral = advocacy.referral_of(session, conversation)
    if answer == "declined" and referral is not None and referral.state in advocacy.UNANSWERED:
        advocacy.take_back(session, referral, now=now())


def _say_answered(turn: Turn, answer: str) -> None:
    if answer == "accepted":
        turn.say("utter_advocacy_accepted")
    elif answer == "has_one":
        turn.say("utter_advocacy_has_one")
    else:
        turn.say("utter_advocacy_later")


def _say_shared(turn: Turn, share: list[str]) -> None:
    if not share:
        turn.say("utter_advocacy_shared_nothing")
        return
    words = turn.service.words
    told = [
        words.say(f"utter_share_{each}", channel=turn.channel, language=turn.language).text
        for each in SHARES
        if each in share
    ]
    turn.say("utter_advocacy_shared", shared=", ".join(told))
