"""Screening for danger: each cue by its own examples, look-alikes, disguises, and what surrounds a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.screening import Context, Screening, screen, why
from bot.screening.cues import load_cues

CUES = load_cues().cues
MATCHING = [(cue, text) for cue in CUES for text in cue.must_match]
HARMLESS = [(cue, text) for cue in CUES for text in cue.must_not_match]


def _id(value):
    return value if isinstance(value, str) else value.id


@pytest.mark.parametrize(("cue", "text"), MATCHING, ids=_id)
def test_screen_cue_matches_its_examples(cue, text):
    """Every example a cue names is found by that cue, at its level or above."""
    screening = screen(text)
    assert cue.id in screening.reasons
    assert screening.level == "immediate" if cue.level == "immediate" else screening.level != "none"


@pytest.mark.parametrize(("cue", "text"), HARMLESS, ids=_id)
def test_screen_cue_leaves_its_look_alikes(cue, text):
    """What only looks like a cue is not found by it."""
    assert cue.id not in screen(text).reasons


def test_cues_are_complete():
    """Each cue has its own id, a level that raises something, a reason for staff and examples on both sides."""
    assert len({cue.id for cue in CUES}) == len(CUES)
    for cue in CUES:
        assert cue.level in ("concern", "immediate")
        assert why(cue.id).endswith(".")
        assert cue.must_match
        assert cue.must_not_match


@pytest.mark.parametrize(
    "text",
    [
        "im dying to hear back from you",
        "this is killing me, ten weeks and no letter",
        "my file wrongly says I self harm",
        "The report says I self-harm and run away but that is not true",
        "the CAMHS referral was made four months late",
        "the minutes of the review are missing",
        "we hit a brick wall with the duty desk",
        "shoot me an email",
        "my phone died so I missed your call",
        "just touching base, we touched base last week too",
        "they cut my hours with dad",
        "they cut my contact with my brother",
        "you keep cutting my allowance",
        "I would like to complain about my social worker",
        "nobody has told me who my new worker is",
        "the risk assessment was six weeks late",
        "she threatened to stop my contact",
        "my nan died last month",
        "stop",
        "",
        "   ",
        "👍",
    ],
)
def test_screen_ordinary_complaint_is_none(text):
    """Figures of speech and ordinary complaints raise nothing."""
    assert screen(text) == Screening("none")


@pytest.mark.parametrize(
    "text",
    [
        "I WANT TO DIE",
        "i want 2 die",
        "i wnt... i want to d1e",
        "i want to diiiiie",
        "I don’t want to be here anymore",
        "im gonna k i l l myself",
        "gonna k.m.s",
        "k*ll myself",
        "kms",
        "s u i c i d e",
        "want to unalive myself",
        "su1c1dal",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
    ],
)
def test_screen_disguised_words_are_found(text):
    """Capitals, curly quotes, digits, drawn-out, spaced and masked letters and text-speak hide nothing."""
    assert screen(text).level == "immediate"


def test_screen_told_of_long_ago_is_a_concern():
    """Harm told of long ago is a concern for a person to hear, not an emergency."""
    assert screen("my foster dad hits me").level == "immediate"
    assert screen("my foster dad hit me ten years ago").level == "concern"


def test_screen_wish_to_die_never_eases_with_time():
    """A wish to die stays immediate whatever else the sentence says about the past."""
    assert screen("i want to die, last year was bad").level == "immediate"


def test_screen_look_alike_beside_danger():
    """A figure of speech in a message does not hide the danger beside it."""
    assert screen("my phone died. he is hitting my sister").level == "immediate"


@pytest.mark.parametrize(
    "answer", ["no", "No.", "nope", "nah", "not really", "no im not", "I'm not", "deny", "2", "help"]
)
def test_screen_no_to_safe_now_is_immediate(answer):
    """ "No" to "are you safe right now?" is immediate."""
    screening = screen(answer, Context(asking="safe_now"))
    assert screening.level == "immediate"
    assert "not_safe_now" in screening.reasons


@pytest.mark.parametrize("answer", ["not sure", "idk", "kind of", "yes but not tonight", "for now", "I think so"])
def test_screen_unsure_answer_to_safe_now_is_raised(answer):
    """An answer to "are you safe right now?" that is not a clear yes is at least a concern."""
    assert screen(answer, Context(asking="safe_now")).level != "none"
    assert screen(answer, Context(asking="team")).level == "none"


def test_wish_to_live_elsewhere_is_a_worry_only_out_of_the_blue():
    """Asked what they want, "somewhere else to live" is an answer; told unasked, it may be a child without a home."""
    assert screen("somewhere else to live").level != "none"
    assert screen("somewhere else to live", Context(asking="desired_outcome")).level == "none"


@pytest.mark.parametrize(
    "wish", ["for him to stop hitting me", "make them stop touching me", "i want to die", "not to get beaten again"]
)
def test_danger_in_a_wish_is_raised(wish):
    """A short answer that shows danger is raised, whatever was asked."""
    assert screen(wish, Context(asking="desired_outcome")).level != "none"


@pytest.mark.parametrize("answer", ["Nac ydw.", "nag ydw dwi ddim", "na dw i ddim", "ddim yn saff", "plis helpa fi"])
def test_screen_no_to_safe_now_is_immediate_in_welsh(answer):
    """Who is asked in Welsh may say no in Welsh."""
    assert screen(answer, Context(asking="safe_now")).level == "immediate"


@pytest.mark.parametrize("answer", ["Nie", "nie czuję się bezpiecznie", "raczej nie", "Pomocy!"])
def test_screen_no_to_safe_now_in_polish_is_immediate(answer):
    """ "No" in Polish is danger too, where the question was put in Polish."""
    assert screen(answer, Context(asking="safe_now")).level == "immediate"


@pytest.mark.parametrize("answer", ["yes", "yeah im fine", "1", "yes I am safe", "affirm", "Ydw", "Tak"])
def test_screen_yes_to_safe_now_is_none(answer):
    """ "Yes" to "are you safe right now?" raises nothing."""
    assert screen(answer, Context(asking="safe_now")).level == "none"


def test_screen_no_to_another_question_is_none():
    """ "No" to anything else is only an answer."""
    assert screen("no", Context(asking="has_pr")).level == "none"
    assert screen("no").level == "none"


@pytest.mark.parametrize(
    ("previous", "level"),
    [
        (("concern", "concern"), "immediate"),
        (("none", "concern", "concern"), "immediate"),
        (("concern",), "concern"),
        (("concern", "none"), "concern"),
        (("none", "concern"), "concern"),
        ((), "concern"),
    ],
)
def test_screen_third_concern_in_a_row_is_immediate(previous, level):
    """Three messages of concern in a row are immediate; one without concern begins the count anew."""
    assert screen("i feel so hopeless", Context(previous_levels=previous)).level == level


def test_screen_nothing_after_two_concerns_is_none():
    """A message without concern stays none whatever came before."""
    assert screen("thank you", Context(previous_levels=("concern", "concern"))).level == "none"


def test_screen_danger_at_the_end_of_a_long_text():
    """A cue is found wherever it stands in a long text without a full stop."""
    filler = "and then the worker went to the office to look for the form " * 150
    for cut in range(0, 60, 7):
        assert screen(filler[cut:] + "he is hitting my little brother " + filler).level == "immediate"


@pytest.mark.parametrize("text", ["a" * 10_000, "k*" * 5_000, "want to " * 1_250, "i " * 5_000, "my little " * 1_000])
def test_screen_awkward_long_text_ends(text):
    """A text built to make matching slow is answered like any other."""
    assert screen(text).level in ("none", "concern", "immediate")


@given(st.text(max_size=400))
@settings(max_examples=200)
def test_screen_any_text_has_a_level_and_reasons(text):
    """Any text gets a level, the same each time, with known reasons exactly when something was found."""
    screening = screen(text)
    assert screening == screen(text)
    assert (screening.level == "none") == (screening.reasons == ())
    assert all(why(reason) for reason in screening.reasons)


@given(st.text(max_size=80))
def test_screen_words_around_a_plea_do_not_hide_it(text):
    """A sentence of its own that shows danger is found whatever is written before it."""
    assert screen(f"{text}. i want to die").level == "immediate"


def test_screening_as_json():
    """A screening as JSON carries the level and the ids of its reasons, never words."""
    answer = screen("i want to die").as_json()
    assert answer == {"level": "immediate", "reasons": ["suicide", "learned_immediate"]}
