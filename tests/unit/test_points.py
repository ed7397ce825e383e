"""Several matters in one story: found, read back as a list, and put right in the person's own words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import load_council
from bot.understanding import Message, missing, take
from bot.understanding.points import corrected, points_in

TODAY = date(2026, 11, 22)
COUNCIL = load_council("default")
THREE = [
    {"words": "They cancelled respite three times.", "facts": {}},
    {"words": "My social worker was rude to my wife.", "facts": {}},
    {"words": "Nobody answers the phone.", "facts": {}},
]
KNOWN = {
    "complainant_role": "parent", "child_name": "Sam", "more_to_say": "no", "points": THREE,
    "what_happened": " ".join(each["words"] for each in THREE),
}  # fmt: skip


def words(points):
    return [each["words"] for each in points]


def answered(text, known=KNOWN, intent=None, **message):
    return take(
        Message(text, intent=intent, **message), known, asking="points_agreed", channel="web", council=COUNCIL,
        today=TODAY,
    )  # fmt: skip


def taken_after(known):
    """The story of `known` is told to its end."""
    return take(Message("no thats all"), known, asking="more_to_say", channel="sms", council=COUNCIL, today=TODAY)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (
            "My social worker never rings me back. Also my PA lost my passport.",
            ["My social worker never rings me back.", "my PA lost my passport."],
        ),
        (
            "they stopped my contact with my brother and another thing nobody came to my review",
            ["they stopped my contact with my brother", "nobody came to my review"],
        ),
        (
            "I have two complaints.\n- the placement moved with no notice\n- my allowance is three weeks late",
            ["the placement moved with no notice", "my allowance is three weeks late"],
        ),
        (
            "1. They cancelled respite. 2) My worker was rude to my wife. 3. Nobody answers the phone",
            ["They cancelled respite.", "My worker was rude to my wife.", "Nobody answers the phone"],
        ),
        (
            "I am his dad. 1. They cancelled respite in May. 2. Nobody answers the phone.",
            ["They cancelled respite in May.", "Nobody answers the phone."],
        ),
        (
            "The EHCP section F is wrong and social services have stopped his short breaks.",
            ["The EHCP section F is wrong", "social services have stopped his short breaks."],
        ),
        (
            "My son Jack was moved three times in a year. My daughter Mia never got her life story work.",
            ["My son Jack was moved three times in a year.", "My daughter Mia never got her life story work."],
        ),
    ],
)
def test_matters_the_story_sets_apart_are_told_apart(story, expected):
    """What the person numbers, calls another thing, says of another child, or belongs elsewhere, is a point."""
    assert words(points_in(story, COUNCIL, TODAY)) == expected


@pytest.mark.parametrize(
    "story",
    [
        "She also said I was lying. She laughed at me and told my foster carer.",
        "i asked for my file and they said no its not fair",
        "My social worker lied. She cancelled contact. I cried all night.",
        "The police came and did nothing. My carers shouted at me.",
        "first she was nice then she stopped coming, 2 months now and nothing",
        "I rang on 3.11 and on 4.11 and nobody rang back",
    ],
)
def test_one_story_stays_one(story):
    """A story is not cut up because it is long, has numbers in it or names somebody else on the way."""
    assert points_in(story, COUNCIL, TODAY) == []


def test_each_point_has_facts_of_its_own():
    """A school plan and short breaks belong to different procedures, two children have two names."""
    plan, breaks = points_in("The EHCP is wrong and social services have stopped his short breaks.", COUNCIL, TODAY)
    assert (plan["facts"]["subject"], breaks["facts"].get("subject")) == ("send", None)
    jack, mia = points_in(
        "My son Jack was moved three times. My daughter Mia never got her life story.", COUNCIL, TODAY
    )
    assert (jack["facts"]["child_name"], mia["facts"]["child_name"]) == ("Jack", "Mia")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("1 and 2 are the same thing", [THREE[0]["words"] + " " + THREE[1]["words"], THREE[2]["words"]]),
        ("take out 3", words(THREE[:2])),
        ("the second one is wrong", words([THREE[0], THREE[2]])),
        ("2 should be my social worker swore at my wife", [
            THREE[0]["words"], "my social worker swore at my wife", THREE[2]["words"],
        ]),
        ("add: they lost my son's passport too", [*words(THREE), "they lost my son's passport too"]),
        ("no, also they never gave us the report", [*words(THREE), "they never gave us the report"]),
        ("its all one thing", []),
    ],
)  # fmt: skip
def test_list_is_put_right_in_the_persons_words(said, left):
    """Joining, leaving out, other words, one more and all one: each is understood."""
    assert words(corrected(THREE, said, COUNCIL, TODAY)) == left


@pytest.mark.parametrize("said", ["yes", "yeah thats right", "yh", "correct"])
def test_agreeing_ends_the_question(said):
    """A yes in any form keeps the list."""
    taken = answered(said)
    assert taken.facts["points_agreed"] == "yes"
    assert "points_agreed" not in missing({**KNOWN, **taken.facts}, "web")


def test_who_says_only_no_is_asked_what_to_change():
    """The list stays and the question comes again in other words."""
    taken = answered("no")
    assert taken.facts == {"points_agreed": None, "changing_points": True}
    assert missing({**KNOWN, **taken.facts}, "web")[0] == "points_agreed"


def test_added_point_joins_the_story_too():
    """What is added is kept in the person's statement, with the message it came in."""
    taken = answered("also nobody told us about the meeting", id="m9")
    assert taken.facts["what_happened"].endswith("\nalso nobody told us about the meeting")
    assert taken.facts["parts"] == ["m9"]
    assert taken.facts["points_agreed"] is None


def test_day_of_one_point_is_not_taken_for_the_others():
    """A day told with one matter is its own; when the other happened is asked."""
    story = "They stopped his short breaks in March 2021. Another thing is that nobody rings me back."
    known = {
        "complainant_role": "parent", "child_name": "Sam", "what_happened": story, "happened_when": "as told above",
        "grounds_on": "2021-03-01", "desired_outcome": "x",
    }  # fmt: skip
    facts = taken_after(known).facts
    assert "grounds_on" in facts["points"][0]["facts"]
    assert "grounds_on" not in facts["points"][1]["facts"]
    assert "happened_when" in missing({**known, **facts, "points_agreed": "yes"}, "web")


def test_who_is_not_sure_leaves_the_list_to_the_team():
    """Not knowing is an answer: the list stays as it is for a person to check."""
    assert answered("not sure").facts["points_agreed"] == "yes"


def test_list_is_made_when_the_story_is_told_to_its_end():
    """Nothing is read back while the person is still telling."""
    story = "My worker never rings me back. Also my PA lost my passport."
    known = {"complainant_role": "care_leaver", "what_happened": story}
    taken = taken_after(known)
    assert len(taken.facts["points"]) == 2
    assert "points_agreed" in missing({**known, **taken.facts, "advocacy": {"answer": "later"}}, "sms")


@given(st.text(max_size=300))
def test_no_text_breaks_the_list(text):
    """Whatever is written, a story yields no point or several with words in them, and a correction never fails."""
    assert len(points_in(text, COUNCIL, TODAY)) != 1
    assert all(each["words"] for each in points_in(text, COUNCIL, TODAY))
    assert corrected(THREE, text, COUNCIL, TODAY) is None or isinstance(corrected(THREE, text, COUNCIL, TODAY), list)


def test_who_is_writing_is_none_of_the_matters():
    """A mother who says who she is before her list is read back the list alone."""
    story = "I am Dawn Pritchard and my son Alfie is 8. 1. You stopped his short breaks. 2. Nobody told us about it."
    assert [each["words"] for each in points_in(story, COUNCIL, TODAY)] == [
        "You stopped his short breaks.", "Nobody told us about it.",
    ]  # fmt: skip


def test_matter_that_begins_with_i_am_stays_one():
    """ "I am not getting my pocket money" introduces nobody."""
    story = "I am not getting my pocket money. Another thing is my social worker never turns up to see me."
    assert len(points_in(story, COUNCIL, TODAY)) == 2
