"""What messages are for, what kind of complaint a story is, and that what is measured was never learnt from."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.council import known_councils, load_council
from bot.evaluation import language
from bot.evaluation.figures import Share
from bot.settings import ROOT
from bot.understanding import hear
from bot.understanding.categories import guess_category, guess_team, team_kinds, team_of_kind
from bot.understanding.intents import classify, examples, told_outside
from bot.understanding.learned import TextClassifier, fitted, kept
from bot.understanding.narratives import narratives
from bot.understanding.wording import meant, spelt

DEFAULT = load_council("default")
STORIES = yaml.safe_load((ROOT / "tests/conversations/test_beginnings.yml").read_text())["stories"]
TURNS = [(step["user"].strip(), step["intent"]) for story in STORIES for step in story["steps"] if "user" in step]
# A little alike is every second message in a small world; from here on it is the same phrasing.
SAME_PHRASING = 0.85


@pytest.mark.parametrize(("text", "intent"), [turn for turn in TURNS if not turn[0].startswith("/")])
def test_words_of_the_test_stories_are_taken_for_their_intents(text, intent):
    """What people say in the conversation stories is understood as the stories tell it."""
    assert classify(text).for_rasa == intent


def test_held_out_words_after_filing_reach_their_aim():
    """Seven in ten messages about what was sent are understood by the finer name, and none was learnt from."""
    held_out = yaml.safe_load((ROOT / "tests/language/after-filing.yml").read_text())
    said = [(text, intent) for intent, texts in held_out.items() for text in texts]
    assert {text for text, _ in said}.isdisjoint(text for _, text in examples())
    assert sum(classify(text).name == intent for text, intent in said) >= 0.7 * len(said)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("STOP", "stop_optout"),
        ("stop texting me", "stop_optout"),
        ("cancel my complaint", "withdraw_complaint"),
        ("are you a robot", "bot_challenge"),
        ("who are you", "who_are_you"),
        ("my social worker is brilliant", "make_compliment"),
        ("my social worker is rubbish", "make_complaint"),
        ("i want an advocate", "request_advocate"),
        ("what is an advocate", "ask_question"),
        ("lets start again from the beginning", "start_again"),
        ("i want to change my answer", "change_answer"),
        ("im not happy with the answer to my complaint", "escalate"),
    ],
)
def test_wishes_that_look_alike_are_told_apart(text, intent):
    """One word can turn one wish into another; each has its own name outside."""
    assert told_outside(text).name == intent


def test_held_out_messages_reach_the_aims():
    """On messages never learnt from: intents at 0.90 macro F1, facts at 0.92."""
    report = list(language.intents_report(language.held_out_intents(), misses=False))
    figures = [float(line.split()[2].rstrip(";")) for line in report if line.startswith("macro F1")]
    assert len(figures) == 2
    assert min(figures) >= 0.90
    facts = [line for line in language.facts_report(DEFAULT, misses=False) if line.startswith("right")]
    assert float(facts[0].split()[1]) >= 0.92


def questions_right(source):
    held_out = [each for each in language.held_out_questions() if each.source == source]
    return next(
        float(line.split()[1])
        for line in language.questions_report(held_out, misses=False)
        if line.startswith("right ")
    )


def test_questions_leant_on_still_find_their_answers():
    """What is understood stays so: 90 in 100 of the questions beside which the ways were grown."""
    assert questions_right("held-out") >= 0.90


@pytest.mark.xfail(reason="the aim is not reached: docs/measuring-the-listening.md has the figure", strict=True)
def test_questions_of_strangers_find_their_answers():
    """The aim is 90 in 100 of questions that nobody leant on."""
    assert questions_right("held-out, written last") >= 0.90


def test_held_out_stories_reach_the_aims():
    """The category is the first guess in 75 of 100 stories and among three in 93, the team among three in 93."""
    lines = [line for line in language.categories_report(DEFAULT, misses=False) if line.startswith(("first", "within"))]
    first, within, _, team_within = (float(line.split()[2]) for line in lines)
    assert (first >= 0.75, within >= 0.93, team_within >= 0.93) == (True, True, True)


def near_duplicates(held_out, learnt):
    reading = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 4), preprocessor=spelt, lowercase=False, sublinear_tf=True
    ).fit(learnt)
    likeness = (reading.transform(held_out) @ reading.transform(learnt).T).max(axis=1).toarray().ravel()
    return [text for text, alike in zip(held_out, likeness, strict=True) if alike >= SAME_PHRASING]


def test_no_held_out_phrasing_was_learnt():
    """No phrasing stands on both sides of the split."""
    learnt = [text for _, text in examples()] + [each.text for each in narratives()]
    messages = [each.text for each in language.held_out_intents() if each.source == "held-out"]
    assert near_duplicates(messages, learnt) == []
    assert near_duplicates([words for _, _, words in language.held_out_narratives()], learnt) == []
    assert (
        near_duplicates([each.text for each in language.held_out_questions() if each.source == "held-out"], learnt)
        == []
    )


@pytest.mark.parametrize(("asking", "text"), [("child_name", "Alfie, he is 8"), ("happened_when", "half term")])
def test_answer_is_told_as_one_where_nothing_shows_danger(asking, text):
    """An age or a day that looks like a worry, or like not knowing, is what was asked for."""
    heard = hear(text, asking=asking, council=DEFAULT, today=language.date(2026, 11, 22))
    assert heard.intent.name == "inform"


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=200), st.sampled_from([None, "name", "happened_when", "prior", "safe_to_contact", "team"]))
def test_any_text_is_heard(text, asking):
    """Whatever is written, an answer in JSON comes back, with a chance that is one."""
    heard = hear(text, asking=asking, council=DEFAULT, today=language.date(2026, 11, 22)).as_json()
    assert 0 <= heard["confidence"] <= 1.001
    assert json.loads(json.dumps(heard)) == heard


@pytest.mark.parametrize("name", known_councils())
def test_every_profile_has_ranked_guesses(name):
    """Any council's own categories and teams are ranked, each once, the chances of the categories adding up to one."""
    council = load_council(name)
    story = "my social worker promised to come on monday and never turned up"
    categories, teams = guess_category(story, council), guess_team(story, council)
    assert {guess.key for guess in categories} == {each.key for each in council.categories}
    assert {guess.key for guess in teams} == {each.key for each in council.teams}
    assert sum(guess.score for guess in categories) == pytest.approx(1, abs=0.02)
    assert [guess.score for guess in teams] == sorted((guess.score for guess in teams), reverse=True)


def test_nothing_is_forced_where_a_story_tells_of_no_team():
    """Without a word about a team, none is proposed."""
    facts = hear("they are all rude and nobody listens to a word", asking=None, council=DEFAULT,
                 today=language.date(2026, 11, 22)).facts  # fmt: skip
    assert "team" not in facts


def test_team_named_outright_is_the_first_guess():
    """A team's own name outweighs what the rest of the story resembles."""
    assert guess_team("the leaving care team are always late", DEFAULT)[0].key == "leaving_care"


def test_kinds_of_team_are_those_of_the_narratives():
    """Every narrative's team is a kind that is described, and each kind leads to a team or to none."""
    assert {each.team for each in narratives() if each.team} <= set(team_kinds())
    assert team_of_kind("contact", load_council("kent").teams) == "looked_after"
    assert team_of_kind("school_transport", DEFAULT.teams) is None


@pytest.mark.parametrize("labels", ["ab", "abc"])
def test_chances_are_those_of_the_library(labels):
    """Read by our own sums, a text has the chances that scikit-learn gives it, known words or none."""
    words = dict(zip("abc", ("red", "blue", "odd"), strict=True))
    told = [(label, f"{words[label]} thing {n} {label * 3}") for label in labels for n in range(6)]
    texts, wanted = [text for _, text in told], [label for label, _ in told]
    library, ours = fitted(texts, wanted, among="messages"), TextClassifier(texts, wanted, among="messages")
    for text in ("a red thing thing aaa", "blue bbb", "qqq", ""):
        chances = dict(zip(map(str, library.classes_), library.predict_proba([text])[0], strict=True))
        assert dict(ours.ranked(text)) == pytest.approx(chances)


def test_classifier_is_kept_and_a_broken_one_trained_anew(tmp_path, monkeypatch):
    """A second call reads what the first wrote; a file that cannot be read is replaced."""
    monkeypatch.setenv("SPEAKUP_MODELS", str(tmp_path))
    told = [("a", f"red apple {n}") for n in range(4)] + [("b", f"blue sea {n}") for n in range(4)]
    assert kept("fruit", told, among="messages").ranked("a red apple")[0][0] == "a"
    (file,) = tmp_path.glob("fruit-*.joblib")
    file.write_bytes(b"broken")
    assert kept("fruit", told, among="messages").ranked("the blue sea")[0][0] == "b"
    assert file.stat().st_size > 100


def test_text_speak_is_read_in_plain_words():
    """Spelling and meaning are read beside what was written."""
    assert spelt("plzzz tel me wots happenin") == "please tel me what is happenin"
    assert "CEASE" in meant("pack in texting me", "messages")


def test_share_has_its_interval():
    """A share of a small number is known only roughly."""
    low, high = Share(9, 10).interval
    assert low < 0.9 < high
    assert Share(0, 0).interval == (0.0, 1.0)
