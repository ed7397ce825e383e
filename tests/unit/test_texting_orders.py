"""Orders about the telephone told apart from what people say about their lives; code words read kindly."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.code_words import is_try, new_code, read_code, read_reference
from bot.conversation.commands import is_only_a_greeting, plain, read_command
from bot.settings import ROOT

OPT_OUT = [
    "STOP", "stop", " Stop. ", "STOP!!", "stop :(", "Stopall", "STOP ALL", "unsubscribe", "Unsubscribe.", "CANCEL",
    "end", "End!",
    "QUIT", "quit...", "stoppppp", "please stop", "stop please", "pls stop", "stop plz", "ok stop now",
    "stop stop stop",
    "please stop texting me", "Stop texting me!!", "pls stop txting me", "can u stop texting me",
    "stop messaging me please",
    "plz stop msging me", "stop sending me texts", "stop sending me messages", "stop sending these texts",
    "stop the texts",
    "don't text me", "dont text me anymore", "dnt txt me", "do not contact me", "Don\u2019t message me again",
    "dont send me any more texts",
    "no more texts", "no more texts please", "no more messages ok thanks", "i dont want any more texts",
    "i don't want your messages",
    "i dont want you to text me", "i do not want to be texted", "take me off your list", "remove my number",
    "unsubscribe me",
    "opt me out", "i want to opt out", "i want to unsubscribe", "how do i stop these texts",
    "how do i stop getting these messages",
    "omg stop texting me ffs", "go away and stop texting me", "stop texting me on this number",
    "i said stop texting me",
    "dont text me here", "stop contacting me",
]  # fmt: skip
OPT_OUT_WITH_MORE = [
    "stop texting me my mum reads my phone", "please stop texting me, he checks my messages",
    "stop texting me staff look at my phone", "dont text me people here can see it",
    "dont text me its not safe", "stop texting me because my foster dad sees them",
    "stop sending me messages about my complaint someone will see",
]  # fmt: skip
CRIES = [
    "make it stop", "please make it stop", "stop hurting me", "tell him to stop hitting me", "i just want it to stop",
    "stop i cant do this anymore", "STOP I CAN'T DO THIS ANYMORE", "i want it all to end", "make him stop",
    "help me make it stop",
    "stop im so scared", "please stop it hurts", "they wont stop bullying me", "when will it stop", "stop i give up",
    "i cant take it any more stop", "stop touching me", "make the voices stop",
]  # fmt: skip
WORDS = [
    "cancel my complaint", "please cancel my complaint", "stop my complaint", "i want to stop my complaint",
    "end my complaint",
    "cancel my contact", "they cancelled my visit", "please stop cancelling my visits", "quit telling me to wait",
    "my social worker wont stop texting me", "tell my dad to stop texting me",
    "he keeps texting me and i asked him to stop",
    "stop texting my mum", "dont contact my school", "please dont text my foster carer", "don't tell my social worker",
    "she told me to stop complaining", "they want to end my placement", "it needs to stop being so unfair",
    "stop it", "stop here for now", "can we stop for today", "the end of term", "i quit school", "end of",
    "what does STOP do",
    "my worker stopped coming", "they stopped my money", "STOP 12345", "bus stop", "i dont want more social workers",
    "no more contact with my brother they said", "i don't want to text about that",
]  # fmt: skip


@pytest.mark.parametrize("text", OPT_OUT)
def test_request_for_no_more_texts_is_an_opt_out(text):
    """STOP alone, and the same said politely or in other words, is obeyed."""
    assert read_command(text).order == "opt_out"


@pytest.mark.parametrize("text", OPT_OUT_WITH_MORE)
def test_request_with_its_reason_is_obeyed_and_read_by_a_person(text):
    """The reason for "no more texts" is often one that somebody must see."""
    command = read_command(text)
    assert (command.order, command.has_more) == ("opt_out", True)


@pytest.mark.parametrize("text", CRIES)
def test_stop_with_distress_in_it_is_a_cry_and_no_order(text):
    """A cry never ends the texts, and raises a person."""
    command = read_command(text)
    assert command.order is None
    assert command.distressed


@pytest.mark.parametrize("text", WORDS)
def test_stop_about_something_else_is_neither(text):
    """Words about a complaint, a visit or another person go to the assistant untouched."""
    command = read_command(text)
    assert command.order is None
    assert not command.distressed


def test_order_with_distress_in_it_is_both():
    """Texts stop, as asked, and a person is raised all the same."""
    command = read_command("please stop texting me i cant cope with it")
    assert (command.order, command.distressed) == ("opt_out", True)


@pytest.mark.parametrize(("text", "order"), [
    ("START", "opt_in"), ("unstop", "opt_in"), ("HELP", "help"), ("info", "help"), ("help me", None),
    ("start again", None),
    ("this is someone else", "someone_new"), ("im somebody new", "someone_new"),
    ("its a different person now", "someone_new"),
    ("she is a different person now", None), ("wrong number", "wrong_number"),
    ("you have the wrong number", "wrong_number"),
    ("they rang the wrong number", None), ("i have a code", "have_code"), ("ive got a code word", "have_code"),
    ("dont text me after 8pm", "safe_hours"), ("only text me after school", "safe_hours"),
    ("safe 4pm to 6pm", "safe_hours"),
    ("you can only text me at weekends", "safe_hours"), ("he texts me after 9 at night", None),
    ("my worker said she would text me after 4 and she never did so i waited all night", None), ("new", None),
    ("i forgot", None),
])  # fmt: skip
def test_other_orders_are_told_from_talk(text, order):
    """Orders are whole messages; the same words in a story are a story."""
    assert read_command(text).order == order


@pytest.mark.parametrize(("text", "order"), [
    ("NEW", "someone_new"), ("new please", None), ("start new", "someone_new"), ("not me", "someone_new"),
    ("im new here", "someone_new"),
    ("FORGOT", "lost_code"), ("i forgot my code word", "lost_code"), ("i dont have a code", "lost_code"),
    ("cant remember it", "lost_code"), ("person", "lost_code"), ("can i talk to a person", "lost_code"),
    ("otter lemon", None),
    ("STOP", "opt_out"),
])  # fmt: skip
def test_at_the_door_shorter_words_are_orders(text, order):
    """Where a code word was asked for, "new" and "forgot" are enough."""
    assert read_command(text, at_the_door=True).order == order


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text):
    """Whatever arrives is plain after one pass, and no text is more than one order."""
    assert plain(plain(text)) == plain(text)
    assert read_command(text).has_more in (True, False)
    assert isinstance(is_try(text), bool)


@pytest.mark.parametrize(("text", "code"), [
    ("otter lemon", "otter lemon"), ("Otter Lemon!", "otter lemon"), ("my code is otter lemon", "otter lemon"),
    ("its ottor lemmon", "otter lemon"), ("otterlemon", "otter lemon"), ("otter-lemon", "otter lemon"),
    ("SU-ACDE-FGHJ otter lemon", "otter lemon"),
    ("my number is su acde fghj and my code word is otter lemon", "otter lemon"),
    ("otter", None), ("my social worker never comes", None), ("", None), ("hello there", None),
    ("i saw an otter and a lemon", None),
])  # fmt: skip
def test_code_is_read_kindly(text, code):
    """Capitals, a spelling mistake or words around it do not keep a person out."""
    assert read_code(text) == code


def test_new_codes_are_read_back_and_differ():
    """Every code that is given can be read, and two people seldom get the same."""
    codes = [new_code() for _ in range(200)]
    assert [read_code(code) for code in codes] == codes
    assert len(set(codes)) > 150


def test_every_pair_of_words_is_read_as_a_code_and_never_as_a_reference():
    """ "sunset drum" would read as the reference SU-NSET-DRUM, so no word begins like one."""
    words = yaml.safe_load((ROOT / "bot/conversation/code_words.yml").read_text())
    pairs = [f"{first} {second}" for first in words for second in words if first != second]
    assert [pair for pair in pairs if read_reference(pair)] == []


@pytest.mark.parametrize(("text", "reference"), [
    ("SU-ACDE-FGHJ otter lemon", "SU-ACDE-FGHJ"), ("su acde fghj", "SU-ACDE-FGHJ"), ("suacdefghj", "SU-ACDE-FGHJ"),
    ("sue", None),
])  # fmt: skip
def test_reference_is_read_however_it_is_typed(text, reference):
    """Small letters, spaces or no hyphens are all the same reference."""
    assert read_reference(text) == reference


@pytest.mark.parametrize(("text", "is_one"), [
    ("hi", True), ("Hello?", True), ("anyone there", True), ("👋", True), ("hi its me", True), ("purple cat", False),
    ("my worker left", False),
])  # fmt: skip
def test_greeting_is_no_attempt_at_a_code(text, is_one):
    """A person who only says hello has not tried a wrong word."""
    assert is_only_a_greeting(text) is is_one
