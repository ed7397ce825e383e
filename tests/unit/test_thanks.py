"""Thanks told apart from a complaint, in one message and across the questions about them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.settings import ROOT
from bot.understanding.intents import Intent, classify
from bot.understanding.narratives import narratives
from bot.understanding.thanks import answers, is_announced, read_praised, read_tell, read_thanks, whom

DEFAULT = load_council("default")


def halves(text):
    return read_thanks(text, classify(text).name)


@pytest.mark.parametrize(
    "text",
    [
        "i want to say thank you to my social worker Jess, she got me my room",
        "Mr Lane came to my football match and cheered, what a lovely man",
        "could you let the night staff know they were great with my son",
        "i was scared but she was so patient and lovely",
        "she was so kind even though i was rude to her",
    ],
)
def test_praise_alone_is_all_praise(text):
    """A compliment is kept whole, as it was written."""
    assert halves(text).praise == text
    assert halves(text).complaint == ""


@pytest.mark.parametrize(
    ("praise", "complaint"),
    [
        ("my foster carer Sue is amazing", "but my social worker never turns up"),
        ("she is great", "but always late"),
        ("my keyworker Tom is great", "but nobody has sorted my college bus pass since august"),
        ("Thank you to Mrs Okafor for my review.", "My new worker Dan never turns up and I have waited since June."),
        ("i want to thank my pa for my flat", "i also want to complain about the housing team"),
    ],
)  # fmt: skip
def test_message_with_both_keeps_both_halves(praise, complaint):
    """Neither the thanks nor what is wrong is lost."""
    text = f"{praise} {'and ' if complaint.startswith('i also') else ''}{complaint}"
    assert praise.rstrip(".") in halves(text).praise
    assert complaint.rstrip(".") in halves(text).complaint


def test_stories_of_what_went_wrong_hold_no_praise():
    """Fewer than one in a hundred complaints, learnt from or held out, is taken to praise somebody."""
    held_out = [each for each in (ROOT / "tests/language/narratives.txt").read_text().splitlines() if each.strip()]
    stories = [*held_out, *(each.text for each in narratives()[::4])]
    assert sum(bool(halves(each).praise) for each in stories) <= len(stories) // 100


@pytest.mark.parametrize("text", ["i want to give a compliment", "can i leave some good feedback", "hi, a compliment"])
def test_wish_to_praise_without_praise_is_only_announced(text):
    """Who only says that thanks will come is asked for them."""
    assert is_announced(text)
    assert not is_announced(f"{text} my worker Amy is so kind")


def test_worker_and_giver_are_read_out_of_the_words():
    """What the words tell is not asked again; somebody without a name is."""
    told = read_praised("I'm a foster carer and our social worker Jess Hart has been a rock", DEFAULT)
    assert told["for_words"].endswith("Jess Hart")
    assert told["from_role"] == "foster_carer"
    assert whom("my foster carer Sue is amazing") == "my foster carer Sue"
    assert "for_words" not in read_praised("my social worker is lovely", DEFAULT)
    assert whom("my social worker is lovely") == "my social worker"


@pytest.mark.parametrize(
    ("asking", "text", "is_answer"),
    [
        ("compliment_for", "jess", True),
        ("compliment_for", "its Amy from the contact centre", True),
        ("compliment_for", "not sure", True),
        ("compliment_for", "can i talk to a person", False),
        ("compliment_for", "my social worker never turns up and i have been waiting for months", False),
        ("compliment_tell", "dont say my name", True),
        ("compliment_tell", "yes", True),
        ("compliment_from", "how long will it take", False),
        ("compliment_words", "my pa sorted my flat and she is ace", True),
        ("compliment_words", "my social worker never rings me back", False),
    ],
)
def test_what_answers_a_question_about_a_compliment(asking, text, is_answer):
    """An answer is taken as one, and a new matter is never swallowed by a question about thanks."""
    assert answers(asking, text, classify(text)) is is_answer


@pytest.mark.parametrize(
    ("text", "tell"),
    [("yes", "named"), ("yeah u can say its me", "named"), ("no", "unnamed"), ("dont say my name", "unnamed"),
     ("whatever", "unnamed")],
)  # fmt: skip
def test_only_a_plain_yes_gives_a_name_away(text, tell):
    """What is unclear keeps the giver's name."""
    assert read_tell(text) == tell


@given(st.text(max_size=200), st.sampled_from(["compliment", "inform", "thanks"]))
def test_any_text_can_be_parted(text, intent):
    """Whatever is written, its halves are made of it and nothing is made up."""
    thanks = read_thanks(text, intent)
    for half in (thanks.praise, thanks.complaint):
        assert all(word in text for word in half.split())


@given(st.text(max_size=100))
def test_any_text_answers_or_does_not(text):
    """No text fails as an answer."""
    assert answers("compliment_for", text, Intent("inform", 0.9)) in (True, False)
