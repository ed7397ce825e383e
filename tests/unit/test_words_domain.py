"""Promises about the words, the questions, the rules and the training data: what is named exists and can be said."""

import re
from collections import Counter, defaultdict
from datetime import date

import pytest
import smsutil
import yaml

from actions.base import FORM, HOUSEKEEPING, SpeakUpAction
from actions.progress import answer_to
from actions.server import executor_with_all_actions
from bot import asked
from bot.conversation.outbox import body_of, segments
from bot.council import load_council
from bot.eligibility import Facts
from bot.settings import ROOT
from bot.understanding import Message, is_interruption, take
from bot.understanding.facts import changeable
from bot.understanding.intents import A_QUESTION, classify, examples
from bot.understanding.questions import LEFT_OPEN, SKIPPABLE
from bot.words import LANGUAGES, Words, english, load_language
from tests.reading import READING_AGE, reading_age

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text())
RESPONSES = english()
INTENTS = {name for each in DOMAIN["intents"] for name in each}
RULES = [
    rule for path in sorted((ROOT / "data/rules").glob("*.yml")) for rule in yaml.safe_load(path.read_text())["rules"]
]
EXAMPLES = defaultdict(list)
for intent, example in examples():
    EXAMPLES[intent].append(example)
CODE = "\n".join(
    path.read_text() for folder in ("bot", "actions") for path in sorted((ROOT / folder).rglob("*.py"))
) + "\n".join(path.read_text() for path in sorted((ROOT / "data/rules").glob("*.yml")))
# What a draft holds beside the vocabulary: words for people, and where the conversation is.
BESIDE_THE_VOCABULARY = {
    "name", "representative_organisation", "parts", "more_to_say", "saying_more", "happened_when", "points",
    "points_agreed", "changing_points",
    "confirm_statement", "change_what", "skipped", "misses", "advocacy_share", "worker",
}  # fmt: skip
FORMS = [(name, form) for name, forms in RESPONSES.items() for form in forms]
GIVEN = {"tell_compliment"}  # told by what was asked last, and never learned
LONGEST_SENTENCE = 25  # words; reading age nine
# What blanks hold in life: names of the default profile, a long date, a reason of the rules, the person's own words.
COUNCIL = load_council("default")
IN_LIFE = COUNCIL.named_in_responses | {
    "phone": "0113 496 0120", "reference": "SU-K4WM-7XPD", "stage": 2, "number": 2, "code": "maple robin",
    "acknowledge_by": date(2026, 11, 26), "answer_by": date(2026, 12, 2), "review_on": date(2026, 12, 2),
    "ask_by": date(2026, 12, 2), "back_by": "Wednesday 24 November 2027", "hours": COUNCIL.texting.hours,
    "say": "You are not happy with our answer. You can go to the next step. That is called Stage 2. A new person will "
    "look into it.",
    "points": "1. My social worker did not come to see me.\n2. I cannot see my brother.",
    "statement": 'You are: someone in care\nWhat happened: "My social worker did not come to see me."\nYour name: Kit',
    "shared": "your name, how to reach you, what you said", "advocate": "Sam Ode", "place": "Childline",
    "what": "You can talk about anything. It is free.", "how": "0800 1111", "line": "Childline",
    "helplines": "Childline: 0800 1111.",
    "day": date(2026, 11, 26), "words": "We will ring you before we move you.", "link": "https://speakup.example.org/chat/back",
    "copy": 'What happened: My social worker did not come to see me.\nWhat you want: A new one.',
    "changes": "We will ring you before we move you. We will do this by Wednesday 2 December.",
}  # fmt: skip
SAID = Words(RESPONSES, {}, [load_language(path) for path in sorted(LANGUAGES.glob("*.yml"))])
# Read beside the words they stand in, and no sentence by themselves.
NO_SENTENCE = {
    "utter_crisis_helpline": "a name and a number, part of utter_crisis",
    "utter_crisis_helpline_text": "a name and a number, part of utter_crisis",
}
# Segments of a text in English (GSM-7, 153 letters each), choices and all.
MOST_SEGMENTS = 2
MORE_SEGMENTS = {
    "utter_crisis": 3,  # what to do now, who is told, and a help line: nothing of it can wait for a second message
    "utter_ask_complainant_role": 3,  # seven people whom somebody can be
    "utter_ask_advocacy_share": 3,  # consent needs to say what "everything" is
    "utter_receipt_to_check": 3, "utter_receipt_signposted": 3,  # a reference, a reason and a date, to be kept
}  # fmt: skip
# Polish letters need UCS-2 (67 letters a segment) and Welsh is longer: so much more may a text take there.
MORE_IN = {"cy": 2, "pl": 3}


def intents_of(rule):
    for step in rule["steps"]:
        yield from (each["intent"] for each in step.get("or", [step]) if "intent" in each)


def in_form(rule):
    return {"active_loop": FORM} in rule["condition"]


def buttons():
    return [(name, button) for name, form in FORMS for button in form.get("buttons", [])]


def test_slots_are_the_vocabulary():
    """Every slot is a fact of the one vocabulary, or one of the few names kept beside it."""
    assert set(DOMAIN["slots"]) <= set(Facts.model_fields) | BESIDE_THE_VOCABULARY | HOUSEKEEPING


def test_actions_of_the_domain_are_the_actions_in_the_code():
    """Nothing is named that is not written, and nothing is written that is not named."""
    named = [next(iter(each)) if isinstance(each, dict) else each for each in DOMAIN["actions"]]
    assert set(executor_with_all_actions().actions) == set(named)
    assert len(SpeakUpAction.__subclasses__()) == len(named)


def test_rules_name_intents_and_never_the_words_of_a_message():
    """A rule with words would not be found: the sealed Rasa is spared looking for one (sealed/patches.py)."""
    steps = [each for rule in RULES for step in rule["steps"] for each in step.get("or", [step])]
    assert {name for each in steps for name in each} <= {"intent", "action", "active_loop", "slot_was_set"}


def test_every_question_can_be_asked():
    """Each fact the form may ask for has its words."""
    for fact in DOMAIN["forms"][FORM]["required_slots"]:
        assert f"utter_ask_{fact}" in RESPONSES
        assert fact in DOMAIN["slots"]


def test_every_named_question_is_one_of_the_form():
    """Whatever can be left open or skipped is a question of the form."""
    assert SKIPPABLE | set(LEFT_OPEN) <= set(DOMAIN["forms"][FORM]["required_slots"])


def test_every_response_in_the_code_exists():
    """No action, rule or module names words that are not there."""
    named = set(re.findall(r"utter_[a-z_]*[a-z]", CODE))
    prefixes = {
        "utter_ask", "utter_about", "utter_rephrase", "utter_status", "utter_message", "utter_neutral", "utter_share",
        "utter_advocate", "utter_ask_compliment", "utter",
    }  # fmt: skip
    assert not {name for name in named - prefixes if name not in RESPONSES}


def test_every_response_is_said_somewhere():
    """No words lie about that nobody ever hears."""
    ours = {f"utter_ask_{fact}" for fact in DOMAIN["forms"][FORM]["required_slots"]}
    rephrased = {name.replace("utter_ask_", "utter_rephrase_") for name in ours}
    answers = {answer_to(intent) for intent in INTENTS} | set(asked.answers())
    again = {f"{name}_again" for name in answers}
    status = {name for name in RESPONSES if name.startswith(("utter_status_", "utter_share_", "utter_advocate_"))}
    unsaid = set(RESPONSES) - ours - rephrased - answers - again - status - set(re.findall(r"utter_\w+", CODE))
    assert unsaid <= SAID_LATER


# Words the service has ready for what it does when a person or a channel makes it necessary.
SAID_LATER = {"utter_person_takeover", "utter_too_long_kept", "utter_ended"}


@pytest.mark.parametrize(("name", "form"), FORMS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(FORMS)])
def test_words_fit_a_text_message_and_a_child(name, form):
    """Every form is GSM-7, holds no empty words, and no sentence is long."""
    text = form["text"]
    assert text.strip()
    everything = text + "".join(button["title"] for button in form.get("buttons", []))
    assert smsutil.is_valid_gsm(everything)
    for sentence in re.split(r"[.!?:]\s|\n", text):
        assert len(sentence.split()) <= LONGEST_SENTENCE, sentence


@pytest.mark.parametrize(("name", "channel"), [(name, channel) for name in RESPONSES for channel in ("sms", "web")])
def test_words_read_at_nine(name, channel):
    """Every form, its blanks filled as in life, reads at nine and a half at most: the Flesch-Kincaid grade plus five.

    A reading age of nine is a grade of four; half a year is allowed for the few long words that children in care know.
    """
    if name in NO_SENTENCE:
        return
    for shown in ({}, {"saying_more": True, "changing_points": True}):
        said = SAID.say(name, channel=channel, shown=shown, **IN_LIFE).text
        assert reading_age(said) <= READING_AGE, (reading_age(said), said)


@pytest.mark.parametrize("language", ["en", "cy", "pl"])
@pytest.mark.parametrize("name", RESPONSES)
def test_texts_keep_to_their_segments(name, language):
    """What a text costs is known: two segments in English with blanks and choices, more only where it is said why."""
    reply = SAID.say(name, channel="sms", language=language, **IN_LIFE)
    most = MORE_SEGMENTS.get(name, MOST_SEGMENTS) + (len(reply.choices) > 3)
    if language != "en":
        most += MORE_IN[language]
    count = segments(body_of(reply.text, reply.choices))
    assert count <= most, (count, reply.text)


def test_name_with_other_letters_is_sent_as_it_is():
    """A name that GSM-7 has no letters for makes the text UCS-2; it is never sent as "?"."""
    said = SAID.say("utter_advocate_accepted", channel="sms", advocate="Łucja Świątek", provider="Voices")
    body = body_of(said.text, said.choices)
    assert "Łucja Świątek" in body
    assert smsutil.split(body).encoding != "gsm0338"
    assert segments(body) == 2


def test_every_response_has_a_form_for_the_web():
    """The form without a channel is the one for the web and for wherever there is no other."""
    assert all(any("channel" not in form for form in forms) for forms in RESPONSES.values())


def test_forms_for_sms_offer_the_same_choices():
    """What can be chosen does not depend on the channel."""
    for forms in RESPONSES.values():
        payloads = {tuple(b["payload"] for b in form.get("buttons", [])) for form in forms if "condition" not in form}
        assert len(payloads) == 1


@pytest.mark.parametrize(("name", "button"), buttons(), ids=[f"{n}:{b['title']}" for n, b in buttons()])
def test_every_choice_is_understood(name, button):
    """A choice stands for an intent of the domain, and a fact it carries is one the rules can read."""
    intent, brace, entities = button["payload"].removeprefix("/").partition("{")
    choice = yaml.safe_load(brace + entities) if brace else {}
    assert intent in INTENTS
    assert set(choice) <= set(DOMAIN["entities"])
    asking = name.removeprefix("utter_ask_") if name.startswith("utter_ask_") else None
    if asking in (None, "safe_now"):
        return
    if {"sure", "question"} & set(choice) or intent in GIVEN:
        assert is_interruption(intent)
        return
    result = take(
        Message(button["payload"], intent=intent, confidence=1.0, choice=choice), {}, asking=asking, channel="web",
        council=load_council("default"), today=None,
    )  # fmt: skip
    assert result.how in ("answer", "left_open")
    facts = {key: value for key, value in result.facts.items() if key in Facts.model_fields and value is not None}
    Facts.model_validate(facts)


def test_every_intent_is_answered_outside_and_inside_a_complaint():
    """Outside, each intent has a rule; inside, each that breaks a question off has one that comes back."""
    outside = {intent for rule in RULES if {"active_loop": None} in rule["condition"] for intent in intents_of(rule)}
    inside = {intent for rule in RULES if in_form(rule) for intent in intents_of(rule)}
    assert outside == INTENTS
    assert {intent for intent in INTENTS if is_interruption(intent)} - {"change_answer"} == inside


def test_every_question_to_us_has_its_answer():
    """Each question, and each intent that the rules hand to the answering action, has a response of its name."""
    handed = {
        intent for rule in RULES if {"action": "action_answer_question"} in rule["steps"] for intent in intents_of(rule)
    }
    asking = {f"{asked.INTENT}{name}" for name in asked.questions()}
    assert {answer_to(intent) for intent in handed - {A_QUESTION} | asking} <= set(RESPONSES)


def test_every_question_is_known_by_many_ways_of_asking():
    """No question stands in the file that people cannot put in their own words, and its own words find it."""
    ways = Counter(name for name, _ in asked.ways())
    assert set(ways) == set(asked.questions())
    assert min(ways.values()) >= 40
    unfound = [name for name, words in asked.questions().items() if classify(words).question != name]
    assert set(unfound) <= {asked.SOMETHING_ELSE}


def test_training_data_is_enough_and_unambiguous():
    """At least twenty-five examples an intent, and none stands under two intents."""
    asking = {f"{asked.INTENT}{name}" for name in asked.questions()}
    assert set(EXAMPLES) == INTENTS - {A_QUESTION} - GIVEN | asking
    assert {intent: len(lines) for intent, lines in EXAMPLES.items() if len(lines) < 25} == {}
    counted = Counter(line.casefold() for lines in EXAMPLES.values() for line in lines)
    assert [line for line, times in counted.items() if times > 1] == []


def test_training_data_holds_no_real_contact_details():
    """Numbers come from Ofcom's drama ranges and addresses from example.org."""
    everything = "\n".join(line for lines in EXAMPLES.values() for line in lines)
    assert all(number.startswith("07700900") for number in re.findall(r"\b0\d{10}\b", everything.replace(" ", "")))
    assert all(found.endswith("@example.org") for found in re.findall(r"\S+@\S+", everything))


def test_list_of_what_can_be_changed_is_understood_in_words():
    """Each entry of the list can also be said."""
    for form in RESPONSES["utter_ask_change_what"]:
        for button in form["buttons"]:
            fact = yaml.safe_load(button["payload"].removeprefix("/change_answer"))["fact"]
            assert changeable(button["title"]) == fact
