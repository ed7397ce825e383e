"""What a young person lets an advocate know, read out of their own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.sharing import CHOICES, SHARES, Sharing, read_sharing

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
    assert read_sharing(words).after(SHARES) == list(told)


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


@given(
    st.none() | st.frozensets(st.sampled_from(SHARES)), st.frozensets(st.sampled_from(SHARES)),
    st.frozensets(st.sampled_from(SHARES)),
)  # fmt: skip
def test_what_is_left_out_is_never_told(only, without, present):
    """Whatever is named, nothing excluded and nothing unnamed is in the result, and its order is always the same."""
    told = Sharing(only, without).after(present)
    assert not set(told) & without
    assert set(told) <= (present if only is None else only)
    assert told == [each for each in SHARES if each in told]


def test_choices_are_of_the_one_list():
    """What can be picked names nothing that could not be said."""
    assert {share for choice in CHOICES.values() for share in choice} == set(SHARES)
