"""Whole conversations over the running service, from the first message to the filed case, for everybody it is for."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from bot.cases import casework, elements, lookup, safeguarding
from bot.cases.lookup import conversation_of
from bot.clocks import financial_year, local_day
from bot.conversation import crisis
from bot.settings import ROOT
from tests.journeys.people import Phone, Web, tell
from tests.running import CHANGED

pytestmark = pytest.mark.slow

COMMON = {
    "what_happened": ["It has been going wrong for months and nobody rings me back when I leave a message"],
    "more_to_say": "no that's all",
    "desired_outcome": "I want someone to ring me back and sort it out",
    "happened_when": "about two months ago",
    "proceedings": "no",
    "prior": "no",
    "responsible_body": "children's social care",
    "preferred_contact": "Email",
    "email": "someone@example.org",
    "safe_to_contact": "yes it is safe",
    "confirm_statement": "yes, send it",
}
PEOPLE = {
    "looked_after_child": {
        "complainant_role": "im in care",
        "advocacy": "no thanks",
        "name": "Kaylee",
        "what_happened": ["my social worker keeps cancelling my contact with my brother and no one tells me why"],
    },
    "care_leaver": {
        "complainant_role": "I've left care",
        "advocacy": "maybe later",
        "name": "Jordan",
        "what_happened": ["My PA was meant to sort my setting up home grant in June and I still have no bed"],
    },
    "parent": {"complainant_role": "I'm a parent", "child_name": "Alfie, he is 8", "name": "Dawn Pritchard"},
    "foster_carer": {
        "complainant_role": "I'm a foster carer",
        "child_name": "skip",
        "name": "Gareth Hughes",
        "what_happened": ["We were promised a support worker before the placement started and it never happened"],
    },
    "relative": {
        "complainant_role": "I'm a relative or friend",
        "relationship": "I'm his nan and I had him every weekend",
        "child_name": "Tyler",
        "name": "Maureen Oakes",
    },
    "representative": {
        "complainant_role": "I'm an advocate helping a young person",
        "representative_organisation": "Young Voices",
        "child_name": "Sam",
        "child_status": "In care",
        "consent": "yes",
        "name": "Priya Nair",
        "what_happened": ["Sam was moved from her placement with two hours notice and her things were put in bin bags"],
    },
}


def answers_of(who):
    return {fact: list(said) if isinstance(said, list) else said for fact, said in (COMMON | PEOPLE[who]).items()}


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_can_complain_to_the_end_on_the_web(running, who):
    """Each kind of person is asked only what is needed, sees their words back, and gets a reference and dates."""
    person = Web(running)
    person.say("I want to make a complaint")
    asked = tell(person, answers_of(who))

    assert person.reference.startswith("SU-")
    assert person.reference in person.words()
    assert asked[-1] == "confirm_statement"
    assert len(set(asked)) == len(asked), "nothing is asked twice"
    service = running.service()
    with service.database.read() as session:
        case = casework.get(session, person.reference)
        assert answers_of(who)["what_happened"][0] in case.statement
        assert case.decisions[0].outcome in ("accept_stage1", "needs_human_decision")
        assert (case.status, case.channel) == ("new", "web")
        kinds = {link.part for link in case.people}
        offers = [offer.answer for offer in case.advocacy]
    if who == "representative":
        assert "representative" in kinds
        assert case.role == "looked_after_child"
    if who in ("looked_after_child", "care_leaver"):
        assert asked.index("advocacy") < asked.index("what_happened"), "an advocate is offered before any detail"
        assert offers in (["declined"], ["later"])


def test_two_matters_are_put_right_and_filed_as_points(running):
    """A father numbers three things, says two of them are one, and files a complaint with two points."""
    person = Web(running)
    person.say(
        "I'm a dad. 1. They stopped my son's short breaks in June. 2. Nobody told us why they stopped."
        " 3. His EHCP section F is wrong and the school ignores it."
    )
    story = {"more_to_say": "no", "points_agreed": ["1 and 2 are the same", "yes that's right"], "child_name": "Sam"}
    tell(person, {**answers_of("parent"), **story})

    assert "1. They stopped my son's short breaks in June. Nobody told us why they stopped." in person.words()
    assert "About number 2:" in person.words()
    with running.service().database.read() as session:
        case = casework.get(session, person.reference)
        assert [element.number for element in case.elements] == [1, 2]
        assert {number: each.outcome for number, each in elements.proposals(case).items()} == {
            1: "accept_stage1",
            2: "ineligible",
        }


def test_child_complains_by_text(running):
    """A child with a telephone gets through with numbers and short words, and the texts hold no curly quotes."""
    phone = Phone(running, "+447700900201")
    heard = phone.say("hi i want to complain about my social worker")
    script = {
        "check this": "1",
        "who are you": "1",
        "advocate": "2",
        "what happened": "she keeps cancelling and never tells me when she is coming",
        "is there more": "no",
        "what would you like": "see her when she says she will come",
        "when did this happen": "still happening",
        "what name": "Kaylee",
        "is it safe": "1",
    }
    for _ in range(20):
        words = " ".join(heard).casefold()
        if "su-" in words:
            break
        said = next((answer for cue, answer in script.items() if cue in " ".join(heard[-1:]).casefold()), None)
        assert said is not None, f"no answer to {heard!r}"
        heard = phone.say(said)
    assert "su-" in " ".join(heard).casefold()
    everything = "".join(running.stand_in.to(phone.number))
    assert not set("‘’“”–—…") & set(everything)


def test_first_message_that_tells_everything_is_not_asked_again(running):
    """Who, what and when are taken from the first message."""
    person = Web(running)
    person.say(
        "im 15 and in care and my social worker has cancelled my visits with my sister three times since september,"
        " i want the visits back"
    )
    asked = tell(person, answers_of("looked_after_child"))

    assert not {"complainant_role", "what_happened"} & set(asked)
    assert len(asked) <= 6


def test_question_is_answered_and_the_place_kept(running):
    """A question in the middle gets its answer, and the same fact is asked for again."""
    person = Web(running)
    person.say("I want to make a complaint")
    person.say("im in care")
    asking = person.asking
    replies = person.say("will i get in trouble for this?")

    assert any(reply["kind"] == "say" for reply in replies)
    assert person.asking == asking == "advocacy"


def test_answer_can_be_changed_before_filing(running):
    """ "No" at the end opens one answer, and the statement is read back again."""
    person = Web(running)
    person.say("I want to make a complaint")
    answers = answers_of("looked_after_child") | {
        "confirm_statement": ["no", "yes, send it"],
        "change_what": "My name",
        "name": ["Kaylee", "Kay"],
    }
    tell(person, answers)

    with running.service().database.read() as session:
        case = casework.get(session, person.reference)
        assert [link.person.name for link in case.people] == ["Kay"]


def test_person_can_be_asked_for(running):
    """Asking for a person puts the conversation in front of the staff and says so honestly."""
    person = Web(running)
    person.say("I want to make a complaint")
    replies = person.say("can i talk to a real person please")

    assert any(reply["kind"] == "person" for reply in replies)
    with running.service().database.read() as session:
        assert person.handle in [each.handle for each in lookup.people_waiting(session)]


def test_two_misses_bring_other_words_and_then_a_person(running):
    """What cannot be understood is asked again, then in other words; then a person is offered, and the place kept."""
    person = Web(running)
    person.say("my worker lost my life story book and will not say where it is")
    assert person.asking == "complainant_role"
    said = [person.say(words)[0]["text"] for words in ("qqq zzz", "zzz qqq", "qq zz qq")]

    assert len(set(said)) == 3, "each time in other words"
    assert "person" in said[-1]
    assert person.asking == "complainant_role"


def test_stopping_keeps_what_was_told(running):
    """Somebody who stops can come back and goes on where they were."""
    person = Web(running)
    person.say("I want to make a complaint")
    person.say("im in care")
    person.say("no thanks")
    person.say("i have to go now, stop for now")
    person.say("im back")

    assert person.asking == "what_happened"


def test_matter_before_the_court_is_signposted_and_kept(running):
    """What belongs to a court is said kindly, with where to go, and waits for a person to confirm."""
    person = Web(running)
    person.say("I want to make a complaint")
    tell(
        person,
        answers_of("parent")
        | {"what_happened": ["The judge made a care order. The court decision is wrong and I want it undone"]},
    )

    assert person.state == "signposted"
    with running.service().database.read() as session:
        case = casework.get(session, person.reference)
        assert (case.decisions[0].reason_code, case.status) == ("COURT_RELATED", "new")


def test_danger_is_answered_and_then_the_complaint_goes_on(running):
    """Crisis words at once, no complaint question; once they are safe and somebody has it, the place is kept."""
    person = Web(running)
    person.say("I want to make a complaint")
    person.say("im in care")
    replies = person.say("i want to kill myself")
    assert [reply["kind"] for reply in replies] == ["crisis", "ask"]
    assert replies[1]["asking"] == "safe_now"

    replies = person.say(choice="affirm")
    assert [reply["asking"] for reply in replies] == [None], "nobody has it yet"
    somebody_has(running, "i want to kill myself")
    person.listen()
    person.say(choice="repeat")
    assert person.asking == "advocacy"


def somebody_has(running, words):
    """A member of staff acknowledges the worry with these words."""
    service, now = running.service(), datetime.now(UTC)
    with service.database.write() as session:
        [referral] = [each for each in lookup.referral_queue(session) if each.words == words]
        taken = safeguarding.acknowledge(session, referral.id, by="officer", now=now)
        crisis.tell_seen(service, session, taken, now=now)


def test_rasa_killed_in_mid_conversation_loses_nothing(running):
    """With Rasa dead: danger is answered and the person told; with it back and them safe, it goes on in place."""
    person = Web(running)
    person.say("I want to make a complaint")
    person.say("im in care")
    running.kill("rasa\0run")
    replies = person.say("no thanks")
    assert [reply["kind"] for reply in replies] == ["say"], replies
    danger = person.say("he is hitting me")
    assert danger[0]["kind"] == "crisis"

    somebody_has(running, "he is hitting me")
    running.wait_ready()
    person.say(choice="affirm")
    for _ in range(60):
        if any(reply["asking"] == "what_happened" for reply in person.listen()):
            break
        time.sleep(1)
    assert person.asking == "what_happened"


def test_filed_case_is_in_the_annual_report(running):
    """The report's command counts the case just filed and names it."""
    person = Web(running)
    person.say("I want to make a complaint")
    tell(person, answers_of("looked_after_child"))
    service = running.service()
    with service.database.read() as session:
        case = casework.get(session, person.reference)
        year = financial_year(local_day(case.received_at))
        assert conversation_of(session, case) is not None
    printed = subprocess.run(
        [sys.executable, "-m", "bot.cli", "report", "annual", "--year", year, "--format", "json"],
        cwd=ROOT, env=environment(running), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert person.reference in printed
    assert json.loads(printed)["year"] == year


def environment(running):
    """The environment in which `bot` sees the running service's store."""
    return os.environ | {
        "SPEAKUP_" + name.upper(): str(getattr(running.settings, name)) for name in CHANGED
    }  # fmt: skip
