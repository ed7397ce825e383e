"""The learned part of screening: its examples, its reading of a message, and what happens without it."""

import logging
import random
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.screening import learned_ready, screen
from bot.screening.cues import load_cues
from bot.screening.examples import FOLDER, Example, composed, read_examples
from bot.screening.learned import Learned, Respeller, stretches
from bot.screening.reading import windows
from bot.screening.training import digest_of_examples, keep, load_or_train, model_file, own_examples, train

# The package's function of the same name hides the module.
screening = sys.modules["bot.screening.screen"]

SETS = sorted((Path(__file__).parents[1] / "language" / "screening").iterdir())
HELD_OUT = [each for folder in SETS for each in read_examples(folder)]
LEVELS = ("none", "concern", "immediate")
HARMLESS = ["My review was cancelled again.", "the taxi was late.", "I like my room.", "nobody rang me back.", "👍."]
PLAIN = [each.text for each in read_examples(FOLDER) if each.label == "immediate" and each.text.isascii()]
SHORT = [text for text in PLAIN if len(text.split()) <= 20 and not set(text) & set(".?!;,")]
FEW = [
    Example("immediate", "a: hit", "my dad hits me"),
    Example("immediate", "a: hit", "my mum hits me"),
    Example("concern", "a: low", "i feel low"),
    Example("everyday", "a: bus", "my bus pass is late"),
    Example("look-alike", "a: hit", "my bus hits traffic"),
]


@pytest.fixture(scope="module")
def similar():
    """For each held-out message of four different words or more, the most similar message learned from."""
    held_out = [each for each in HELD_OUT if len(set(each.text.split())) >= 4]
    ours = own_examples()
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4))
    learned_from = letters.fit_transform([each.text for each in ours])
    likeness = letters.transform([each.text for each in held_out]) @ learned_from.T
    return [(each.text, likeness.getrow(row).max()) for row, each in enumerate(held_out)]


def test_held_out_messages_are_nowhere_learned_from(similar):
    """No held-out message, nor one nearly like it, is among the examples."""
    assert [text for text, likeness in similar if likeness > 0.85] == []


def test_held_out_families_are_not_families_learned_from():
    """No phrasing family stands on both sides."""
    assert {each.family for each in HELD_OUT}.isdisjoint(each.family for each in own_examples())


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_held_out_messages_are_enough_of_each_kind(folder):
    """Each held-out set has at least four hundred messages, of each label at least eighty."""
    labels = [each.label for each in read_examples(folder)]
    assert len(labels) >= 400
    assert all(labels.count(label) >= 80 for label in ("immediate", "concern", "look-alike", "everyday"))


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_screening_of_held_out_messages_has_not_grown_worse(folder):
    """The figures on held-out messages stay about where docs/decisions/0020 reports them; they may only get better."""
    levels = [(each.label, screen(each.text).level) for each in read_examples(folder)]

    def share(label, *raised):
        of = [level for kind, level in levels if kind == label]
        return sum(level in raised for level in of) / len(of)

    assert share("immediate", "concern", "immediate") >= 0.93
    assert share("immediate", "immediate") >= 0.87
    assert share("concern", "concern", "immediate") >= 0.86
    assert share("look-alike", "concern", "immediate") <= 0.15
    assert share("everyday", "concern", "immediate") <= 0.07


def test_composed_sentences_are_the_same_each_time():
    """The composed sentences are the same each time, every part filled in."""
    first = composed()
    assert first == composed()
    assert not [each.text for each in first if set(each.text) & set("{}|")]


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("hello\n", "line 1: a message before"),
        ("== danger: hit\nhello\n", "line 1: expected"),
        ("# a note\n\n== immediate:\nhello\n", "line 3: expected"),
    ],
)
def test_examples_that_cannot_be_read_say_where(tmp_path, written, wrong):
    """A heading or line that cannot be read is named with its file and line."""
    (tmp_path / "some.txt").write_text(written)
    with pytest.raises(ValueError, match=rf"some.txt, {wrong}"):
        read_examples(tmp_path)


def test_training_is_repeatable_and_kept_as_it_was(tmp_path):
    """The same examples give the same model, and a kept model scores as it did before."""
    cues, sentences = load_cues(), [["my", "dad", "hits", "me"]]
    model = train(FEW, cues)
    assert train(FEW, cues).scores(sentences, cues) == model.scores(sentences, cues)
    keep(model, tmp_path / "screening-test.npz")
    kept = Learned.load(tmp_path / "screening-test.npz").scores(sentences, cues)
    assert kept.danger == pytest.approx(model.scores(sentences, cues).danger, abs=0.01)


def test_model_file_is_named_by_the_state_of_the_examples(tmp_path):
    """A model's name tells what it was trained from, so that changed examples ask for a new one."""
    assert model_file(tmp_path).name == f"screening-{digest_of_examples()}.npz"


def test_broken_model_says_what_to_do(tmp_path):
    """A model file that is none says which file and what to do."""
    model_file(tmp_path).write_text('{"weights": []}')
    with pytest.raises(ValueError, match="remove it and run `bot train`"):
        load_or_train(tmp_path)


@pytest.fixture
def broken_model(tmp_path, monkeypatch):
    """A models folder whose screening model is broken."""
    model_file(tmp_path).write_text("{}")
    monkeypatch.setenv("SPEAKUP_MODELS", str(tmp_path))
    screening._learned.cache_clear()
    yield
    screening._learned.cache_clear()


def test_without_a_model_cues_screen_alone_and_the_log_says_so(broken_model, caplog):
    """Without a model the cues still raise danger, and an error in the log says that they are alone."""
    with caplog.at_level(logging.ERROR):
        assert screen("my dad hits me").level == "immediate"
    assert not learned_ready()
    assert "Cues screen alone" in caplog.text


@pytest.mark.parametrize(
    ("slip", "read"),
    [("srangled", "strangled"), ("nife", "knife"), ("hitin", "hitting"), ("jmup", "jump"), ("zebra", "zebra")],
)
def test_respeller_puts_one_slip_right(slip, read):
    """A word nobody knows is read as the known word one slip away, and else left as it is."""
    respeller = Respeller.of(["strangled", "knife", "hitting", "hits", "jump"])
    assert respeller.respelt(["he", slip]) == ("he", read)


def test_long_message_is_read_in_bounded_stretches():
    """However long a message, only so many stretches are read, and the one of danger is among them."""
    text = "the worker lost my form again. " * 3_000 + "he strangles my sister. " + "my bus pass is late. " * 3_000
    read = stretches(list(windows(text, load_cues().spelling)))
    assert len(read) <= 12
    assert ("he", "strangles", "my", "sister") in read


def test_harmless_sentences_around_danger_hardly_ever_hide_it():
    """Of sentences of danger now, 95 in 100 are raised whatever harmless sentences stand around them."""
    chance = random.Random(20)
    surrounded = [
        " ".join([*chance.choices(HARMLESS, k=chance.randint(0, 4)), f"{danger}.", *chance.choices(HARMLESS, k=2)])
        for danger in chance.sample(SHORT, 400)
    ]
    assert sum(screen(text).level != "none" for text in surrounded) >= 0.95 * len(surrounded)


@given(
    danger=st.sampled_from(SHORT),
    emoji=st.sampled_from(["", " 😭😭", " 💔", " 🙏🏽", " 😡!!"]),
    gap=st.sampled_from(["  ", " \t "]),
)
@settings(max_examples=150, deadline=None)
def test_capitals_gaps_and_emoji_never_lower_the_level(danger, emoji, gap):
    """Capitals, wide gaps and emoji take nothing from danger."""
    disguised = gap.join(danger.upper().split()) + emoji
    assert LEVELS.index(screen(disguised).level) >= LEVELS.index(screen(danger).level)


@given(st.text(max_size=3_000))
@settings(max_examples=60, deadline=None)
def test_any_text_of_any_script_is_screened(text):
    """Any text at all gets a level."""
    assert screen(text).level in LEVELS
