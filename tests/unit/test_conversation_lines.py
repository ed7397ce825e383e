"""The table of what a conversation must do names tests and people that are there."""

import re

from bot.settings import ROOT

TABLE = (ROOT / "docs/conversation-lines.md").read_text()


def test_table_names_tests_that_exist():
    """Every test named beside a line is in its file."""
    named = re.findall(r"`(tests/\S+\.py)::(\w+)`", TABLE)
    assert named
    assert [name for file, name in named if f"def {name}(" not in (ROOT / file).read_text()] == []


def test_table_names_every_person_that_is_played():
    """Each script is beside a line, and nobody else."""
    played = {path.stem for path in (ROOT / "tests/people/scripts").glob("*.yml")}
    assert set(re.findall(r"\[(\w+)\]", TABLE)) == played
