"""The `bot` command, as a person types it."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot import cli
from bot.eligibility.rules import RULES_FILE
from tests.factories import REFUSABLE, case_filed


@pytest.fixture
def bot(service, monkeypatch):
    """Runs `bot` over the store of this test."""
    monkeypatch.setattr(cli.Settings, "load", classmethod(lambda cls, **_: service.settings))
    return lambda *words, given="": CliRunner().invoke(cli.main, words, input=given)


def test_screen_answers_each_line_and_keeps_its_id(bot):
    """JSON lines in, JSON lines out, in order."""
    answer = bot("screen", "--jsonl", given='{"id": 7, "text": "he hits me"}\n{"text": "hello"}\n')

    assert [json.loads(line)["level"] for line in answer.output.splitlines()] == ["immediate", "none"]
    assert json.loads(answer.output.splitlines()[0])["id"] == 7


def test_understand_answers_each_line_in_order(bot):
    """Lines keep their order and id; one that cannot be read says why, and the others are still answered."""
    given = '{"id": "a", "text": "14/10", "asking": "happened_when", "today": "2026-11-22"}\n{"id": "b"}\n'
    answer = bot("understand", "--jsonl", given=given + '{"id": "c", "text": "thanks"}\n')
    dated, wrong, thanks = map(json.loads, answer.output.splitlines())

    assert answer.exit_code == 1
    assert (dated["id"], dated["facts"]["grounds_on"]) == ("a", "2026-10-14")
    assert (wrong["id"], "`text` is missing" in wrong["error"]) == ("b", True)
    assert (thanks["id"], thanks["intent"]) == ("c", "thanks")


def test_categorise_answers_for_the_council_of_the_settings(service, monkeypatch):
    """The council's own keys and names come back, the likeliest first."""
    kent = replace(service.settings, council="kent")
    monkeypatch.setattr(cli.Settings, "load", classmethod(lambda cls, **_: kent))
    given = '{"id": 4, "text": "the supervising social worker was rude and laughed at us"}\n'
    answer = json.loads(CliRunner().invoke(cli.main, ["categorise", "--jsonl"], input=given).output)

    assert answer["id"] == 4
    assert answer["category"][0]["key"] in ("staff_attitude", "staff_conduct")
    assert (answer["team"][0]["key"], answer["team"][0]["name"]) == ("fostering", "Fostering")


def test_evaluate_prints_figures_confusions_and_sources_apart(bot, tmp_path):
    """Held-out messages and those of a folder are told apart, each with its own figures."""
    (tmp_path / "intents.jsonl").write_text('{"source": "elsewhere", "text": "zzz", "intent": "affirm"}\n')
    told = bot("evaluate", "intents", "--outside", str(tmp_path), "--misses").output

    assert "== intents, held-out" in told
    assert "== intents, elsewhere: 1 messages" in told
    assert "affirm taken for" in told


def test_screen_hears_what_was_asked_and_says_why_in_words(bot):
    """A line may say what was asked, and reasons come in words for staff."""
    lines = ['{"id": 1, "text": "no", "context": {"asking": "safe_now"}}', '{"id": 2, "text": "no"}']
    first, second = map(json.loads, bot("screen", "--jsonl", given="\n".join(lines)).output.splitlines())
    assert (first["level"], first["reasons"]) == ("immediate", ["The person answered that they are not safe now."])
    assert (second["level"], second["reasons"]) == ("none", [])


def test_screen_line_of_the_wrong_kind_says_so_and_the_rest_is_answered(bot):
    """A text that is no text is named with its line; later lines are still answered."""
    given = '{"text": 5}\n{"text": "hello", "context": "safe_now"}\n{"text": "hello"}\n'
    answer = bot("screen", "--jsonl", given=given)
    lines = [json.loads(line) for line in answer.output.splitlines()]
    assert [line.get("error", "")[:7] for line in lines] == ["line 1:", "line 2:", ""]
    assert answer.exit_code == 1


def test_evaluate_screening_prints_each_source_and_its_misses(bot, tmp_path):
    """Our held-out messages and those of a folder are counted apart, and misses are listed when asked for."""
    (tmp_path / "screening.jsonl").write_text('{"source": "own", "label": "immediate", "text": "hello"}\n')
    answer = bot("evaluate", "screening", "--outside", str(tmp_path), "--misses")
    assert answer.exit_code == 0
    (line,) = (line for line in answer.output.splitlines() if line.startswith("own  "))
    assert " ".join(line.split()) == "own immediate 0.000 (0.00 to 0.79), 0 of 1 0.000 (0.00 to 0.79), 0 of 1"
    assert "own | immediate -> none | hello" in answer.output
    assert bot("evaluate", "screening").output == bot("evaluate", "screening").output


def test_evaluate_screening_with_an_unreadable_folder_says_what_it_needs(bot, tmp_path):
    """A folder without texts, or with a line that is none, is named."""
    assert "has none of screening.jsonl" in bot("evaluate", "screening", "--outside", str(tmp_path)).output
    (tmp_path / "everyday-sms.jsonl").write_text("hello\n")
    assert "everyday-sms.jsonl, line 1" in bot("evaluate", "screening", "--outside", str(tmp_path)).output


def test_eligibility_names_the_line_and_the_fact_that_is_wrong(bot):
    """A misspelt fact is answered in its place, and the lines after it are still answered."""
    given = '{"id": 1, "facts": {"complainant_rol": "parent"}}\n{"id": 2, "facts": {"complainant_role": "parent"}}\n'
    answer = bot("eligibility", "--jsonl", given=given)
    first, second = map(json.loads, answer.output.splitlines())

    assert answer.exit_code == 1
    assert "complainant_role" in first["error"]
    assert (second["id"], second["outcome"]) == (2, "accept_stage1")


def test_replay_shows_what_other_rules_would_change(bot, service, tmp_path):
    """Past contacts are proposed anew under another rules file, and nothing is written."""
    reference = case_filed(service, **REFUSABLE)
    case_filed(service)
    other = tmp_path / "rules.yml"
    rules = RULES_FILE.read_text().replace("subject: [court_decision, court_report]", "subject: [court_report]")
    other.write_text(rules.replace("responsible_body: [court]", "responsible_body: [other]"))

    assert "0 of 2" in bot("eligibility", "replay").output
    told = bot("eligibility", "replay", "--rules", str(other)).output
    assert reference in told
    assert "COURT_RELATED" in told


def test_missing_rules_file_is_a_clear_error(bot):
    """The error names the file."""
    answer = bot("eligibility", "replay", "--rules", "/nowhere/rules.yml")

    assert answer.exit_code == 1
    assert "/nowhere/rules.yml" in answer.output


@pytest.mark.parametrize("year", ["2026", "2026-28", "next"])
def test_wrong_year_is_a_clear_error(bot, year):
    """The error shows how a year is written."""
    answer = bot("report", "annual", "--year", year)

    assert answer.exit_code == 1
    assert "2026-27" in answer.output


def test_report_of_a_year_with_nothing_in_it_is_a_report(bot):
    """Zeros and a sentence, never a crash."""
    answer = bot("report", "annual", "--year", "2019-20", "--format", "json")

    assert answer.exit_code == 0
    assert json.loads(answer.output)["year"] == "2019-20"


def test_check_names_what_is_wrong(bot, service, monkeypatch):
    """An unknown council ends with 1 and lists the known ones."""
    from dataclasses import replace

    settings = replace(service.settings, council="nowhere")
    monkeypatch.setattr("bot.checks.Settings.load", classmethod(lambda cls, **_: settings))
    answer = bot("check")

    assert answer.exit_code == 1
    assert "default" in answer.output
