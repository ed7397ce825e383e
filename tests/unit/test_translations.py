"""The assistant's words in other languages: complete, with the same blanks and choices as in English."""

import re
from string import Formatter

import pytest
import yaml

from bot.settings import ROOT
from bot.words import LANGUAGES, load_language

RESPONSES = yaml.safe_load((ROOT / "domain.yml").read_text())["responses"]
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
