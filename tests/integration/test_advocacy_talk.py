"""Talking about an advocate: what the assistant says and keeps, at any point of a conversation."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.cases import advocacy, authority, conversations, intake, lookup
from bot.cases.tables import AdvocacyOffer, AdvocacyReferral, Authority, Conversation
from bot.service import use
from bot.understanding.sharing import SHARES
from tests.integration.test_actions import TOLD, Rasa


@pytest.fixture
def rasa(service):
    """A leg by text."""
    return Rasa(service, channel="sms", phone="+447700900777")


def kept(rasa, kind):
    with rasa.service.database.read() as session:
        return list(session.scalars(select(kind)))


def choose(rasa, intent, **entities):
    """One of our own choices, picked."""
    payload = f"/{intent}"
    return rasa.hear(payload, intent=intent, entities=list(entities.items()), number=f"{intent}{entities}")


def test_accepted_offer_asks_what_may_be_told_and_keeps_the_answer(rasa):
    """The next question of the complaint is about sharing; its answer is consent, in their own words."""
    rasa.run("action_ask_advocacy")
    rasa.slots |= {"complainant_role": "looked_after_child"}
    said, asking = rasa.form('/inform{"advocacy": "accepted"}', entities=[("advocacy", "accepted")], number="a")
    assert (said, asking) == (["utter_advocacy_accepted"], "advocacy_share")

    said, asking = rasa.form("you can tell them my name but not what i said")

    assert (said, asking) == (["utter_advocacy_shared"], "what_happened")
    [referral] = kept(rasa, AdvocacyReferral)
    assert (referral.state, referral.share) == ("owed", ["name"])
    assert referral.consent_words == "you can tell them my name but not what i said"


def test_offer_keeps_its_words_and_channel(rasa):
    """Proof of the offer: what was said, as it was said by text."""
    rasa.run("action_ask_advocacy")
    [offer] = kept(rasa, AdvocacyOffer)
    assert (offer.occasion, offer.channel, offer.offered_by) == ("start", "sms", "assistant")
    assert offer.words.startswith("You have a right to an advocate")
    assert rasa.service.council.advocacy.name in offer.words


def test_question_put_again_is_the_same_offer(rasa):
    """Asked in other words, it is still one offer."""
    rasa.run("action_ask_advocacy")
    rasa.run("action_ask_advocacy")
    assert len(kept(rasa, AdvocacyOffer)) == 1


def test_plain_yes_to_what_may_be_told_is_asked_again(rasa):
    """Nobody's leave is guessed."""
    rasa.slots |= {
        "complainant_role": "looked_after_child", "advocacy": {"answer": "accepted"},
        "requested_slot": "advocacy_share",
    }  # fmt: skip
    said, asking = rasa.form("yes", intent="affirm")
    assert (said, asking) == (["utter_missed"], "advocacy_share")


def test_ask_me_first_waits_for_a_person(rasa):
    """Nothing may be told; somebody from the team asks."""
    rasa.run("action_request_advocate")
    choose(rasa, "share_with_advocate", advocacy_share="ask_first")
    assert rasa.run("action_share_with_advocate") == ["utter_advocacy_shared_nothing"]
    [referral] = kept(rasa, AdvocacyReferral)
    assert (referral.state, referral.share, referral.consent_words) == ("consent", [], "Ask me first")
    with rasa.service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["advocate"]


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("everything", list(SHARES)),
        ("only tell them the dates", ["progress"]),
        ("just my name and how to reach me", ["name", "contact"]),
        ("everything but not my letters", ["name", "contact", "about", "words", "progress"]),
    ],
)
def test_sharing_is_understood_in_own_words_outside_a_complaint(rasa, words, share):
    """What they say is what is kept, and is said back."""
    rasa.run("action_request_advocate")
    rasa.hear(words, intent="share_with_advocate")
    assert rasa.run("action_share_with_advocate") == ["utter_advocacy_shared"]
    assert kept(rasa, AdvocacyReferral)[0].share == share


def with_advocate(rasa, *, scope=SHARES):
    """The young person has an advocate who took them on."""
    now = datetime.now(UTC)
    with rasa.service.database.write() as session:
        held = session.get_one(Conversation, rasa.conversation)
        referral = advocacy.wish(session, held, provider="Voices", now=now)
        advocacy.consent(session, referral, share=scope, words="all", now=now)
        referral.state = "accepted"
        door, _ = authority.make_door(session, organisation="Voices", by="x", now=now, open_for=now - now)
        return authority.give(session, door, scope=scope, referral=referral, conversation=held, now=now).id


def test_narrowing_starts_from_what_may_be_seen_now(rasa):
    """ "Don't show them my letters" takes one thing away and gives nothing new."""
    with_advocate(rasa, scope=("name", "progress", "replies"))
    rasa.hear("dont show my advocate my letters", intent="share_with_advocate")
    assert rasa.run("action_share_with_advocate") == ["utter_advocacy_shared"]
    assert kept(rasa, Authority)[0].scope == ["name", "progress"]
    assert rasa.said[0]["shared"] == "your name, how it is going"


def test_withdrawing_says_what_it_means(rasa):
    """What the advocate cannot see any more, and that the complaint goes on as their own."""
    with_advocate(rasa)
    rasa.hear("i dont want my advocate to see this any more", intent="withdraw_advocate")
    assert rasa.run("action_withdraw_advocate") == ["utter_advocacy_withdrawn", "utter_advocacy_withdrawn_goes_on"]
    [given] = kept(rasa, Authority)
    assert given.withdrawn_at is not None
    assert kept(rasa, AdvocacyReferral)[0].state == "withdrawn"


def test_one_thing_taken_away_leaves_the_rest(rasa):
    """Taken for a withdrawal by mistake, "stop showing my letters" only ends the letters."""
    with_advocate(rasa)
    rasa.hear("stop sending my advocate my letters", intent="withdraw_advocate")
    assert rasa.run("action_withdraw_advocate") == ["utter_advocacy_shared"]
    assert kept(rasa, Authority)[0].scope == [each for each in SHARES if each != "replies"]


def test_wish_that_is_no_withdrawal_takes_nothing_away(rasa):
    """Taken for a withdrawal by mistake, it is asked about and changes nothing."""
    with_advocate(rasa)
    rasa.hear("i want my advocate to get the answer", intent="withdraw_advocate", confidence=0.5)
    assert rasa.run("action_withdraw_advocate") == ["utter_advocacy_withdraw_unclear"]
    assert kept(rasa, Authority)[0].withdrawn_at is None


def test_withdrawing_with_nobody_there_is_checked_by_a_person(rasa):
    """An advocate may stand behind another number: somebody looks."""
    rasa.hear("take my advocate off", intent="withdraw_advocate")
    assert rasa.run("action_withdraw_advocate") == ["utter_advocacy_none_to_stop"]
    with rasa.service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["authority"]


def test_sharing_with_nobody_says_so(rasa):
    """Without an advocate or a wish for one there is nothing to share."""
    rasa.hear("only tell my advocate the dates", intent="share_with_advocate")
    assert rasa.run("action_share_with_advocate") == ["utter_advocacy_none"]


def test_words_that_say_nothing_of_sharing_are_asked_again(rasa):
    """What cannot be read changes nothing."""
    with_advocate(rasa, scope=("name",))
    rasa.hear("my advocate hmm", intent="share_with_advocate")
    assert rasa.run("action_share_with_advocate") == ["utter_advocacy_share_unclear"]
    assert kept(rasa, Authority)[0].scope == ["name"]


def test_offer_made_again_is_answered_outside_a_complaint(rasa):
    """A choice under a later offer is that offer's answer, and begins no complaint."""
    with rasa.service.database.write() as session:
        advocacy.offer(session, rasa.conversation, provider="Voices", now=datetime.now(UTC), occasion="silence")
    choose(rasa, "answer_advocacy", advocacy="accepted")
    said = rasa.run("action_answer_advocacy")
    assert said == ["utter_advocacy_accepted", "utter_advocacy_number", "utter_ask_advocacy_share"]
    [offer] = kept(rasa, AdvocacyOffer)
    assert (offer.occasion, offer.answer) == ("silence", "accepted")
    with rasa.service.database.read() as session:
        assert conversations.draft_facts(session, rasa.conversation) == {}


@pytest.mark.parametrize(
    ("words", "answer", "response"),
    [
        ("i dont want an advocate", "declined", "utter_advocacy_later"),
        ("i already have an advocate", "has_one", "utter_advocacy_has_one"),
        ("maybe an advocate later", "later", "utter_advocacy_later"),
    ],
)
def test_answer_in_own_words_at_any_time(rasa, words, answer, response):
    """No, I have one, and later are kept as what they are."""
    rasa.hear(words, intent="answer_advocacy")
    assert rasa.run("action_answer_advocacy") == [response]
    assert kept(rasa, AdvocacyOffer)[0].answer == answer


def test_declining_stops_a_referral_on_its_way(rasa):
    """Who says no after yes is not referred."""
    rasa.run("action_request_advocate")
    rasa.hear("i dont want an advocate", intent="answer_advocacy")
    rasa.run("action_answer_advocacy")
    assert kept(rasa, AdvocacyReferral)[0].state == "withdrawn"


def test_who_only_thinks_of_complaining_is_told_once(rasa):
    """Asking what a complaint is brings the right to an advocate with it, a single time, with proof."""
    rasa.hear("what is a complaint", intent="ask_what_is_complaint")
    assert rasa.run("action_answer_question") == ["utter_about_what_is_complaint", "utter_advocacy_thinking"]
    rasa.hear("will i get in trouble", intent="ask_trouble")
    assert rasa.run("action_answer_question") == ["utter_about_trouble"]
    [offer] = kept(rasa, AdvocacyOffer)
    assert (offer.occasion, offer.answer) == ("thinking", None)


def test_child_told_that_it_belongs_elsewhere_is_offered_an_advocate_again(rasa):
    """A proposed refusal offers again, unless there is an advocate already."""
    with rasa.service.database.write() as session:
        held = conversations.by_leg(session, rasa.leg)
        told = {**TOLD, "subject": "court_decision", "responsible_body": "court", "nature": "complaint"}
        intake.save_draft(session, held.id, told, now=datetime.now(UTC))
    assert rasa.run("action_file_complaint", complainant_role="looked_after_child")[-1] == (
        "utter_advocacy_after_refusal"
    )
    assert [each.occasion for each in kept(rasa, AdvocacyOffer)] == ["refusal"]


def test_parent_is_told_where_families_find_help(rasa):
    """The law gives parents no advocate; the Family Rights Group is named while its number is verified."""
    said, _ = rasa.form("I'm the mum of two kids in care", intent="inform")
    assert "utter_family_help" in said
    family = next(each for each in rasa.said if each["response"] == "utter_family_help")
    assert family["place"] == "Family Rights Group"
    rasa.run("action_request_advocate")
    assert [each["response"] for each in rasa.said] == ["utter_family_help"]
    assert kept(rasa, AdvocacyReferral) == []


def test_with_a_route_no_person_is_called(service):
    """Where the provider can be written to, a wish waits for nobody at the desk."""
    rasa = Rasa(use(replace(service, settings=replace(service.settings, smtp_url="smtp://127.0.0.1:9"))))
    rasa.run("action_request_advocate")
    choose(rasa, "share_with_advocate", advocacy_share="everything")
    rasa.run("action_share_with_advocate")
    with rasa.service.database.read() as session:
        assert lookup.people_waiting(session) == []
    assert kept(rasa, AdvocacyReferral)[0].state == "owed"
