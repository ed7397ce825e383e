"""The rules as data: what the loader refuses, how facts are read, how the words read, and the directory."""

import re
from datetime import date, timedelta

import pytest
import yaml

from bot.eligibility import FactsError, RulesError, allowed_values, load_rules, load_signposts, read_facts
from bot.eligibility.rules import RULES_FILE
from bot.eligibility.signposts import SignpostsError

RULES = load_rules()
SIGNPOSTS = load_signposts()
TABLE = [
    "T0",
    "T1",
    "T2",
    "T3",
    "T4a",
    "T4b",
    "T4c",
    "T4d",
    "T4e",
    "T4f",
    "T5a",
    "T5b",
    "T5c",
    "T5d",
    "T5e",
    "T5f",
    "T6a",
    "T6b",
    "T6c",
    "T6d",
    "T7",
    "T8a",
    "T8b",
    "T9a",
    "T9b",
    "T10",
    "T11",
]


@pytest.fixture
def changed(tmp_path):
    """Writes the shipped rules with one row changed (or a function of all rows), and gives the path."""

    def write(row=None, rows=None, **fields):
        sheet = yaml.safe_load(RULES_FILE.read_text("utf-8"))
        for each in sheet["rows"]:
            if each["id"] == row:
                each.update(fields)
        sheet["rows"] = rows(sheet["rows"]) if rows else sheet["rows"]
        path = tmp_path / "rules.yml"
        path.write_text(yaml.safe_dump(sheet, sort_keys=False), "utf-8")
        return path

    return write


def test_rules_list_the_table_in_order():
    """The rows carry out the decision table in its own order, ending with the fallback."""
    assert list(dict.fromkeys(row.rule for row in RULES.rows)) == TABLE


def test_rules_version_and_digest_change_with_the_file(changed):
    """The digest tells two rule files apart even if somebody forgets the version."""
    other = load_rules(changed("T9b", officer="Read it."))
    assert other.version == RULES.version
    assert other.digest != RULES.digest
    assert re.fullmatch(r"[0-9a-f]{64}", RULES.digest)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"when": {"subjekt": ["send"]}}, "did you mean `subject`"),
        ({"when": {"subject": ["sendd"]}}, "`subject` is never `sendd`"),
        ({"when": {"subject": "send"}}, "needs a list of values"),
        ({"when": {"subject": ["unknown"]}}, "may not rest on an unknown"),
        ({"when": {"is": "nobody"}}, "no term `nobody`"),
        ({"when": {"contact_attempts": {"more": 3}}}, "at_least"),
        ({"when": {"proceedings.kind": ["tribunal"]}}, "no fact `kind`"),
        ({"outcome": "rejected"}, "`outcome`"),
        ({"reason_code": "TOO_HARD"}, "`reason_code`"),
        ({"reason_code": None}, "needs a reason_code"),
        ({"signposts": ["nobody"]}, "no signpost `nobody`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_load_rules_names_file_row_and_remedy(changed, fields, says):
    """A row that cannot be used is refused with the file, the row, what is wrong and what to write instead."""
    with pytest.raises(RulesError) as error:
        load_rules(changed("T9a", **fields))
    assert str(error.value).startswith("rules.yml, row T9a: ")
    assert says in str(error.value)


def test_load_rules_refuses_repeated_id(changed):
    """Two rows with one id are refused."""
    with pytest.raises(RulesError, match="row T0: this id is used twice"):
        load_rules(changed(rows=lambda rows: [rows[0], *rows]))


@pytest.mark.parametrize(
    "rows",
    [lambda rows: rows[:-1], lambda rows: [], lambda rows: [*rows[:-1], rows[-1] | {"effective_to": "2030-01-01"}]],
)
def test_load_rules_refuses_a_missing_fallback(changed, rows):
    """Without a last row that always holds there would be facts with no answer, so the file is refused."""
    with pytest.raises(RulesError, match="row T11: the fallback is missing"):
        load_rules(changed(rows=rows))


def test_load_rules_refuses_broken_yaml(tmp_path):
    """A file that is no YAML is refused by name."""
    path = tmp_path / "rules.yml"
    path.write_text("rows: [", "utf-8")
    with pytest.raises(RulesError, match=r"rules\.yml"):
        load_rules(path)


# --- facts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"complainant_rol": "parent"}, "there is no fact `complainant_rol`; did you mean `complainant_role`?"),
        ({"zzz": 1}, "known names: complainant_role"),
        ({"acting_for": "auntie"}, "acting_for: must be one of adult, child, self"),
        ({"has_pr": "perhaps"}, "has_pr: must be one of false, true, unknown"),
        ({"proceedings": {"kind": "tribunal"}}, "proceedings: there is no fact `kind`"),
        ({"proceedings": {"overlap": "lots"}}, "proceedings.overlap: must be one of"),
        ({"received_on": "yesterday"}, "received_on: "),
        ({"child_age": -1}, "child_age: "),
        ({"grounds_on": {"earliest": "2026-02-01", "latest": "2026-01-01"}}, "`earliest` is after `latest`"),
    ],
)
def test_read_facts_names_the_fact_and_its_values(data, says):
    """Facts that cannot be read are refused with the name of the fact and what it may be."""
    with pytest.raises(FactsError) as error:
        read_facts(data)
    assert says in str(error.value)


def test_read_facts_error_repeats_nothing_a_person_wrote():
    """The error tells of the fault without the words that were given."""
    with pytest.raises(FactsError) as error:
        read_facts({"acting_for": "my little brother", "child_age": "nearly nine"})
    assert "brother" not in str(error.value)
    assert "nine" not in str(error.value)


def test_read_facts_takes_json_as_it_comes():
    """Dates, groups and rough dates are read from plain JSON; facts cannot change once read."""
    facts = read_facts(
        {
            "received_on": "2026-11-23",
            "grounds_on": {"earliest": "2008-01-01", "latest": "2012-12-31"},
            "proceedings": {"type": "criminal", "live": "unknown"},
            "safe_to_contact": {"sms": "neutral_wording"},
        }
    )
    assert facts.received_on == date(2026, 11, 23)
    assert facts.proceedings.live == "unknown"
    with pytest.raises(ValueError, match="frozen"):
        facts.received_on = None


def test_allowed_values_of_free_and_fixed_facts():
    """Fixed facts list their values, free ones none, and an unknown name is refused with the nearest."""
    assert allowed_values("acting_for") == {"self", "child", "adult"}
    assert allowed_values("proceedings.type") >= {"tribunal", "none"}
    assert allowed_values("received_on") == frozenset()
    with pytest.raises(KeyError, match="did you mean `consent`"):
        allowed_values("concent")


# --- words ------------------------------------------------------------------------------------------------------


def _syllables(word):
    groups = re.findall(r"[aeiouy]+", word.lower().removesuffix("e") or word.lower())
    return max(1, len(groups))


def _reading_age(text):
    """Flesch-Kincaid grade plus five."""
    sentences = [part for part in re.split(r"[.?!]", text) if part.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
    return grade + 5


@pytest.mark.parametrize("row", RULES.rows, ids=lambda row: row.id)
def test_rules_say_is_short_and_simple(row):
    """What a person is told reads at about nine years, in short sentences."""
    assert _reading_age(row.say) <= 9.5, _reading_age(row.say)
    assert all(len(sentence.split()) <= 16 for sentence in re.split(r"[.?!]", row.say))
    assert len(row.say) <= 306, "two texts at most"


@pytest.mark.parametrize(
    "row", [row for row in RULES.rows if row.outcome in ("ineligible", "needs_human_decision")], ids=lambda row: row.id
)
def test_rules_say_promises_a_person(row):
    """Nobody is refused by a machine: whoever may be told no is told that a person looks at it."""
    assert re.search(r"\b(person|people)\b", row.say)


# --- signposts --------------------------------------------------------------------------------------------------


def test_signposts_hold_the_directory():
    """Every place the service sends people to is in the directory."""
    wanted = (
        "emergency_999 childline samaritans shout nspcc lgsco ofsted ico family_rights_group citizens_advice "
        "send_tribunal irm police_101 other_council school solicitor corporate_complaints complaints_team "
        "coram_voice help_at_hand runaway_helpline nhs_111 domestic_abuse"
    )
    assert set(wanted.split()) <= set(SIGNPOSTS)


def test_signpost_unverified_is_not_shown():
    """A number that nobody has confirmed is never given to anybody."""
    assert not SIGNPOSTS["nyas"].shown(date(2026, 11, 23))


def test_signpost_goes_stale_after_400_days():
    """A number is shown up to 400 days after it was checked; words alone never go stale."""
    childline = SIGNPOSTS["childline"]
    assert childline.shown(childline.verified_on + timedelta(days=400))
    assert not childline.shown(childline.verified_on + timedelta(days=401))
    assert SIGNPOSTS["school"].shown(date(2040, 1, 1))


def test_signposts_print_no_hours():
    """Opening hours change too often to be printed."""
    for signpost in SIGNPOSTS.values():
        assert not re.search(r"\b(\d{1,2}(am|pm)|24/7|24 hours|Monday|weekdays?)\b", signpost.what)


def test_load_signposts_names_entry_and_field(tmp_path):
    """An entry that cannot be read is refused by file, entry and field."""
    path = tmp_path / "signposts.yml"
    path.write_text("childline: {name: Childline, source: x}", "utf-8")
    with pytest.raises(SignpostsError, match=r"signposts\.yml, childline, `what`"):
        load_signposts(path)
