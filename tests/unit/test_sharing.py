"""What a young person lets an advocate know, read out of their own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.sharing import CHOICES, SHARES, Sharing, read_sharing, takes_back

SAID = [
    ("everything", SHARES),
    ("all of it", SHARES),
    ("just my name and number", ("name", "contact")),
    ("only tell them the dates", ("progress",)),
    ("tell them how it's going", ("progress",)),
    ("you can tell her everything but not my address", ("name", "about", "words", "progress", "replies")),
    ("they can know what its about but not what i said", ("about",)),
    ("i dont want my advocate to see what i wrote just the dates", ("progress",)),
    ("my advocate only needs to know how it is going", ("progress",)),
    ("ask me first", ()),
    ("dont tell them anything", ()),
    ("not everything", ()),
    ("no", ()),
]


@pytest.mark.parametrize(("words", "told"), SAID)
def test_what_may_be_told_is_read_from_own_words(words, told):
    """Everything, some of it, all but something, or nothing yet."""
    assert read_sharing(words).after(None) == list(told)


@pytest.mark.parametrize(
    "words",
    [
        "yes",
        "hmm",
        "she took my phone and my letters and never gave them back to me",
        "he said he would tell my mum about the letters when he got round to it",
    ],
)
def test_no_leave_is_guessed(words):
    """A plain yes, and a story that speaks of phones and letters, allow nothing."""
    assert read_sharing(words) is None


def test_taking_one_thing_away_gives_nothing_new():
    """To leave out the letters leaves the rest as it was."""
    assert read_sharing("don't show them my letters").after(("name", "replies")) == ["name"]


def test_more_is_added_and_only_takes_away():
    """To let them see the letters keeps what they could see; "only" ends the rest."""
    assert read_sharing("let my advocate see my letters").after(("name", "progress")) == ["name", "progress", "replies"]
    assert read_sharing("only let my advocate see my letters").after(("name", "progress")) == ["replies"]


some = st.frozensets(st.sampled_from(SHARES))


@given(some, some, st.booleans(), some)
def test_what_is_left_out_is_never_told(named, without, only, present):
    """Nothing excluded and nothing that nobody named is in the result, and its order is always the same."""
    told = Sharing(named, without, only).after(present)
    assert not set(told) & without
    assert set(told) <= (named if only else named | present)
    assert told == [each for each in SHARES if each in told]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("i dont want my advocate to see this any more", True),
        ("stop my advocate", True),
        ("take my advocate off my complaint", True),
        ("i take it back my advocate cant see it", True),
        ("i want my advocate gone", True),
        ("i want my advocate to get the answer", False),
        ("my advocate is nice", False),
    ],
)
def test_an_advocate_is_not_sent_away_on_a_hint(words, said):
    """Only words that say so take back what an advocate may see."""
    assert takes_back(words) is said


def test_choices_are_of_the_one_list():
    """What can be picked names nothing that could not be said."""
    assert {share for choice in CHOICES.values() for share in choice} == set(SHARES)
