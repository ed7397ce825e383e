"""What other rules would change for contacts decided before, and what a conversation in flight is still asked."""

from datetime import date

import pytest
import yaml

from bot.eligibility import Past, decide, load_rules, read_facts, replay, still_missing
from bot.eligibility.rules import RULES_FILE

TODAY = date(2026, 11, 23)
RULES = load_rules()


@pytest.fixture
def other(tmp_path):
    """The shipped rules with one row changed, as another file."""

    def write(row, **fields):
        sheet = yaml.safe_load(RULES_FILE.read_text("utf-8"))
        next(each for each in sheet["rows"] if each["id"] == row).update(fields)
        path = tmp_path / "other.yml"
        path.write_text(yaml.safe_dump(sheet | {"version": "next"}, sort_keys=False), "utf-8")
        return load_rules(path)

    return write


def past(number, decided_on=TODAY, **facts):
    return Past(number, facts, decide(read_facts(facts), RULES, decided_on).as_json(), decided_on)


def test_replay_under_the_same_rules_changes_nothing():
    """Replayed under the rules that decided them, contacts stay as they are, however long ago that was."""
    contacts = [
        past("1", complainant_role="parent", subject="court_decision"),
        past("2", date(2026, 11, 20), prior="stage1_open", wants_stage2=True, received_on="2026-10-26"),
    ]
    assert list(replay(contacts, RULES, TODAY)) == []


def test_replay_tells_what_other_rules_would_change(other):
    """A changed row gives each contact it touches, with what differs, under the new rules' version."""
    rules = other("T9b", outcome="straight_to_stage2", reason_code=None, sub_reason="again")
    contacts = [past("1", repeat_with_minor_changes=True), past("2", complainant_role="parent")]
    [change] = replay(contacts, rules, TODAY)
    assert change.id == "1"
    assert change.changed == ("outcome", "reason_code", "sub_reason")
    assert (change.before["outcome"], change.after.outcome) == ("needs_human_decision", "straight_to_stage2")
    assert change.after.rules_version.startswith("next+")


def test_replay_tells_newly_missing_facts(other):
    """Rules that turn on one more fact show it as newly missing, even where the decision stands."""
    rules = other("T5f", when={"child_status": ["none"]})
    [change] = replay([past("1", complainant_role="parent", subject="part3_service")], rules, TODAY)
    assert change.newly_missing == ("child_status",)
    assert change.changed == ()


def test_replay_takes_plain_tuples_and_facts_no_longer_known():
    """A contact kept under an older vocabulary is replayed on what can still be read, and says what cannot."""
    kept = decide(read_facts({"subject": "send"}), RULES, TODAY).as_json()
    [change] = replay([("1", {"subject": "send", "hair": "brown"}, kept)], RULES, TODAY)
    assert change.changed == ()
    assert len(change.set_aside) == 1
    assert "`hair`" in change.set_aside[0]


def test_still_missing_is_only_what_the_new_rules_need(other):
    """A conversation begun under older rules is asked only what it has not told and the new rules turn on."""
    told = read_facts(
        {
            "complainant_role": "looked_after_child",
            "acting_for": "self",
            "nature": "complaint",
            "identity": "named",
            "responsible_body": "this_council",
            "prior": "none",
            "subject": "part3_service",
            "grounds_on": "2026-11-01",
            "proceedings": {"type": "none"},
        }
    )
    assert still_missing(told, RULES, TODAY) == ()
    rules = other("T9b", when={"repeat_with_minor_changes": [True], "language": "known"})
    assert still_missing(told, rules, TODAY) == ()
    rules = other("T5f", when={"child_status": ["none"]})
    assert still_missing(told, rules, TODAY) == ("child_status",)
