"""The assistant's words in other languages: complete, with the same blanks and choices as in English."""

import re
from datetime import date, time
from string import Formatter

import pytest
import yaml
from jinja2 import Environment, nodes

from bot import words
from bot.council import COUNCILS, OpeningHours, load_council
from bot.eligibility import load_rules, load_signposts
from bot.safe_texting import WEEKEND, SafeHours
from bot.settings import ROOT
from bot.words import LANGUAGES, load_language

RESPONSES = words.english()
OTHERS = [path for path in sorted(LANGUAGES.glob("*.yml")) if path.stem != "en"]
EACH = pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)


def blanks(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@EACH
def test_language_says_all_that_english_says_and_nothing_else(path):
    """Nobody is answered half in one language and half in another."""
    said = load_language(path).responses
    assert set(RESPONSES) - set(said) == set()
    assert set(said) - set(RESPONSES) == set()


@EACH
def test_each_form_has_the_blanks_and_choices_of_english(path):
    """A reference, a date or a choice is never lost in translation."""
    translated = load_language(path).of(RESPONSES)
    for name, forms in RESPONSES.items():
        for english, other in zip(forms, translated[name], strict=True):
            assert blanks(other["text"]) == blanks(english["text"]), name
            assert [each["payload"] for each in other.get("buttons", [])] == [
                each["payload"] for each in english.get("buttons", [])
            ], name
            assert all(each["title"].strip() for each in other.get("buttons", [])), name


@EACH
def test_numbers_to_call_are_the_same_in_every_language(path):
    """999, 55 and help lines are copied and not translated."""
    translated = load_language(path).of(RESPONSES)
    for name, forms in RESPONSES.items():
        for english, other in zip(forms, translated[name], strict=True):
            numbers = re.findall(r"\d{2,}[\d ]*\d", english["text"])
            assert [number for number in numbers if number not in other["text"]] == [], name


@EACH
def test_file_says_that_a_speaker_must_check_it(path):
    """Words made by a machine are marked until somebody has read them."""
    assert len(yaml.safe_load(path.read_text())["review"]) > 20


def said_of_statement():
    """The labels of the statement: what its template says by itself, or picks out of its lists."""
    template = Environment().parse((ROOT / "actions/statement.txt.j2").read_text())
    said = {part.value for entry in template.find_all(nodes.Pair) for part in [entry.value]}
    calls = [call for call in template.find_all(nodes.Call) if getattr(call.node, "name", None) == "say"]
    return said | {part.value for call in calls for part in call.args if isinstance(part, nodes.Const)}


def phrases_for_blanks():
    """Every sentence and label of ours that is put into a blank."""
    places = load_signposts().values()
    reasons = {row.say for row in load_rules().rows if row.say}
    texts = {place.text for place in places if place.text and not place.text[0].isdigit()}
    return reasons | texts | {place.what for place in places} | said_of_statement()


def names_for_blanks():
    """What may be called otherwise in another language: places to go that have no proper name, and teams."""
    teams = {load_council(path.stem).complaints_team.name for path in COUNCILS.glob("[a-z]*.yml")}
    return teams | {place.name for place in load_signposts().values()}


@EACH
def test_what_is_put_into_blanks_is_said_in_the_language(path):
    """A Polish receipt gives its reason in Polish, and the statement is read back in Welsh to a Welsh speaker."""
    phrases = load_language(path).phrases
    assert phrases_for_blanks() - set(phrases) == set()
    assert set(phrases) - phrases_for_blanks() - names_for_blanks() == set()
    for english, other in phrases.items():
        assert blanks(other) == blanks(english), english
        assert re.findall(r"\d{2,}", other) == re.findall(r"\d{2,}", english), english


@pytest.mark.parametrize(
    ("code", "day", "hours", "list_of_days", "texting"),
    [
        ("en", "Thursday 26 November", "Monday to Friday, 9am to 5pm", "Monday and Friday, 8:30am to midday",
         "from 4pm to 7:30pm at weekends"),
        ("cy", "dydd Iau 26 Tachwedd", "dydd Llun i ddydd Gwener, 9am i 5pm",
         "dydd Llun a dydd Gwener, 8:30am i hanner dydd", "o 4pm i 7:30pm ar y penwythnos"),
        ("pl", "czwartku 26 listopada", "od poniedziałku do piątku, od 9:00 do 17:00",
         "poniedziałek i piątek, od 8:30 do 12:00", "od 16:00 do 19:30 w weekendy"),
    ],
)  # fmt: skip
def test_days_and_hours_are_said_in_the_language(code, day, hours, list_of_days, texting):
    """A date, the office's hours and a person's own hours are words of the language they are told in."""
    language = load_language(LANGUAGES / f"{code}.yml")
    week = OpeningHours(days=("monday", "tuesday", "wednesday", "thursday", "friday"), opens="09:00", closes="17:00")
    some = OpeningHours(days=("friday", "monday"), opens="08:30", closes="12:00")
    assert language.in_words(date(2026, 11, 26)) == day
    assert language.in_words((week,)) == hours
    assert language.in_words((week, some)) == f"{hours}; {list_of_days}"
    assert language.in_words(SafeHours(time(16), time(19, 30), WEEKEND)) == texting


@pytest.mark.parametrize("path", sorted(LANGUAGES.glob("*.yml")), ids=lambda path: path.stem)
def test_what_a_person_wrote_stays_as_it_is(path):
    """Only phrases of ours are put into another language: names and people's own words never are."""
    language = load_language(path)
    for written in ("Łucja", "my worker never came", ""):
        assert language.in_words(written) == written
