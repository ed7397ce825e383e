"""The rules as data: what the loader refuses, how facts are read, how the words read, and the directory."""

import re
from datetime import date

import pytest
import yaml

from bot.eligibility import FactsError, RulesError, allowed_values, decide, load_rules, read_facts, read_leniently
from bot.eligibility.rules import RULES_FILE
from tests.reading import READING_AGE, reading_age, syllables

RULES = load_rules()
TODAY = date(2026, 11, 23)
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


def test_load_rules_names_a_missing_file(tmp_path):
    """A rules file that is not there is named with its path."""
    with pytest.raises(RulesError, match=r"other\.yml cannot be read"):
        load_rules(tmp_path / "other.yml")


@pytest.mark.parametrize(
    ("row", "fields", "says"),
    [
        ("T9b", {"when": {"current_risk": ["immediate"]}}, "row T9b: can never decide: T0 always come first"),
        ("T1.compliment", {"when": {"nature": ["enquiry"]}}, "row T1.compliment: can never decide: T1 always"),
        (
            "T9a",
            {"when": {"subject": ["send"], "responsible_body": ["this_council"]}},
            "row T9a: can never decide: T5e.send always",
        ),
        (
            "T9b",
            {"when": {"prior": ["exhausted", "lgsco_decided"], "new_information": [False]}},
            "T4a.ombudsman and T4a always come first",
        ),
        ("T10", {"when": {"identity": ["named"], "none": [{"identity": ["named"]}]}}, "exclude one another"),
        ("T10", {"effective_from": "2026-01-02", "effective_to": "2026-01-01"}, "is never in force"),
    ],
)
def test_load_rules_refuses_a_row_that_can_never_decide(changed, row, fields, says):
    """A row that earlier rows always pre-empt, alone or between them, is refused at load with both names."""
    with pytest.raises(RulesError) as error:
        load_rules(changed(row, **fields))
    assert says in str(error.value)


def test_load_rules_takes_the_same_condition_at_another_time(changed):
    """One condition may stand twice when the rows are in force on different days."""
    rules = load_rules(changed("T5d.before", officer="Older words."))
    assert decide(read_facts({"subject": "data_protection"}), rules, date(2026, 6, 18)).row == "T5d.before"
    assert decide(read_facts({"subject": "data_protection"}), rules, date(2026, 6, 19)).row == "T5d"
    with pytest.raises(RulesError, match=r"T5d\.before: can never decide: T5d always"):
        load_rules(changed("T5d.before", effective_from="2026-07-01", effective_to=None))


@pytest.mark.parametrize("row", RULES.rows, ids=lambda row: row.id)
def test_rules_rows_are_complete(row):
    """Each row says by which rule and source it decides, since when, and what staff and the person are told."""
    assert all(re.fullmatch(r"R\d{1,2}", rule) for rule in row.rules)
    assert row.source
    assert row.say
    assert row.officer
    assert row.signposts
    assert row.rule == "T11" or row.sub_reason
    assert row.rule in ("T0", "T11") or row.effective_from


def test_rules_sub_reasons_belong_to_one_row_of_the_table():
    """A sub-reason tells which row of the table spoke, except that one freeze is a freeze whatever the court."""
    table = {}
    for row in RULES.rows:
        table.setdefault(row.sub_reason, set()).add(row.rule)
    assert all(len(rules) == 1 for rules in table.values())


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


CONTRADICTIONS = [
    ({"prior": "none", "stage1_response_on": "2026-10-01"}, "prior"),
    ({"prior": "stage1_answered", "stage2_response_on": "2026-10-01"}, "prior"),
    ({"stage1_response_on": "2026-10-01", "stage2_response_on": "2026-09-01"}, "stage2_response_on"),
    ({"grounds_on": "2026-11-02", "received_on": "2026-11-01"}, "grounds_on"),
    ({"grounds_on": "2024-11-02", "received_on": "2026-11-01", "months_since_grounds": 3}, "months_since_grounds"),
    ({"acting_for": "self", "representative_kind": "mp"}, "acting_for"),
    (
        {
            "identity": "anonymous",
            "complainant_role": "child_in_need",
            "acting_for": "self",
            "child_name": "Ava Example",
        },
        "identity",
    ),
    ({"complainant_role": "looked_after_child", "complainant_age": 45}, "complainant_age"),
    ({"complainant_role": "adult_formerly_looked_after", "complainant_age": 12}, "complainant_role"),
    ({"child_status": "adult", "child_age": 9}, "child_status"),
    ({"child_status": "in_need", "child_age": 33}, "child_age"),
    ({"proceedings": {"type": "none", "live": True}}, "proceedings.type"),
    ({"proceedings": {"overlap": "none", "prejudice_decision": "yes"}}, "proceedings.overlap"),
    ({"received_on": "2026-11-24"}, "received_on"),
    ({"grounds_on": {"earliest": "2027-01-01", "latest": "2027-02-01"}}, "grounds_on"),
    ({"stage1_response_on": "2026-12-01"}, "stage1_response_on"),
]


@pytest.mark.parametrize(("data", "name"), CONTRADICTIONS)
def test_read_facts_refuses_contradictions_and_the_future(data, name):
    """Facts that cannot be true together, and dates to come, are refused by the name of the fact."""
    with pytest.raises(FactsError, match=f"^{name}: "):
        read_facts(data, TODAY)


@pytest.mark.parametrize(("data", "name"), CONTRADICTIONS)
def test_read_leniently_sets_one_fact_aside(data, name):
    """A lenient reading keeps the complaint, sets aside the one fact that cannot stand, and says so."""
    reading = read_leniently({**data, "what_happened": "They moved me."}, TODAY)
    assert reading.facts.what_happened == "They moved me."
    assert [line.partition(": ")[0] for line in reading.set_aside] == [name]
    read_facts(reading.facts.model_dump(exclude_none=True), TODAY)


def test_read_leniently_drops_what_it_does_not_know():
    """Names and values outside the vocabulary are set aside one by one, deep ones too, and the rest is kept."""
    reading = read_leniently(
        {
            "complainant_role": "auntie",
            "colour": "red",
            "received_on": "soon",
            "proceedings": {"live": True, "judge": "x", "overlap": "lots"},
            "what_happened": "Nobody came.",
        },
        TODAY,
    )
    assert reading.facts.what_happened == "Nobody came."
    assert reading.facts.proceedings.live is True
    assert reading.facts.complainant_role is None
    assert len(reading.set_aside) == 5
    assert not any("auntie" in line or "soon" in line for line in reading.set_aside)


@pytest.mark.parametrize(
    "data",
    [
        {"complainant_role": "parent", "complainant_age": 9},
        {"complainant_role": "looked_after_child", "acting_for": "self", "representative_kind": "advocate"},
        {"complainant_role": "representative", "acting_for": "self", "representative_kind": "councillor"},
        {"identity": "anonymous", "child_name": "Tom Example", "complainant_role": "member_of_public"},
        {"grounds_on": {"earliest": "2026-01-01", "latest": "2026-12-31"}, "received_on": "2026-11-23"},
        {"grounds_on": "2025-11-22", "months_since_grounds": 12, "received_on": "2026-11-23"},
        {"complainant_role": "looked_after_child", "complainant_age": 18},
    ],
)
def test_read_facts_allows_what_is_only_odd(data):
    """What is unusual but possible is read: a nine-year-old parent is for a person to see, not for us to refuse."""
    read_facts(data, TODAY)


# --- words ------------------------------------------------------------------------------------------------------


LONGEST_SENTENCE = 16


def test_reading_age_measure_is_honest():
    """The measure counts syllables as people do, puts a nursery rhyme low and a statute high."""
    counted = {"complaint": 2, "person": 2, "decide": 2, "different": 3, "safe": 1, "asked": 1, "started": 2}
    counted |= {"people": 2, "goes": 1, "places": 2, "advocate": 3, "tribunal": 3, "little": 2, "council": 2, "you": 1}
    assert {word: syllables(word) for word in counted} == counted
    assert reading_age("The cat sat on the mat. The dog ran to the man.") < 6
    statute = "Every local authority shall establish a procedure for considering any representations made to them."
    assert reading_age(statute) > 15


@pytest.mark.parametrize("row", RULES.rows, ids=lambda row: row.id)
def test_rules_say_is_short_and_simple(row):
    """What a person is told reads at about nine years, in short sentences."""
    assert reading_age(row.say) <= READING_AGE, reading_age(row.say)
    assert all(len(sentence.split()) <= LONGEST_SENTENCE for sentence in re.split(r"[.?!]", row.say))
    assert len(row.say) <= 306, "two texts at most"


@pytest.mark.parametrize(
    "row", [row for row in RULES.rows if row.outcome in ("ineligible", "needs_human_decision")], ids=lambda row: row.id
)
def test_rules_say_promises_a_person(row):
    """Nobody is refused by a machine: whoever may be told no is told that a person looks at it."""
    assert re.search(r"\b(person|people)\b", row.say)
