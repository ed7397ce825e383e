"""The action server as Rasa meets it: a request in, events and named responses out, over the real store."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from sqlalchemy import select

from actions.base import FORM
from actions.server import SECRET_HEADER, create_actions_app
from bot.cases import casework, conversations, deciding, intake, lookup
from bot.cases.tables import AdvocacyOffer, Case, Conversation
from bot.settings import ROOT
from bot.words import LANGUAGES, load_language
from tests.factories import case_filed

SLOTS = dict.fromkeys(yaml.safe_load((ROOT / "domain.yml").read_text())["slots"])
TOLD = {
    "complainant_role": "looked_after_child",
    "acting_for": "self",
    "child_status": "looked_after",
    "advocacy": {"answer": "declined"},
    "what_happened": "She never rings me back",
    "more_to_say": "no",
    "desired_outcome": "I want her to ring",
    "happened_when": "since september",
    "name": "Kay",
    "identity": "named",
    "preferred_contact": "sms",
    "safe_to_contact": {"sms": "safe"},
}


class Rasa:
    """Rasa's part of one leg: it sends slots and the last message, and takes events and responses back."""

    def __init__(self, service, *, channel="web", phone=None):
        self.service, self.channel = service, channel
        self.client = create_actions_app(service).test_client()
        with service.database.write() as session:
            held = conversations.open_conversation(session, channel=channel, phone=phone, now=datetime.now(UTC))
            self.conversation, self.leg = held.id, held.leg
        self.slots, self.loop, self.events, self.said = dict(SLOTS), None, [], []
        self.latest = {"text": None, "intent": {}, "entities": [], "metadata": {}}

    def hear(self, text, intent="inform", confidence=0.9, entities=(), number=None):
        """The person said this; kept in the store as the service keeps it."""
        with self.service.database.write() as session:
            held = conversations.by_leg(session, self.leg)
            message = conversations.keep_message(
                session, held, provider_id=f"t:{number or text}", text=text, now=datetime.now(UTC), screening="none",
                reasons=(),
            )  # fmt: skip
        self.latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": [{"entity": name, "value": value} for name, value in entities],
            "metadata": {"conversation": self.conversation, "message": message.id, "received_on": "2026-11-22"},
        }
        return self

    def run(self, action, **slots):
        """Run one action and take over its slots; the names of the responses it said."""
        self.slots |= slots
        tracker = {
            "sender_id": self.leg,
            "slots": self.slots,
            "latest_message": self.latest,
            "events": [{"event": "user", "input_channel": self.channel}],
            "active_loop": {"name": self.loop} if self.loop else {},
            "latest_action_name": "action_listen",
        }
        call = {"next_action": action, "tracker": tracker, "domain": {}, "version": "3.6.21"}
        headers = {SECRET_HEADER: self.service.settings.actions_secret}
        answer = self.client.post("/webhook", json=call, headers=headers)
        assert answer.status_code == 200
        self.events, self.said = answer.json["events"], answer.json["responses"]
        self.slots |= {each["name"]: each["value"] for each in self.events if each["event"] == "slot"}
        return [each["response"] for each in self.said]

    def form(self, text, **how):
        """One message taken by the form; what was said, and what is asked next."""
        self.loop = FORM
        self.hear(text, **how)
        said = self.run(f"validate_{FORM}")
        return said, self.slots["requested_slot"]


@pytest.fixture
def rasa(service):
    """A leg on the web."""
    return Rasa(service)


def test_stranger_is_refused(service):
    """Without the secret nothing runs."""
    client = create_actions_app(service).test_client()
    assert client.post("/webhook", json={"next_action": "action_file_complaint", "tracker": {}}).status_code == 403


def test_unknown_action_and_empty_body_get_clear_answers(service):
    """Rasa is told what is wrong with its call."""
    client = create_actions_app(service).test_client()
    headers = {SECRET_HEADER: service.settings.actions_secret}
    assert client.post("/webhook", data="x", headers=headers).status_code == 400
    call = {"next_action": "action_unknown", "tracker": {"sender_id": "x"}}
    assert client.post("/webhook", json=call, headers=headers).status_code == 404


def test_story_as_first_message_is_kept_and_role_asked(rasa):
    """A story opens the complaint: it is kept word for word, and only who is writing is asked."""
    said, asking = rasa.form("ffs she never rings me back and nobody cares")

    assert said == ["utter_heard"]
    assert asking == "complainant_role"
    with rasa.service.database.read() as session:
        draft = conversations.draft_facts(session, rasa.conversation)
    assert draft["what_happened"] == "ffs she never rings me back and nobody cares"


def test_advocate_is_offered_with_proof_and_the_answer_kept(rasa):
    """The offer is recorded when it is made, and again with its answer."""
    assert rasa.run("action_ask_advocacy") == ["utter_ask_advocacy"]
    said, _ = rasa.form('/inform{"advocacy": "accepted"}', entities=[("advocacy", "accepted")], number="advocacy")

    assert "utter_advocacy_accepted" in said
    with rasa.service.database.read() as session:
        [offer] = session.scalars(select(AdvocacyOffer))
        assert (offer.provider, offer.answer) == (rasa.service.council.advocacy.name, "accepted")


def test_whole_text_is_kept_though_rasa_sees_its_beginning(rasa):
    """What happened comes from the store, not from what Rasa was sent."""
    whole = "It began in May. " + "And then it went on. " * 300
    rasa.slots |= {"complainant_role": "parent", "requested_slot": "what_happened", "child_name": "Sam"}
    rasa.hear(whole)
    rasa.latest["text"] = whole[:2000]
    rasa.loop = FORM
    rasa.run(f"validate_{FORM}")

    assert rasa.slots["what_happened"] == whole.strip()


def test_question_in_the_middle_rejects_the_form_and_keeps_the_place(rasa):
    """The rules answer a question; the form is run again for the same message and takes nothing from it."""
    rasa.slots |= TOLD | {"name": None, "requested_slot": "name"}
    rasa.form("what is an advocate?", intent="ask_what_is_advocate")
    assert "action_execution_rejected" in [event["event"] for event in rasa.events]

    assert rasa.run("action_answer_question") == ["utter_about_what_is_advocate"]
    rasa.run(f"validate_{FORM}")
    assert rasa.slots["requested_slot"] == "name"
    assert rasa.slots["name"] is None


def test_message_tried_again_is_not_taken_twice(rasa):
    """A turn repeated after a failure asks the same question instead of answering the next."""
    rasa.slots |= TOLD | {"more_to_say": None, "desired_outcome": None, "requested_slot": "more_to_say"}
    _, asking = rasa.form("no")
    assert asking == "desired_outcome"

    again = Rasa.__new__(Rasa)
    again.__dict__ |= rasa.__dict__
    again.slots = dict(SLOTS)
    again.run("action_session_start")
    again.loop = FORM
    again.run(f"validate_{FORM}")
    assert again.slots["requested_slot"] == "desired_outcome"
    assert again.slots["desired_outcome"] is None


def test_misses_get_other_words_and_then_a_person(rasa):
    """Two misunderstandings, then other words, then a person; and no sentence is said twice running."""
    rasa.slots |= {"requested_slot": "complainant_role"}
    typed = ("asdf", "qwer", "zxcv", "hjkl", "uiop")
    heard = [rasa.form(text, intent="inform", confidence=0.2)[0] for text in typed]
    assert heard == [
        ["utter_missed"], ["utter_rephrase_complainant_role"], ["utter_offer_person"], ["utter_offer_person_again"],
        ["utter_offer_person"],
    ]  # fmt: skip


def test_questions_left_open_in_a_row_are_answered_in_other_words(rasa):
    """Who skips and skips is not told the same sentence each time."""
    rasa.slots |= TOLD | {"desired_outcome": None, "happened_when": None, "requested_slot": "desired_outcome"}
    assert rasa.form("skip", intent="skip", confidence=0.99) == (["utter_left_open"], "happened_when")
    assert rasa.form("dont want to say when", intent="skip", confidence=0.99)[0] == ["utter_left_open_again"]


def test_something_else_told_at_a_closed_question_is_thanked_for_and_kept(rasa):
    """Who tells an age when asked about an advocate is not told that nothing was understood."""
    rasa.slots |= {"complainant_role": "looked_after_child", "requested_slot": "advocacy"}
    assert rasa.form("im 12", intent="inform", confidence=0.9) == (["utter_noted"], "advocacy")
    assert rasa.slots["complainant_age"] == 12


def test_new_leg_goes_on_where_the_last_one_ended(rasa):
    """Slots, form and question come from the draft."""
    with rasa.service.database.write() as session:
        facts = {**TOLD, "name": None, "confirm_statement": None}
        intake.save_draft(session, rasa.conversation, facts, now=datetime.now(UTC))
    rasa.run("action_session_start")

    assert rasa.slots["what_happened"] == TOLD["what_happened"]
    assert rasa.slots["requested_slot"] == "name"
    kinds = [event["event"] for event in rasa.events]
    assert kinds[0] == "session_started"
    assert {
        key: value for key, value in rasa.events[kinds.index("active_loop")].items() if key in ("event", "name")
    } == {"event": "active_loop", "name": FORM}
    assert kinds[-1] == "action"


def test_statement_is_read_back_in_the_persons_words(rasa):
    """What will be filed is shown: who, what, the wish, the name and the way to answer."""
    rasa.run("action_ask_confirm_statement", **TOLD)
    [reply] = rasa.said

    assert reply["response"] == "utter_ask_confirm_statement"
    for words in (
        "someone in care",
        TOLD["what_happened"],
        TOLD["desired_outcome"],
        "since september",
        "Kay",
        "by text",
    ):
        assert words in reply["statement"]


def test_long_story_is_read_back_by_text_as_far_as_a_text_reaches(rasa):
    """A text holds 1,600 characters: the beginning of each part is read back, and the draft keeps every word."""
    story = "She never came and nobody told us. " * 200
    points = [{"words": f"Number {number}. {story}", "facts": {}} for number in range(9)]
    rasa.channel = "sms"
    for told in ({"what_happened": story}, {"what_happened": story, "points": points, "points_agreed": "yes"}):
        rasa.run("action_ask_confirm_statement", **TOLD | {"desired_outcome": story} | told)
        assert "She never came" in rasa.said[0]["statement"]
        assert len(rasa.said[0]["statement"]) < 1500


def test_what_was_written_before_the_question_came_is_no_answer_to_it(rasa):
    """A part of a story that crosses with a closed question stays part of the story."""
    rasa.slots |= {"complainant_role": "looked_after_child", "requested_slot": "advocacy", "what_happened": "She lied."}
    rasa.loop = FORM
    rasa.hear("not even once", intent="deny", confidence=0.99)
    rasa.latest["metadata"]["unseen"] = True
    rasa.run(f"validate_{FORM}")

    assert rasa.slots["what_happened"] == "She lied.\nnot even once"
    assert not rasa.slots.get("advocacy")
    assert rasa.slots["requested_slot"] == "advocacy"


def test_further_complaint_keeps_who_brings_it(rasa):
    """Name and way to be reached are told once for all complaints; what it is about is told anew."""
    rasa.loop = FORM
    rasa.slots |= TOLD
    rasa.form("yes", intent="affirm")
    rasa.run("action_file_complaint")
    rasa.loop = None
    rasa.hear("i want to start a new complaint", intent="new_complaint")
    rasa.run("action_take_message")

    assert rasa.slots["name"] == TOLD["name"]
    assert rasa.slots["complainant_role"] == TOLD["complainant_role"]
    assert rasa.slots["what_happened"] is None
    assert rasa.slots["advocacy"] is None


def test_name_told_with_a_greeting_is_kept(rasa):
    """Who introduces themselves before anything else is not asked for their name later."""
    rasa.hear("hi im ellie im 9", intent="greet")
    assert rasa.run("action_answer_question") == ["utter_greet"]
    assert (rasa.slots["name"], rasa.slots["complainant_age"]) == ("ellie", 9)


def test_confirmed_complaint_is_filed_with_reference_and_dates(rasa):
    """The receipt names the reference and both dates, and says who to ask."""
    with rasa.service.database.write() as session:
        intake.save_draft(session, rasa.conversation, {**TOLD, "confirm_statement": "yes"}, now=datetime.now(UTC))
    said = rasa.run("action_file_complaint")

    assert said == ["utter_receipt", "utter_who_to_ask_by_phone"]
    with rasa.service.database.read() as session:
        [case] = session.scalars(select(Case))
        assert rasa.said[0]["reference"] == case.reference
        assert case.statement == TOLD["what_happened"]
        assert f"{case.acknowledge_by:%A}" in rasa.said[0]["acknowledge_by"]
    assert rasa.slots["filed"] is True


SEVERAL = [
    {"words": "They stopped his short breaks.", "facts": {"subject": "part3_service"}},
    {"words": "The EHCP section F is wrong.", "facts": {"subject": "send"}},
]


def test_several_matters_are_read_back_as_a_numbered_list(rasa):
    """Each is numbered so that it can be named when something is wrong."""
    assert rasa.run("action_ask_points_agreed", points=SEVERAL) == ["utter_ask_points_agreed"]
    assert rasa.said[0]["points"] == "1. They stopped his short breaks.\n2. The EHCP section F is wrong."


def test_story_with_several_matters_is_asked_about_when_it_is_told(rasa):
    """The question comes once the person has no more to say, and before what they want."""
    rasa.slots |= TOLD | {
        "complainant_role": "parent", "advocacy": None, "child_name": "Sam", "desired_outcome": None,
        "what_happened": "They stopped his short breaks. Another thing is that nobody rings me back.",
        "more_to_say": None, "requested_slot": "more_to_say",
    }  # fmt: skip
    _, asking = rasa.form("no that's all", intent="deny")
    assert asking == "points_agreed"
    assert len(rasa.slots["points"]) == 2


def test_receipt_says_which_point_goes_elsewhere(rasa):
    """The complaint is taken; of the school plan it says why not, and where to go."""
    facts = TOLD | {"complainant_role": "parent", "child_status": "in_need", "points": SEVERAL, "points_agreed": "yes"}
    with rasa.service.database.write() as session:
        intake.save_draft(session, rasa.conversation, facts, now=datetime.now(UTC))
    said = rasa.run("action_file_complaint")

    assert said[:2] == ["utter_receipt", "utter_receipt_point"]
    assert rasa.said[1]["number"] == "2"
    assert "utter_signpost" in said


def test_what_no_longer_matters_is_not_asked(rasa):
    """A parent's complaint about a school plan alone is not asked about courts and dates."""
    rasa.slots |= TOLD | {
        "complainant_role": "parent", "advocacy": None, "child_name": "Sam", "subject": "send", "prior": "none",
        "phone": "+447700900123",
        "desired_outcome": None, "happened_when": None, "requested_slot": "desired_outcome",
        "what_happened": "The EHC plan is wrong and nobody will change it",
    }  # fmt: skip
    _, asking = rasa.form("I want the plan put right", intent="inform")
    assert asking == "confirm_statement"


def test_what_belongs_elsewhere_is_said_with_places_to_go(rasa):
    """A court's decision is proposed as not for us: why, where to go, and that a person checks."""
    facts = TOLD | {"complainant_role": "parent", "subject": "court_decision"}
    with rasa.service.database.write() as session:
        intake.save_draft(session, rasa.conversation, facts, now=datetime.now(UTC))
    said = rasa.run("action_file_complaint")

    assert said[0] == "utter_receipt_signposted"
    assert rasa.said[0]["say"]
    assert "utter_signpost" in said


@pytest.mark.parametrize("language", ["cy", "pl"])
def test_receipt_and_statement_are_in_the_language_of_the_person(rasa, language):
    """Labels, reason, dates and places are in their language; their own words stay as they wrote them."""
    rasa.latest["metadata"] = {"language": language}
    told = TOLD | {"complainant_role": "parent", "subject": "court_decision"}
    with rasa.service.database.write() as session:
        intake.save_draft(session, rasa.conversation, told, now=datetime(2026, 11, 22, tzinfo=UTC))
    rasa.run("action_ask_confirm_statement", **told)
    statement = rasa.said[0]["statement"]
    assert '"She never rings me back"' in statement
    assert not {"You are", "What happened", "a parent", "by text"} & set(re.split(r": |\n", statement))

    rasa.run("action_file_complaint")
    reason, *places = rasa.said
    known = load_language(LANGUAGES / f"{language}.yml")
    phrases, spoken = known.phrases, known.spoken
    assert reason["say"] in phrases.values()
    assert any(month in reason["acknowledge_by"] for month in spoken.months)
    assert all(place["what"] in phrases.values() for place in places if place["response"].startswith("utter_signpost"))


def test_asking_for_a_person_puts_the_conversation_before_the_staff(rasa):
    """Staff see who waits; the person hears when people are there."""
    assert rasa.hear("person please", intent="request_human").run("action_request_human") == ["utter_person_asked"]
    with rasa.service.database.read() as session:
        assert [each.id for each in lookup.people_waiting(session)] == [rasa.conversation]
    said = rasa.service.words.say("utter_person_asked", channel="web").text
    assert "Monday to Friday, 9am to 5pm" in said


def test_advocate_can_be_asked_for_at_any_time(rasa):
    """A wish for an advocate counts as accepting the offer, and the number is told while it is verified."""
    said = rasa.run("action_request_advocate")
    assert said == ["utter_advocacy_accepted", "utter_advocacy_number", "utter_ask_advocacy_share"]
    assert rasa.slots["advocacy"] == {"answer": "accepted"}


def test_wish_for_an_advocate_is_put_in_front_of_the_staff(rasa):
    """The complaints team is said to ask the provider, so somebody there is shown that a person waits for it."""
    rasa.run("action_request_advocate")
    with rasa.service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["advocate"]


def test_stopping_keeps_the_form_for_the_next_message(rasa):
    """The form waits, unrun, for whatever comes next."""
    rasa.loop = FORM
    assert rasa.run("action_stop_for_now") == ["utter_stop_for_now"]
    assert [event["event"] for event in rasa.events] == ["active_loop", "followup"]
    with rasa.service.database.read() as session:
        assert session.get_one(Conversation, rasa.conversation).state == "ended"


def freeze(service, session, case):
    """Freeze a case for thirty days."""
    now = datetime.now(UTC)
    deciding.freeze(
        session, case, proceedings="criminal", overlap="full", reasons="The police ask.",
        review_on=now.date() + timedelta(days=30), who=deciding.Decider("officer", now, service.council, service.rules),
    )  # fmt: skip


def test_status_after_a_freeze_tells_the_day_everybody_reads(rasa):
    """The promised day has moved by the frozen days, as it has for the staff."""
    received = datetime(2026, 9, 7, 10, tzinfo=UTC)
    reference = case_filed(rasa.service, phone="+447700900199", channel="sms", now=received)
    with rasa.service.database.write() as session:
        case = casework.get(session, reference)
        casework.accept(session, case, council=rasa.service.council, by="officer", now=received)
        freeze(rasa.service, session, case)
        case.holds[0].begun_at, case.holds[0].ended_at = received, received + timedelta(days=7)
        case.holds[0].ended_by = "officer"
        rasa.leg = lookup.conversation_of(session, case).leg
    rasa.run("action_check_status")
    assert rasa.said[0]["answer_by"] == "Monday 28 September"


@pytest.mark.parametrize(
    ("state", "response"),
    [
        ("new", "utter_status_new"), ("open", "utter_status_open"), ("frozen", "utter_status_frozen"),
        ("none", "utter_status_none"),
    ],
)  # fmt: skip
def test_status_is_told_without_a_reference(rasa, state, response):
    """Who asks in the conversation they filed from need not give a reference."""
    if state != "none":
        reference = case_filed(rasa.service, phone="+447700900199", channel="sms")
        with rasa.service.database.write() as session:
            case = casework.get(session, reference)
            if state in ("open", "frozen"):
                casework.accept(session, case, council=rasa.service.council, by="officer", now=datetime.now(UTC))
            if state == "frozen":
                freeze(rasa.service, session, case)
            rasa.leg = lookup.conversation_of(session, case).leg
    said = rasa.run("action_check_status")

    assert said[0] == response


def test_more_told_after_filing_reaches_the_staff(rasa):
    """What is added later is kept, said to be kept, and put before a person."""
    reference = case_filed(rasa.service, phone="+447700900198", channel="sms")
    with rasa.service.database.read() as session:
        rasa.leg = lookup.conversation_of(session, casework.get(session, reference)).leg
    rasa.hear("she did it again last night")

    assert rasa.run("action_take_message", filed=True) == ["utter_added"]
    assert rasa.said[0]["reference"] == reference
    with rasa.service.database.read() as session:
        assert [each.needs_person_reason for each in lookup.people_waiting(session)] == ["added"]


def test_another_complaint_starts_clean(rasa):
    """Nothing of the first complaint is carried into the second."""
    rasa.hear("/new_complaint", intent="new_complaint")
    rasa.run("action_take_message", **TOLD, filed=True)

    assert rasa.slots["what_happened"] is None
    assert rasa.slots["filed"] is False
    assert {"event": "followup", "name": FORM} in [
        {key: event[key] for key in ("event", "name") if key in event} for event in rasa.events
    ]


def test_failing_action_says_so_and_leaks_nothing(rasa, caplog):
    """A failure is told kindly, keeps the question, and neither log nor answer holds a person's words."""
    secret = "my keyworker Barnaby hits the wall"
    rasa.slots |= {"requested_slot": "what_happened", "complainant_role": "parent"}
    rasa.hear(secret)
    rasa.latest["metadata"]["message"] = "a message nobody kept"
    rasa.loop = FORM
    caplog.set_level(logging.DEBUG)

    assert rasa.run(f"validate_{FORM}") == ["utter_person_problem"]
    assert rasa.slots["requested_slot"] == "what_happened"
    assert [event["event"] for event in rasa.events] == ["slot"]
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("actions"))
    assert "validate_complaint_form" in logged
    assert secret not in logged
    assert secret not in json.dumps(rasa.events)
